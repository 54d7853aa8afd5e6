"""What must hold of a cell: an item of the table, a number that can be kept, a possible sign."""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from granary.keys import MISSING, NOT_APPLICABLE, REPORTED
from indicators.catalogue import Catalogue, Table
from indicators.items import Item
from ingest.checks.batches import Batch, Column
from ingest.checks.gathered import ColumnNames, Gathered, Numbers
from ingest.checks.layout import item_names
from ingest.checks.numbers import FINER, HUGE, NOT_A_NUMBER, hint, parse_numbers, rounded
from ingest.checks.tally import Facts, Flags, Tally
from ingest.checks.width import plain

#: Meaning of a cell that declares nothing.
BLANK: Final = -1
_STATUS: Final = {"missing": MISSING, "not_applicable": NOT_APPLICABLE}


class CellChecks:
    """Numbers items as they are met, judges cells by them, and gathers the good ones.

    `item_ids` are the stored ids of the numbers handed out so far, 0 for what is no item;
    `labels` are what findings call the columns of the cells taken.
    """

    def __init__(self, catalogue: Catalogue, table: Table, tally: Tally) -> None:
        self._catalogue = catalogue
        self._table = table
        self._tally = tally
        self._names = item_names(catalogue, table)
        self._items, self.labels = ColumnNames(), ColumnNames()
        self.item_ids: list[int] = []
        self._rules = np.zeros((3, 0), np.int64)  # step, limit in 10^-4, lowest value
        self.taken = Gathered()
        tokens = {"": "blank"} | dict(table.tokens)
        self._tokens = pa.array(list(tokens), pa.string())
        self._token_status = np.array([_STATUS.get(m, BLANK) for m in tokens.values()], np.int8)

    def meaning(self, column: Column) -> tuple[Any, NDArray[np.int8]]:
        """(trimmed texts, per row: blank, status of an empty-like token, else reported)."""
        text = pc.utf8_trim_whitespace(column.values)
        token = pc.fill_null(pc.index_in(text, self._tokens), -1).to_numpy(zero_copy_only=False)
        status = np.where(token >= 0, self._token_status[token], np.int8(REPORTED))
        return text, status.astype(np.int8)

    def judge(
        self,
        batch: Batch,
        column: Column,
        text: Any,
        meaning: NDArray[np.int8],
        unit: Numbers,
        period: Numbers,
        at: NDArray[np.intp],
    ) -> None:
        """Judge the column's cells in the rows `at`, which declare something and are good rows."""
        if isinstance(column.items, str):
            item = np.full(len(at), self._items.number(column.items), np.int32)
        else:
            item = self._items.of(column.items.take(pa.array(at)))
        self._learn_items()
        status = meaning[at]
        if len(at) < len(text):
            text = text.take(pa.array(at))
        numbers = status == REPORTED
        parsed = parse_numbers(text if numbers.all() else pc.if_else(pa.array(numbers), text, "0"))
        value, kind = parsed.value, parsed.kind
        step, limit, lowest = self._rules[:, item]
        good = np.ones(len(at), bool)

        def name(k: int) -> str:
            return self._items.texts[int(item[k])]

        def refuse(rule: str, bad: Flags, facts: Facts, label: str = "") -> None:
            which = np.flatnonzero(bad & good)
            if len(which):
                places = at[which]
                self._tally.refuse(
                    rule,
                    batch.rows[places],
                    lambda k: label or column.label or name(k),
                    period[places],
                    np.ones(len(which), np.int64),
                    which,
                    facts,
                )
                good[which] = False

        refuse(
            "unknown_item",
            step == 0,
            lambda k: {
                "text": name(k),
                "table": self._table.code,
                "table_zh": self._table.name.zh,
            },
            "item" if column.label == "value" else "",
        )
        refuse("not_a_number", kind == NOT_A_NUMBER, lambda k: _hinted(text[k].as_py()))
        refuse(
            "too_many_decimals",
            (kind == FINER) | ((kind == 0) & (value % np.maximum(step, 1) != 0)),
            lambda k: self._rounding(text[k].as_py(), name(k)),
        )
        refuse(
            "beyond_limit",
            (kind == HUGE) | (np.abs(value) > limit),
            lambda k: {
                "text": text[k].as_py(),
                "limit": f"{limit[k] // 10**4:,}",
                "unit": self._item(name(k)).unit,
            },
        )
        refuse("negative", value < lowest, lambda k: {"text": text[k].as_py(), "item": name(k)})
        places = at[good]
        taken = self.taken
        taken.unit.append(unit[places])
        taken.period.append(period[places])
        taken.item.append(item[good])
        taken.value.append(value[good])
        taken.status.append(status[good])
        taken.row.append(batch.rows[places])
        if column.label:
            taken.label.append(np.full(len(places), self.labels.number(column.label), np.int32))
        else:  # a cell is called by its item
            known = np.array([self.labels.number(text) for text in self._items.texts], np.int32)
            taken.label.append(known[item[good]])

    def _learn_items(self) -> None:
        for text in self._items.texts[len(self.item_ids) :]:
            code = self._names.get(plain(text))
            if code is None:
                self.item_ids.append(0)
                rules = [0, 2**62, -(2**62)]
            else:
                item = self._catalogue.item[code]
                self.item_ids.append(item.id)
                lowest = 0 if item.sign == "not_negative" else -(2**62)
                rules = [10 ** (4 - item.decimals), item.limit * 10**4, lowest]
            self._rules = np.column_stack([self._rules, np.array(rules, np.int64)])

    def _rounding(self, text: str, item: str) -> dict[str, object]:
        decimals = self._item(item).decimals
        return {
            "text": text,
            "decimals": decimals,
            "places_zh": f"最多{decimals}位小数" if decimals else "应为整数",
            "rounded": rounded(text, decimals),
        }

    def _item(self, text: str) -> Item:
        """The item a file calls so."""
        return self._catalogue.item[self._names[plain(text)]]


def _hinted(text: str) -> dict[str, object]:
    chinese, english = hint(text)
    return {"text": text, "hint_zh": chinese, "hint_en": english}
