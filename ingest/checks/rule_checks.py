"""What must hold between the cells of one return (审核规则): the catalogue's rules that it decides.

Only rules all of whose operands are items of the table in the file's own period are judged here;
others, and those whose operands came in earlier files, are judged where everything is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from granary.keys import REPORTED
from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Table
from indicators.checks.compiling import Check
from indicators.checks.evaluation import FALSE, applied
from indicators.checks.facts import FactTexts
from indicators.checks.findings import message_facts
from indicators.checks.tree import Outside, Read, Reported, Text, WrittenText, every
from ingest.checks.gathered import Numbers, ranked
from ingest.checks.tally import Tally


@dataclass(frozen=True, slots=True, eq=False)
class FileCells:
    """Good cells of a file, all (n,): numbers of unit, period and label, ids of items.

    `unit_ids`, `period_ids`: the id of each number; a file may write one unit in two ways.
    """

    unit: Numbers
    period: Numbers
    item: NDArray[np.uint32]
    label: Numbers
    row: NDArray[np.int64]
    value: NDArray[np.int64]
    status: NDArray[np.int8]
    unit_ids: list[int]
    period_ids: list[int]
    unit_texts: list[str]
    labels: list[str]


class RuleChecks:
    """The rules that a file of the table can break by itself."""

    def __init__(self, catalogue: Catalogue, table: Table, tally: Tally) -> None:
        self._catalogue = catalogue
        self._tally = tally
        checks = [
            check
            for check in catalogue.compiled_checks
            if check.rule.table == table.code and check.within_return and check.reads
        ]
        # What is refused is told first, should the receipt have no room for everything.
        self._checks = sorted(checks, key=lambda check: check.rule.severity != "hard")
        for check in self._checks:
            rule = check.rule
            tally.findings.learn(rule_name(check), rule.message.zh, rule.message.en, rule.severity)

    def __bool__(self) -> bool:
        return bool(self._checks)

    def look_at(self, item_ids: NDArray[np.uint32]) -> Flags:
        """Which of the items some rule reads; cells of others need not be brought."""
        read = {self._catalogue.item[one.item].id for check in self._checks for one in check.reads}
        return np.isin(item_ids, np.array(sorted(read), np.uint32))

    def judge(self, cells: FileCells) -> Flags:
        """(n,) cells refused: those a broken hard rule names. Broken soft ones are only listed."""
        refused = np.zeros(len(cells.unit), bool)
        if not len(refused):
            return refused
        returns = _Returns(self._catalogue, cells)
        for check in self._checks:
            self._rule(check, cells, returns, refused)
        return refused

    def _rule(self, check: Check, cells: FileCells, returns: "_Returns", refused: Flags) -> None:
        judged = applied(check.condition, check.when, returns, returns.count)
        broken = np.flatnonzero((judged.truth == FALSE) & returns.tell(check))
        if not len(broken):
            return
        items = [node.item for node in every(check.condition) if isinstance(node, Read)]
        places = np.stack([returns.places(item)[broken] for item in dict.fromkeys(items)])
        there = places >= 0
        if not there.any(axis=0).all():  # nothing of the rule is in some of these returns
            broken, places = broken[there.any(axis=0)], places[:, there.any(axis=0)]
            there = places >= 0
        counts = np.zeros(len(broken), np.int64)
        if check.rule.severity == "hard":
            counts = (there & ~refused[places]).sum(axis=0)
            refused[places[there]] = True
        # A finding stands at the cell of the first operand that the file has.
        shown = places[there.argmax(axis=0), np.arange(len(broken))]
        order = np.argsort(cells.row[shown], kind="stable")
        facts = FactTexts(check, returns)
        self._tally.refuse(
            rule_name(check),
            cells.row[shown][order],
            lambda k: cells.labels[cells.label[shown[k]]],
            cells.period[shown][order],
            counts[order],
            order,
            lambda k: {
                **facts.at(int(broken[k])),
                **message_facts(
                    cells.unit_texts[cells.unit[shown[k]]],
                    self._tally.period_ids[cells.period[shown[k]]],
                    judged,
                    int(broken[k]),
                ),
            },
        )


def rule_name(check: Check) -> str:
    """What findings call a rule of the catalogue; no rule of the door has such a name."""
    return f"check:{check.rule.code}"


class _Returns:
    """`evaluation.Operands`: each unit and period of the file is one return."""

    def __init__(self, catalogue: Catalogue, cells: FileCells) -> None:
        self._catalogue = catalogue
        self._cells = cells
        units, unit_rank = ranked(cells.unit_ids, np.uint64)
        _, period_rank = ranked(cells.period_ids, np.int32)
        keys = period_rank[cells.period] * len(units) + unit_rank[cells.unit]
        distinct, self._of = np.unique(keys, return_inverse=True)
        self.count = len(distinct)
        self._places: dict[str, NDArray[np.intp]] = {}

    def places(self, item: str) -> NDArray[np.intp]:
        """(returns,) where the item's cell stands, -1 where the file has none."""
        found = self._places.get(item)
        if found is None:
            found = self._places[item] = np.full(self.count, -1, np.intp)
            at = np.flatnonzero(self._cells.item == self._catalogue.item[item].id)
            found[self._of[at]] = at
        return found

    def tell(self, check: Check) -> Flags:
        """(returns,) those that hold every item whose being reported the rule asks for.

        What the file leaves out may stand from an earlier file.
        """
        told = np.ones(self.count, bool)
        for root in (check.condition, check.when):
            for node in every(root) if root is not None else ():
                if isinstance(node, Reported):
                    told &= self.places(node.of.item) >= 0
        return told

    def read(self, read: Read, /) -> tuple[NDArray[Any], Flags]:
        """(returns,) values and whether there is one."""
        places = self.places(read.item)
        has = (places >= 0) & (self._cells.status[places] == REPORTED)
        return np.where(has, self._cells.value[places], 0), has

    def outside(self, node: Outside, /) -> tuple[NDArray[Any], Flags]:
        """None: a rule that looks beyond the return is not judged here."""
        return np.zeros(self.count, np.int64), np.zeros(self.count, bool)

    def texts(self, node: Text, /) -> Sequence[str]:
        """What the rule itself writes; the register is not looked at here."""
        return [node.text if isinstance(node, WrittenText) else ""]
