"""Typed errors of the door; the gateway turns each into one answer."""

from indicators.errors import GranaryError


class IngestError(GranaryError):
    """Root of what the door refuses or cannot do now. `status` is the HTTP answer."""

    code = "ingest"
    status = 500
    zh = "内部错误。"

    def __init__(self, message: str, /, *, zh: str = "", **facts: object) -> None:
        super().__init__(message, **facts)
        self.zh = zh or type(self).zh  # what is the matter this time, where it can be said better


class NoTokenError(IngestError):
    """No token, or one that is unknown or revoked."""

    code = "token"
    status = 401
    zh = "令牌缺失、无效或已吊销。"
    next_step = "Send `Authorization: Bearer TOKEN` with a token that is valid."


class NoRightError(IngestError):
    """The token's reporter does not report this table."""

    code = "no_right"
    status = 403
    zh = "该令牌无权填报此表。"
    next_step = "Use the token of a reporter of the table."


class UnknownTableError(IngestError):
    """The catalogue has no such table."""

    code = "unknown_table"
    status = 404
    zh = "目录中没有此表。"
    next_step = "GET /v1/tables lists the tables."


class UnknownSubmissionError(IngestError):
    """No such submission, or not one the token may see."""

    code = "unknown_submission"
    status = 404
    zh = "没有此次报送。"
    next_step = "Use the id of a receipt."


class QueryError(IngestError):
    """The request's query or headers are not what the interface asks for."""

    code = "query"
    status = 422
    zh = "请求参数有误。"
    next_step = "See /docs for the parameters."


class KeyReusedError(IngestError):
    """The Idempotency-Key belongs to another body."""

    code = "idempotency_key_reused"
    status = 422
    zh = "此幂等键(Idempotency-Key)已用于另一份内容。"
    next_step = "Send a new key with a new body."


class BodyTooLargeError(IngestError):
    """The body is above the limit."""

    code = "body_too_large"
    status = 413
    zh = "文件超过大小上限。"
    next_step = "Split the file, or raise the setting gateway_max_body."


class UnsupportedFormatError(IngestError):
    """Neither CSV nor NDJSON."""

    code = "unsupported_format"
    status = 415
    zh = "只接受CSV或NDJSON文件。"
    next_step = "Save the file as CSV (UTF-8)."


class BusyError(IngestError):
    """Too many submissions are being taken at once."""

    code = "busy"
    status = 429
    zh = "同时报送的文件过多,请稍后重试。"
    next_step = "Repeat with the same Idempotency-Key after the time given."
    retry_after = 2


class NotReadyError(IngestError):
    """The city's catalogue has not reached the log yet."""

    code = "not_ready"
    status = 503
    zh = "该城市的目录尚未就绪,请稍后重试。"
    next_step = "Repeat after the time given."
    retry_after = 1


class LogUnavailableError(IngestError):
    """Kafka does not acknowledge. What is registered will be finished by itself."""

    code = "log_unavailable"
    status = 503
    zh = "日志服务暂不可用;已登记的报送会自动完成,请用同一幂等键重试。"
    next_step = "Repeat with the same Idempotency-Key after the time given."
    retry_after = 2


class ControlStoreAwayError(IngestError):
    """The control store does not answer. What is registered will be finished by itself."""

    code = "control_store_away"
    status = 503
    zh = "登记库暂不可用;请用同一幂等键重试。"
    next_step = "Repeat with the same Idempotency-Key after the time given."
    retry_after = 2


class SpoolLostError(IngestError):
    """A registered submission's messages are not on disk any more."""

    code = "spool_lost"
    status = 503
    zh = "此表先前一次报送的暂存文件丢失,网关正在核对日志;请稍后重试,若长时间如此请联系管理员。"
    next_step = (
        "Repeat after the time given: its gateway ends it by what the log has. If that gateway is"
        " gone, start one of its name, or restore the data folder's spool."
    )
    retry_after = 10
