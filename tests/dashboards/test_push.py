"""Pushing into a small server that answers as Grafana's API does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from dashboards.boards import BOARDS
from dashboards.grafana.client import Grafana
from dashboards.grafana.errors import GrafanaRefusedError, GrafanaUnreachableError
from dashboards.grafana.push import push
from dashboards.grafana.sources import Connections

TOKEN = "glsa_right"
CONNECTIONS = Connections("clickhouse://dashboard:look@127.0.0.1:9000/granary")


class FakeGrafana:
    """Folders, data sources and boards by uid; refuses as Grafana does."""

    def __init__(self) -> None:
        self.folders: dict[str, Any] = {}
        self.sources: dict[str, Any] = {}
        self.boards: dict[str, Any] = {}
        self.calls: list[tuple[str, str]] = []

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        self.calls.append((method, path))
        parts = path.removeprefix("/api/").split("/")
        if parts[0] == "folders":
            return self._kept(self.folders, method, parts[1:], body, taken=412)
        if parts[0] == "datasources":
            return self._kept(self.sources, method, parts[2:], body, taken=409)
        if path == "/api/dashboards/db":
            board = body["dashboard"]
            if board["id"] is not None:
                return 404, {"message": "Dashboard not found"}
            if board["uid"] in self.boards and not body["overwrite"]:
                return 412, {"message": "A dashboard with the same uid already exists"}
            if body["folderUid"] not in self.folders:
                return 400, {"message": "folder not found"}
            self.boards[board["uid"]] = body
            return 200, {"uid": board["uid"], "url": f"/d/{board['uid']}/x", "status": "success"}
        return 404, {"message": "Not found"}

    def _kept(
        self, held: dict[str, Any], method: str, rest: list[str], body: Any, *, taken: int
    ) -> tuple[int, Any]:
        if method == "POST":
            if body["uid"] in held:
                return taken, {"message": "exists"}
            held[body["uid"]] = body
            return 200, body
        uid = rest[0]
        if uid not in held:
            return 404, {"message": "not found"}
        if method == "PUT":
            held[uid] = {**held[uid], **body}
        return 200, held[uid]


@pytest.fixture
def grafana() -> Iterator[tuple[FakeGrafana, str]]:
    fake = FakeGrafana()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status, answer = 401, {"message": "Invalid API key"}
            else:
                status, answer = fake.answer(self.command, self.path, body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield fake, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_push_makes_folder_sources_and_boards_with_their_links(
    grafana: tuple[FakeGrafana, str],
) -> None:
    fake, url = grafana
    paths = push(Grafana(url, TOKEN), CONNECTIONS)
    assert fake.folders["granary"]["title"] == "颗粒归仓"
    assert sorted(fake.sources) == ["granary-clickhouse", "granary-prometheus"]
    assert fake.sources["granary-clickhouse"]["secureJsonData"] == {"password": "look"}
    assert sorted(fake.boards) == sorted(board.uid for board in BOARDS)
    assert paths == [f"/d/{board.uid}/x" for board in BOARDS]


def test_the_sources_are_there_before_the_first_board(grafana: tuple[FakeGrafana, str]) -> None:
    fake, url = grafana
    push(Grafana(url, TOKEN), CONNECTIONS)
    posts = [path for method, path in fake.calls if method == "POST"]
    first_board = posts.index("/api/dashboards/db")
    assert posts[:first_board] == ["/api/folders", "/api/datasources", "/api/datasources"]


def test_a_second_push_replaces_and_doubles_nothing(grafana: tuple[FakeGrafana, str]) -> None:
    fake, url = grafana
    push(Grafana(url, TOKEN), CONNECTIONS)
    first = json.dumps([fake.folders, fake.sources, fake.boards], sort_keys=True)
    push(Grafana(url, TOKEN), CONNECTIONS)
    second = json.loads(json.dumps([fake.folders, fake.sources, fake.boards], sort_keys=True))
    second[0]["granary"].pop("overwrite")
    assert json.dumps(second, sort_keys=True) == first


def test_a_wrong_token_is_told_with_its_status(grafana: tuple[FakeGrafana, str]) -> None:
    fake, url = grafana
    with pytest.raises(GrafanaRefusedError) as caught:
        push(Grafana(url, "glsa_wrong"), CONNECTIONS)
    assert caught.value.facts["status"] == 401
    assert fake.boards == {}


def test_no_grafana_at_the_url_is_told_as_such(unused_port: int) -> None:
    with pytest.raises(GrafanaUnreachableError):
        push(Grafana(f"http://127.0.0.1:{unused_port}", TOKEN), CONNECTIONS)


@pytest.fixture
def unused_port() -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return server.server_port
