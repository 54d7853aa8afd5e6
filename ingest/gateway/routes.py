"""The HTTP interface: submissions in, receipts out. Errors are RFC 9457 problem details."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from granary import metrics
from indicators.errors import PeriodError
from indicators.periods import parse_period
from ingest import desk
from ingest.checks.files import Format
from ingest.errors import QueryError, UnsupportedFormatError
from ingest.findings import quoted
from ingest.gateway import problems
from ingest.gateway.service import Service, format_of, key_of
from ingest.register.desk import RegisterRequest
from ingest.spool import Body, Incoming, too_large

router = APIRouter()
Authorization = Annotated[str | None, Header()]
#: What OpenAPI tells of the answers that are problems.
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {problems.MEDIA_TYPE: {}}}
    for status, text in {
        401: "No valid token",
        409: "The key of a register file belongs to another body",
        403: "No right on the table",
        404: "No such thing",
        413: "Body above gateway_max_body",
        415: "Neither CSV nor NDJSON",
        422: "Nothing accepted (with submission id and findings), or a wrong query or key",
        429: "Too many at once; see Retry-After",
        503: "Kafka or the city's catalogue is not there yet; see Retry-After",
    }.items()
}
_BODIES = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "format": "binary"}},
            "application/x-ndjson": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


def service_of(request: Request) -> Service:
    """The running gateway's parts."""
    service: Service = request.app.state.service
    return service


Running = Annotated[Service, Depends(service_of)]


@router.post("/v1/submissions", status_code=202, responses=_PROBLEMS, openapi_extra=_BODIES)
async def submit(
    request: Request,
    service: Running,
    table: str | None = None,
    period: str = "",
    dry_run: bool = False,
    authorization: Authorization = None,
) -> JSONResponse:
    """Take a file of one table: CSV or NDJSON, long (unit, item, period, value) or wide.

    A register table takes a register file instead: CSV, counted in rows; its dry run tells what the
    register would change and which figures that touches.

    202 with a receipt once at least one cell is accepted and Kafka has acknowledged everything.
    """
    arrived_ms = service.clock.now_ms()
    holder = await run_in_threadpool(service.holder, authorization)
    key = key_of(request.headers)
    period = period.strip()
    if len(period) > 64 or not period.isprintable():  # the control store keeps it as it is
        raise QueryError("the period is no period.", zh="请求中的报告期(period)不是报告期。")
    basis = await run_in_threadpool(service.bases.of, holder.city)
    if (filing := service.register_table(basis, holder, table)) is not None:
        filed = RegisterRequest(basis, *filing, key, arrived_ms)
        return await _file(request, service, filed, dry_run=dry_run)
    reporter, wanted = service.right_on(basis, holder, table)
    asked = desk.Request(basis, reporter, wanted, period, key, arrived_ms)
    if dry_run:
        receipt = await _take(request, service, asked, service.desk.dry_run)
    else:
        arrival = await run_in_threadpool(
            service.arrivals.note, holder.city, reporter.code, wanted.code, arrived_ms
        )
        try:
            asked = replace(asked, arrival=arrival)
            receipt = await _take(request, service, asked, service.desk.submit)
        finally:
            await run_in_threadpool(arrival.answered)
    if not dry_run:
        _measure(basis.city.code, receipt, service.clock.now_ms() - arrived_ms)
    if receipt["status"] == "refused":
        return problems.of_refused(receipt)
    return JSONResponse(receipt, 200 if dry_run else 202)


async def _file(
    request: Request, service: Service, asked: RegisterRequest, *, dry_run: bool
) -> JSONResponse:
    """The answer to a register file, which is CSV."""
    incoming = await _receive(request, service)
    try:
        if format_of(request.headers.get("content-type"), incoming.start) != "csv":
            raise UnsupportedFormatError("a register file is CSV.", zh="名录文件须为CSV格式。")
        body = await run_in_threadpool(incoming.close)
        take = service.register.dry_run if dry_run else service.register.submit
        receipt = await run_in_threadpool(take, asked, body)
    finally:
        incoming.discard()
    if receipt["status"] == "refused":
        return problems.of_refused(receipt)
    return JSONResponse(receipt, 200 if dry_run else 202)


async def _take(
    request: Request,
    service: Service,
    asked: desk.Request,
    take: Callable[[desk.Request, Format, Body], dict[str, Any]],
) -> dict[str, Any]:
    """The receipt of the request's body, which is on disk only as long as it is needed."""
    incoming = await _receive(request, service)
    try:
        format_ = format_of(request.headers.get("content-type"), incoming.start)
        body = await run_in_threadpool(incoming.close)
        return await run_in_threadpool(take, asked, format_, body)
    finally:
        incoming.discard()


async def _receive(request: Request, service: Service) -> Incoming:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > service.max_body:
        raise too_large(service.max_body)
    incoming = service.spool.receive(service.max_body)
    try:
        async for part in request.stream():
            incoming.write(part)
    except BaseException:
        incoming.discard()
        raise
    return incoming


def _measure(city: str, receipt: dict[str, Any], took_ms: int) -> None:
    metrics.RECEIPT_SECONDS.labels(city).observe(took_ms / 1000)
    outcome = "repeated" if receipt["repeated"] else receipt["status"]
    metrics.SUBMISSIONS.labels(city, outcome).inc()
    if not receipt["repeated"]:
        metrics.OBSERVATIONS_ACCEPTED.labels(city).inc(receipt["accepted"])
        metrics.OBSERVATIONS_REJECTED.labels(city).inc(receipt["rejected"])


@router.get("/v1/submissions/{submission_id}", responses=_PROBLEMS)
def submission(
    submission_id: str, service: Running, authorization: Authorization = None
) -> dict[str, Any]:
    """Receipt and state: receiving, accepted, settled (everything is in the store) or refused."""
    return service.submission(service.holder(authorization), submission_id)


@router.get("/v1/tables", responses=_PROBLEMS)
def tables(service: Running, authorization: Authorization = None) -> dict[str, Any]:
    """The tables the token's reporter fills in: with items, or of a register with columns."""
    return {"tables": service.tables(service.holder(authorization))}


@router.get("/v1/units", responses=_PROBLEMS)
def units(
    service: Running,
    table: str | None = None,
    period: str = "",
    after: str = "",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    authorization: Authorization = None,
) -> dict[str, Any]:
    """Units the token's reporter may report in the table at the period, in pages by code."""
    holder = service.holder(authorization)
    try:
        number = parse_period(period)
    except PeriodError as error:
        raise QueryError(error.message, zh=f"“{quoted(period)}”不是可用的报告期。") from error
    return service.units(holder, table, number, after, limit)
