"""A log folded in memory: what stands afterwards, and whether recomputation agrees."""

from collections.abc import Sequence
from typing import Any

from indicators.catalogue import Catalogue
from storage.check_rows import CHECKS
from storage.frame_rows import FRAME
from storage.standing import COMPLETENESS, FIGURES, Kind
from stream.appraisal import KINDS
from stream.fold import CityFold
from stream.kept_check import Kept
from stream.outcome import Outcome
from stream.recompute import (
    Difference,
    compare,
    compare_checks,
    compare_frame,
    compare_locked,
    compare_policies,
    recomputed,
)
from stream.records import decode
from stream.recovery import recover
from tests.indicators.cities import catalogue, unit
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore

UNITS = [row for at in range(6) for row in unit(f"u{at}", "XY"[at % 2])]
FIGURE_KEY = ("indicator", "period", "measure", "level", "subject", "by_subject")
FIGURE_ROW = ("city_code", "indicator_code", *FIGURE_KEY[1:], "by_level", "scope", "standing")
COUNT_ROW = ("city_code", "table_code", "period", "level", "subject")


def fold(log: Log, store: MemoryStore | None = None, *, at: CityFold | None = None) -> CityFold:
    """Fold the log from where `at` stands, keeping every row in the store."""
    store = store or MemoryStore()
    city = at or CityFold(log.city, 0, store, 10**9)
    for message in log.messages[city.next_offset :]:
        outcome = Outcome()
        city.apply(message, decode(message), outcome)
        city.cube.release(outcome.held)
        store.keep(outcome.rows)
    return city


def begun(given_catalogue: Catalogue | None = None) -> Log:
    """A log with a catalogue and six units."""
    log = Log()
    log.catalogue(given_catalogue or catalogue())
    log.register(UNITS)
    return log


def standing(store: MemoryStore, table: str, key: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows as the table's engine shows them: the last of each key, unless that one ends it."""
    last = {tuple(row[name] for name in key): row for row in store.tables.get(table, [])}
    return [row for row in last.values() if not row["retired"]]


def in_force(store: MemoryStore, table: str) -> dict[str, list[Any]]:
    """Columns of `figure_current` or `completeness_current` as its engine shows them."""
    return _columns(standing(store, table, FIGURE_ROW if table == "figure_current" else COUNT_ROW))


def stood(store: MemoryStore, kind: Kind, upto: int, periods: Sequence[int]) -> dict[str, Any]:
    """Columns of what stood before a version, of some periods, as the histories tell."""
    past = MemoryStore()
    past.tables[kind.history] = [
        row
        for row in store.tables.get(kind.history, [])
        if row["version"] < upto and row["period"] in periods
    ]
    return _columns(standing(past, kind.history, FIGURE_ROW if kind is FIGURES else COUNT_ROW))


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def differences(log: Log, store: MemoryStore) -> list[Difference]:
    """What recomputation finds otherwise than it stands, from the store alone."""
    city = recover(store, log.city, 0, 10**9)
    assert city.catalogue is not None
    figures, counts = in_force(store, "figure_current"), in_force(store, "completeness_current")
    (following, _), (counted, _) = (
        Kept(kind, city.locks).parted(rows)
        for kind, rows in ((FIGURES, figures), (COMPLETENESS, counts))
    )
    return [
        *compare(city.catalogue, recomputed(city), following, counted),
        *compare_locked(
            city, figures, counts, lambda kind, upto, among: stood(store, kind, upto, among)
        ),
        *compare_policies(city, policies_in_force(store)),
        *compare_checks(city, _columns(standing(store, "check_current", CHECKS.key))),
        *compare_frame(
            city,
            {kind.current: _columns(standing(store, kind.current, kind.key)) for kind in FRAME},
        ),
    ]


def policies_in_force(store: MemoryStore) -> dict[str, dict[str, list[Any]]]:
    """Columns of the tables of policies as their engine shows them."""
    shown = {}
    for kind in KINDS.values():
        rows = standing(store, kind.current, ("city_code", *kind.key))
        names = rows[0] if rows else ()
        shown[kind.current] = {name: [row[name] for row in rows] for name in names}
    return shown


def figures(store: MemoryStore) -> dict[Any, Any]:
    """Figures in force, without what names the record that wrote them."""
    return {
        tuple(row[name] for name in FIGURE_KEY): {
            k: str(v) for k, v in row.items() if k not in ("version", "known_from")
        }
        for row in standing(store, "figure_current", FIGURE_ROW)
    }
