"""What locks keep, as keys: so that it is retired where a reopened period has it no more."""

from collections.abc import Iterable
from itertools import product

from indicators.locks import Lock
from indicators.places import Places
from indicators.vocabulary import CITY_LEVEL, UNIT_LEVEL
from stream.retirement import CountFamily, FigureFamily, Keys, Subjects
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
        places = Places(catalogue, state.register)
        city = catalogue.city.code
        for one in lock.own.values():
            if state.locks.keeps(one, lock.period):
                continue  # another table's lock keeps it still
            for measure, level in product(one.measures, one.levels):
                if level == UNIT_LEVEL:
                    continue
                first, second = level if isinstance(level, tuple) else (level, "")
                figure = FigureFamily(city, one.code, measure, first, second, table.standing.value)
                _add(keys, figure, one.id, lock.period, _subjects(places, level))
        known = set(state.register.codes(table.unit_kind))
        for one in lock.quoted.values():
            for level in {quote.level for quote in one.quoted if quote.table == table.code}:
                figure = FigureFamily(city, one.code, "current", level, "", table.standing.value)
                there = frozenset(
                    subject for subject in _subjects(places, level) if subject[0] in known
                )
                _add(keys, figure, one.id, lock.period, there)
        if lock.keeps_counts:
            groupings = [g.code for g in catalogue.groupings if table.unit_kind in g.unit_kinds]
            for place in (CITY_LEVEL, *groupings):
                count = CountFamily(city, table.code, place)
                keys.ids[count] = table.id
                keys.counts.setdefault(count, {})[lock.period] = _subjects(places, place)
    return keys


def _add(keys: Keys, figure: FigureFamily, id_: int, period: int, subjects: Subjects) -> None:
    keys.ids[figure] = id_
    by_period = keys.figures.setdefault(figure, {})
    by_period[period] = by_period.get(period, frozenset()) | subjects


def _subjects(places: Places, level: str | tuple[str, str]) -> Subjects:
    return frozenset(zip(*places.subjects(level), strict=True))
