"""Judges a submitted register file row by row: good rows in, bad rows listed.

1. Each row is read by itself (`forming`); two rows about one thing are both refused.
2. Rows about units that are not the reporter's are refused (`rights`).
3. The rest is applied to the register in force; rows that would make it unlawful are refused, with
   those that must stand together with them, until what is left is lawful.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from catalog.changes import RegisterRow, RegisterState, changes_between, fold
from granary.keys import unit_id
from indicators.catalogue import Catalogue, Reporter
from indicators.register import KEY_PREFIX
from indicators.register_tables import RegisterTable
from ingest.findings import Findings
from ingest.register.forming import Forming, form
from ingest.register.in_force import InForce, Unit
from ingest.register.lawful import unlawful
from ingest.register.proposals import Proposed
from ingest.register.reading import read_rows
from ingest.register.rights import RegisterRights
from ingest.register.wording import learn

_PARTS_QUOTED: Final = 5


@dataclass(frozen=True, slots=True)
class RegisterJudgement:
    """What a file would do. `was`, `becomes`: the units it touches; counts are of rows."""

    declared: int
    accepted: int
    findings: Findings
    was: RegisterState = field(default_factory=RegisterState)
    becomes: RegisterState = field(default_factory=RegisterState)
    reasons: dict[tuple[str, ...], str] = field(default_factory=dict)

    def changes(self) -> list[list[RegisterRow]]:
        """Changes of the register by unit; a withdrawal carries its reason."""
        return [
            [self._with_reason(row) for row in unit]
            for unit in changes_between(self.was, self.becomes)
        ]

    def _with_reason(self, row: RegisterRow) -> RegisterRow:
        why = self.reasons.get(_identity(row)) if row.action.startswith("drop") else None
        return replace(row, attributes=(("reason", why),)) if why else row


def judge_register_file(
    path: Path,
    table: RegisterTable,
    catalogue: Catalogue,
    reporter: Reporter,
    in_force: InForce,
    today: str,
) -> RegisterJudgement:
    """Judge the CSV file at `path`; `today` is the ISO date of arrival in the city."""
    findings = Findings()
    learn(findings)
    rows, declared = read_rows(path, table.holds, findings)
    month = date.fromisoformat(today)
    by = Forming(table, catalogue, in_force.state, month.year * 100 + month.month, findings)
    asked = [one for one in (form(row, by) for row in rows) if one is not None]
    asked = _as_told(_once(asked, findings))
    asked = _allowed(asked, RegisterRights(catalogue, reporter, in_force.state, today), findings)
    asked = _without_collisions(asked, in_force, findings)
    if table.holds != "candidates":
        asked = _lawful(asked, catalogue, in_force, findings)
    findings.listed.sort(key=lambda finding: finding.row)
    touched = {one.unit for one in asked}
    was, becomes = in_force.part(touched), in_force.part(touched)
    _apply(becomes, asked)
    reasons = {_identity(change): one.why for one in asked if one.why for change in one.changes}
    return RegisterJudgement(declared, len(asked), findings, was, becomes, reasons)


def _identity(row: RegisterRow) -> tuple[str, ...]:
    return row.kind, row.code, row.grouping, row.member, row.valid_from


def _apply(state: RegisterState, asked: Iterable[Proposed]) -> None:
    for one in asked:
        fold(state, one.changes)


def _once(asked: Sequence[Proposed], findings: Findings) -> list[Proposed]:
    rows: dict[tuple[str, ...], list[Proposed]] = {}
    for one in asked:
        rows.setdefault(one.identity, []).append(one)
    for same in rows.values():
        for at, one in enumerate(same if len(same) > 1 else ()):
            first = same[1 if at == 0 else 0].row
            findings.add("repeated_row", row=one.row, column=one.column, facts={"first": first})
    return [one for one in asked if len(rows[one.identity]) == 1]


def _as_told(asked: Sequence[Proposed]) -> list[Proposed]:
    """What a row implies gives way to a row that says it."""
    told = {one.identity for one in asked}
    return [
        replace(
            one,
            changes=[
                *one.changes[:1],
                *(change for change in one.changes[1:] if _identity(change) not in told),
            ],
        )
        for one in asked
    ]


def _allowed(
    asked: Sequence[Proposed], rights: RegisterRights, findings: Findings
) -> list[Proposed]:
    allowed, refused = [], set()
    judged = list(rights.own(asked))
    for one, own in judged:
        if own:
            allowed.append(one)
            continue
        refused.add(one.together)
        change = one.changes[0]
        zh, en = "", ""
        if change.grouping:
            zh = f"(自{change.valid_from or '始'}至{change.valid_to or '今'})"
            en = f" from {change.valid_from or 'ever'} to {change.valid_to or 'open'}"
        findings.add(
            "no_right_on_unit",
            row=one.row,
            column=one.column,
            facts={
                "text": one.unit[1],
                "day_zh": zh,
                "day_en": en,
                "reporter": rights.reporter.code,
                "reporter_zh": rights.reporter.name.zh,
            },
        )
    return _together(allowed, refused, findings)


def _together(
    asked: Sequence[Proposed], refused: set[tuple[str, ...]], findings: Findings
) -> list[Proposed]:
    for one in asked:
        if one.together in refused:
            findings.add("stands_together", row=one.row, column=one.column)
    return [one for one in asked if one.together not in refused]


def _without_collisions(
    asked: Sequence[Proposed], in_force: InForce, findings: Findings
) -> list[Proposed]:
    """Two things with one 64-bit number could not be folded: every worker would stop there."""
    owners: dict[int, Unit] = {}
    good = []
    for one in asked:
        named = [one.unit] + [
            (change.grouping.removeprefix(KEY_PREFIX), change.member)
            for change in one.changes
            if change.grouping.startswith(KEY_PREFIX)
        ]
        other = None
        for unit in named:
            number = unit_id(*unit)
            owner = in_force.owners.get(number) or owners.setdefault(number, unit)
            if owner != unit:
                other = owner
        if other is None:
            good.append(one)
            continue
        facts = {"text": ":".join(one.unit), "other": ":".join(other)}
        findings.add("unit_key_collision", row=one.row, column=one.column, facts=facts)
    return good


def _lawful(
    asked: list[Proposed], catalogue: Catalogue, in_force: InForce, findings: Findings
) -> list[Proposed]:
    """The rows that leave the register lawful; every round but the last refuses a row."""
    asked = _without_orphans(asked, in_force.state, findings)
    while asked:
        units = _concerned(asked, in_force.state)
        before, after = in_force.part(units), in_force.part(units)
        _apply(after, asked)
        faults = unlawful(catalogue, before, after, asked)
        if not faults:
            break
        by_row = {one.row: one for one in asked}
        bad: set[int] = set()
        for fault in faults:
            for row in dict.fromkeys(fault.rows or by_row):
                if row not in by_row:
                    continue
                first = row not in bad
                bad.add(row)
                facts = {"fault_zh": fault.zh, "fault_en": fault.en}
                findings.add(
                    fault.rule, row=row, column=fault.column, cells=int(first), facts=facts
                )
        if not bad:
            break
        refused = {by_row[row].together for row in bad}
        left = [one for one in asked if one.row not in bad]
        asked = _together(left, refused, findings)
        asked = _without_orphans(asked, in_force.state, findings)
    return asked


def _without_orphans(
    asked: list[Proposed], state: RegisterState, findings: Findings
) -> list[Proposed]:
    """Without withdrawals of units that leave parts (其中) behind."""
    gone = {one.unit for one in asked if one.changes[-1].action == "drop_unit"}
    if not gone:
        return asked
    now = {unit: dict(told).get("part_of", "") for unit, (_, told) in state.units.items()}
    for one in asked:
        for change in one.changes:
            if change.action == "put_unit":
                now[one.unit] = dict(change.attributes).get("part_of", "")
    good = True
    while good:
        parts: dict[Unit, list[str]] = {}
        for (kind, code), whole in now.items():
            if whole and (kind, whole) in gone and (kind, code) not in gone:
                parts.setdefault((kind, whole), []).append(code)
        for one in asked:
            if one.unit in parts and one.why:
                facts = {
                    "text": one.unit[1],
                    "parts": ", ".join(parts[one.unit][:_PARTS_QUOTED]),
                }
                findings.add("has_parts", row=one.row, column=one.column, facts=facts)
        asked = [one for one in asked if not (one.unit in parts and one.why)]
        gone -= parts.keys()
        good = bool(parts)
    return asked


def _concerned(asked: Sequence[Proposed], state: RegisterState) -> set[Unit]:
    """Units that the rows touch, those they are parts of, and those that have or had their keys."""
    units = {one.unit for one in asked}
    put = {
        one.unit: dict(change.attributes)
        for one in asked
        for change in one.changes
        if change.action == "put_unit"
    }
    for unit in list(units):
        at = unit
        while at in put or at in state.units:
            told = put[at] if at in put else dict(state.units[at][1])
            at = (at[0], told.get("part_of", ""))
            if at in units:  # whose own wholes are looked up by themselves, or were
                break
            units.add(at)
    keys = {
        (change.grouping, change.member)
        for one in asked
        for change in one.changes
        if change.grouping.startswith(KEY_PREFIX)
    }
    if keys:
        for unit, spans in state.spans.items():
            if any((grouping, member) in keys for grouping, member, _ in spans):
                units.add(unit)
    return units
