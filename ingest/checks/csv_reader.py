"""CSV and tab-separated files, block by block: memory does not grow with the file."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from indicators.catalogue import Table
from ingest.checks.batches import BadRow, Batch, Column, UnreadableFileError
from ingest.checks.layout import Layout, layout_of

#: Bytes parsed at once; also the longest row there can be.
_BLOCK: Final = 1 << 20
#: Rows that are no rows before the file is not taken for a table at all.
_BAD_ROWS: Final = 50_000
#: Columns a table may have; a header beyond it is no header.
_COLUMNS: Final = 5_000
#: Of a header with as many of each the first is meant.
_DELIMITERS: Final = (",", "\t", ";")
#: Signs that separate columns in files no spreadsheet writes; only where none of those stands.
_OTHER_SEPARATORS: Final = ("，", "|", "、")
#: What an empty row of a spreadsheet consists of.
_EMPTY: Final = dict.fromkeys(map(ord, ',\t;"'))


def read_csv(path: Path, table: Table) -> Iterator[Batch]:
    """Batches of a UTF-8 file.

    Rows are numbered as a spreadsheet shows them: the header line counts, so do blank lines.

    Raises:
        UnreadableFileError: empty, no header that means something, not a table.
    """
    header, delimiter, skip, above, quotes = _header(path)
    layout = layout_of(header, table)
    bad = _BadRows(layout, delimiter, skip - above)
    try:
        with pa.csv.open_csv(
            path,
            read_options=pa.csv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK,
                skip_rows=skip,
                column_names=[str(number) for number in range(len(header))],
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quotes else False,
                newlines_in_values=quotes,
                ignore_empty_lines=False,
                invalid_row_handler=bad,
            ),
            convert_options=pa.csv.ConvertOptions(
                check_utf8=False,
                column_types={str(number): pa.string() for number in range(len(header))},
                strings_can_be_null=False,
            ),
        ) as reader:
            yield from _batches(reader, layout, bad, above)
    except pa.ArrowInvalid as error:
        said = str(error)
        if said.startswith(("Empty CSV file", "Could not skip initial")):
            return  # a header and nothing more
        if bad.seen > _BAD_ROWS:
            raise UnreadableFileError("too_many_bad_rows", limit=_BAD_ROWS) from error
        if "straddling" in said:
            raise UnreadableFileError("endless_row", limit=_BLOCK) from error
        raise UnreadableFileError("not_a_table", reason=said.splitlines()[0][:200]) from error


def _header(path: Path) -> tuple[list[str], str, int, int, bool]:
    """(names, delimiter, lines and rows up to and with the header, whether the file quotes).

    Lines end as the reader behind this ends them: at CR, LF or both. A form feed or a line
    separator of Unicode inside a name ends none, or as many rows would be skipped and lost.
    """
    with path.open("rb") as file:
        quotes = any(b'"' in block for block in iter(lambda: file.read(_BLOCK), b""))
    with path.open(encoding="utf-8-sig", newline="") as file:
        start = file.read(_BLOCK)
    lines = list(io.StringIO(start, newline=""))
    blank = 0
    while blank < len(lines) and not lines[blank].translate(_EMPTY).strip():
        blank += 1
    if blank == len(lines):
        raise UnreadableFileError("empty_file" if len(start) < _BLOCK else "no_header")
    delimiter = _delimiter(lines[blank])
    reader = csv.reader(lines[blank:], delimiter=delimiter)
    try:
        names = next(reader)
    except csv.Error as error:  # a name longer than any
        raise UnreadableFileError("no_header") from error
    skip = blank + reader.line_num
    if len(names) > _COLUMNS or sum(len(line.encode()) for line in lines[:skip]) >= _BLOCK:
        raise UnreadableFileError("no_header")
    if any("\0" in name for name in names):
        raise UnreadableFileError("not_text")
    if any(delimiter in name and ("\n" in name or "\r" in name) for name in names):
        raise UnreadableFileError("open_quote")
    return names, delimiter, skip, blank + 1, quotes


def _delimiter(header: str) -> str:
    """The sign between the columns.

    Raises:
        UnreadableFileError: one that is not read. Semicolons are known only to be refused: where
            they separate, a comma is the decimal sign, and 1,500 would be read a thousandfold.
    """
    delimiter = max(_DELIMITERS, key=header.count)
    if delimiter == ";":
        raise UnreadableFileError("semicolons")
    if not header.count(delimiter):
        for sign in _OTHER_SEPARATORS:
            if sign in header:
                raise UnreadableFileError("other_separator", sign=sign)
    return delimiter


class _BadRows:
    """Takes note of rows of another length; too many of them stop the reading."""

    def __init__(self, layout: Layout, delimiter: str, ahead: int) -> None:
        self.rows: list[BadRow] = []
        self.skipped: list[int] = []
        self.seen = 0
        self._layout = layout
        self._delimiter = delimiter
        self._ahead = ahead  # lines that the header has more than its one row

    def __call__(self, row: Any) -> str:
        self.seen += 1
        if self.seen > _BAD_ROWS:
            return "error"
        text = row.text
        number = int(row.number) - self._ahead if row.number is not None else 0
        self.skipped.append(number)
        if not text.strip():
            return "skip"
        filled = sum(1 for cell in text.split(self._delimiter) if cell.strip())
        cells = 1 if self._layout.long else max(1, filled - 1 - (self._layout.period >= 0))
        found, wanted = row.actual_columns, row.expected_columns
        more = found > wanted and self._delimiter == ","
        facts: dict[str, object] = {
            "found": found,
            "wanted": wanted,
            "hint_zh": "数中如有千位分隔逗号,请去掉。" if more else "",
            "hint_en": " Leave out commas inside numbers." if more else "",
        }
        swallowed = '"' in text and len(text.strip().splitlines()) > 1
        rule = "row_quotes" if swallowed else "row_length"
        self.rows.append(BadRow(number, rule, cells, facts))
        return "skip"

    def take(self) -> list[BadRow]:
        rows, self.rows = self.rows, []
        return rows

    def number(self, following: int, rows: int) -> NDArray[np.int64]:
        """Numbers of the next good rows from `following` on: those of skipped rows are left out.

        The reader may be a block ahead, so what was skipped after these rows is kept for later.
        """
        numbers = np.arange(following, following + rows + len(self.skipped), dtype=np.int64)
        numbers = np.setdiff1d(numbers, np.array(self.skipped, np.int64), assume_unique=True)[:rows]
        last = int(numbers[-1]) if rows else following - 1
        self.skipped = [number for number in self.skipped if number > last]
        return numbers


def _batches(reader: Any, layout: Layout, bad: _BadRows, above: int) -> Iterator[Batch]:
    following = above + 1
    ignored = layout.ignored
    for block in reader:
        rows = bad.number(following, block.num_rows)
        following = int(rows[-1]) + 1 if len(rows) else following
        yield _batch(block, rows, layout, bad.take(), ignored)
        ignored = ()
    left = bad.take()
    if left:
        nothing = pa.array([], pa.string())
        yield Batch(np.zeros(0, np.int64), nothing, None, (), left)


def _batch(
    block: Any,
    rows: NDArray[np.int64],
    layout: Layout,
    bad_rows: list[BadRow],
    ignored: tuple[str, ...],
) -> Batch:
    columns = (
        [Column("value", block.column(layout.item), block.column(layout.value))]
        if layout.long
        else [Column(label, label, block.column(at)) for at, label in layout.items]
    )
    periods = block.column(layout.period) if layout.period >= 0 else None
    return Batch(rows, block.column(layout.unit), periods, columns, bad_rows, ignored)
