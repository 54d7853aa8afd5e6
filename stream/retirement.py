"""Retirement (注销): rows that end what a catalogue no longer has.

A figure, a completeness count or a name stands under its key until another row replaces it. Where a
new catalogue leaves a key out (an indicator, a level, a member, a measure, a standing, a due
instant), nothing would ever replace it; a row with `retired` 1 ends it instead. What is retired is
a function of the state before and after the record alone, so a replay retires the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from indicators.catalogue import Catalogue, Indicator, Table
from indicators.effects import figure_periods
from indicators.figures import Figures
from indicators.places import Level, Places
from indicators.vocabulary import CITY_LEVEL, UNIT_LEVEL
from stream.appraisal import keys_of_policies, retire_policies
from stream.dimensions import Dimension, of_catalogue
from stream.log_rows import add_dimensions
from stream.outcome import Entry
from stream.rows import add_retired_counts, add_retired_figures
from stream.state import CityState

Subject = tuple[str, str]  # code, and of a cross the code it is crossed with
Subjects = frozenset[Subject]


class FigureFamily(NamedTuple):
    """Figures alike but for period and subject."""

    city_code: str
    indicator_code: str
    measure: str
    level: str
    by_level: str
    standing: str


class CountFamily(NamedTuple):
    """Completeness counts alike but for period and subject."""

    city_code: str
    table_code: str
    level: str


@dataclass(slots=True)
class Keys:
    """Every key under which something stands. `ids`: indicator of a family, table of a family."""

    figures: dict[FigureFamily, dict[int, Subjects]] = field(default_factory=dict)
    counts: dict[CountFamily, dict[int, Subjects]] = field(default_factory=dict)
    names: dict[tuple[str, int, str, str], Dimension] = field(default_factory=dict)
    ids: dict[FigureFamily | CountFamily, int] = field(default_factory=dict)
    policies: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)


def keys_of(state: CityState) -> Keys:
    """What stands in this state: the keys that recomputation gives, and the catalogue's names.

    What locks keep is left out: it stands whatever the state.
    """
    keys = Keys()
    catalogue = state.catalogue
    if catalogue is None:
        return keys
    keys.names = {row[:4]: row for row in of_catalogue(catalogue, state.city)}
    subjects = SubjectSets(Places(catalogue, state.register))
    city = catalogue.city.code
    for table in catalogue.tables:
        opened = sorted(state.opened(table))
        for count in counts_of(catalogue, table):
            keys.ids[count] = table.id
            follow = [p for p in opened if not state.locks.keeps_counts(table.code, p)]
            keys.counts[count] = dict.fromkeys(follow, subjects.of(count.level))
        for indicator in catalogue.indicators:
            if indicator.table != table.code:
                continue
            periods = [
                period
                for period in sorted(figure_periods(indicator, set(opened)))
                if not state.locks.keeps(indicator, period)
            ]
            for figure, level in own_figures(city, indicator, table):
                keys.ids[figure] = indicator.id
                keys.figures[figure] = dict.fromkeys(periods, subjects.of(level))
    _add_quoted(state, catalogue, keys)
    keys.policies = keys_of_policies(state)
    return keys


def own_figures(
    city: str, indicator: Indicator, table: Table
) -> Iterator[tuple[FigureFamily, Level]]:
    """Families of the indicator's own figures, with the level of each."""
    for measure, level in product(indicator.measures, indicator.levels):
        if level != UNIT_LEVEL:
            one, other = level if isinstance(level, tuple) else (level, "")
            yield (
                FigureFamily(city, indicator.code, measure, one, other, table.standing.value),
                level,
            )


def counts_of(catalogue: Catalogue, table: Table) -> Iterator[CountFamily]:
    """Families of the table's completeness counts: of the city, and of groupings of its units."""
    groupings = (one.code for one in catalogue.groupings if table.unit_kind in one.unit_kinds)
    for level in (CITY_LEVEL, *groupings):
        yield CountFamily(catalogue.city.code, table.code, level)


def retire(state: CityState, entry: Entry, before: Keys) -> None:
    """End what stood before and stands no more. Written after the record's other figures."""
    after = keys_of(state)
    version = state.require_catalogue().version
    for figure, by_period in before.figures.items():
        gone = list(_gone(by_period, after.figures.get(figure, {})))
        add_retired_figures(
            entry.rows, gone, state.city, entry.version, entry.known_ms, version,
            indicator=before.ids[figure], **figure._asdict(),
        )  # fmt: skip
    for count, by_period in before.counts.items():
        gone = list(_gone(by_period, after.counts.get(count, {})))
        add_retired_counts(
            entry.rows, gone, state.city, entry.version, entry.known_ms,
            table_id=before.ids[count], **count._asdict(),
        )  # fmt: skip
    ended = {
        table: keys - after.policies.get(table, set()) for table, keys in before.policies.items()
    }
    retire_policies(state, ended, entry.rows, entry.version, entry.known_ms)
    names = [row for key, row in before.names.items() if key not in after.names]
    add_dimensions(state, entry, names, retired=True)


def _add_quoted(state: CityState, catalogue: Catalogue, keys: Keys) -> None:
    figures = Figures(catalogue, state.register, state.cube, state.calendar)
    for indicator in catalogue.indicators:
        periods = {p for quote in indicator.quoted for p in state.cube.periods(quote.table)}
        for period in sorted(periods):
            kept = state.locks.quotes_kept(indicator, period)
            for block in figures.quoted(indicator, period, kept):
                family = FigureFamily(
                    catalogue.city.code, indicator.code, block.measure, block.level,
                    block.by_level, block.standing.value,
                )  # fmt: skip
                keys.ids[family] = indicator.id
                subjects = zip(block.subjects, block.by_subjects, block.emit, strict=True)
                told = frozenset((one, other) for one, other, emit in subjects if emit)
                own = keys.figures.setdefault(family, {})
                own[period] = own.get(period, frozenset()) | told


class SubjectSets:
    """Subjects of each level as sets, made once."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._found: dict[Level, Subjects] = {}

    def of(self, level: Level) -> Subjects:
        found = self._found.get(level)
        if found is None:
            codes = self._places.subjects(level)
            found = self._found[level] = frozenset(zip(*codes, strict=True))
        return found


def _gone(
    before: Mapping[int, Subjects], after: Mapping[int, Subjects]
) -> Iterator[tuple[int, Subject]]:
    for period, subjects in before.items():
        for subject in sorted(subjects - after.get(period, frozenset())):
            yield period, subject
