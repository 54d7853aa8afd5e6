"""What locks keep, as keys: so that it is retired where a reopened period has it no more."""

from collections.abc import Iterable

from indicators.locks import Lock
from indicators.places import Places
from stream.retirement import (
    FigureFamily,
    Keys,
    Subjects,
    SubjectSets,
    counts_of,
    own_figures,
)
from stream.state import CityState


def kept_keys(state: CityState, locks: Iterable[Lock]) -> Keys:
    """Every key that the locks kept, by the catalogue in force when each was set.

    Where nothing stood under a key, ending it says nothing new.
    """
    keys = Keys()
    for lock in locks:
        catalogue, table = lock.catalogue, lock.made_of
        if catalogue is None or table is None:
            continue
        subjects = SubjectSets(Places(catalogue, state.register))
        city = catalogue.city.code
        for one in lock.own.values():
            if state.locks.keeps(one, lock.period):
                continue  # another table's lock keeps it still
            for figure, level in own_figures(city, one, table):
                _add(keys, figure, one.id, lock.period, subjects.of(level))
        known = set(state.register.codes(table.unit_kind))
        for one in lock.quoted.values():
            for level in {quote.level for quote in one.quoted if quote.table == table.code}:
                figure = FigureFamily(city, one.code, "current", level, "", table.standing.value)
                there = frozenset(subject for subject in subjects.of(level) if subject[0] in known)
                _add(keys, figure, one.id, lock.period, there)
        if lock.keeps_counts:
            for count in counts_of(catalogue, table):
                keys.ids[count] = table.id
                keys.counts.setdefault(count, {})[lock.period] = subjects.of(count.level)
    return keys


def _add(keys: Keys, figure: FigureFamily, id_: int, period: int, subjects: Subjects) -> None:
    keys.ids[figure] = id_
    by_period = keys.figures.setdefault(figure, {})
    by_period[period] = by_period.get(period, frozenset()) | subjects
