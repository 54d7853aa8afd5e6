"""Whether a submission has settled: read from the public ledger, where the store can be reached."""

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


class NoLedger:
    """Where there is no store."""

    def rows(self, city_code: str, submission: str) -> list[dict[str, Any]] | None:
        return None


class StoreLedger:
    """The real one. The store may be down: a receipt is told nonetheless."""

    def __init__(self, url: str) -> None:
        self._url = url

    def rows(self, city_code: str, submission: str) -> list[dict[str, Any]] | None:
        try:
            from storage.clickhouse import connect

            client = connect(self._url)
            try:
                found = client.execute(
                    f"SELECT {', '.join(_COLUMNS)} FROM v_ledger "
                    "WHERE city = %(city)s AND submission = %(submission)s ORDER BY period",
                    {"city": city_code, "submission": submission},
                )
            finally:
                client.disconnect()
        except Exception as error:  # any fault of the store only makes the answer less exact
            _LOG.warning("ledger_unreadable", error=str(error))
            return None
        return [dict(zip(_COLUMNS, row, strict=True)) for row in found]


def settled(rows: list[dict[str, Any]] | None) -> bool:
    """Whether every period of the submission is settled."""
    return bool(rows) and all(row["settled"] for row in rows or [])
