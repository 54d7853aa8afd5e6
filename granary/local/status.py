"""How a running instance is: its parts, how far its cities lag, what the ledger counts.

Asked most when something is broken, so nothing is waited for longer than some seconds.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from clickhouse_driver import Client
from clickhouse_driver.errors import Error as DriverError
from sqlalchemy.exc import SQLAlchemyError

from granary.keys import version_of
from granary.local.instance import is_running, read_instance
from granary.local.probes import Health, probe
from granary.topics import LOG_TOPIC, LogAwayError, end_offsets
from storage.clickhouse import connect
from storage.control import cities, schema

#: Columns of v_ledger that add up over submissions and periods.
COUNTS: Final = (
    "declared",
    "accepted",
    "rejected",
    "stored",
    "superseded",
    "quarantined",
    "dead",
    "pending",
)

#: How long the store may be silent; a living one tells its progress ten times a second.
_PATIENCE_S: Final = 3.0


def status(data: Path) -> dict[str, Any]:
    """{state, parts, lag, counts}. Asks every part itself; what cannot be told is null.

    Raises:
        NotRunningError: nothing was ever started on that folder.
    """
    found = read_instance(data)
    running = is_running(data)

    def ask(part: dict[str, Any]) -> Health | None:
        return probe(part["probe"]) if running and part["pid"] else None

    with ThreadPoolExecutor(len(found["parts"]) or 1) as asking:
        answers = list(asking.map(ask, found["parts"].values()))
    parts = {
        name: {
            "pid": part["pid"] if running else None,
            "ready": health is not None and health.ready,
            "restarts": part["restarts"],
            "last_progress_s": health.last_progress_s if health else None,
        }
        for (name, part), health in zip(found["parts"].items(), answers, strict=True)
    }
    return {
        "state": found["state"] if running else "stopped",
        "parts": parts,
        "lag": _lag(found) if running else None,
        "counts": _counts(found) if running else None,
    }


def _lag(found: dict[str, Any]) -> dict[str, int] | None:
    """City → records of its log that its ledger has not passed."""
    try:
        ends = end_offsets(found["kafka"], LOG_TOPIC)
        with schema.reading(found["control"]) as connection:
            known = cities.every(connection)
        with _store(found) as store:
            last = dict(store.execute("SELECT city, max(version) FROM ledger GROUP BY city"))
    except (LogAwayError, SQLAlchemyError, DriverError, OSError, EOFError):
        return None
    lag = {}
    for city in known:
        folded = int(last.get(city.id, -1)) + 1 - version_of(city.generation, 0)
        lag[city.code] = ends.get(city.partition, 0) - max(folded, 0)
    return lag


def _counts(found: dict[str, Any]) -> dict[str, int] | None:
    """Sums of v_ledger over everything."""
    columns = ", ".join(f"toInt64(sum({name}))" for name in COUNTS)
    try:
        with _store(found) as store:
            row = store.execute(f"SELECT {columns}, count() FROM v_ledger")[0]
    except (DriverError, OSError, EOFError):
        return None
    return {**dict(zip(COUNTS, (int(value) for value in row), strict=False)), "rows": int(row[-1])}


@contextmanager
def _store(found: dict[str, Any]) -> Iterator[Client]:
    client = connect(found["clickhouse_native"], patience_s=_PATIENCE_S)
    try:
        yield client
    finally:
        client.disconnect()
