"""Users and their rights: the listener's, since the embedded engine knows neither.

A reader (the dashboards' user) is held by three fences: its session is `readonly=1` in the engine,
its statements must be of a listed kind and reach no files, system internals or other machines, and
of the settings it sends only listed ones are applied, clamped.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from storage.embedded import faults
from storage.embedded.faults import ServerError
from storage.embedded.packets import Setting
from storage.embedded.statements import Kind, Statement


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode()).digest()


@dataclass(frozen=True, slots=True)
class User:
    """Who may connect. `database` is used when the client names none; a reader has no other."""

    name: str
    password_digest: bytes = field(repr=False)
    database: str
    reads_only: bool

    @classmethod
    def of(cls, name: str, password: str, database: str, *, reads_only: bool) -> "User":
        return cls(name, _digest(password), database, reads_only)

    def knows(self, password: str) -> bool:
        return hmac.compare_digest(self.password_digest, _digest(password))


_READER_VERBS: Final = {"SELECT", "WITH", "SHOW", "DESC", "DESCRIBE", "EXPLAIN", "EXISTS"}

#: Table functions that compute from their arguments alone.
_HARMLESS_FUNCTIONS: Final = {
    "numbers", "numbers_mt", "zeros", "zeros_mt", "values", "null", "format", "view",
    "viewifpermitted", "generateseries", "generate_series", "generaterandom", "primes",
}  # fmt: skip

#: Ordinary functions that read files, models or the process; `file` is both kinds.
_REFUSED_FUNCTIONS: Final = {
    "file", "catboostevaluate", "modelevaluate", "python", "getserversetting", "getmacro",
    "filesystemavailable", "filesystemcapacity", "filesystemunreserved", "joinget", "joingetornull",
    "sleep", "sleepeachrow",
}  # fmt: skip

#: What editors of dashboards ask for.
_SYSTEM_TABLES: Final = {
    "columns", "databases", "functions", "tables", "one", "numbers", "numbers_mt", "settings",
    "data_type_families", "formats", "time_zones", "build_options",
}  # fmt: skip

_READER_SECONDS: Final = 60
# A client whose own time runs out first would take this query's exception for its next query's.
_SECONDS_AHEAD: Final = 4
_READER_SETTINGS: Final = {
    "max_execution_time", "max_result_rows", "max_result_bytes", "max_rows_to_read",
    "max_bytes_to_read", "max_block_size", "max_threads", "join_use_nulls", "session_timezone",
    "date_time_output_format", "extremes", "result_overflow_mode", "read_overflow_mode",
    "timeout_overflow_mode", "max_rows_to_group_by", "distributed_product_mode",
    "prefer_column_name_to_alias", "use_uncompressed_cache",

    "low_cardinality_allow_in_native_format", "readonly", "log_comment",
}  # fmt: skip
_LISTENERS_OWN: Final = {"readonly", "log_comment"}


def refuse_beyond_reading(statement: Statement, table_functions: Iterable[str]) -> None:
    """Let a reader's statement pass or raise what a real server answers.

    Raises:
        ServerError: READONLY for a statement that does not read, ACCESS_DENIED for files, other
            machines, system internals.
    """
    if statement.kind is Kind.SET or statement.verb not in _READER_VERBS:
        raise ServerError(
            faults.READONLY,
            f"DB::Exception: Cannot execute {statement.verb} in readonly mode. (READONLY)",
        )
    refused = (set(table_functions) - _HARMLESS_FUNCTIONS) | _REFUSED_FUNCTIONS
    found = statement.tokens
    for index, token in enumerate(found):
        name = token.identifier
        after = found[index + 1].value if index + 1 < len(found) else ""
        if after == "(" and (name in refused or name.startswith("dictget")):
            raise _denied(f"{token.value}()")
        if name == "system" and after == ".":
            table = found[index + 2].identifier if index + 2 < len(found) else ""
            if table not in _SYSTEM_TABLES:
                raise _denied(f"system.{table}")
    if statement.verb == "SHOW" and any(token.keyword == "PROCESSLIST" for token in found):
        raise _denied("SHOW PROCESSLIST")


def _denied(what: str) -> ServerError:
    return ServerError(
        faults.ACCESS_DENIED,
        f"DB::Exception: Not enough privileges: {what} is not granted. (ACCESS_DENIED)",
    )


def reader_settings(sent: Iterable[Setting], known: frozenset[str]) -> dict[str, str]:
    """Of the settings a reader sent those that apply to its query, clamped.

    Raises:
        ServerError: UNKNOWN_SETTING if it is important and no setting, READONLY if it is one that
            a reader may not choose.
    """
    chosen: dict[str, str] = {}
    for setting in sent:
        if setting.name not in known:
            refuse_unknown(setting)
        elif setting.name not in _READER_SETTINGS:
            raise ServerError(
                faults.READONLY,
                f"DB::Exception: Cannot modify '{setting.name}' setting in readonly mode."
                " (READONLY)",
            )
        elif setting.name not in _LISTENERS_OWN:
            chosen[setting.name] = setting.value
    chosen["max_execution_time"] = _clamped_seconds(chosen.get("max_execution_time", "0"))
    return chosen


def refuse_unknown(setting: Setting) -> None:
    """As a real server: unknown and important fails, unknown alone is passed over."""
    if setting.important:
        raise ServerError(
            faults.UNKNOWN_SETTING,
            f"DB::Exception: Unknown setting '{setting.name}'. (UNKNOWN_SETTING)",
        )


def _clamped_seconds(sent: str) -> str:
    try:
        seconds = float(sent)
    except ValueError:
        seconds = 0.0
    wanted = seconds - _SECONDS_AHEAD if seconds > 0 else _READER_SECONDS
    return f"{min(max(wanted, 1), _READER_SECONDS):g}"
