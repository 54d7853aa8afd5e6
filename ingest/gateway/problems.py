"""Errors as RFC 9457 problem details, in Chinese and English, always with a list of findings."""

from typing import Any, Final

from fastapi.responses import JSONResponse

from ingest.errors import IngestError

MEDIA_TYPE: Final = "application/problem+json"


def problem(
    status: int, code: str, title: str, detail_zh: str, detail_en: str, **members: Any
) -> dict[str, Any]:
    """The members every problem has; `code` never changes once published."""
    return {
        "type": f"urn:granary:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail_en,
        "message": {"zh": detail_zh, "en": detail_en},
        "findings": [],
        **members,
    }


def answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    """The response to a problem."""
    return JSONResponse(body, body["status"], headers=headers, media_type=MEDIA_TYPE)


def of_error(error: IngestError) -> JSONResponse:
    """The response to a typed error."""
    headers: dict[str, str] = {}
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="granary"'
    title = (type(error).__doc__ or error.code).splitlines()[0]
    english = f"{error.message} {error.next_step}"
    return answer(problem(error.status, error.code, title, error.zh, english), headers)


def of_refused(receipt: dict[str, Any]) -> JSONResponse:
    """The response to a submission of which nothing was accepted: the receipt as a problem."""
    declared = receipt["declared"]
    rows = "holds" in receipt  # of a register file
    noun_zh, noun = ("行", "rows") if rows else ("个单元格", "cells")
    chinese = f"申报的{declared:,}{noun_zh}全部退回" if declared else "未接收任何数据"
    english = (
        f"None of {declared:,} declared {noun} was accepted" if declared else "Nothing accepted"
    )
    body = problem(
        422,
        "nothing_accepted",
        "Nothing of the submission was accepted."
        if rows
        else "No cell of the submission was accepted.",
        f"{chinese},原因见审核意见。",
        f"{english}; see findings.",
    )
    return answer({**body, **receipt, "submission_status": receipt["status"], "status": 422})


def unexpected() -> JSONResponse:
    """The response to a fault of the program; details are in its log only."""
    return answer(
        problem(
            500,
            "internal",
            "The gateway made a mistake.",
            "网关内部错误,已记入日志;请用同一幂等键重试。",
            "The gateway failed; its log has the details. Repeat with the same Idempotency-Key.",
        )
    )
