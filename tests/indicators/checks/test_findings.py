"""Rules a statistical office writes, over small cities: what is found, and how much it weighs."""

from typing import Any

import numpy as np

from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue
from indicators.checks.compiling import check_of
from indicators.checks.findings import Findings, findings
from indicators.checks.operands import CheckCells
from indicators.register import Register
from tests.indicators.cities import GivenCells, catalogue, name, register, unit

NOW, BEFORE, YEAR_AGO = 202603, 202602, 202503


def rule(expression: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "code": "rule",
        "name": name("规则"),
        "table": "T",
        "expression": expression,
        "message": {"zh": "{unit}{period}:{left}与{right}", "en": "{unit}: {left} against {right}"},
        "source": "示例",
        **changes,
    }


def found_in(
    city: Catalogue, given: Any, units: Register | None = None, period: int = NOW
) -> Findings:
    units = units or register(unit("A", "X"), unit("B", "Y"))
    cells = CheckCells(city, units, GivenCells(given, units.size("enterprise")))
    return findings(cells, check_of(city, city.checks[0]), period)


def test_research_above_revenue_is_found_with_both_figures() -> None:
    city = catalogue(checks=[rule("tax <= t")])
    found = found_in(city, {NOW: {"t": [1000, 5], "tax": [1234.5, 5]}})
    assert found.units.tolist() == [0]
    assert (found.left.tolist(), found.right.tolist()) == ([1234.5], [1000.0])
    assert found.message(0)[0] == "{unit}2026-M03:1,234.5与1,000"


def test_a_reported_prior_is_held_against_the_stored_value() -> None:
    city = catalogue(checks=[rule("tp == year_ago(t)")])
    found = found_in(city, {NOW: {"tp": [10, 20], "t": [1, 1]}, YEAR_AGO: {"t": [10, 21]}})
    assert found.units.tolist() == [1]
    assert (found.left.tolist(), found.right.tolist()) == ([20.0], [21.0])


def test_a_rate_is_held_within_bounds_and_a_zero_divisor_is_null() -> None:
    city = catalogue(checks=[rule("0.01 <= tax / t <= 0.3")])
    found = found_in(city, {NOW: {"t": [100, 0], "tax": [31, 5]}})
    assert found.units.tolist() == [0]
    assert found.left.tolist() == [0.31]


def test_a_thousandfold_value_is_a_unit_error_either_way() -> None:
    city = catalogue(
        checks=[
            rule("not within(t, year_ago(t), 350, 1350) and not within(year_ago(t), t, 350, 1350)")
        ]
    )
    for value in (1_000, 0.001):
        found = found_in(city, {NOW: {"t": [value, 1]}, YEAR_AGO: {"t": [1, 1]}})
        assert found.units.tolist() == [0], value
    assert found_in(city, {NOW: {"t": [100, 1]}, YEAR_AGO: {"t": [1, 1]}}).units.tolist() == []


def test_a_broken_identity_within_tolerance_is_none() -> None:
    city = catalogue(checks=[rule("abs(t - tp - tax) <= 0.01")])
    found = found_in(city, {NOW: {"t": [3, 3], "tp": [1, 1], "tax": [1.99, 1.98]}})
    assert found.units.tolist() == [1]


def _cumulative() -> Catalogue:
    items = [one.model_dump() for one in catalogue().items]
    for item in items[:2]:
        item["reported"] = "year_to_date"
    changed = {"items": items, "checks": [rule("t >= previous(t)")]}
    return Catalogue.model_validate(catalogue().model_dump() | changed)


def test_a_cumulative_value_that_falls_is_found_but_not_over_the_turn_of_the_year() -> None:
    given = {NOW: {"t": [9, 11]}, BEFORE: {"t": [10, 10]}}
    assert found_in(_cumulative(), given).units.tolist() == [0]
    given = {202601: {"t": [1, 1]}, 202512: {"t": [100, 100]}}
    assert found_in(_cumulative(), given, period=202601).units.tolist() == []


def test_a_rule_applies_only_where_its_when_is_true() -> None:
    city = catalogue(checks=[rule("tax <= t", when="t >= 100")])
    found = found_in(city, {NOW: {"t": [10, 100], "tax": [11, 101]}})
    assert found.units.tolist() == [1]


def test_a_unit_without_a_return_is_not_judged() -> None:
    city = catalogue(checks=[rule("reported(tax)")])
    found = found_in(city, {NOW: {"t": [10, None]}})
    assert found.units.tolist() == [0]
    assert found.message(0)[1] == "{unit}: — against —"


def test_influence_is_per_mille_of_the_units_district_in_tiers() -> None:
    city = catalogue(checks=[rule("tax <= t", influence="t")])
    units = register(unit("A", "X"), unit("B", "X"), unit("C", "Y"))
    found = found_in(city, {NOW: {"t": [1, 999, 50], "tax": [11, 1000, 50.1]}}, units)
    assert found.units.tolist() == [0, 1, 2]
    assert found.influence.tolist() == [10.0, 1.0, 2.0]
    assert found.tier.tolist() == [10, 0, 0]
    assert found.district.tolist() == [0, 0, 1]


class TwoTables:
    """Cells of a district's own table beside its enterprises' table."""

    def __init__(self, own: list[float | None], units: list[float | None]) -> None:
        self._given = {"D": own, "T": units}

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        given = self._given[table] if item == "t" and period == NOW else []
        size = len(self._given[table])
        values = [*given, *[None] * (size - len(given))]
        scaled = [round((one or 0) * 10**4) for one in values]
        return np.array(scaled, np.int64), np.array([one is not None for one in values])

    def periods(self, table: str) -> set[int]:
        return {NOW}

    def arrivals(self, table: str, period: int) -> Any:
        raise AssertionError(table)


def _own_total() -> tuple[Catalogue, Register]:
    tables = [one.model_dump() for one in catalogue().tables]
    own = tables[0] | {"id": 2, "code": "D", "unit_kind": "district", "source": "own",
                       "items": ["t", "tp"], "mandatory": ["t"], "size_item": None}  # fmt: skip
    sources: list[Any] = [*catalogue().sources, {"id": 2, "code": "own", "name": name("区县汇总")}]
    expression = 'abs(t - sum_of_units(t, "T")) <= 0.5'
    city = catalogue(
        tables=[*tables, own],
        sources=[one if isinstance(one, dict) else one.model_dump() for one in sources],
        checks=[rule(expression, table="D", influence="t")],
    )
    units = register(
        unit("A", "X", listed_from="2020-01-01"),
        unit("B", "X", listed_from="2020-01-01"),
        unit("C", "Y", listed_from="2020-01-01"),
    )
    rows = [RegisterRow("put_unit", "district", code, code) for code in "YX"]
    units.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    return city, units


def test_a_districts_own_total_is_held_against_the_sum_of_its_units() -> None:
    city, units = _own_total()
    cells = CheckCells(city, units, TwoTables([50, 110], [60, 40, 50]))
    found = findings(cells, check_of(city, city.checks[0]), NOW)
    assert [units.codes("district")[at] for at in found.units] == ["X"]
    assert (found.left.tolist(), found.right.tolist()) == ([110.0], [100.0])
    assert found.influence.tolist() == [1000 * 10 / 110]


def test_a_sum_waits_only_for_the_units_that_the_table_asks() -> None:
    city, _ = _own_total()
    told = city.model_dump()
    for table in told["tables"]:
        if table["code"] == "T":
            table["only"] = {"attribute": "sector", "one_of": ["工业"]}
    listed = "2020-01-01"
    units = register(
        unit("A", "X", listed_from=listed, sector="工业"),
        unit("B", "X", listed_from=listed, sector="服务业"),
        unit("C", "Y", listed_from=listed, sector="工业"),
    )
    rows = [RegisterRow("put_unit", "district", code, code) for code in "YX"]
    units.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    asked = Catalogue.model_validate(told)
    cells = CheckCells(asked, units, TwoTables([50, 110], [60, None, 50]))
    found = findings(cells, check_of(asked, asked.checks[0]), NOW)
    assert [units.codes("district")[at] for at in found.units] == ["X"]


def test_a_sum_is_null_until_each_of_the_districts_units_has_reported() -> None:
    city, units = _own_total()
    cells = CheckCells(city, units, TwoTables([50, 110], [60, None, 50]))
    assert findings(cells, check_of(city, city.checks[0]), NOW).units.tolist() == []
