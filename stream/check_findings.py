"""Findings of checks (审核) as rows: units for which a rule is FALSE, and the end of such findings.

What a record changes is told by judging before and after it, so every row is a function of the
state before, of the record, and of nothing else; what stands in the end is a function of the cells.
A finding that is unchanged is not written again.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from granary.records import RegisterRow
from indicators.arrays import Flags, Ids
from indicators.catalogue import Catalogue
from indicators.checks.compiling import Check, items_asked
from indicators.checks.findings import Findings, findings
from indicators.checks.operands import DISTRICT, CheckCells, looking_at
from indicators.checks.rules import CheckRule
from storage.check_rows import CHECKS
from stream.outcome import Entry
from stream.state import CityState

HISTORY: Final = "check_history"
CURRENT: Final = "check_current"
#: Which units to judge by each check in each period; None: all.
Plan = dict[int, dict[Check, Flags | None]]
_NOBODY: Final = np.zeros(1, bool)
_Key = tuple[int, int]  # rule id, period


@dataclass(frozen=True, slots=True, eq=False)
class _Stood:
    """Findings of one rule and period as they stood, without what they were judged from."""

    rule: CheckRule
    unit_kind: str
    units: Ids  # sorted
    figures: Any  # (4, n) left, right, influence, tier
    districts: Sequence[str]
    messages: Sequence[tuple[str, str]]  # of a rule with facts, which may change by themselves


class CheckWatch:
    """Judges by a plan when made, and again when told to write; rows are what differs."""

    def __init__(self, state: CityState, plan: Plan) -> None:
        self._state = state
        self._plan = plan
        self._before = {
            key: _stood(state, found, _districts(state)) for key, found in _found(state, plan)
        }

    def write(self, entry: Entry, plan: Plan | None = None) -> None:
        """Rows of findings that are new, other than before, or no more.

        `plan`: what to judge now, where that is not what was judged before.
        """
        state, before = self._state, dict(self._before)
        for key, found in _found(state, self._plan if plan is None else plan):
            now = _stood(state, found, _districts(state))
            _write(state, entry, found, now, before.pop(key, None))
        for (_, period), gone in before.items():
            _end(state, entry, gone, period, gone.units)


def watch_cells(
    state: CityState, table: str, items: set[str], touched: Mapping[int, Flags]
) -> CheckWatch:
    """Before cells of these items change: period → units that the record brings something of."""
    plan: Plan = {}
    catalogue = state.require_catalogue()
    for check in catalogue.compiled_checks:
        for period, flags in touched.items():
            for at, units in _reached(state, catalogue, check, table, items, period, flags):
                here = plan.setdefault(at, {})
                known = here.get(check, _NOBODY)
                here[check] = None if units is None or known is None else known | units
    return CheckWatch(state, plan)


def watch_units(state: CityState, rows: Sequence[RegisterRow], ids: Sequence[int]) -> CheckWatch:
    """Before the register changes by these rows, whose units have these ids.

    Judged otherwise are the units named; by a rule that weighs errors all in a district that gains
    or loses one, because its total changes; by a rule that asks other units all.
    """
    plan: Plan = {}
    catalogue = state.catalogue
    if catalogue is None:
        return CheckWatch(state, plan)
    of_kind: dict[str, list[int]] = {}
    gaining: dict[str, set[str]] = {}
    for row, one in zip(rows, ids, strict=True):
        of_kind.setdefault(row.kind, []).append(one)
        if row.grouping == DISTRICT:
            gaining.setdefault(row.kind, set()).add(row.member)
    named = {kind: _flagged(state, kind, found) for kind, found in of_kind.items()}
    for check in catalogue.compiled_checks:
        if not {check.unit_kind, *check.kinds} & named.keys():
            continue
        for period in state.cube.periods(check.rule.table):
            here = plan.setdefault(period, {})
            if check.kinds:
                here[check] = None
            elif check.rule.influence is None:
                here[check] = named[check.unit_kind]
    weighing: dict[str, list[Check]] = {}
    for check in catalogue.compiled_checks:
        if check.unit_kind in named and check.rule.influence is not None and not check.kinds:
            weighing.setdefault(check.unit_kind, []).append(check)
    for kind, checks in weighing.items():
        periods = {period for one in checks for period in state.cube.periods(one.rule.table)}
        for period in periods:
            units = named[kind] | _in_their_districts(
                state, kind, period, named[kind], gaining.get(kind, set())
            )
            for check in checks:
                if period in state.cube.periods(check.rule.table):
                    plan.setdefault(period, {})[check] = units
    return CheckWatch(state, plan)


def _flagged(state: CityState, kind: str, ids: Sequence[int]) -> Flags:
    known = state.register.index_of_any(kind, np.array(ids, np.uint64))
    flags = np.zeros(state.register.size(kind), bool)
    flags[known[known >= 0]] = True
    return flags


def _in_their_districts(
    state: CityState, kind: str, period: int, named: Flags, gaining: Set[str]
) -> Flags:
    """(units,) those of the districts that the named units are in or are put into.

    Whoever is in no district is weighed by the city's total, which any unit changes.
    """
    cells = CheckCells(state.require_catalogue(), state.register, state.cube)
    district = cells.district_of(kind, period)
    codes = _districts(state)
    moved = {-1, *district[named].tolist(), *(codes.index(one) for one in gaining & {*codes})}
    return np.isin(district, list(moved))


def checks_differ(old: Catalogue | None, new: Catalogue) -> bool:
    """Whether any rule, or anything that rules are judged by, is said otherwise."""
    parts = ("city", "sources", "groupings", "items", "tables", "checks")
    return old is None or any(getattr(old, part) != getattr(new, part) for part in parts)


def every_check(state: CityState) -> Plan:
    """Every rule in every period of its table, for all units."""
    plan: Plan = {}
    if state.catalogue is not None:
        for check in state.catalogue.compiled_checks:
            for period in state.cube.periods(check.rule.table):
                plan.setdefault(period, {})[check] = None
    return plan


def standing_checks(state: CityState) -> dict[tuple[int, int, int], dict[str, Any]]:
    """(rule, period, unit) → what a row says, of every finding of the state."""
    made: dict[tuple[int, int, int], dict[str, Any]] = {}
    for (rule, period), found in _found(state, every_check(state)):
        now = _stood(state, found, _districts(state))
        columns = _columns(state, found, now, np.arange(len(now.units)))
        for at, unit in enumerate(now.units.tolist()):
            made[rule, period, unit] = {name: columns[name][at] for name in CHECKS.values}
    return made


def _reached(
    state: CityState,
    catalogue: Catalogue,
    check: Check,
    table: str,
    items: set[str],
    period: int,
    flags: Flags,
) -> Iterator[tuple[int, Flags | None]]:
    """(period, units) judged otherwise because the flagged units' items changed in `period`."""
    known = state.cube.periods(check.rule.table)
    own = check.rule.table == table
    if own:  # a first item makes a return of it
        yield period, flags
    for read in check.reads:
        if table in read.tables and read.item in items:
            at = looking_at(read, period)
            if at is not None and at in known:
                yield at, flags
    for other in check.others:
        if other.table == table and items_asked(other) & items and period in known:
            yield period, None
    if own and check.rule.influence in items:
        yield period, None


def _found(state: CityState, plan: Plan) -> Iterator[tuple[_Key, Findings]]:
    """Findings by the plan; the values of one period are held at a time."""
    for period in sorted(plan):
        cells = CheckCells(state.require_catalogue(), state.register, state.cube)
        for check, units in plan[period].items():
            size = state.register.size(check.unit_kind)
            if units is not None and len(units) < size:  # units came meanwhile
                units = np.concatenate([units, np.ones(size - len(units), bool)])
            yield (check.rule.id, period), findings(cells, check, period, units)


def _districts(state: CityState) -> list[str]:
    grouping = state.require_catalogue().grouping.get(DISTRICT)
    return [one.code for one in grouping.members] if grouping else []


def _stood(state: CityState, found: Findings, districts: Sequence[str]) -> _Stood:
    ids = state.register.ids(found.check.unit_kind)[found.units]
    order = np.argsort(ids)
    figures = np.stack([found.left, found.right, found.influence, found.tier.astype(float)])
    names = [districts[at] if at >= 0 else "" for at in found.district[order].tolist()]
    rule = found.check.rule
    messages = [found.message(int(number)) for number in order] if rule.facts else []
    return _Stood(rule, found.check.unit_kind, ids[order], figures[:, order], names, messages)


def _write(
    state: CityState, entry: Entry, found: Findings, now: _Stood, before: _Stood | None
) -> None:
    changed = np.ones(len(now.units), bool)
    if before is not None:
        _end(state, entry, before, found.period, before.units[~np.isin(before.units, now.units)])
        if before.rule == now.rule and len(before.units):
            at = np.minimum(np.searchsorted(before.units, now.units), len(before.units) - 1)
            there = before.figures[:, at]
            alike = (there == now.figures) | (np.isnan(there) & np.isnan(now.figures))
            same = [before.districts[n] for n in at.tolist()]
            placed = np.array([a == b for a, b in zip(same, now.districts, strict=True)], bool)
            told = np.ones(len(now.units), bool)
            if now.messages:
                earlier = [before.messages[n] for n in at.tolist()]
                told = np.array([a == b for a, b in zip(earlier, now.messages, strict=True)], bool)
            changed = ~((before.units[at] == now.units) & alike.all(axis=0) & placed & told)
    chosen = np.flatnonzero(changed)
    _add(entry, _columns(state, found, now, chosen), len(chosen))


def _columns(
    state: CityState, found: Findings, now: _Stood, chosen: np.ndarray[Any, Any]
) -> dict[str, Any]:
    """Columns of findings, by their places in `now`."""
    order = np.argsort(state.register.ids(now.unit_kind)[found.units])[chosen]
    messages = [found.message(int(number)) for number in order]
    left, right, influence, tier = now.figures[:, chosen]
    return {
        **_named(state, now, found.period),
        "unit": now.units[chosen],
        "district": [now.districts[at] for at in chosen.tolist()],
        "result": "FALSE",
        "left_value": left,
        "right_value": right,
        "influence": influence,
        "tier": tier.astype(np.int64),
        "message_zh": [zh for zh, _ in messages],
        "message_en": [en for _, en in messages],
        "retired": 0,
    }


def _end(state: CityState, entry: Entry, gone: _Stood, period: int, units: Ids) -> None:
    nothing = np.full(len(units), np.nan)
    columns = {
        **_named(state, gone, period),
        "unit": units,
        "district": "",
        "result": "",
        "left_value": nothing,
        "right_value": nothing,
        "influence": nothing,
        "tier": 0,
        "message_zh": "",
        "message_en": "",
        "retired": 1,
    }
    _add(entry, columns, len(units))


def _named(state: CityState, stood: _Stood, period: int) -> dict[str, Any]:
    catalogue = state.require_catalogue()
    return {
        "city": state.city,
        "city_code": catalogue.city.code,
        "rule": stood.rule.id,
        "rule_code": stood.rule.code,
        "name_zh": stood.rule.name.zh,
        "name_en": stood.rule.name.en,
        "severity": stood.rule.severity,
        "table_code": stood.rule.table,
        "unit_kind": stood.unit_kind,
        "period": period,
        "catalogue_version": catalogue.version,
    }


def _add(entry: Entry, columns: Mapping[str, Any], count: int) -> None:
    version = np.full(count, entry.version, np.uint64)
    for table in (HISTORY, CURRENT):
        entry.rows.add(table, count, **columns, version=version, known_from=entry.known_ms)
