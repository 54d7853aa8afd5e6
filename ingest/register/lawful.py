"""Whether the register would still be a lawful one: judged by the readers of register files.

What the touched units would be is written out as register files, in which a submitted row stands on
its own line and what is in force on lines behind them all; so the readers' faults lead back to the
rows, and a submitted file is bound by the very rules of a loaded one.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from catalog.changes import RegisterState
from catalog.errors import Fault, RegisterError
from catalog.register import (
    CORRESPONDENCE_COLUMNS,
    CORRESPONDENCES,
    LIST_COLUMNS,
    LIST_DECISIONS,
    MEMBERSHIP_COLUMNS,
    MEMBERSHIPS,
    UNITS,
    register_of,
)
from indicators.catalogue import Catalogue
from indicators.register import KEY_PREFIX, LIST_GROUPING
from ingest.register.proposals import Proposed

Unit = tuple[str, str]
_ROW: Final = re.compile(r"(by row |, row |on row )(\d+)")
_ROW_ZH: Final = re.compile(r"第(\d+)行")
_HEADER: Final = 1


@dataclass(frozen=True, slots=True)
class Unlawful:
    """A fault and the submitted rows that make it; no rows: it makes the whole file unreadable."""

    rows: tuple[int, ...]
    column: str
    en: str
    zh: str

    @property
    def rule(self) -> str:
        """What kind of fault it is, as findings name it."""
        if "check digit" in self.en:
            return "wrong_check_digit"
        if "is not a date" in self.en:
            return "not_a_date"
        if "already by" in self.en:
            return "overlap"
        return "unlawful"


@dataclass(slots=True)
class _File:
    """Lines of one register file: (line, cells); `whose` tells the unit of a line."""

    columns: Sequence[str]
    lines: dict[int, Sequence[str]] = field(default_factory=dict)
    whose: dict[int, Unit] = field(default_factory=dict)

    def text(self) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        at = _HEADER
        for line in sorted(self.lines):
            out.write("\n" * (line - at - 1))
            writer.writerow(self.lines[line])
            at = line
        return out.getvalue().encode()


def unlawful(
    catalogue: Catalogue, before: RegisterState, after: RegisterState, asked: Sequence[Proposed]
) -> list[Unlawful]:
    """Faults of the register after the rows, less those that it had before.

    `before` and `after` hold the units that the rows touch and those that these depend on.
    """
    found, files = _faults(catalogue, after, asked)
    if not found:
        return []
    last = _last(asked)
    old, old_files = _faults(catalogue, before, ())
    had = {(fault.file, _unit_of(fault, old_files), fault.field) for fault in old}
    rows_of: dict[Unit, list[int]] = {}
    for one in asked:
        rows_of.setdefault(one.unit, []).append(one.row)
    lawless = []
    for fault in found:
        unit = _unit_of(fault, files)
        submitted = _HEADER < fault.line <= last
        if (not submitted or fault.file == UNITS) and (fault.file, unit, fault.field) in had:
            continue
        named = [int(row) for _, row in _ROW.findall(fault.en)]
        rows = [row for row in (fault.line, *named) if _HEADER < row <= last]
        if not rows and unit is not None:
            rows = rows_of.get(unit, [])
        if rows or fault.line <= _HEADER:
            lawless.append(Unlawful(tuple(rows), fault.field, *_told(fault, last)))
    return lawless


def _told(fault: Fault, last: int) -> tuple[str, str]:
    """Both sentences, in which a line behind the submitted rows is the register in force."""
    en = _ROW.sub(
        lambda m: m[0] if int(m[2]) <= last else m[1].replace("row ", "the register in force"),
        fault.en,
    )
    zh = _ROW_ZH.sub(lambda m: m[0] if int(m[1]) <= last else "现行名录", fault.zh)
    return en.replace(f"in {UNITS}", "in the register"), zh.replace(UNITS, "名录")


def _unit_of(fault: Fault, files: dict[str, _File]) -> Unit | None:
    return files[fault.file].whose.get(fault.line)


def _last(asked: Iterable[Proposed]) -> int:
    return max((one.row for one in asked), default=_HEADER)


def _faults(
    catalogue: Catalogue, state: RegisterState, asked: Sequence[Proposed]
) -> tuple[Sequence[Fault], dict[str, _File]]:
    rows = {}
    for one in asked:
        for change in one.changes:
            rows[change.kind, change.code, change.grouping, change.member, change.valid_from] = (
                one.row
            )
    files = _written(state, rows, _last(asked))
    contents = {name: file.text() for name, file in files.items()}
    try:
        register_of(contents, catalogue)
    except RegisterError as error:
        return error.faults, files
    return (), files


def _written(
    state: RegisterState, rows: dict[tuple[str, str, str, str, str], int], last: int
) -> dict[str, _File]:
    own = dict.fromkeys(name for _, told in state.units.values() for name, _ in told)
    columns = ("kind", "code", "name", *own)
    files = {
        UNITS: _File(columns),
        MEMBERSHIPS: _File(MEMBERSHIP_COLUMNS),
        LIST_DECISIONS: _File(LIST_COLUMNS),
        CORRESPONDENCES: _File(CORRESPONDENCE_COLUMNS),
    }
    behind = last
    for unit, (name, attributes) in state.units.items():
        told = dict(attributes)
        behind += 1
        line = rows.get((*unit, "", "", ""), behind)
        files[UNITS].lines[line] = [*unit, name, *(told.get(column, "") for column in own)]
        files[UNITS].whose[line] = unit
    for unit, file, span, cells in _span_lines(state):
        behind += 1
        line = rows.get((*unit, *span), behind)
        files[file].lines[line] = cells
        files[file].whose[line] = unit
    return files


def _span_lines(
    state: RegisterState,
) -> Iterator[tuple[Unit, str, tuple[str, str, str], Sequence[str]]]:
    for unit, spans in state.spans.items():
        for span, (valid_to, attributes) in spans.items():
            grouping, member, valid_from = span
            if grouping == LIST_GROUPING:
                told = dict(attributes)
                more = (told.get(column, "") for column in LIST_COLUMNS[4:])
                yield unit, LIST_DECISIONS, span, [*unit, valid_from, valid_to, *more]
            elif grouping.startswith(KEY_PREFIX):
                scheme = grouping.removeprefix(KEY_PREFIX)
                cells = [scheme, member, *unit, valid_from, valid_to]
                yield unit, CORRESPONDENCES, span, cells
            else:
                yield unit, MEMBERSHIPS, span, [*unit, grouping, member, valid_from, valid_to]
