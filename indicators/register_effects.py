"""What the register says of periods, and which figures a change of it can alter.

Pure. What it says of a period is a short picture; where two pictures differ, figures do.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.effects import feeding_tables, figure_periods, list_periods, touched_figures
from indicators.locks import Locks
from indicators.places import Places
from indicators.policies.told import PolicyPeriods
from indicators.register import Register

#: Table → periods that have figures.
Opened = Mapping[str, Set[int]]
Picture = bytes
#: Shorter than this, two states of a register might look alike by chance.
_DIGEST_BYTES = 16


def register_pictures(
    catalogue: Catalogue, register: Register, opened: Opened
) -> dict[tuple[str, int], Picture]:
    """(table, period) → digest, for every period that the figures of the periods opened read.

    Two pictures are equal if the same units are in scope and in the same members. Windows and
    growth read the list of earlier periods too, of which there need be neither observations nor a
    due instant. 10,000 units × 61 periods × three groupings take 20 ms.
    """
    pictures: dict[tuple[str, int], Picture] = {}
    digests: dict[int, tuple[object, bytes]] = {}  # by id() of what is kept beside
    policies = PolicyPeriods(catalogue, opened).figures_read()
    for table in catalogue.tables:
        quoted = _quoted(catalogue, register, table)
        attributes = _attributes(catalogue, register, table)
        for period in sorted(_read_periods(catalogue, table, opened[table.code], policies)):
            digest = blake2b(quoted, digest_size=_DIGEST_BYTES)
            digest.update(attributes)
            digest.update(_packed(register.scope(table, period)))
            for part in _memberships(catalogue, register, table, period, digests):
                digest.update(part)
            pictures[table.code, period] = digest.digest()
    return pictures


def _read_periods(
    catalogue: Catalogue, table: Table, opened: Set[int], policies: Mapping[str, set[int]]
) -> set[int]:
    """Periods whose list and memberships the table's figures read."""
    read = set(opened)
    for indicator in catalogue.indicators:
        if indicator.table == table.code:
            periods = figure_periods(indicator, opened) | policies.get(indicator.code, set())
            frequencies = {one.frequency for one in feeding_tables(catalogue, indicator)}
            for frequency in frequencies:
                read |= list_periods(indicator, frequency, periods)
    return read


def _packed(flags: Flags) -> bytes:
    """The flags in short; units that came since and are not flagged change nothing."""
    return np.packbits(flags).tobytes().rstrip(b"\0")


def _attributes(catalogue: Catalogue, register: Register, table: Table) -> bytes:
    """Which units have the attributes that derived values ask for."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for derived in catalogue.derived:
        when = derived.when
        if when is not None and when.attribute is not None:
            having = register.having(table.unit_kind, when.attribute, when.one_of, when.starts_with)
            digest.update(_packed(having))
    return digest.digest()


def _memberships(
    catalogue: Catalogue,
    register: Register,
    table: Table,
    period: int,
    digests: dict[int, tuple[object, bytes]],
) -> Iterator[bytes]:
    """A digest for each grouping; periods between two changes share one membership."""
    for grouping in catalogue.groupings:
        members = register.membership(table.unit_kind, grouping, period)
        found = digests.get(id(members))
        if found is None:
            digest = blake2b(members.units.tobytes(), digest_size=_DIGEST_BYTES)
            digest.update(members.starts.tobytes())
            found = digests[id(members)] = (members, digest.digest())
        yield found[1]


def _quoted(catalogue: Catalogue, register: Register, table: Table) -> bytes:
    """Which subjects of figures quoted from the table have a unit that could be quoted."""
    levels = {
        quote.level
        for indicator in catalogue.indicators
        for quote in indicator.quoted
        if quote.table == table.code
    }
    if not levels:
        return b""
    known = set(register.codes(table.unit_kind))
    places = Places(catalogue, register)
    return bytes(
        subject in known for level in sorted(levels) for subject in places.subjects(level)[0]
    )


@dataclass(slots=True)
class Stated:
    """Periods whose figures are stated anew, and those that stay because they are locked."""

    anew: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)

    def add(self, period: int, *, locked: bool) -> None:
        (self.kept if locked else self.anew).append(period)

    def __bool__(self) -> bool:
        return bool(self.anew or self.kept)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a change of the register touches: completeness by table, figures by indicator."""

    tables: dict[str, Stated]
    indicators: dict[str, Stated]

    def __bool__(self) -> bool:
        return bool(self.tables or self.indicators)


def touched_by_register(
    catalogue: Catalogue,
    before: Mapping[tuple[str, int], Picture],
    after: Mapping[tuple[str, int], Picture],
    opened: Opened,
    locks: Locks,
) -> Touched:
    """What is stated anew where the pictures differ, and what a lock keeps as it stands.

    Wide, as `indicators.effects` is: a figure named may turn out the same, none other can change.
    """
    moved: dict[str, dict[int, Flags]] = {}
    for (table, period), picture in after.items():
        if before.get((table, period)) != picture:
            moved.setdefault(table, {})[period] = np.ones(1, bool)
    tables: dict[str, Stated] = {}
    for table, periods in moved.items():
        stated = Stated()
        for period in sorted(periods.keys() & opened[table]):
            stated.add(period, locked=locks.keeps_counts(table, period))
        if stated:
            tables[table] = stated
    indicators: dict[str, Stated] = {}
    for indicator in catalogue.indicators:
        stated = _figures(catalogue, indicator, moved, opened, locks)
        if stated:
            indicators[indicator.code] = stated
    return Touched(tables, indicators)


def _figures(
    catalogue: Catalogue,
    indicator: Indicator,
    moved: Mapping[str, Mapping[int, Flags]],
    opened: Opened,
    locks: Locks,
) -> Stated:
    periods = figure_periods(indicator, opened[indicator.table])
    reached: set[int] = set()
    for measure in indicator.measures:
        reached |= touched_figures(catalogue, indicator, measure, moved, periods).keys()
    kept = {period for period in reached if locks.keeps(indicator, period)}
    anew = reached - kept
    for quote in indicator.quoted:
        for period in moved.get(quote.table, {}).keys() & opened[quote.table]:
            locked = quote.table in locks.quotes_kept(indicator, period)
            (kept if locked else anew).add(period)
    return Stated(sorted(anew), sorted(kept - anew))
