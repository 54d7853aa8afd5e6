"""The one place that speaks to a Grafana: folder, data sources and boards, through grafana-api.

Everything may be repeated: what is there is updated, nothing is made twice.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from grafana_api.grafana_api import GrafanaClientError, GrafanaException
from grafana_api.grafana_face import GrafanaFace

from dashboards.grafana.errors import GrafanaRefusedError, GrafanaUnreachableError

Answer = TypeVar("Answer")
_TIMEOUT_S = 20.0


class Grafana:
    """A Grafana at a URL, with a service account's token."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._api = GrafanaFace(
            auth=token,
            host=parts.hostname or "localhost",
            port=parts.port,
            protocol=parts.scheme or "http",
            url_path_prefix=f"{path}/" if (path := parts.path.strip("/")) else "",
            timeout=_TIMEOUT_S,
        )

    def put_folder(self, uid: str, title: str) -> None:
        """Make the folder, or give it this title."""
        if self._found(lambda: self._api.folder.get_folder(uid)) is None:
            self._ask(lambda: self._api.folder.create_folder(title, uid=uid))
        else:
            self._ask(lambda: self._api.folder.update_folder(uid, title, overwrite=True))

    def put_data_source(self, source: Mapping[str, Any]) -> None:
        """Make the data source, or replace the one with its uid."""
        path = f"/datasources/uid/{source['uid']}"
        # grafana-api finds data sources by name or number only; a uid goes by its generic calls.
        if self._found(lambda: self._api.api.GET(path)) is None:
            self._ask(lambda: self._api.datasource.create_datasource(dict(source)))
        else:
            self._ask(lambda: self._api.api.PUT(path, json=dict(source)))

    def put_board(self, board: Mapping[str, Any], folder_uid: str, message: str) -> str:
        """Store the board over any older one with its uid; returns its path."""
        answer = self._ask(
            lambda: self._api.dashboard.update_dashboard(
                {
                    "dashboard": {**board, "id": None},
                    "folderUid": folder_uid,
                    "message": message,
                    "overwrite": True,
                }
            )
        )
        return str(answer.get("url", f"/d/{board['uid']}"))

    def _found(self, ask: Callable[[], Answer]) -> Answer | None:
        """The answer, None for 404."""
        try:
            return self._tried(ask)
        except GrafanaClientError as error:
            if error.status_code == 404:
                return None
            raise _refused(error) from error
        except GrafanaException as error:
            raise _refused(error) from error

    def _ask(self, ask: Callable[[], Answer]) -> Answer:
        """The answer.

        Raises:
            GrafanaRefusedError: any status of 400 or more.
            GrafanaUnreachableError: no answer.
        """
        try:
            return self._tried(ask)
        except GrafanaException as error:
            raise _refused(error) from error

    @staticmethod
    def _tried(ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except (requests.ConnectionError, requests.Timeout, requests.JSONDecodeError) as error:
            raise GrafanaUnreachableError(f"Grafana does not answer: {error}.") from error


def _refused(error: GrafanaException) -> GrafanaRefusedError:
    return GrafanaRefusedError(
        f"Grafana answered {error.status_code}: {error.message}.", status=error.status_code
    )
