"""Writes sheets as the CSV files that reporters push, and the manifest that says in which order."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from granary.simulate.enterprises import Ints
from granary.simulate.plan import Plan
from granary.simulate.policies import live_periods
from granary.simulate.sheets import Sheet
from indicators.catalogue import Catalogue
from indicators.periods import format_period, period_end

MANIFEST: Final = "data.json"
_OPTIONS: Final = pa_csv.WriteOptions(include_header=False, quoting_style="none")
#: Of a table without a due time: so long after the period's end it is taken to be due.
_USUAL_DAYS: Final = 10
_EARLIEST: Final = 6


@dataclass(slots=True)
class File:
    """One file to push. `day` and `arrives` are None for history, which is sent first of all.

    arrives: days from the due day, negative before it; late from 1 on. due: as in calendar.yaml.
    """

    file: str
    reporter: str
    table: str
    period: str | None
    due: str | None
    day: str | None
    arrives: int | None
    rows: int = 0


class Writer:
    """Appends sheets to files below `data/`, one reporter and table each.

    History is a file a year, live periods a file each, and rows that come late a file of their own.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        catalogue: Catalogue,
        codes: Mapping[str, Sequence[str]],
        late_files: Mapping[tuple[str, str, int], int],
    ) -> None:
        """`codes`: kind → codes by position. `late_files`: (reporter, table, period) → days."""
        self._plan, self._folder, self._catalogue = plan, folder, catalogue
        self._codes = {kind: pa.array(list(names), pa.string()) for kind, names in codes.items()}
        self._live = {
            table.code: frozenset(live_periods(plan, table.frequency.value))
            for table in catalogue.tables
        }
        self._due = {(due.table, due.period): due.report_by for due in catalogue.calendar}
        self._late_files = late_files
        self.files: dict[str, File] = {}

    def put(self, sheet: Sheet) -> None:
        """Append the sheet's rows to the files of their reporters."""
        if not len(sheet.units):
            return
        late = np.zeros(len(sheet.units), np.int64) if sheet.late is None else sheet.late
        order = np.lexsort((np.arange(len(late)), late, sheet.reporter))
        text = self._text(sheet).take(pa.array(order))
        reporter, late = sheet.reporter[order], late[order]
        begins = np.flatnonzero(
            np.append(True, (reporter[1:] != reporter[:-1]) | (late[1:] != late[:-1]))
        )
        for start, end in zip(begins, np.append(begins[1:], len(order)), strict=True):
            code = sheet.reporters[int(reporter[start])]
            file = self._file(code, sheet, int(late[start]))
            file.rows += int(end - start)
            out = BytesIO()
            pa_csv.write_csv(text.slice(start, end - start), out, _OPTIONS)
            with (self._folder / file.file).open("ab") as opened:
                opened.write(out.getbuffer())

    def _text(self, sheet: Sheet) -> pa.Table:
        table = self._catalogue.table[sheet.table]
        unit = (
            self._codes[table.unit_kind].take(pa.array(sheet.units))
            if sheet.written is None
            else pa.array(sheet.written.tolist(), pa.string())
        )
        period = pa.array([format_period(sheet.period)] * len(sheet.units), pa.string())
        columns = {"unit": unit, "period": period}
        for item, column in sheet.columns.items():
            columns[item] = decimals(column.values, column.decimals)
        return pa.table(columns)

    def _file(self, reporter: str, sheet: Sheet, late: int) -> File:
        period = format_period(sheet.period)
        live = period in self._live[sheet.table]
        name = f"{sheet.table}.{period if live else period[:4]}"
        if late:
            name += f".late{late}"
        path = f"data/{reporter}/{name}.csv"
        found = self.files.get(path)
        if found is None:
            found = self.files[path] = self._new(
                path, reporter, sheet, period if live else None, late
            )
            target = self._folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(",".join(("unit", "period", *sheet.columns)) + "\n", encoding="utf-8")
        return found

    def _new(self, path: str, reporter: str, sheet: Sheet, period: str | None, late: int) -> File:
        if period is None:
            return File(path, reporter, sheet.table, None, None, None, None)
        due = self._due.get((sheet.table, period))
        day = (
            date.fromisoformat(due[:10])
            if due
            else period_end(sheet.period) + timedelta(days=_USUAL_DAYS)
        )
        early = int(self._plan.chance("arrival", reporter, sheet.table, period).integers(_EARLIEST))
        days = late or self._late_files.get((reporter, sheet.table, sheet.period), -early)
        arrives = (day + timedelta(days=days)).isoformat()
        return File(path, reporter, sheet.table, period, due, arrives, days)

    def manifest(self) -> list[File]:
        """Files in the order to push: history by year, then by day of arrival."""
        tables = {table.code: at for at, table in enumerate(self._catalogue.tables)}

        def order(file: File) -> tuple[str, str, int, str]:
            year = file.file.rsplit(".", 2)[-2] if file.day is None else "~"
            return (year, file.day or "", tables[file.table], file.reporter)

        return sorted(self.files.values(), key=order)

    def write_manifest(self, extra: Mapping[str, object]) -> None:
        """data.json: the plan's facts and every file."""
        body = {**extra, "files": [asdict(file) for file in self.manifest()]}
        text = json.dumps(body, ensure_ascii=False, indent=1)
        (self._folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def decimals(values: Ints, places: int) -> pa.Array:
    """Whole numbers of the last place as decimal texts: 1234 with one place is 123.4."""
    if places == 0:
        return pc.cast(pa.array(values), pa.string())
    wide = np.empty((len(values), 2), np.int64)  # 128 bits, low half first
    wide[:, 0], wide[:, 1] = values, values >> 63
    return pc.cast(
        pa.Array.from_buffers(pa.decimal128(19, places), len(values), [None, pa.py_buffer(wide)]),
        pa.string(),
    )


def decimal_text(value: int, places: int) -> str:
    """One such number as text."""
    if not places:
        return str(value)
    whole, part = divmod(abs(value), 10**places)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{places}d}"
