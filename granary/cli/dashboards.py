"""`granary dashboards build` and `push`."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None, typer.Option(help="Data folder of an instance whose store the boards read.")
]
StoreUrl = Annotated[
    str,
    typer.Option("--clickhouse", help="clickhouse://dashboard:password@host:port/db of a reader."),
]
Prometheus = Annotated[str, typer.Option(help="URL at which Grafana reaches Prometheus.")]
Since = Annotated[
    str, typer.Option(help="Beginning of the boards' time range, e.g. now-12y or an instant.")
]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Grafana boards, made from one definition.", no_args_is_help=True)
    group.command("build")(build)
    group.command("push")(push)
    app.add_typer(group, name="dashboards")


def build(
    out: Annotated[Path, typer.Option(help="Folder the files are written to.")],
    data: Data = None,
    clickhouse: StoreUrl = "",
    prometheus: Prometheus = "http://127.0.0.1:9090",
    since: Since = "",
    path: Annotated[
        str, typer.Option(help="Where Grafana finds the boards' files; default: where written.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write boards and Grafana's provisioning files; the password stays in Grafana's environment
    (GRANARY_DASHBOARD_PASSWORD)."""
    from dashboards.grafana.build import build as write
    from dashboards.grafana.sources import Connections

    connections = Connections(*_connections(data, clickhouse, prometheus))
    written = [str(path) for path in write(out, connections, since=since, path=path)]
    print(json.dumps({"files": written}) if as_json else "\n".join(written))


def push(
    grafana: Annotated[str, typer.Option(help="URL of the Grafana.")],
    token: Annotated[
        str, typer.Option(help="Service account token; default: GRAFANA_TOKEN.", show_default=False)
    ] = "",
    data: Data = None,
    clickhouse: StoreUrl = "",
    prometheus: Prometheus = "http://127.0.0.1:9090",
    since: Since = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Put folder, data sources and boards into a running Grafana, over what is there."""
    from dashboards.grafana.client import Grafana
    from dashboards.grafana.push import push as put
    from dashboards.grafana.sources import Connections

    connections = Connections(*_connections(data, clickhouse, prometheus))
    secret = token or os.environ.get("GRAFANA_TOKEN", "")
    paths = put(Grafana(grafana, secret), connections, since=since)
    urls = [grafana.rstrip("/") + path for path in paths]
    print(json.dumps({"boards": urls}) if as_json else "\n".join(urls))


def _connections(data: Path | None, clickhouse: str, prometheus: str) -> tuple[str, str]:
    """(URL of the store for the user that only reads, URL of Prometheus)."""
    from granary.local.instance import read_instance

    if clickhouse:
        return clickhouse, prometheus
    if data is None:
        return "clickhouse://dashboard@127.0.0.1:9000/granary", prometheus
    reader = read_instance(data).get("clickhouse_reader")
    if not reader:
        raise typer.BadParameter("that instance uses a store of its own: give --clickhouse")
    return str(reader), prometheus
