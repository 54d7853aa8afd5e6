"""What the listener answers instead of a result: ClickHouse's own code, name and message."""

import re
from typing import ClassVar, Final

from indicators.errors import GranaryError

# Codes of the listener's own refusals, numbered as ClickHouse numbers them.
CANNOT_PARSE: Final = 117
NOT_IMPLEMENTED: Final = 48
SYNTAX_ERROR: Final = 62
UNKNOWN_DATABASE: Final = 81
UNKNOWN_COMPRESSION_METHOD: Final = 89
UNKNOWN_PACKET: Final = 99
UNEXPECTED_PACKET: Final = 101
UNKNOWN_SETTING: Final = 115
READONLY: Final = 164
TOO_MANY_CLIENTS: Final = 202
OUTFILE_NOT_ALLOWED: Final = 358
QUERY_WAS_CANCELLED: Final = 394
ACCESS_DENIED: Final = 497
AUTHENTICATION_FAILED: Final = 516
UNKNOWN_EXCEPTION: Final = 1002

_ENGINE_TEXT = re.compile(
    r"Code: (?P<code>\d+)\. (?P<message>DB::\w+: .*?)(?: \(version [^()]*\))?\s*\Z", re.DOTALL
)


class ServerError(GranaryError):
    """A query, insert or hello that ends in an exception packet; the connection goes on."""

    code: ClassVar[str] = "clickhouse_fault"
    next_step: ClassVar[str] = "See ClickHouse's documentation of the error code."

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message, number=number)
        self.number = number


class ProtocolError(ServerError):
    """Bytes that leave the stream's position unknown: answered, then the connection is closed."""

    code: ClassVar[str] = "clickhouse_protocol"
    next_step: ClassVar[str] = "Use a ClickHouse client of the native protocol."


class StorageInUseError(GranaryError):
    """Another process serves the same folder; the engine would damage it if both wrote."""

    code: ClassVar[str] = "clickhouse_folder_in_use"
    next_step: ClassVar[str] = "Stop the other server, or choose another data folder."


class EngineMissingError(GranaryError):
    """The engine answers, but not in a way this listener knows."""

    code: ClassVar[str] = "clickhouse_engine"
    next_step: ClassVar[str] = "Check that the installed chdb is the version of the lock file."


def fault_of(error: Exception) -> ServerError:
    """The engine's exception as a fault; its code stands only in its text."""
    text = str(error)
    found = _ENGINE_TEXT.search(text)
    if found is None:
        return ServerError(UNKNOWN_EXCEPTION, f"DB::Exception: {text}")
    return ServerError(int(found["code"]), found["message"])
