"""Rules that look at the register, at the calendar and at other units, over a city of leases."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from indicators.checks.compiling import check_of
from indicators.checks.findings import Findings, findings
from indicators.checks.operands import CheckCells
from indicators.periods import parse_period
from indicators.register import Register
from tests.indicators.cities import Told, ToldCells, catalogue, name


def city(table: str, expression: str, zh: str = "{left}与{right}", **more: Any) -> Catalogue:
    """Owners (annual O), leases (annual L) and parcels (annual P), with one rule."""
    told = catalogue().model_dump()
    told["items"] += [
        {"id": number, "code": code, "name": name(code), "unit": "m²", "decimals": 2,
         "kind": "stock"}
        for number, code in enumerate(("own", "out", "let", "rented", "area", "floor", "whole"), 10)
    ]  # fmt: skip
    told["tables"] += [
        {"id": number, "code": code, "name": name(code), "frequency": "year", "unit_kind": kind,
         "source": "district", "items": items, "expected": expected,
         "purpose": "administrative", "legal_basis": "示例"}
        for number, (code, kind, expected, items) in enumerate([
            ("O", "enterprise", "all", ["own", "out"]),
            ("L", "lease", "listed", ["let", "rented"]),
            ("P", "parcel", "all", ["area", "floor"])], 10)
    ]  # fmt: skip
    told["groupings"][0]["also_kinds"] = ["lease", "district"]
    told["checks"] = [
        {"id": 1, "code": "rule", "name": name("规则"), "table": table, "expression": expression,
         "message": {"zh": zh, "en": "{left}"}, "source": "示例", **more}
    ]  # fmt: skip
    return Catalogue.model_validate(told)


def put(kind: str, code: str, **attributes: str) -> RegisterRow:
    return RegisterRow("put_unit", kind, code, f"名{code}", attributes=tuple(attributes.items()))


def registered(*rows: RegisterRow) -> Register:
    found = Register()
    found.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    return found


def found_in(catalogue: Catalogue, units: Register, told: Told, period: str = "2025") -> Findings:
    at = parse_period(period)
    cells = CheckCells(catalogue, units, ToldCells(catalogue, units, told, at))
    return findings(cells, check_of(catalogue, catalogue.checks[0]), at)


def codes(found: Findings, units: Register) -> list[str]:
    return [units.codes(found.check.unit_kind)[at] for at in found.units]


LEASES = (
    put("enterprise", "A"),
    put("enterprise", "B"),
    put("enterprise", "C"),
    put("lease", "L1", lessor="A", lessee="B", listed_from="2024-01-01"),
    put("lease", "L2", lessor="A", lessee="C", listed_from="2024-01-01", listed_to="2025-06-30"),
)
OUT = 'out == sum_pointing(let, "L", "lessor")'


def test_what_a_lessor_lets_is_held_against_its_leases_in_force() -> None:
    units = registered(*LEASES)
    told = {"O": {"A": {"out": 90}, "B": {"out": 0}, "C": {"out": 5}},
            "L": {"L1": {"let": 100, "rented": 90}, "L2": {"let": 7, "rented": 7}}}  # fmt: skip
    found = found_in(city("O", OUT), units, told)
    # L2 ended before the year did; to C, who tells of something let, no lease points.
    assert codes(found, units) == ["A", "C"]
    assert (found.left.tolist(), found.right.tolist()) == ([90.0, 5.0], [100.0, 0.0])


def test_a_sum_of_pointing_units_is_null_while_one_is_missing_or_none_has_reported() -> None:
    units = registered(*LEASES, put("lease", "L3", lessor="A", listed_from="2024-01-01"))
    told = {"O": {"A": {"out": 90}, "C": {"out": 5}}, "L": {"L1": {"let": 100}}}
    assert codes(found_in(city("O", OUT), units, told), units) == ["C"]
    assert codes(found_in(city("O", OUT), units, told | {"L": {}}), units) == []


def test_both_sides_of_a_lease_are_named_with_both_figures() -> None:
    units = registered(*LEASES)
    rule = city(
        "L",
        "let == rented",
        "{lessor}租出{left},{lessee}租入{right},相差{apart}",
        facts={
            "lessor": 'name_at("enterprise", "lessor")',
            "lessee": 'name_at("enterprise", "lessee")',
            "apart": "abs(let - rented)",
        },
    )
    told = {"L": {"L1": {"let": 100.5, "rented": 90}, "L2": {"let": 7, "rented": 7}}}
    found = found_in(rule, units, told)
    assert [found.message(n)[0] for n in range(len(found.units))] == [
        "名A租出100.5,名B租入90,相差10.5"
    ]


def test_a_lessors_finding_names_its_tenants() -> None:
    units = registered(*LEASES)
    facts = {"tenants": 'names_pointing("L", "lessor", "enterprise", "lessee")'}
    rule = city("O", OUT, "{tenants}", facts=facts)
    found = found_in(rule, units, {"O": {"A": {"out": 1}}, "L": {"L1": {"let": 2}}})
    assert found.message(0)[0] == "名B"


def test_a_share_of_a_building_is_held_against_the_floor_of_its_parcel() -> None:
    units = registered(
        put("parcel", "P1"),
        put("lease", "half", parcel="P1", split="floor"),
        put("lease", "third", parcel="P1", split="floor"),
        put("lease", "fenced", parcel="P1", split="land"),
        put("lease", "nowhere", parcel="P9", split="floor"),
    )
    expression = 'let * value_at(floor, "P", "parcel") == value_at(area, "P", "parcel") * rented'
    rule = city("L", expression, when='text("split") == "floor"')
    told = {"P": {"P1": {"area": 3000, "floor": 1000}},
            "L": {"half": {"let": 1500, "rented": 500}, "third": {"let": 999, "rented": 333.33},
                  "fenced": {"let": 1, "rented": 1}, "nowhere": {"let": 1, "rented": 1}},
    }  # fmt: skip
    assert codes(found_in(rule, units, told), units) == ["third"]


@pytest.mark.parametrize(
    ("due", "found_here", "message"),
    [
        ("2025-12-31", True, "2025-12-31逾期0天"),
        ("2025-12-01", True, "2025-12-01逾期30天"),
        ("2026-01-01", False, ""),
        ("", False, ""),
    ],
)
def test_a_due_date_is_past_on_the_last_day_of_the_period(
    due: str, found_here: bool, message: str
) -> None:
    units = registered(put("enterprise", "A", due=due, agreed="10.5"))
    rule = city(
        "O",
        'own >= number("agreed")',
        "{due}逾期{late}天",
        when='date("due") <= period_end()',
        facts={"due": 'date("due")', "late": 'period_end() - date("due")'},
    )
    found = found_in(rule, units, {"O": {"A": {"own": 10}}})
    assert bool(len(found.units)) == found_here
    if found_here:
        assert found.message(0)[0] == message
        assert (found.left.tolist(), found.right.tolist()) == ([10.0], [10.5])


def test_dates_that_are_compared_are_told_as_dates() -> None:
    units = registered(put("enterprise", "A", started="2024-02-29", signed="2024-03-01"))
    rule = city("O", 'date("signed") <= date("started") or own < 0')
    found = found_in(rule, units, {"O": {"A": {"own": 10}}})
    assert found.message(0)[0] == "2024-03-01与2024-02-29"
    assert (found.left.tolist(), found.right.tolist()) == ([20240301.0], [20240229.0])
    shifted = city("O", 'date("started") + 30 < period_start()', "{left}与{right}")
    assert len(found_in(shifted, units, {"O": {"A": {"own": 1}}}).units) == 0
    found = found_in(shifted, units, {"O": {"A": {"own": 1}}}, "2024")
    assert found.message(0)[0] == "2024-03-30与2024-01-01"


def test_what_the_register_lacks_or_writes_otherwise_is_null() -> None:
    units = registered(
        put("enterprise", "A"),
        put("enterprise", "B", agreed="1e3", due="20250101"),
        put("enterprise", "C", agreed="1.23456", due="2025-02-30"),
        put("enterprise", "D", agreed="-1.5", due="2025-02-28"),
    )
    told = {"O": {code: {"own": -2} for code in "ABCD"}}
    assert codes(found_in(city("O", 'own >= number("agreed")'), units, told), units) == ["D"]
    late = city("O", 'date("due") > period_end()')
    assert codes(found_in(late, units, told), units) == ["D"]
    texts = city("O", 'text("agreed") != "1e3"')
    assert codes(found_in(texts, units, told), units) == ["B"]


def test_a_sum_may_be_told_to_add_those_alone_that_fulfil_a_condition() -> None:
    units = registered(
        put("district", "X"),
        *(put("lease", code, due=due) for code, due in (("a", "2025-01-01"), ("b", "2026-01-01"),
                                                        ("c", "2025-12-31"), ("d", ""))),
        *(RegisterRow("put_membership", "lease", code, grouping="district", member="X")
          for code in "abcd"),
    )  # fmt: skip
    told = city("O", "own >= 0").model_dump()
    own = {"id": 20, "code": "D", "unit_kind": "district", "items": ["whole"]}
    told["tables"].append(told["tables"][1] | own)
    told["checks"][0] |= {
        "table": "D",
        "expression": 'whole == sum_of_units(let, "L", date("due") <= period_end() and let > 0)',
    }
    rule = Catalogue.model_validate(told)
    given_of = {"D": {"X": {"whole": 1}}, "L": {code: {"let": 10} for code in "abc"}}
    found = found_in(rule, units, given_of)  # of d nobody knows whether it belongs to the sum
    assert found.right.tolist() == []
    found = found_in(rule, units, given_of | {"L": given_of["L"] | {"d": {"let": 0}}})
    assert found.right.tolist() == [20.0]


AMOUNT = st.none() | st.integers(0, 3)
LEASE = st.tuples(st.sampled_from(["A", "B", "Z", ""]), AMOUNT, st.booleans())


@settings(max_examples=60, deadline=None)
@given(leases=st.lists(LEASE, max_size=6), outs=st.tuples(AMOUNT, AMOUNT))
def test_sums_by_attribute_are_what_a_loop_over_leases_gives(
    leases: list[Any], outs: tuple[int | None, int | None]
) -> None:
    units = registered(
        put("enterprise", "A"),
        put("enterprise", "B"),
        *(
            put("lease", str(n), lessor=lessor, listed_from=f"{2024 if in_force else 2027}-01-01")
            for n, (lessor, _, in_force) in enumerate(leases)
        ),
    )  # fmt: skip
    told = {
        "O": {code: {"out": out} for code, out in zip("AB", outs, strict=True) if out is not None},
        "L": {str(n): {"let": let} for n, (_, let, _) in enumerate(leases) if let is not None},
    }
    expected = []
    for code, out in zip("AB", outs, strict=True):
        own = [let for lessor, let, in_force in leases if lessor == code and in_force]
        whole = bool(told["L"]) and None not in own
        if whole and out is not None and out != sum(own):
            expected.append(code)
    assert codes(found_in(city("O", OUT), units, told), units) == expected
