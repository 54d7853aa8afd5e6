"""What the register says of a period, in short: to see which figures a change of it can alter."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b

import numpy as np

from indicators.catalogue import Catalogue, Table
from indicators.effects import feeding_tables, figure_periods, list_periods
from indicators.places import Places
from indicators.policies.told import PolicyPeriods
from indicators.register import Register
from stream.state import CityState

Picture = bytes
#: Shorter than this, two states of a register might look alike by chance.
_DIGEST_BYTES = 16


def register_pictures(state: CityState) -> dict[tuple[str, int], Picture]:
    """(table, period) → digest, for every period that the figures in force read.

    Two pictures are equal if the same units are in scope and in the same members. Windows and
    growth read the list of earlier periods too, of which there need be neither observations nor a
    due instant. 10,000 units × 61 periods × three groupings take 20 ms.
    """
    catalogue = state.catalogue
    if catalogue is None:
        return {}
    pictures: dict[tuple[str, int], Picture] = {}
    digests: dict[int, tuple[object, bytes]] = {}  # by id() of what is kept beside
    opened_by = {table.code: state.opened(table) for table in catalogue.tables}
    policies = PolicyPeriods(catalogue, opened_by).figures_read()
    for table in catalogue.tables:
        quoted = _quoted(catalogue, state.register, table)
        attributes = _attributes(catalogue, state.register, table)
        for period in sorted(_read_periods(catalogue, table, opened_by[table.code], policies)):
            digest = blake2b(quoted, digest_size=_DIGEST_BYTES)
            digest.update(attributes)
            digest.update(np.packbits(state.register.scope(table, period)).tobytes())
            for part in _memberships(catalogue, state.register, table, period, digests):
                digest.update(part)
            pictures[table.code, period] = digest.digest()
    return pictures


def _read_periods(
    catalogue: Catalogue, table: Table, opened: set[int], policies: Mapping[str, set[int]]
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


def _attributes(catalogue: Catalogue, register: Register, table: Table) -> bytes:
    """Which units have the attributes that derived values ask for."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for derived in catalogue.derived:
        when = derived.when
        if when is not None and when.attribute is not None:
            having = register.having(table.unit_kind, when.attribute, when.one_of, when.starts_with)
            digest.update(np.packbits(having).tobytes())
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
