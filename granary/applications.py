"""Files of applications (申请) to come into a zone: CSV with many, YAML or JSON with one or many.

All of a call's files are read, or none: every fault is told with file, row and column. A blank,
`/` or a dash says nothing; it is neither zero nor a declaration that a rule is not for the project.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Final

from catalog.errors import ApplicationError, Fault
from granary.application_rows import Row, rows_of
from indicators.access.headings import Heading, headings, plain
from indicators.access.models import Access, Input, Named, Sector
from indicators.access.results import Application, Value
from indicators.access.scopes import Standpoint
from indicators.access.zones import gone, zone_types
from indicators.catalogue import Catalogue
from ingest.checks.numbers import exact_number, hint

_NOTHING: Final = frozenset({"", "/", "-", "—", "——", "－"})
_FLAGS: Final = {
    **dict.fromkeys(("是", "yes", "true", "1"), True),
    **dict.fromkeys(("否", "no", "false", "0"), False),
}
_CLASS: Final = re.compile(r"[A-Ta-t]?([0-9]{4})")
_EDITION: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
#: How alike an unknown heading must be to a known one to be taken for a slip.
_ALIKE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Given:
    """What the files hold. `ignored` are columns that no rule reads."""

    applications: tuple[Application, ...]
    ignored: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    """What cells are read by, and what was found so far."""

    policy: Access
    known: dict[str, Heading]
    zones: dict[str, str]  # name or code → code
    type_of: dict[str, str]
    gone: dict[str, tuple[str, ...]]  # zones that are not there in the policy's year
    zone: str | None  # of applications that name none
    faults: list[Fault] = field(default_factory=list)
    ignored: dict[str, None] = field(default_factory=dict)
    slips: set[tuple[str, str]] = field(default_factory=set)

    def find(self, row: Row, column: str, en: str, zh: str) -> None:
        line = row.lines.get(column, row.line)
        self.faults.append(Fault(row.file, line, row.prefix + column, en, zh))


def read_rows(paths: Iterable[Path]) -> tuple[list[Row], list[Fault]]:
    """Rows of all the files, in their order, and what is wrong with the files' form.

    Raises:
        OSError: a file cannot be read.
    """
    rows: list[Row] = []
    faults: list[Fault] = []
    for path in paths:
        of_file, wrong = rows_of(path)
        if not of_file and not wrong:
            wrong = [Fault(path.name, 0, "", "no application in it", "没有申请")]
        rows += of_file
        faults += wrong
    return rows, faults


def applications_of(
    rows: Iterable[Row],
    catalogue: Catalogue,
    policy: Access,
    zone: str | None = None,
    faults: Iterable[Fault] = (),
) -> Given:
    """The applications that rows hold; `faults` of reading them are told with those found here.

    Raises:
        ApplicationError: there is any fault.
    """
    reading = _reading(catalogue, policy, zone)
    reading.faults += faults
    found: list[Application] = []
    first: dict[str, Row] = {}
    for row in rows:
        application = _application(row, reading)
        before = first.setdefault(application.code, row)
        if before is not row and application.code:
            place = f"{before.file}:{before.line or before.prefix.rstrip('.')}"
            en = f"{application.code!r} is at {place} already"
            reading.find(row, "project", en, f"项目代码{application.code!r}与{place}重复")
        found.append(application)
    if reading.faults:
        raise ApplicationError("the applications have faults:", reading.faults)
    return Given(tuple(found), tuple(reading.ignored))


def _reading(catalogue: Catalogue, policy: Access, zone: str | None) -> _Reading:
    grouping = catalogue.grouping.get(policy.zone_grouping)
    members = grouping.members if grouping is not None else []
    zones = {
        plain(text): one.code for one in members for text in (one.name.en, one.name.zh, one.code)
    }
    types = zone_types(catalogue, policy)
    closed = gone(catalogue, policy)
    reading = _Reading(policy, dict(headings(policy)), zones, types, closed, None)
    if zone is not None:
        reading.zone, wrong = _zone(zone, reading)
        reading.faults += [Fault("--zone", 0, "", *said) for said in wrong]
    return reading


def _zone(text: str, reading: _Reading) -> tuple[str | None, list[tuple[str, str]]]:
    """The zone that is called so, and what is wrong with it, in English and Chinese."""
    zone = reading.zones.get(plain(text))
    if zone is None:
        return None, [(f"no zone {text!r}", f"没有功能区{text!r}")]
    if zone not in reading.gone:
        return zone, []
    year, heirs = reading.policy.year, ", ".join(reading.gone[zone])
    en = f"zone {zone!r} is not there in {year}" + (f"; its successors: {heirs}" if heirs else "")
    zh = f"{year}年没有功能区{zone!r}" + (f",其后继为{heirs}" if heirs else "")
    return zone, [(en, zh)]


def _application(row: Row, reading: _Reading) -> Application:
    fields: dict[str, tuple[str, str]] = {}  # field → column, text
    values: dict[str, Value] = {}
    columns: dict[str, str] = {}
    for column, text in row.cells.items():
        heading = reading.known.get(plain(column))
        if heading is None:
            _unknown(row, column, reading)
            continue
        if text.strip() in _NOTHING:
            continue
        name = heading.field or (heading.input.code if heading.input is not None else "")
        other = columns.setdefault(name, column)
        if other != column:
            en = f"the column {other!r} says it too"
            reading.find(row, column, en, f"与“{other}”列重复填写,只填一列")
        elif heading.input is None:
            fields[name] = (column, text.strip())
        else:
            value = _value(row, column, text.strip(), heading, heading.input, reading)
            if value is not None:
                values[name] = value
    code = fields.get("project", ("", ""))[1]
    if not code or len(code) > 64 or not code.isprintable():
        reading.find(
            row, "project", "needs a code of up to 64 signs", "须填写项目代码,至多64个字符"
        )
    name = " ".join(fields.get("name", ("", ""))[1].split())
    if not name.isprintable():
        reading.find(row, "name", "has signs that cannot be shown", "含有无法显示的字符")
    edition = _edition(row, fields, reading)
    return Application(code, name, _standpoint(row, fields, edition, reading), edition, values)


def _unknown(row: Row, column: str, reading: _Reading) -> None:
    """A heading close to a known one is a slip, told once a file; another is left aside."""
    near = get_close_matches(plain(column), reading.known, n=1, cutoff=_ALIKE)
    if not near:
        reading.ignored[column] = None
    elif (row.file, column) not in reading.slips:
        reading.slips.add((row.file, column))
        en = f"no such column; is it {near[0]!r}?"
        zh = f"没有这一列,是否为“{near[0]}”?"
        reading.faults.append(
            Fault(row.file, row.heading or row.lines.get(column, 0), row.prefix + column, en, zh)
        )


def _value(
    row: Row, column: str, text: str, heading: Heading, one: Input, reading: _Reading
) -> Value | None:
    if one.kind == "flag":
        flag = _FLAGS.get(plain(text))
        if flag is None:
            reading.find(row, column, f"{text!r}: write 是 or 否", f"{text!r}:应填是或否")
        return flag
    if one.kind == "choice":
        if text in one.choices:
            return text
        choices = "、".join(one.choices)
        reading.find(row, column, f"{text!r} is none of {choices}", f"{text!r}:应为{choices}之一")
        return None
    number = exact_number(text)
    if number is None:
        zh, en = hint(text)
        unit = heading.unit or "1"
        reading.find(
            row, column, f"{text!r} is no number in {unit}.{en}", f"{text!r}不是数字({unit})。{zh}"
        )
        return None
    exact = Fraction(number)
    if exact < 0 and not one.negative:
        reading.find(row, column, f"{text} is below zero", f"{text}不得为负")
    elif (exact * 10**heading.decimals).denominator != 1:
        en = f"{text} has more than {heading.decimals} decimals"
        reading.find(row, column, en, f"{text}超过{heading.decimals}位小数")
    else:
        return exact * heading.factor
    return None


def _edition(row: Row, fields: Mapping[str, tuple[str, str]], reading: _Reading) -> str | None:
    column, text = fields.get("class_edition", ("", ""))
    if not text:
        return None
    found = _EDITION.search(text)
    if found is None:
        reading.find(row, column, f"{text!r} names no year", f"{text!r}:应写版本年份,如2017")
    return None if found is None else found.group()


def _standpoint(
    row: Row, fields: Mapping[str, tuple[str, str]], edition: str | None, reading: _Reading
) -> Standpoint:
    """Where the project stands under the rules, from its fields: column and text of each."""
    policy = reading.policy
    zone = reading.zone
    column, text = fields.get("zone", ("", ""))
    if text:
        zone, wrong = _zone(text, reading)
        for said in wrong:
            reading.find(row, column, *said)
    column, text = fields.get("zone_type", ("", ""))
    kind = _named(policy.zone_types, text)
    if text and kind is None:
        reading.find(row, column, f"no zone type {text!r}", f"没有功能区类型{text!r}")
    of_zone = reading.type_of.get(zone or "")
    if kind is not None and of_zone is not None and kind != of_zone:
        en = f"the zone {zone!r} is of type {of_zone!r}"
        reading.find(row, column, en, f"功能区{zone!r}的类型是{of_zone!r}")
    column, text = fields.get("class_code", ("", ""))
    digits = _CLASS.fullmatch(text)
    if text and digits is None:
        en = f"{text!r} is no class: four digits of GB/T 4754"
        reading.find(row, column, en, f"{text!r}不是行业小类代码:应为四位数字")
    class_code = digits.group(1) if digits else None
    comparable = class_code if edition in (None, policy.edition) else None
    sector = _sector(row, fields, comparable, reading)
    return Standpoint(zone, of_zone or kind, sector, class_code)


def _sector(
    row: Row,
    fields: Mapping[str, tuple[str, str]],
    class_code: str | None,
    reading: _Reading,
) -> str | None:
    """The sector said, or that of the class. A class that sectors claim is of one of those.

    So nobody chooses the sector with the lowest line.
    """
    column, text = fields.get("sector", ("", ""))
    sectors = reading.policy.sectors
    said = _named(sectors, text)
    if text and said is None:
        names = "、".join(one.name.zh for one in sectors)
        reading.find(row, column, f"{text!r} is no sector: {names}", f"{text!r}:应为{names}之一")
        return None
    if class_code is None:
        return said
    claimed = [one.code for one in sectors if class_code.startswith(tuple(one.classes))]
    if said is None:
        return claimed[0] if len(claimed) == 1 else None
    own = reading.policy.sector[said]
    if said not in claimed and (claimed or own.classes):
        right = _names(sectors, claimed)
        en = f"class {class_code} is not of sector {text!r} but of {right}"
        reading.find(row, column, en, f"行业代码{class_code}不属于“{text}”,应为{right}")
    return said


def _names(sectors: Iterable[Sector], codes: Sequence[str]) -> str:
    return "或".join(one.name.zh for one in sectors if one.code in codes) or "其他类别"


def _named(entries: Iterable[Named], text: str) -> str | None:
    """Code of the entry that is called so, by code or by either name."""
    wanted = plain(text)
    for one in entries:
        if wanted and wanted in map(plain, (one.code, one.name.zh, one.name.en)):
            return one.code
    return None
