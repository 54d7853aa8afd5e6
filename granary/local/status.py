"""How a running instance is: its parts, how far its cities lag, what the ledger counts."""

from pathlib import Path
from typing import Any, Final

from granary.local.instance import is_running, read_instance
from granary.local.probes import probe
from granary.topics import LogAwayError, end_offsets
from granary.wire import LOG_TOPIC

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


def status(data: Path) -> dict[str, Any]:
    """{state, parts, lag, counts}. Asks every part itself; what cannot be told is null.

    Raises:
        NotRunningError: nothing was ever started on that folder.
    """
    found = read_instance(data)
    running = is_running(data)
    parts = {}
    for name, part in found["parts"].items():
        health = probe(part["probe"]) if running and part["pid"] else None
        parts[name] = {
            "pid": part["pid"] if running else None,
            "ready": health is not None and health.ready,
            "restarts": part["restarts"],
            "last_progress_s": health.last_progress_s if health else None,
        }
    return {
        "state": found["state"] if running else "stopped",
        "parts": parts,
        "lag": _lag(found) if running else None,
        "counts": _counts(found["clickhouse_native"]) if running else None,
    }


def _lag(found: dict[str, Any]) -> dict[str, int] | None:
    """City → records of its log that its ledger has not passed."""
    from storage.control import cities, schema
    from storage.fold_reads import FoldReads

    try:
        ends = end_offsets(found["kafka"], LOG_TOPIC)
        with schema.engine(found["control"]).connect() as connection:
            known = cities.every(connection)
        reads = FoldReads(found["clickhouse_native"])
        return {
            city.code: ends.get(city.partition, 0) - reads.next_offset(city.id, city.generation)
            for city in known
        }
    except (LogAwayError, OSError, EOFError) as _unreachable:
        return None


def _counts(url: str) -> dict[str, int] | None:
    """Sums of v_ledger over everything."""
    from storage.clickhouse import connect

    columns = ", ".join(f"toInt64(sum({name}))" for name in COUNTS)
    try:
        client = connect(url)
        try:
            row = client.execute(f"SELECT {columns}, count() FROM v_ledger")[0]
        finally:
            client.disconnect()
    except (OSError, EOFError):
        return None
    return {**dict(zip(COUNTS, (int(value) for value in row), strict=False)), "rows": int(row[-1])}
