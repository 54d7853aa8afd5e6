"""What must hold of a row before its cells are looked at: 单位 unit, 报告期 period, 权限 right."""

from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from granary.keys import unit_id
from indicators.arrays import Index
from indicators.catalogue import Reporter, Table
from indicators.errors import PeriodError
from indicators.periods import (
    FIRST_YEAR,
    LAST_YEAR,
    Frequency,
    PeriodOutsideError,
    format_period,
    frequency_of,
    parse_period,
)
from ingest.checks.batches import Batch, UnreadableFileError
from ingest.checks.gathered import ColumnNames, Numbers
from ingest.checks.judgement import NO_PERIOD
from ingest.checks.keys import FileKeys
from ingest.checks.locked import NO_LOCKS, LockNotices
from ingest.checks.rights import Rights
from ingest.checks.tally import Facts, Flags, Ints, Tally
from ingest.checks.width import plain
from ingest.findings import quoted

_FREQUENCY_ZH: Final = {
    Frequency.MONTH: "为月报",
    Frequency.QUARTER: "为季报",
    Frequency.YEAR: "为年报",
}


class RowChecks:
    """Numbers units and periods as they are met, and judges each distinct one once.

    `unit_ids` and `tally.period_ids` are the stored ids of the numbers handed out so far.
    """

    def __init__(
        self,
        rights: Rights,
        table: Table,
        reporter: Reporter,
        period: str,
        tally: Tally,
        locks: LockNotices = NO_LOCKS,
        keys: FileKeys | None = None,
    ) -> None:
        self._keys = keys
        self._rights = rights
        self._table = table
        self._reporter = reporter
        self._asked = period
        self._tally = tally
        self._locks = locks
        self._units, self._periods = ColumnNames(), ColumnNames()
        self.unit_ids: list[int] = []
        self._unit_index: Index = np.zeros(0, np.int32)
        self._period_rules: list[str] = []

    @property
    def unit_texts(self) -> list[str]:
        """What the file calls the unit of each number handed out."""
        return self._units.texts

    def units(self, batch: Batch) -> Numbers:
        """(rows,) number of each row's unit."""
        known = len(self._units.texts)
        unit = self._units.of(batch.units)
        new = self._units.texts[known:]
        if new and self._keys is not None:
            self.unit_ids += self._keys.learn(new)
        elif new:
            ids = [unit_id(self._table.unit_kind, code.strip()) for code in new]
            index = self._rights.index_of(np.array(ids, np.uint64))
            for at in np.flatnonzero(index < 0):  # perhaps typed in full-width letters
                folded = unit_id(self._table.unit_kind, plain(new[at]))
                found = self._rights.index_of(np.array([folded], np.uint64))[0]
                if found >= 0:
                    ids[at], index[at] = folded, found
            self.unit_ids += ids
            self._unit_index = np.concatenate([self._unit_index, index])
        return unit

    def periods(self, batch: Batch) -> Numbers:
        """(rows,) number of each row's period; the request's where the row names none.

        Raises:
            UnreadableFileError: neither the file nor the request names any.
        """
        if batch.periods is not None:
            texts = batch.periods
            if self._asked:
                texts = pc.if_else(pc.equal(pc.utf8_trim_whitespace(texts), ""), self._asked, texts)
            period = self._periods.of(texts)
        elif self._asked:
            number = self._periods.number(self._asked)
            period = np.full(len(batch.rows), number, np.int32)
        else:
            raise UnreadableFileError("no_period")
        for text in self._periods.texts[len(self._period_rules) :]:
            number, rule = self._read_period(text)
            self._tally.period_ids.append(number)
            self._period_rules.append(rule)
        return period

    def _read_period(self, text: str) -> tuple[int, str]:
        try:
            number = parse_period(plain(text))
        except PeriodOutsideError:
            return NO_PERIOD, "period_outside"
        except PeriodError:
            return NO_PERIOD, "unknown_period"
        if frequency_of(number) is not self._table.frequency:
            return number, "wrong_frequency"
        if self._asked and self._asked != text:
            try:
                if parse_period(plain(self._asked)) != number:
                    return number, "period_differs"
            except PeriodError:
                pass
        return number, ""

    def judge(self, batch: Batch, unit: Numbers, period: Numbers, declared: Ints) -> Flags:
        """(rows,) whether unit, period and right hold; refuses the others with all their cells."""
        good = declared > 0

        def refuse(rule: str, bad: Flags, column: str, facts: Facts) -> None:
            at = np.flatnonzero(bad & good)
            if len(at):
                self._tally.refuse(
                    rule, batch.rows[at], lambda _: column, period[at], declared[at], at, facts
                )
                good[at] = False

        if self._keys is None:
            index = self._unit_index[unit]
            refuse("unknown_unit", index < 0, "unit", lambda at: self._unknown(unit[at]))
        else:
            bad = ~self._keys.lawful(unit)
            refuse("bad_key", bad, "unit", lambda at: {"text": self._units.texts[unit[at]]})
        rules: Any = np.array(self._period_rules, object)
        for rule in ("unknown_period", "period_outside", "wrong_frequency", "period_differs"):
            refuse(
                rule,
                (rules == rule)[period],
                "period",
                lambda at: {
                    "text": self._periods.texts[period[at]],
                    "table": self._table.code,
                    "table_zh": self._table.name.zh,
                    "frequency": self._table.frequency.value,
                    "frequency_zh": _FREQUENCY_ZH[self._table.frequency],
                    "wanted": self._asked,
                    "first": FIRST_YEAR,
                    "last": LAST_YEAR,
                },
            )
        ids = np.array(self._tally.period_ids, np.int32)[period]
        judged = good
        if self._keys is not None:
            index = self._keys.unit_of(unit, ids, good)
            judged = good & (index >= 0)  # whose unit a key without one is, nobody knows yet
        refuse(
            "no_right_on_unit",
            ~self._rights.allowed(index, ids, judged),
            "unit",
            lambda at: {
                "text": self._units.texts[unit[at]],
                "period": format_period(int(ids[at])),
                "reporter": self._reporter.code,
                "reporter_zh": self._reporter.name.zh,
            },
        )
        self._refuse_locked(good, ids, declared)
        return good

    def _refuse_locked(self, good: Flags, ids: Index, declared: Ints) -> None:
        """Refuse what is left of locked periods; one finding for each of these, not one a row."""
        for period in sorted(self._locks.keys() & set(ids.tolist())):
            at = np.flatnonzero(good & (ids == period))
            if len(at):
                lock = self._locks[period]
                self._tally.refuse_period(
                    "period_locked",
                    period,
                    int(declared[at].sum()),
                    {
                        "period": format_period(period),
                        "table": self._table.code,
                        "table_zh": self._table.name.zh,
                        "since": lock.since,
                        "by": lock.by,
                        "reason": lock.reason,
                    },
                )
                good[at] = False

    def _unknown(self, unit: int) -> dict[str, object]:
        """Facts of a unit that is not there; people write its name for its code."""
        text = self._units.texts[unit]
        code = self._rights.code_of(plain(text))
        return {
            "text": text,
            "hint_zh": f"名录中名为“{quoted(text)}”的单位代码是“{code}”,请填代码。" if code else "",
            "hint_en": f" The unit of that name has the code '{code}'." if code else "",
        }
