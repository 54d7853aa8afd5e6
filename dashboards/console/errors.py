"""What a reader of the console can get wrong, and what can be out of order behind it."""

from typing import ClassVar

from indicators.errors import GranaryError


class ConsoleError(GranaryError):
    """The root of the console's errors; `status` is its HTTP status, `zh` the Chinese sentence."""

    code = "console"
    status: ClassVar[int] = 400
    zh: ClassVar[str] = "请求有误。"


class UnknownCityError(ConsoleError):
    """No such city in the store."""

    code = "unknown_city"
    status = 404
    zh = "没有这个城市。"
    next_step = "GET /v1/cities lists them."


class UnknownIndicatorError(ConsoleError):
    """The city's catalogue in force has no such indicator."""

    code = "unknown_indicator"
    status = 404
    zh = "目录中没有这个指标。"
    next_step = "GET /v1/indicators?city=… lists them."


class UnknownCaseError(ConsoleError):
    """The city has no such frame case."""

    code = "unknown_case"
    status = 404
    zh = "没有这条线索。"
    next_step = "GET /v1/frame/cases?city=… lists them."


class BadParameterError(ConsoleError):
    """A query parameter has no meaning."""

    code = "bad_parameter"
    status = 422
    zh = "查询参数无效。"
    next_step = "See /docs for the parameters."


class ForeignReaderError(ConsoleError):
    """A request from elsewhere than the console's own machine."""

    code = "foreign_reader"
    status = 403
    zh = "监测台只对本机开放。"
    next_step = "Put a proxy that authenticates readers in front of the console."


class StoreUnreachableError(ConsoleError):
    """ClickHouse does not answer; the page keeps what it shows and tries again."""

    code = "store_unreachable"
    status = 503
    zh = "数据库暂时没有应答。"
    next_step = "Retry; if it lasts, see the log of the ClickHouse part."
