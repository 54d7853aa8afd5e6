"""The console's process: page, read API, live feed.

Open for reading on the machine it runs on, closed to every other: it answers only requests that
come from a loopback address and name a loopback host. Whoever serves it further puts a proxy that
authenticates readers in front.
"""

import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dashboards.console.answers import as_json, as_problem
from dashboards.console.api import router
from dashboards.console.errors import ConsoleError, ForeignReaderError, StoreUnreachableError
from dashboards.console.feed import SILENT_S, Feed, KafkaSource, Source
from dashboards.console.frame_api import frame_router
from dashboards.console.freshness import Freshness, Places, read_places
from dashboards.console.hub import Hub
from dashboards.console.store import DriverStore, Store
from granary.clock import Clock, SystemClock
from granary.settings import Settings

HERE = Path(__file__).parent
CHARTS = HERE / "node_modules" / "echarts" / "dist" / "echarts.min.js"
_LOOPBACK_NAMES = {"localhost"}


def create_app(
    store: Store, connect: Callable[[], Source], clock: Clock, places: Places
) -> FastAPI:
    """The console over a store, a source of published sets, and where each city's log is."""
    hub = Hub()
    feed = Feed(connect, hub, clock)
    freshness = Freshness(store, feed.log_ends, places)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        feed.start()
        try:
            yield
        finally:
            feed.stop()

    app = FastAPI(title="Granary console", version="1", lifespan=running)
    app.include_router(router(store, hub, clock, freshness))
    app.include_router(frame_router(store, clock))

    @app.middleware("http")
    async def only_here(
        request: Request, respond: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if not _from_here(request):
            return as_problem(ForeignReaderError("The console answers its own machine only."))
        return await respond(request)

    @app.exception_handler(ConsoleError)
    async def explain(_: Request, error: ConsoleError) -> Response:
        return as_problem(error)

    @app.get("/", include_in_schema=False)
    def page() -> Response:
        return FileResponse(HERE / "static" / "index.html", headers=_NO_STORE)

    @app.get("/frame", include_in_schema=False)
    def frame_page() -> Response:
        return FileResponse(HERE / "static" / "frame.html", headers=_NO_STORE)

    @app.get("/vendor/echarts.js", include_in_schema=False)
    def charts() -> Response:
        return FileResponse(CHARTS, media_type="text/javascript")

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> Response:
        return as_json({"alive": True})

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> Response:
        answer = _readiness(store, feed)
        response = as_json(answer)
        response.status_code = 200 if answer["ready"] else 503
        return response

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    app.mount("/static", _Fresh(directory=HERE / "static"), name="static")
    return app


def main(settings: Settings) -> None:
    """Serve until SIGTERM."""
    from storage.clickhouse import connect

    url = settings.clickhouse.get_secret_value()
    app = create_app(
        DriverStore(lambda numpy: connect(url, numpy=numpy)),
        lambda: KafkaSource(settings.kafka),
        SystemClock(),
        lambda: read_places(settings.control_url),
    )
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.console_port,
        log_config=None,
        access_log=False,
        # Open event streams would otherwise hold a stop for as long as a page is open.
        timeout_graceful_shutdown=1,
    )


_NO_STORE = {"Cache-Control": "no-cache"}


class _Fresh(StaticFiles):
    """Static files that a browser asks for again: a new release must show at the next load."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(_NO_STORE)
        return response


def _readiness(store: Store, feed: Feed) -> dict[str, object]:
    """Ready when the store answers and the broker has answered a moment ago."""
    try:
        store.query("SELECT 1 AS one")
        stored = True
    except StoreUnreachableError:
        stored = False
    silent = feed.progressed_s()
    fed = silent is not None and silent < SILENT_S
    return {"ready": stored and fed, "store": stored, "feed": fed, "last_progress_s": silent}


def _from_here(request: Request) -> bool:
    """From a loopback address, to a loopback name (a page elsewhere cannot rebind its own)."""
    client = request.client.host if request.client else ""
    return _loopback(client) and _loopback(request.url.hostname or "")


def _loopback(host: str) -> bool:
    if host in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
