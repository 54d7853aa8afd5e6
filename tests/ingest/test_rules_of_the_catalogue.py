"""Rules of checks.yaml at the door: hard ones refuse the cells they name, soft ones are said."""

from typing import Any

import pytest

from ingest.findings import LISTED
from tests.ingest.cast import catalogue, load_catalogue
from tests.ingest.conftest import Door

WIDE = "unit,period,turnover,staff,profit\n"


def rule(number: int, code: str, expression: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "code": code,
        "name": {"zh": code, "en": code},
        "table": "monthly",
        "severity": "hard",
        "expression": expression,
        "message": {"zh": "{unit}{period}利润{left}高于{right}", "en": "{left} is above {right}"},
        "source": "example",
        **changes,
    }


@pytest.fixture
def with_rules(door: Door) -> Any:
    def load(*rules: dict[str, Any]) -> Door:
        load_catalogue(door.river, "catalogue:2", catalogue(version=2, checks=list(rules)))
        return door

    return load


def test_a_broken_hard_rule_refuses_the_cells_it_names_and_no_other(with_rules: Any) -> None:
    door = with_rules(rule(1, "profit_in_turnover", "profit <= turnover"))
    receipt = door.push(WIDE + "A,2026-M01,5,7,1234.5\nB,2026-M01,5,7,5\n").json()
    assert (receipt["declared"], receipt["accepted"], receipt["rejected"]) == (6, 4, 2)
    (finding,) = receipt["findings"]
    assert (finding["row"], finding["column"]) == (2, "profit")
    assert (finding["rule"], finding["severity"]) == ("check:profit_in_turnover", "hard")
    assert finding["message"] == {
        "zh": "A2026-M01利润1,234.5高于5",
        "en": "1,234.5 is above 5",
    }


def test_a_broken_soft_rule_is_said_and_takes_every_cell(with_rules: Any) -> None:
    door = with_rules(rule(1, "soft_one", "profit <= turnover", severity="soft"))
    receipt = door.push(WIDE + "A,2026-M01,5,7,9\n").json()
    assert (receipt["accepted"], receipt["rejected"]) == (3, 0)
    assert [one["severity"] for one in receipt["findings"]] == ["soft"]


def test_cells_refused_by_two_rules_are_counted_once(with_rules: Any) -> None:
    door = with_rules(
        rule(1, "one", "profit <= turnover"), rule(2, "two", "profit + staff <= turnover")
    )
    receipt = door.push(WIDE + "A,2026-M01,5,7,9\n").json()
    assert (receipt["declared"], receipt["accepted"], receipt["rejected"]) == (3, 0, 3)
    assert len(receipt["findings"]) == 2


def test_a_missing_operand_refuses_nothing(with_rules: Any) -> None:
    door = with_rules(rule(1, "one", "profit <= turnover"))
    receipt = door.push(WIDE + "A,2026-M01,,7,9\nB,2026-M01,/,7,9\n").json()
    assert receipt["rejected"] == 0
    assert receipt["findings"] == []


def test_what_the_file_leaves_out_is_not_taken_for_unreported(with_rules: Any) -> None:
    door = with_rules(rule(1, "staffed", "reported(staff) or turnover == 0"))
    assert door.push(WIDE + "A,2026-M01,5,7,4\n").json()["rejected"] == 0
    assert door.push("unit,period,turnover\nA,2026-M01,6\n").json()["rejected"] == 0
    receipt = door.push("unit,period,turnover,staff\nA,2026-M01,8,/\n").json()
    assert [one["rule"] for one in receipt["findings"]] == ["check:staffed"]


def test_what_is_refused_is_told_though_soft_findings_fill_the_receipt(with_rules: Any) -> None:
    door = with_rules(
        rule(1, "soft_one", "profit <= turnover", severity="soft"),
        rule(2, "hard_one", "staff <= turnover"),
    )
    months = [f"{year}-M{month:02}" for year in range(1970, 2026) for month in range(1, 13)]
    rows = "".join(f"A,{month},5,5,9\nB,{month},5,5,9\n" for month in months)
    receipt = door.push(WIDE + rows + "C,2025-M12,5,9,5\n").json()
    assert receipt["findings_not_listed"] == 2 * len(months) + 1 - LISTED
    assert [one["severity"] for one in receipt["findings"]].count("hard") == 1


def test_a_unit_written_in_two_ways_is_one_return(with_rules: Any) -> None:
    door = with_rules(rule(1, "one", "profit <= turnover"))
    receipt = door.push(
        "unit,item,period,value\nA,turnover,2026-M01,5\nＡ,profit,2026-M01,9\n"
    ).json()
    assert receipt["rejected"] == 2


def test_a_rule_over_other_periods_is_left_to_where_they_are_known(with_rules: Any) -> None:
    door = with_rules(rule(1, "one", "turnover >= previous(turnover)"))
    receipt = door.push(WIDE + "A,2026-M01,9,,\nA,2026-M02,1,,\n").json()
    assert receipt["rejected"] == 0


def test_rows_of_a_long_file_are_one_return(with_rules: Any) -> None:
    door = with_rules(rule(1, "one", "profit <= turnover"))
    receipt = door.push(
        "unit,item,period,value\nA,turnover,2026-M01,5\nA,staff,2026-M01,5\nA,profit,2026-M01,9\n"
    ).json()
    assert (receipt["accepted"], receipt["rejected"]) == (1, 2)
    assert [one["row"] for one in receipt["findings"]] == [4]
