"""Rules of checks.yaml at the door: hard ones refuse the cells they name, soft ones are said."""

from typing import Any

import pytest

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
