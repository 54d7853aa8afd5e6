"""Recomputation (重算): every figure again from the stored observations, compared with what stands.

The state is read back from the store alone; nothing the live worker holds in memory is used. Sums,
counts, numerators, denominators and reasons must be equal, ratios to 1e-12. Both sides are as of
the version at which the ledger stood, so that a worker may go on meanwhile.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from granary.keys import version_of
from indicators.catalogue import Catalogue
from indicators.completeness import completeness_blocks
from indicators.effects import figure_periods
from indicators.figures import Figures
from indicators.periods import format_period
from indicators.vocabulary import GROWTHS, split_measure
from storage.check_rows import CHECKS
from storage.frame_rows import FRAME
from storage.standing import COMPLETENESS, FIGURES, POLICIES, Kind, Standing
from stream.appraisal import FLOATS, KINDS, appraised, has_policies
from stream.check_findings import standing_checks
from stream.fold import CityFold
from stream.frame_check import frame_apart, frame_unlike
from stream.kept_check import Columns, Kept
from stream.rows import Rows, add_completeness, add_figures

FigureKey = tuple[Any, ...]
_KEY = ("indicator", "period", "measure", "level", "subject", "by_level", "by_subject", "scope")
_EXACT = ("numerator", "denominator", "units", "expected_units", "reason", "provisional")
_COMPLETENESS_KEY = ("table_id", "period", "level", "subject")
_COMPLETENESS_EXACT = (
    "expected", "received", "on_time", "late", "missing", "value_expected", "value_received",
)  # fmt: skip
_RATIO_TOLERANCE = 1e-12
#: Periods that share window values; a new start after these bounds memory.
_PERIODS_TOGETHER = 24


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is not what recomputation gives."""

    check: str
    city: str
    what: str
    expected: str
    found: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Checked:
    """Figures that stood, those among them that locks keep, and what differs.

    What a lock keeps is held to what stood when it was set, everything else to recomputation.
    """

    figures: int
    locked: int
    differences: list[Difference]


def recomputed(fold: CityFold) -> Rows:
    """Every figure and completeness count of the state but those that locks keep, as rows."""
    rows = Rows()
    catalogue = fold.catalogue
    if catalogue is None:
        return rows
    for table in catalogue.tables:
        opened = fold.opened(table)
        due = {
            indicator.code: {
                period
                for period in figure_periods(indicator, opened)
                if not fold.locks.keeps(indicator, period)
            }
            for indicator in catalogue.indicators
            if indicator.table == table.code
        }
        for number, period in enumerate(sorted(opened.union(*due.values()))):
            if number % _PERIODS_TOGETHER == 0:
                figures = Figures(catalogue, fold.cube.register, fold.cube, fold.calendar)
            for indicator in catalogue.indicators:
                if period in due.get(indicator.code, ()):
                    for measure in indicator.measures:
                        for block in figures.of(indicator, period, measure, None):
                            add_figures(rows, block, fold.city, 0, 0, catalogue)
                if any(quote.table == table.code for quote in indicator.quoted):
                    kept = fold.locks.quotes_kept(indicator, period)
                    for block in figures.quoted(indicator, period, kept):
                        add_figures(rows, block, fold.city, 0, 0, catalogue)
            if period not in opened or fold.locks.keeps_counts(table.code, period):
                continue
            for completeness in completeness_blocks(
                catalogue, fold.cube.register, fold.cube, fold.calendar, table, period, None
            ):
                add_completeness(rows, completeness, fold.city, 0, 0, catalogue)
    return rows


def checked(fold: CityFold, standing: Standing) -> Checked:
    """Everything that stood when the fold's ledger did. Blocks; nothing is written."""
    catalogue = fold.catalogue
    if catalogue is None:
        return Checked(0, 0, [])
    upto = version_of(fold.generation, fold.next_offset)
    figures = standing.rows(FIGURES, fold.city, upto)
    counts = standing.rows(COMPLETENESS, fold.city, upto)
    following, locked = Kept(FIGURES, fold.locks).parted(figures)
    found = list(
        compare(
            catalogue, recomputed(fold), following, Kept(COMPLETENESS, fold.locks).parted(counts)[0]
        )
    )
    found += compare_locked(
        fold, figures, counts, lambda kind, at, among: standing.rows(kind, fold.city, at, among)
    )
    found += compare_checks(fold, standing.rows(CHECKS, fold.city, upto))
    policies = {kind.current: standing.rows(kind, fold.city, upto) for kind in POLICIES}
    found += compare_policies(fold, policies)
    found += compare_frame(
        fold, {one.current: standing.rows(one, fold.city, upto) for one in FRAME}
    )
    for kind in FRAME:
        apart = frame_apart(kind, standing.apart(kind, fold.city, upto))
        found += (Difference(one.check, catalogue.city.code, *one[1:]) for one in apart)
    for kind in (FIGURES, COMPLETENESS, CHECKS, *POLICIES):
        found += _apart(catalogue, kind, standing.apart(kind, fold.city, upto))
    return Checked(len(figures["period"]), len(locked["period"]), found)


def compare_locked(
    fold: CityFold,
    figures: Columns,
    counts: Columns,
    stood: Callable[[Kind, int, Sequence[int]], Columns],
) -> Iterator[Difference]:
    """Differences between what locks keep of the columns that stand, and what stood when locked.

    `stood` gives the rows of some periods that stood before a version.
    """
    catalogue = fold.require_catalogue()
    for kind, rows, values in (
        (FIGURES, figures, (*_EXACT, "value")),
        (COMPLETENESS, counts, _COMPLETENESS_EXACT),
    ):
        kept = Kept(kind, fold.locks)
        then = {
            key: row
            for columns in kept.then(stood)
            for key, row in keyed(columns, kind.key, values).items()
        }
        now = keyed(kept.parted(rows)[1], kind.key, values)
        yield from _compared(f"locked_{kind.current}", catalogue, then, now)


def _apart(
    catalogue: Catalogue, kind: Kind, apart: Iterable[tuple[FigureKey, int, int]]
) -> Iterator[Difference]:
    for key, current, last in apart:
        yield Difference(
            kind.current,
            catalogue.city.code,
            _name(key),
            f"as version {last} of the history",
            f"version {current}" if current else "absent",
        )


def compare_policies(
    fold: CityFold, stood: Mapping[str, Mapping[str, Any]]
) -> Iterator[Difference]:
    """Differences between results of the policies made anew and columns that stood, by table."""
    catalogue = fold.catalogue
    if catalogue is None:
        return
    made: dict[str, list[dict[str, Any]]] = {table: [] for table in KINDS}
    if has_policies(catalogue):
        figures = Figures(catalogue, fold.cube.register, fold.cube, fold.calendar)
        made = appraised(fold, figures, None)
    for table, kind in KINDS.items():
        rows = {tuple(row[name] for name in kind.key): row for row in made[table]}
        expected = {at: {name: row[name] for name in kind.values} for at, row in rows.items()}
        found = keyed(stood.get(kind.current, {}), kind.key, kind.values)
        yield from _compared(table, catalogue, expected, found)


def compare_frame(fold: CityFold, stood: Mapping[str, Columns]) -> Iterator[Difference]:
    """Differences between frame coverage told anew and columns that stood, by current table."""
    catalogue = fold.catalogue
    if catalogue is not None:
        for one in frame_unlike(fold.frame, fold.register, catalogue, stood):
            yield Difference(one.check, catalogue.city.code, *one[1:])


def compare_checks(fold: CityFold, stood: Mapping[str, Any]) -> Iterator[Difference]:
    """Differences between findings of checks judged anew and columns that stood.

    The same function of the same cells gives the same floats, so rows are compared whole.
    """
    catalogue = fold.catalogue
    if catalogue is not None:
        expected = {key: _as_one(row) for key, row in standing_checks(fold).items()}
        found = keyed(stood, CHECKS.key, CHECKS.values)
        there = {key: _as_one(row) for key, row in found.items()}
        yield from _compared("check", catalogue, expected, there)


def _as_one(row: Mapping[str, Any]) -> dict[str, Any]:
    told = [value if isinstance(value, str) else float(value) for value in row.values()]
    return {"reason": str(told)}


def keyed(
    rows: Mapping[str, Any], key: tuple[str, ...], values: tuple[str, ...]
) -> dict[FigureKey, dict[str, Any]]:
    """Columns as key → named values."""
    if not rows:
        return {}
    named = (*key, *values)
    return {
        line[: len(key)]: dict(zip(values, line[len(key) :], strict=True))
        for line in zip(*(_plain(rows[name]) for name in named), strict=True)
    }


def compare(
    catalogue: Catalogue,
    recomputed_rows: Rows,
    stored_figures: Mapping[str, Any],
    stored_completeness: Mapping[str, Any],
) -> Iterator[Difference]:
    """Differences between recomputed rows and columns that stood (figures, completeness)."""
    tables = set(recomputed_rows.tables())
    figure_key = (*_KEY, "standing")
    figure_values = (*_EXACT, "value")
    expected = recomputed_rows.columns("figure_current") if "figure_current" in tables else {}
    yield from _compared(
        "figure",
        catalogue,
        keyed(expected, figure_key, figure_values),
        keyed(stored_figures, figure_key, figure_values),
    )
    counts = "completeness_current"
    expected = recomputed_rows.columns(counts) if counts in tables else {}
    yield from _compared(
        "completeness",
        catalogue,
        keyed(expected, _COMPLETENESS_KEY, _COMPLETENESS_EXACT),
        keyed(stored_completeness, _COMPLETENESS_KEY, _COMPLETENESS_EXACT),
    )
    yield from _city_is_sum_of_parts(catalogue, keyed(stored_figures, figure_key, figure_values))


def _compared(
    check: str,
    catalogue: Catalogue,
    expected: dict[FigureKey, dict[str, Any]],
    found: dict[FigureKey, dict[str, Any]],
) -> Iterator[Difference]:
    for key, values in expected.items():
        there = found.get(key)
        if there is None:
            yield Difference(check, catalogue.city.code, _name(key), str(values), "absent")
        elif not _alike(values, there):
            yield Difference(check, catalogue.city.code, _name(key), str(values), str(there))
    for key, values in found.items():
        # What a catalogue no longer has is retired, so nothing else may stand.
        if key not in expected:
            yield Difference(check, catalogue.city.code, _name(key), "absent", str(values))


def _city_is_sum_of_parts(
    catalogue: Catalogue, found: dict[FigureKey, dict[str, Any]]
) -> Iterator[Difference]:
    """Numerators of a partition's members add up to the city's, where every unit has a member.

    Figures quoted from elsewhere are whose they are: they need not add up.
    """
    own = {one.id: catalogue.table[one.table].standing.value for one in catalogue.indicators}
    ratios = {one.id for one in catalogue.indicators if one.is_ratio}
    partitions = {group.code for group in catalogue.groupings if group.partition}
    sums: dict[FigureKey, dict[str, int]] = {}
    units: dict[FigureKey, dict[str, int]] = {}
    for key, values in found.items():
        indicator, period, measure, level, _, by_level = key[:6]
        if by_level or values["numerator"] is None or level not in partitions | {"city"}:
            continue
        if key[8] != own.get(int(indicator)):
            continue
        if int(indicator) in ratios and split_measure(str(measure))[1] in GROWTHS:
            continue  # both sides are ratios, and ratios do not add
        at = (indicator, period, measure, key[8])
        by = sums.setdefault(at, {})
        by[level] = by.get(level, 0) + int(values["numerator"])
        count = units.setdefault(at, {})
        count[level] = count.get(level, 0) + int(values["units"])
    for at, by in sums.items():
        for level, total in by.items():
            same_units = units[at].get("city") == units[at][level]
            if level != "city" and "city" in by and same_units and total != by["city"]:
                yield Difference(
                    "city_is_sum", catalogue.city.code, f"{at} {level}", str(by["city"]), str(total)
                )


def _alike(expected: dict[str, Any], found: dict[str, Any]) -> bool:
    for name, value in expected.items():
        other = found[name]
        if name in FLOATS:
            if not _close(value, other):
                return False
        elif isinstance(value, str):
            if value != other:
                return False
        elif (value is None) != (other is None) or (value is not None and int(value) != int(other)):
            return False
    return True


def _close(value: float | None, other: float | None) -> bool:
    one = math.nan if value is None else value
    two = math.nan if other is None else other
    if math.isnan(one) or math.isnan(two):
        return math.isnan(one) and math.isnan(two)
    return math.isclose(one, two, rel_tol=_RATIO_TOLERANCE, abs_tol=1e-300)


def _plain(column: Any) -> list[Any]:
    return column.tolist() if hasattr(column, "tolist") else list(column)


def _name(key: FigureKey) -> str:
    period = format_period(int(key[1]))
    return " ".join(str(part) for part in (key[0], period, *key[2:]) if part != "")
