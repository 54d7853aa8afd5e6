"""What to do about an error of the ClickHouse server: retry, reject the row, or halt.

RETRY: the store is busy or away; the flow waits and tries again without end. REJECT: the row's
fault. HALT: the operator's (a missing table, a wrong login): retrying or binning would hide it.
A code that is not listed is retried to a limit and then halts.
"""

from enum import Enum, auto
from typing import Final

from clickhouse_driver.errors import Error, NetworkError, ServerException, SocketTimeoutError

from indicators.errors import GranaryError


class Action(Enum):
    """What the writer does about an error."""

    RETRY = auto()
    REJECT = auto()
    HALT = auto()
    UNLISTED = auto()


#: Server error code → action. 159 timeout, 202 too many queries, 209/210 socket, 241 memory, 242
#: read-only table, 243 no space, 252 too many parts, 999 keeper.
ACTIONS: Final[dict[int, Action]] = {
    **dict.fromkeys((159, 202, 209, 210, 241, 242, 243, 252, 999), Action.RETRY),
    **dict.fromkeys((6, 72, 117, 321, 349, 469), Action.REJECT),
    **dict.fromkeys((16, 53, 60, 81, 192, 193, 497, 516), Action.HALT),
}


class RowsRejectedError(GranaryError):
    """The server refuses the rows themselves."""

    code = "rows_rejected"
    next_step = "This is a fault of the program that made the rows; report it with the log."


class StoreHaltedError(GranaryError):
    """The store cannot take rows until an operator acts."""

    code = "store_halted"
    next_step = "See docs/runbook.md, 'a worker stops again and again'."


def action_for(error: BaseException) -> Action:
    """What to do about an exception raised by clickhouse-driver."""
    if isinstance(error, (NetworkError, SocketTimeoutError, EOFError, OSError)):
        return Action.RETRY
    if isinstance(error, ServerException):
        return ACTIONS.get(int(error.code), Action.UNLISTED)
    if isinstance(error, Error):
        # The connection broke in the middle of a packet.
        return Action.RETRY
    return Action.UNLISTED
