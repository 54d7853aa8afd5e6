"""Locked periods (锁定): which periods of tables are locked, and what they keep.

Pure. A lock keeps what stood when it was set: figures of the indicators whose own table it is, of
whatever standing a quote from the table has, and the completeness of the period. A longer period of
an indicator (a quarter or year of a monthly table) is kept when every own period in it is locked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from indicators.catalogue import Catalogue, Indicator, Table
from indicators.periods import Frequency, containing, frequency_of, within


@dataclass(frozen=True, eq=False)
class Lock:
    """A lock in force, as it holds one period of figures: the locked one, or a longer one.

    version: that of the record that set it, of the last of them for a longer period. catalogue: the
    one in force then, by which the figures it keeps were made; None where there was none.
    """

    table: str
    period: int
    version: int
    catalogue: Catalogue | None

    @cached_property
    def made_of(self) -> Table | None:
        """The table as it was when the lock was set."""
        return None if self.catalogue is None else self.catalogue.table.get(self.table)

    @cached_property
    def own(self) -> dict[int, Indicator]:
        """Indicators, by id, whose figures of the period it keeps: their own table is this."""
        return {
            one.id: one
            for one in (self.catalogue.indicators if self.catalogue else ())
            if one.table == self.table and self._has_period(one)
        }

    @cached_property
    def quoted(self) -> dict[int, Indicator]:
        """Indicators, by id, of which it keeps figures quoted from the table."""
        return {
            one.id: one
            for one in (self.catalogue.indicators if self.catalogue else ())
            if any(quote.table == self.table for quote in one.quoted) and not self._longer
        }

    @property
    def keeps_counts(self) -> bool:
        """Whether it keeps the completeness of its period."""
        return self.made_of is not None and not self._longer

    @property
    def _longer(self) -> bool:
        table = self.made_of
        return table is not None and table.frequency.finer(frequency_of(self.period))

    def _has_period(self, indicator: Indicator) -> bool:
        return not self._longer or frequency_of(self.period) in indicator.also


class Locks:
    """Locks in force, folded from the log's `lock` and `reopen` records in their order."""

    def __init__(self) -> None:
        self._set: dict[tuple[str, int], Lock] = {}
        self._holding: dict[int, dict[str, Lock]] = {}  # period of figures → table

    def lock(self, table: str, period: int, version: int, catalogue: Catalogue | None) -> bool:
        """Set a lock; False, and no effect, where the period is locked already.

        `catalogue` is the one in force. Versions are to grow from call to call.
        """
        if (table, period) in self._set:
            return False
        lock = self._set[table, period] = Lock(table, period, version, catalogue)
        self._hold(lock)
        frequency = frequency_of(period)
        for longer in Frequency:
            if frequency.finer(longer):
                whole = containing(period, longer)
                if all((table, part) in self._set for part in within(whole, frequency)):
                    self._hold(replace(lock, period=whole))
        return True

    def reopen(self, table: str, period: int) -> list[Lock]:
        """End a lock; what it held, longer periods included. Nothing where none is in force."""
        if self._set.pop((table, period), None) is None:
            return []
        frequency = frequency_of(period)
        longer = [containing(period, one) for one in Frequency if frequency.finer(one)]
        held = (self._holding.get(one, {}).pop(table, None) for one in (period, *longer))
        return [lock for lock in held if lock is not None]

    def locked(self, table: str, period: int) -> bool:
        """Whether observations of the table's period are refused."""
        return (table, period) in self._set

    def keeps(self, indicator: Indicator, period: int) -> bool:
        """Whether the indicator's own figures of the period stay as they stand."""
        held = self._holding.get(period)
        return held is not None and any(indicator.id in lock.own for lock in held.values())

    def quotes_kept(self, indicator: Indicator, period: int) -> set[str]:
        """Tables from which figures of the indicator are quoted that stay as they stand."""
        held = self._holding.get(period, {})
        return {table for table, lock in held.items() if indicator.id in lock.quoted}

    def keeps_counts(self, table: str, period: int) -> bool:
        """Whether the completeness of the table's period stays as it stands."""
        lock = self._set.get((table, period))
        return lock is not None and lock.keeps_counts

    def holding(self) -> Iterator[Lock]:
        """Every lock in force, once for each period of figures that it holds."""
        for held in self._holding.values():
            yield from held.values()

    def _hold(self, lock: Lock) -> None:
        self._holding.setdefault(lock.period, {})[lock.table] = lock
