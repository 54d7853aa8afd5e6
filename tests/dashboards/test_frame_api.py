"""Frame coverage and its work list over the real store: what is counted, found, and printed."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from catalog.loader import load
from dashboards.console.answers import as_csv
from dashboards.console.frame import feeds_of
from tests.dashboards.console_server import Console
from tests.dashboards.frame_rows import CASES, CITY, DIGITS, FORMULA, TODAY
from tests.dashboards.two_cities import SILENT
from tests.folded_city import CATALOG

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def api(framed: Console) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{framed.url}/v1", timeout=60) as client:
        yield client


def read(api: httpx.Client, path: str = "", **parameters: Any) -> Any:
    answer = api.get(f"/frame{path}", params={"city": CITY, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(api: httpx.Client, **parameters: Any) -> list[str]:
    return [row["case"] for row in read(api, "/cases", **parameters)["rows"]]


def test_coverage_has_both_sides_by_count_and_by_size(api: httpx.Client) -> None:
    city = read(api)["city"]
    assert city["coverage"]["count"] == {"numerator": 39, "denominator": 40, "value": 0.975}
    size = city["coverage"]["size"]
    assert (Decimal(size["numerator"]), Decimal(size["denominator"])) == (300_000, 303_000)
    assert size["value"] == 300 / 303
    assert (city["to_verify"], city["to_declare"], city["near"]) == (3, 1, 1)
    assert (city["on_list"], city["on_list_sized"]) == (39, 37)


def test_where_nobody_ought_to_be_on_the_list_there_is_no_rate(api: httpx.Client) -> None:
    districts = {row["district"]: row for row in read(api)["districts"]}
    assert districts["ACT"]["coverage"]["count"] == {
        "numerator": 0, "denominator": 0, "value": None,
    }  # fmt: skip


def test_a_case_is_overdue_from_the_day_after_its_due_date(api: httpx.Client) -> None:
    rows = {row["case"]: row["overdue_days"] for row in read(api, "/cases")["rows"]}
    assert (rows[DIGITS], rows["power.77"]) == (5, 1)
    # due today; settled long after its date; without a date
    assert (rows["91510100MA6000002X"], rows["power.79"], rows["power.78"]) == (0, 0, 0)
    assert sorted(listed(api, overdue=True)) == sorted([DIGITS, "power.77"])
    assert read(api)["city"]["overdue"] == 2


def test_the_cases_of_the_districts_add_up_to_those_of_the_city(api: httpx.Client) -> None:
    found = read(api)
    for name in ("to_verify", "to_declare", "overdue", "open"):
        assert sum(row[name] for row in found["districts"]) == found["city"][name], name
    sizes = [Decimal(row["open_size"]) for row in found["districts"]]
    assert sum(sizes) == Decimal(found["city"]["open_size"]) == Decimal("17000.5")
    (unplaced,) = [row for row in found["districts"] if row["district"] == ""]
    assert (unplaced["open"], unplaced["coverage"]) == (1, None)
    assert listed(api, unplaced=True) == ["power.78"]


def test_response_is_told_apart_from_coverage_for_the_newest_period_with_returns(
    api: httpx.Client,
) -> None:
    found = read(api)
    (response,) = found["responses"]
    assert (response["period"], response["city"]["expected"]) == ("2018-M12", 50)
    complete = next(row for row in found["districts"] if row["district"] == SILENT[0])
    assert complete["coverage"]["count"]["value"] == 1.0
    assert response["districts"][SILENT[0]]["received"] == 0


def test_a_city_without_a_frame_says_so(api: httpx.Client) -> None:
    found = read(api, city="lishui")
    assert (found["city"], found["districts"]) == (None, [])
    assert read(api, "/cases", city="lishui")["total"] == 0


def test_each_feed_is_told_with_its_table_and_who_may_send_it() -> None:
    told = feeds_of(load(CATALOG / "zones"))
    assert [(one["feed"], one["table"]) for one in told] == [
        ("tax", "candidates_tax"), ("business", "candidates_business"),
        ("power", "candidates_power"), ("projects", "candidates_projects"),
    ]  # fmt: skip
    assert all(one["reporters"] for one in told)
    assert feeds_of(load(CATALOG / "lishui")) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "case", "state": "to_verify,to_declare"},
         [DIGITS, "91510100MA6000002X", "power.77", "power.78"]),
        ({"state": "not_eligible"}, ["power.80"]),
        ({"kind": "near"}, ["power.81"]),
        ({"kind": "over"}, ["over:U1"]),
        ({"district": "QLD"}, ["power.80", "power.79"]),
        ({"district": "QLD,VIC", "kind": "case"}, ["power.80", "power.79", "power.77"]),
        ({"text": "steel"}, ["91510100MA6000002X"]),
        ({"text": "南威 路8"}, [DIGITS]),
        ({"text": "%"}, ["power.78"]),
        ({"text": DIGITS[4:]}, [DIGITS]),
        ({"text": "'"}, []),
    ],
)  # fmt: skip
def test_the_work_list_holds_what_is_asked_for(
    api: httpx.Client, asked: dict[str, str], found: list[str]
) -> None:
    assert listed(api, **asked) == found


def test_the_list_is_sorted_by_due_date_with_those_without_one_last(api: httpx.Client) -> None:
    assert listed(api, kind="case", state="to_verify,to_declare", sort="due") == [
        DIGITS, "power.77", "91510100MA6000002X", "power.78",
    ]  # fmt: skip


def test_pages_hold_every_case_once_and_say_how_many_there_are(api: httpx.Client) -> None:
    pages = [read(api, "/cases", kind="case", limit=2, offset=at) for at in (0, 2, 4)]
    assert {page["total"] for page in pages} == {6}
    codes = [row["case"] for page in pages for row in page["rows"]]
    assert codes == listed(api, kind="case")
    assert sorted(codes) == sorted(one["case_code"] for one in CASES if "kind" not in one)


def test_a_unit_that_no_feed_knows_has_no_size(api: httpx.Client) -> None:
    (row,) = read(api, "/cases", kind="over")["rows"]
    assert (row["size"], row["state_word"]) == (None, "超范围")


def test_the_printed_list_has_every_case_and_holds_no_formula(api: httpx.Client) -> None:
    asked = {"city": CITY, "format": "csv", "limit": 1, "offset": 3}
    answer = api.get("/frame/cases", params=asked)
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(table) == len(CASES)
    by_code = {row["线索编号"].removeprefix("'"): row for row in table}
    assert by_code["power.77"]["单位名称"] == f"'{FORMULA}"
    assert by_code["power.77"]["备注"] == "'-1"
    # A spreadsheet program would round eighteen digits to fifteen.
    assert by_code[DIGITS]["统一社会信用代码"] == f"'{DIGITS}"
    told = by_code["91510100MA6000002X"]
    assert (told["统一社会信用代码"], told["状态"]) == ("91510100MA6000002X", "拟申报")
    assert (told["决定时间"], told["区市县"]) == ("2023-10-09 10:00", "新南威尔士州")
    empty = api.get("/frame/cases", params={"city": "lishui", "format": "csv"})
    assert empty.content.decode("utf-8-sig").startswith("单位名称,")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "－1"])
def test_no_text_of_any_table_is_taken_for_a_formula_and_numbers_stay_numbers(text: str) -> None:
    body = bytes(as_csv([{"text": text, "number": Decimal("-1.5"), "whole": -2}], "x").body)
    (row,) = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    assert row == {"text": f"'{text}", "number": "-1.5", "whole": "-2"}


def test_a_case_tells_what_each_feed_said_and_when(api: httpx.Client) -> None:
    found = read(api, f"/cases/{DIGITS}")
    told = [(row["feed"], row["as_of"], row["size"]) for row in found["evidence"]]
    assert told == [
        ("tax", "2023-M06", "9000"), ("power", "2023-M06", "9000.5"), ("tax", "2023-M03", "8000"),
    ]  # fmt: skip
    assert [bool(row["withdrawn"]) for row in found["evidence"]] == [False, True, False]
    assert found["evidence"][0]["further"] == {"telephone": "028-1"}
    assert (found["case"]["owner_name"], found["case"]["overdue_days"]) == ("新南威尔士州", 5)


def test_a_case_tells_who_decided_what_and_leaves_out_versions_without_a_step(
    api: httpx.Client,
) -> None:
    history = read(api, "/cases/91510100MA6000002X")["history"]
    assert [(row["word"], row["decided_by"], row["document"]) for row in history] == [
        ("待核实", "", ""), ("拟申报", "张统", "统函3号"),
    ]  # fmt: skip
    assert history[1]["due"] == TODAY.isoformat()


def test_a_duplicate_names_the_registered_unit_that_it_is(api: httpx.Client) -> None:
    assert read(api, "/cases/power.80")["linked"] == {
        "unit": "U1", "name": "昆州外地厂", "address": "昆士兰路1号", "on_list": True,
    }  # fmt: skip
    assert read(api, f"/cases/{DIGITS}")["linked"] is None


def test_units_alike_are_proposed_but_neither_itself_nor_one_that_is_no_more(
    api: httpx.Client,
) -> None:
    (found,) = read(api, f"/cases/{DIGITS}")["proposals"]
    assert (found["unit"], found["name"]) == ("U2", "南威锅炉有限公司")
    assert found["address_score"] == 100
    assert 60 < found["name_score"] < 100
    # What is nearly at the threshold is nobody's duplicate yet.
    assert read(api, "/cases/power.81")["proposals"] == []


@pytest.mark.parametrize(
    ("path", "question", "status", "code"),
    [
        ("/cases/x", {}, 404, "unknown_case"),
        (f"/cases/{DIGITS}", {"city": "lishui"}, 404, "unknown_case"),
        ("", {"city": "atlantis"}, 404, "unknown_city"),
        ("/cases", {"city": "atlantis"}, 404, "unknown_city"),
        ("/unmatched", {"city": "atlantis"}, 404, "unknown_city"),
        ("/cases", {"state": "open"}, 422, "bad_parameter"),
    ],
)
def test_a_wrong_question_is_answered_with_problem_details(
    api: httpx.Client, path: str, question: dict[str, str], status: int, code: str
) -> None:
    answer = api.get(f"/frame{path}", params={"city": CITY, **question})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_nothing_waits_for_a_key_where_no_table_has_keys(api: httpx.Client) -> None:
    assert read(api, "/unmatched") == {"keys": 0, "cells": 0, "rows": []}
