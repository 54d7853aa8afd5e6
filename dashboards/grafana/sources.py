"""The two data sources: the store through ClickHouse's plugin, the metrics through Prometheus."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from dashboards.panels import Source

FOLDER_UID: Final = "granary"
FOLDER_TITLE: Final = "颗粒归仓"
SOURCE_TYPES: Final = {
    Source.STORE: "grafana-clickhouse-datasource",
    Source.METRICS: "prometheus",
}
#: Grafana replaces it from its own environment, so that no file holds the password.
PASSWORD_VARIABLE: Final = "$GRANARY_DASHBOARD_PASSWORD"


@dataclass(frozen=True, slots=True)
class Connections:
    """How Grafana reaches the store (as a user that only reads) and Prometheus."""

    store_url: str = "clickhouse://dashboard@127.0.0.1:9000/granary"
    prometheus_url: str = "http://127.0.0.1:9090"

    @property
    def password(self) -> str:
        """'' if the URL has none."""
        return unquote(urlsplit(self.store_url).password or "")


def data_sources(connections: Connections, *, password: str = PASSWORD_VARIABLE) -> list[Any]:
    """Both data sources as provisioning files and the API take them."""
    store = urlsplit(connections.store_url)
    return [
        {
            "access": "proxy",
            "editable": False,
            "isDefault": False,
            "jsonData": {
                "defaultDatabase": store.path.lstrip("/") or "granary",
                "dialTimeout": "10",
                "host": store.hostname or "127.0.0.1",
                "port": store.port or 9000,
                "protocol": "native",
                "queryTimeout": "60",
                "secure": False,
                "tlsSkipVerify": False,
                "username": unquote(store.username or "dashboard"),
                "version": "4.14.1",
            },
            "name": "Granary ClickHouse",
            "orgId": 1,
            "secureJsonData": {"password": password},
            "type": SOURCE_TYPES[Source.STORE],
            "uid": Source.STORE.value,
        },
        {
            "access": "proxy",
            "editable": False,
            "isDefault": False,
            "jsonData": {"httpMethod": "POST", "timeInterval": "5s"},
            "name": "Granary Prometheus",
            "orgId": 1,
            "type": SOURCE_TYPES[Source.METRICS],
            "uid": Source.METRICS.value,
            "url": connections.prometheus_url,
        },
    ]
