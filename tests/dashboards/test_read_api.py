"""The read API over the real store: what it answers, and how it refuses."""

import asyncio
import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from numpy.typing import NDArray

from dashboards.console.app import create_app
from dashboards.console.errors import StoreUnreachableError
from dashboards.console.store import DriverStore, Row
from granary.clock import ManualClock
from storage.clickhouse import connect
from tests.dashboards.console_server import Console, QueueSource
from tests.dashboards.two_cities import NOW_MS, SILENT, Cities

pytestmark = pytest.mark.integration
LATEST = "2018-M12"


@pytest.fixture(scope="module")
def api(console: Console) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{console.url}/v1", timeout=60) as client:
        yield client


def read(api: httpx.Client, path: str, **parameters: Any) -> Any:
    answer = api.get(path, params={"city": "aus_retail", **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_both_cities_are_offered(api: httpx.Client) -> None:
    assert [row["city"] for row in api.get("/cities").json()] == ["aus_retail", "lishui"]


def test_every_number_of_the_headline_is_a_row_of_the_view(
    api: httpx.Client, cities: Cities
) -> None:
    for city in ("aus_retail", "lishui"):
        entries = read(api, "/headline", city=city)
        told = {
            (row["indicator"], row["measure"], row["period"], row["standing"]): row
            for row in cities.store().query(
                "SELECT * FROM v_indicator WHERE city = %(city)s AND level = 'city'",
                {"city": city},
            )
        }
        assert entries
        for entry in entries:
            key = (entry["indicator"], entry["measure"], entry["period"], entry["standing"])
            row = told[key]
            for name in ("value", "units", "expected_units", "provisional", "reason"):
                assert entry[name] == row[name], (key, name)


def test_a_ratio_of_districts_shows_the_published_city_figure(api: httpx.Client) -> None:
    entries = {e["indicator"]: e for e in read(api, "/headline", city="lishui")}
    assert (entries["tax_per_mu"]["value"], entries["tax_per_mu"]["standing"]) == (18.9, "公布数")
    firms = entries["firms_above_scale"]
    assert firms["others"] == [
        {"standing": "上报数", "value": 942.0, "units": 10, "expected_units": 10}
    ]


def test_an_earlier_period_can_be_looked_at(api: httpx.Client) -> None:
    entries = read(api, "/headline", period="2018-06")
    assert {entry["period"] for entry in entries} == {"2018-M06"}
    assert not any(entry["provisional"] for entry in entries)


def test_the_silent_districts_are_last_and_missing_not_zero(api: httpx.Client) -> None:
    rows = read(api, "/indicators/turnover/ranking", period=LATEST)
    assert len(rows) == 8
    values = [row["value"] for row in rows[:6]]
    assert values == sorted(values, reverse=True)
    assert {row["subject"] for row in rows[6:]} == set(SILENT)
    assert [(row["value"], row["reason"]) for row in rows[6:]] == [(None, "no_units")] * 2
    assert all(row["before"] > 0 for row in rows)


def test_a_figure_leads_to_rows_that_add_up_to_it(api: httpx.Client) -> None:
    figure = read(
        api, "/indicators/turnover/values", level="district", subject="NSW", period=LATEST,
        measure="current",
    )[0]  # fmt: skip
    found = read(api, "/indicators/turnover/rows", level="district", subject="NSW", period=LATEST)
    counted = [row for row in found["rows"] if row["counted"]]
    assert sum(Decimal(row["value"]) for row in counted) == Decimal(figure["numerator"])
    assert [Decimal(one["value"]) for one in found["sums"]] == [Decimal(figure["numerator"])]
    assert len(counted) == figure["units"]
    # The other rows are 其中 parts: stored, shown, in no total.
    parts = [row for row in found["rows"] if not row["counted"]]
    assert parts
    assert all(row["part_of"] for row in parts)
    assert len(found["rows"]) == found["total"]


def test_the_rows_of_the_city_and_of_a_window_add_up_too(api: httpx.Client) -> None:
    figure = read(
        api, "/indicators/turnover/values", level="city", period="2018-M11", measure="ytd"
    )[0]
    found = read(
        api, "/indicators/turnover/rows", level="city", period="2018-M11", measure="ytd", limit=5
    )
    assert len(found["rows"]) == 5 < found["total"]
    assert sum(Decimal(one["value"]) for one in found["sums"]) == Decimal(figure["numerator"])
    assert len(found["sums"]) == 11


def test_a_profile_places_a_district_among_the_others(api: httpx.Client) -> None:
    rows = read(api, "/profile", city="lishui", level="district", subject="jinyun", period="2019")
    places = {row["indicator"]: (row["value"], row["place"], row["of"]) for row in rows}
    assert places["value_added_per_energy"] == (0.51, 10, 10)
    # Two counties reported `/`: missing, and in no rank.
    assert places["tax_per_mu"] == (36.91, 2, 10)
    assert places["value_added_per_discharge"][:2] == (None, None)


def test_completeness_tells_the_state_of_each_cell_in_words(api: httpx.Client) -> None:
    (table,) = read(api, "/completeness", periods=3)["tables"]
    assert table["periods"] == ["2018-M10", "2018-M11", LATEST]
    last = {row["subject"]: row["cells"][-1] for row in table["rows"]}
    assert (last["NT"]["state"], last["NT"]["word"]) == ("waiting", "未到期")
    assert (last["NSW"]["state"], last["NSW"]["received"]) == ("on_time", 6)
    assert (last["aus_retail"]["expected"], last["aus_retail"]["missing"]) == (50, 14)


def test_values_come_as_csv_with_the_same_rows(api: httpx.Client) -> None:
    question = {"city": "aus_retail", "level": "city", "measure": "current"}
    rows = api.get("/indicators/turnover/values", params=question).json()
    answer = api.get("/indicators/turnover/values", params={**question, "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(r["period"], Decimal(r["numerator"])) for r in table] == [
        (row["period"], Decimal(row["numerator"])) for row in rows
    ]


def test_observations_can_be_asked_by_unit_item_and_period(api: httpx.Client) -> None:
    rows = read(api, "/observations", period="2018-11", limit=3)
    assert len(rows) == 3
    unit = rows[0]["unit"]
    again = read(api, "/observations", unit=unit, item="turnover", period="2018-M11,2018-M10")
    assert {row["unit"] for row in again} == {unit}
    assert [row["period"] for row in again] == ["2018-M11", "2018-M10"]


def test_the_rows_are_those_of_the_public_view(api: httpx.Client, cities: Cities) -> None:
    rows = read(api, "/observations", city="lishui", limit=1000)
    told = cities.store().query("SELECT * FROM v_observation WHERE city = 'lishui'")
    assert len(rows) == len(told) > 70
    key = ("source", "unit", "item", "period")
    by_key = {tuple(row[name] for name in key): row for row in told}
    for row in rows:
        same = by_key[tuple(row[name] for name in key)]
        value = None if row["value"] is None else Decimal(row["value"])
        assert (value, row["status"]) == (same["value"], same["status"])
        assert (row["submission"], row["period_end"]) == (
            same["submission"],
            same["period_end"].isoformat(),
        )


def test_alerts_and_submissions_are_listed(api: httpx.Client) -> None:
    assert [row["id"] for row in read(api, "/alerts", city="lishui")] == ["A-1"]
    newest = read(api, "/submissions/recent", limit=4)
    assert len(newest) == 4
    arrived = [row["arrived_at"] for row in newest]
    assert arrived == sorted(arrived, reverse=True)
    assert read(api, "/findings") == []


def test_open_findings_come_before_those_that_are_corrected(api: httpx.Client) -> None:
    found = [(row["unit"], row["state"]) for row in read(api, "/findings", city="lishui")]
    assert found == [("yunhe", "open"), ("jinyun", "corrected")]


def test_places_follow_the_direction_and_there_are_none_without_one(api: httpx.Client) -> None:
    asked = {"city": "lishui", "period": "2019"}
    worst = read(api, "/indicators/value_added_per_energy/ranking", **asked)[-1]
    assert (worst["subject"], worst["place"]) == ("jinyun", 10)
    counted = read(api, "/indicators/firms_above_scale/ranking", **asked)
    assert {row["place"] for row in counted} == {None}


def test_the_state_names_the_last_record_of_the_ledger_and_what_waits(
    console: Console, api: httpx.Client
) -> None:
    (newest,) = console.cities.store().query("SELECT max(version) AS v FROM ledger WHERE city = 2")
    console.source.ends = {1: int(newest["v"]) + 4}
    try:
        while read(api, "/state")["waiting"] != 3:
            pass
        found = read(api, "/state")
    finally:
        console.source.ends = {}
    assert (found["version"], found["catalogue"]) == (str(newest["v"]), "0")
    assert found["known_from"].endswith("Z")


@pytest.mark.parametrize(
    ("path", "question", "status", "code"),
    [
        ("/headline", {"city": "atlantis"}, 404, "unknown_city"),
        ("/indicators", {"city": "x' OR 1=1 --"}, 404, "unknown_city"),
        ("/indicators/gdp/values", {"city": "lishui"}, 404, "unknown_indicator"),
        ("/headline", {"city": "lishui", "period": "soon"}, 422, "bad_parameter"),
        (
            "/indicators/turnover/values",
            {"city": "aus_retail", "measure": "yoy"},
            422,
            "bad_parameter",
        ),
    ],
)
def test_a_wrong_question_is_answered_with_problem_details(
    api: httpx.Client, path: str, question: dict[str, str], status: int, code: str
) -> None:
    answer = api.get(path, params=question)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["status"], problem["findings"]) == (code, status, [])
    assert problem["title"].endswith("。")


def test_only_this_machine_under_its_own_name_is_answered(console: Console) -> None:
    for host in ("granary.example", "192.0.2.7"):
        answer = httpx.get(f"{console.url}/v1/cities", headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_reader")
    assert httpx.get(f"{console.url}/healthz").status_code == 200


def test_readiness_tells_whether_store_and_broker_answer(console: Console) -> None:
    answer = httpx.get(f"{console.url}/readyz").json()
    assert (answer["ready"], answer["store"], answer["feed"]) == (True, True, True)


class _Gone:
    def query(self, sql: str, parameters: object = None) -> list[Row]:
        raise StoreUnreachableError("gone")

    def columns(self, sql: str, parameters: object = None) -> list[NDArray[Any]]:
        raise StoreUnreachableError("gone")


def test_without_a_store_the_console_says_so_and_lives() -> None:
    asyncio.run(_without_a_store())


async def _without_a_store() -> None:
    app = create_app(_Gone(), QueueSource().open, ManualClock(NOW_MS), dict)
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/v1/cities")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["code"] == "store_unreachable"
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200


def test_a_store_that_restarts_is_met_again(cities: Cities) -> None:
    opened = []

    def open_one(numpy: bool) -> Any:
        opened.append(connect(cities.owner_url, numpy=numpy))
        return opened[-1]

    store = DriverStore(open_one, connections=1)
    assert store.query("SELECT 1 AS one") == [{"one": 1}]
    # The server has closed the connection while it was idle.
    opened[0].connection.socket.shutdown(2)
    assert store.query("SELECT 2 AS two") == [{"two": 2}]
