"""Whether a submission has settled: read from the public ledger, where the store can be reached."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import structlog

_LOG: Final = structlog.get_logger(__name__)
_COLUMNS: Final = (
    "period",
    "declared",
    "accepted",
    "rejected",
    "stored",
    "superseded",
    "quarantined",
    "dead",
    "pending",
    "settled",
)


class Ledger(Protocol):
    """The rows of `v_ledger`. Blocks for one query; reading again is always safe."""

    def rows(self, city_code: str, submission: str) -> list[dict[str, Any]] | None:
        """One row a period; None while the store cannot be asked."""
        ...

    def folded(self, city: int, records: Sequence[str]) -> bool:
        """Whether the store has what these records of the log bring; False while it is away."""
        ...


class NoLedger:
    """Where there is no store."""

    def folded(self, city: int, records: Sequence[str]) -> bool:
        return False

    def rows(self, city_code: str, submission: str) -> list[dict[str, Any]] | None:
        return None


class StoreLedger:
    """The real one. The store may be down: a receipt is told nonetheless."""

    def __init__(self, url: str) -> None:
        self._url = url

    def rows(self, city_code: str, submission: str) -> list[dict[str, Any]] | None:
        found = self._ask(
            f"SELECT {', '.join(_COLUMNS)} FROM v_ledger "
            "WHERE city = %(city)s AND submission = %(submission)s ORDER BY period",
            {"city": city_code, "submission": submission},
        )
        return None if found is None else [dict(zip(_COLUMNS, row, strict=True)) for row in found]

    def folded(self, city: int, records: Sequence[str]) -> bool:
        if not records:
            return True
        found = self._ask(
            "SELECT uniqExact(submission) FROM ledger "
            "WHERE city = %(city)s AND kind = 'register' AND submission IN %(records)s",
            {"city": city, "records": tuple(records)},
        )
        return found is not None and found[0][0] == len(records)

    def _ask(self, statement: str, facts: dict[str, Any]) -> list[Any] | None:
        """The rows; None while the store cannot be asked."""
        try:
            from storage.clickhouse import connect

            client = connect(self._url)
            try:
                return list(client.execute(statement, facts))
            finally:
                client.disconnect()
        except Exception as error:  # any fault of the store only makes the answer less exact
            _LOG.warning("ledger_unreadable", error=str(error))
            return None


def settled(rows: list[dict[str, Any]] | None) -> bool:
    """Whether every period of the submission is settled."""
    return bool(rows) and all(row["settled"] for row in rows or [])
