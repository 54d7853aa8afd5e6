"""/healthz, /readyz and /metrics for a part that serves no HTTP of its own: one daemon thread."""

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

#: Tells whether the part makes progress, and what to say of it. Called on the server's thread for
#: each request; must not block.
Readiness = Callable[[], tuple[bool, Mapping[str, Any]]]

_JSON: Final = "application/json; charset=utf-8"


def serve_health(host: str, port: int, ready: Readiness) -> ThreadingHTTPServer:
    """Start answering on `host:port` (0: a free one, see `server_port`); returns at once.

    /healthz is 200 while the process lives; /readyz is 200 or 503 by `ready`, which also gives the
    JSON body; a `ready` that raises counts as not ready.

    Raises:
        OSError: the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/healthz":
                self._answer(200, _JSON, b'{"alive":true}')
            elif path == "/readyz":
                good, facts = _judged(ready)
                body = {"ready": good, **facts}
                text = json.dumps(body, ensure_ascii=False, default=str)
                self._answer(200 if good else 503, _JSON, text.encode())
            elif path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
            else:
                self._answer(404, _JSON, b'{"title":"not found"}')

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            # A prober that gave up waiting has closed its end.
            with suppress(ConnectionError):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Probes come every second; they are no news."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server


def _judged(ready: Readiness) -> tuple[bool, Mapping[str, Any]]:
    try:
        return ready()
    except Exception as error:
        # Whatever broke, the honest answer to a probe is "not ready".
        return False, {"error": repr(error)}
