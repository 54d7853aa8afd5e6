"""The gateway process: the HTTP interface, the relay, and the finisher of what was left."""

import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
import uvicorn
from anyio import to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError, TimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from granary import metrics
from granary.clock import Clock, SystemClock
from granary.settings import Settings
from ingest.arrivals import Arrivals
from ingest.basis import Bases
from ingest.desk import ADMITTED, Desk
from ingest.errors import ControlStoreAwayError, IngestError, LogUnavailableError
from ingest.finishing import Finisher
from ingest.gateway import problems
from ingest.gateway.routes import router
from ingest.gateway.service import Service
from ingest.log import KafkaLog, Log
from ingest.named_keys import KeyNames
from ingest.register.desk import RegisterDesk
from ingest.relay import Relay
from ingest.settlement import Ledger, NoLedger, StoreLedger
from ingest.spool import Spool
from storage.control import schema

_LOG: Final = structlog.get_logger(__name__)
#: Seconds between two rounds of the loops.
_FINISH_SECONDS: Final = 0.5
_PROBE_SECONDS: Final = 2.0
_OWNER_SECONDS: Final = 2.0
#: Seconds without a round after which a loop counts as stuck; above Kafka's longest wait.
_STUCK_SECONDS: Final = 60.0
_AFTER_FAULT_SECONDS: Final = 1.0
_READERS: Final = 32


class Loop:
    """A round repeated in a thread until stopped; a fault is logged and the next round tries."""

    def __init__(self, name: str, round_: Callable[[], object], pause: float) -> None:
        self.name = name
        self._round = round_
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.good_at: float | None = None  # monotonic seconds of the last good round
        self._begun_at = time.monotonic()

    def start(self) -> None:
        self._begun_at = time.monotonic()
        # Asked by whoever reads the gauge, so that it grows while a round hangs.
        metrics.LOOP_SECONDS.labels(self.name).set_function(lambda: self.stalled_seconds)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    @property
    def silent_seconds(self) -> float:
        """Seconds since a round went well."""
        return float("inf") if self.good_at is None else time.monotonic() - self.good_at

    @property
    def stalled_seconds(self) -> float:
        """Seconds since it last came round, or since it began."""
        return time.monotonic() - (self._begun_at if self.good_at is None else self.good_at)

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = self._pause
            try:
                if self._round():
                    pause = 0.0  # there was work; there may be more
                self.good_at = time.monotonic()
            except LogUnavailableError as error:
                _LOG.warning("log_unavailable", loop=self.name, error=error.message)
                pause = _AFTER_FAULT_SECONDS
            except Exception:
                # Whatever it was, the work is still recorded: say so and try again.
                _LOG.exception("round_failed", loop=self.name)
                pause = _AFTER_FAULT_SECONDS
            self._stop.wait(pause)


class Gateway:
    """One gateway's parts, put together. `owner` names it to other gateways, run after run."""

    def __init__(
        self,
        settings: Settings,
        owner: str,
        log: Log | None = None,
        ledger: Ledger | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock = clock or SystemClock()
        control_url = settings.control_url
        schema.create(control_url)
        store = settings.clickhouse.get_secret_value()
        self.log: Log = log or KafkaLog(settings.kafka)
        spool = Spool(settings.data.absolute(), owner)
        self.finisher = Finisher(control_url, spool, self.log, clock, owner)
        self.relay = Relay(control_url, self.log, clock, owner)
        names = KeyNames(control_url, self.relay)
        self.desk = Desk(
            control_url, spool, self.finisher, clock, owner, settings.chunk_observations, names
        )
        self.arrivals = Arrivals(control_url, owner)
        self.service = Service(
            control_url,
            Bases(control_url),
            self.desk,
            RegisterDesk(control_url, self.relay),
            spool,
            self.arrivals,
            ledger or (StoreLedger(store) if store else NoLedger()),
            clock,
            settings.gateway_max_body,
        )
        self.relaying = Loop("relay", self.relay.step, self.relay.pause_seconds)
        self.finishing = Loop("finisher", self._finish, _FINISH_SECONDS)
        self.probing = Loop("kafka-probe", self._probe, _PROBE_SECONDS)
        # Apart from the finisher, whose round may wait for Kafka longer than the lease lasts.
        self.owning = Loop("owner", self.finisher.stay_owner, _OWNER_SECONDS)
        self._loops = (self.owning, self.relaying, self.finishing, self.probing)
        self.left = -1  # submissions to be finished; -1 before the first look

    def start(self) -> None:
        """Sweep, then begin to relay and to finish what was left."""
        swept = self.finisher.recover()
        self.arrivals.sweep(self._clock.now_ms())
        if swept:
            _LOG.info("spool_swept", files=swept)
        self.finisher.stay_owner()
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        for loop in self._loops:
            loop.stop()
        self.relay.release()
        self.log.close()

    def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Whether submissions can be taken and intents reach the log now."""
        facts = {
            "kafka": self.probing.silent_seconds < 5 * _PROBE_SECONDS,
            "relay": self.relaying.silent_seconds < _STUCK_SECONDS,
            "finisher": self.finishing.silent_seconds < _STUCK_SECONDS,
            "left": self.left,
        }
        progress = max(self.relaying.silent_seconds, self.probing.silent_seconds)
        good = all(facts[name] for name in ("kafka", "relay", "finisher"))
        return good, {**facts, "last_progress_s": round(progress, 3) if progress < 1e9 else None}

    def _finish(self) -> None:
        self.left = self.finisher.finish_left()

    def _probe(self) -> None:
        if not self.log.reachable():
            raise LogUnavailableError("Kafka does not answer.")


def create_app(gateway: Gateway) -> FastAPI:
    """The application; its lifespan starts and stops the gateway's loops."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # Submissions waiting in their lanes hold a thread each; readers need some beside them.
        to_thread.current_default_thread_limiter().total_tokens = ADMITTED + _READERS
        gateway.start()
        yield
        gateway.stop()

    app = FastAPI(title="Granary gateway 颗粒归仓", version="1", lifespan=lifespan)
    app.state.service = gateway.service
    app.include_router(router)
    _explain_errors(app)

    app.add_middleware(Outermost)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, bool]:
        return {"alive": True}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        good, facts = gateway.readiness()
        return JSONResponse({"ready": good, **facts}, 200 if good else 503)

    @app.get("/metrics", include_in_schema=False)
    def exposition() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app


class Outermost:
    """Counts every answer; turns a fault of the program into a problem and a line of its log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            status = status or 400  # nobody is there to read an answer
        except Exception:
            _LOG.exception("request_failed", path=scope["path"])
            if not status:
                await problems.unexpected()(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            metrics.GATEWAY_REQUESTS.labels(route, str(status)).inc()


def _explain_errors(app: FastAPI) -> None:
    @app.exception_handler(IngestError)
    async def typed(_: Request, error: IngestError) -> Response:
        return problems.of_error(error)

    # No connection, a lock or a connection of the pool waited for in vain: all pass by themselves.
    @app.exception_handler(InterfaceError)
    @app.exception_handler(OperationalError)
    @app.exception_handler(TimeoutError)
    async def control_store(_: Request, error: SQLAlchemyError) -> Response:
        reason = str(error).splitlines()[0]
        _LOG.warning("control_store_away", error=reason)
        return problems.of_error(ControlStoreAwayError("the control store does not answer."))

    @app.exception_handler(RequestValidationError)
    async def query(_: Request, error: RequestValidationError) -> Response:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
        body = problems.problem(422, "query", "The query is wrong.", "请求参数有误。", faults)
        return problems.answer(body)

    @app.exception_handler(HTTPException)
    async def plain(_: Request, error: HTTPException) -> Response:
        body = problems.problem(
            error.status_code, "http", str(error.detail), "请求有误。", str(error.detail)
        )
        return problems.answer(body, dict(error.headers or {}))


def main(settings: Settings) -> None:
    """Serve until SIGTERM."""
    gateway = Gateway(settings, f"{settings.host}:{settings.gateway_port}")
    uvicorn.run(
        create_app(gateway),
        host=settings.host,
        port=settings.gateway_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
    )
