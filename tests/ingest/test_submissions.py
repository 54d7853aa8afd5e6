"""A receipt is a promise: keys, repeats, heads, clerks at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from granary.keys import MISSING, NOT_APPLICABLE, REPORTED, unit_id
from granary.records import Record, encode_record
from storage.control import intents, schema
from tests.ingest.cast import NOW_MS, NoStore, load_catalogue
from tests.ingest.cast import catalogue as cast_catalogue
from tests.ingest.conftest import Door

HEADER = "unit,item,period,value\n"
A = unit_id("shop", "A")


def one(value: str) -> str:
    return f"{HEADER}A,turnover,2026-M01,{value}\n"


def test_a_receipt_tells_what_was_taken_and_the_log_has_it(door: Door) -> None:
    response = door.push(
        HEADER
        + "A,turnover,2026-M01,12.5\nA,staff,2026-M01,/\nB,profit,2026-M02,-3\nB,staff,2026-M02,—\n"
    )
    receipt = response.json()
    assert response.status_code == 202
    assert (receipt["status"], receipt["declared"], receipt["accepted"]) == ("accepted", 4, 4)
    assert [period["period"] for period in receipt["periods"]] == ["2026-M01", "2026-M02"]
    assert receipt["arrived_at"] == "2026-05-28T20:26:40.000+00:00"
    assert door.river.log.cells() == {
        (A, 1, 202601): (125_000, REPORTED),
        (A, 2, 202601): (0, MISSING),
        (unit_id("shop", "B"), 3, 202602): (-30_000, REPORTED),
        (unit_id("shop", "B"), 2, 202602): (0, NOT_APPLICABLE),
    }
    (manifest,) = door.river.log.manifests()
    assert (manifest.accepted, manifest.arrived_ms) == ({202601: 2, 202602: 2}, NOW_MS)
    assert [chunk.periods for chunk in manifest.chunks] == [{202601: 2, 202602: 1}, {202602: 1}]
    assert [(c, h) for _, c, h in door.river.log.chunks()] == [
        (chunk.chunk, chunk.hash) for chunk in manifest.chunks
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (HEADER + 'A,turnover,2026-M01,1.5\nB,turnover,2026-M01,"1,234"\n', "text/csv"),
        (
            "unit\titem\tperiod\tvalue\nA\tturnover\t2026-M01\t1.5\nB\tturnover\t2026-M01\t1,234\n",
            "",
        ),
        ('单位,name,营业收入,period\nA,甲,１.５,2026-M01\nB,乙,"1,234.0",2026年1月\n', "text/csv"),
        ("shop,turnover\nA,1.5\nB, 1234 \n", "text/csv"),
        (
            '{"unit":"A","item":"turnover","period":"2026-M01","value":1.5}\n\n'
            '{"unit":"B","item":"turnover","period":"2026-M01","value":"1,234"}\n',
            "application/x-ndjson",
        ),
        (
            '{"unit":"A","turnover":1.5000000000000002,"staff":null}\n'
            '{"unit":"B","营业收入":1.234e3,"period":"2026-M01"}\n',
            "",
        ),
    ],
    ids=["long", "tabs", "wide", "wide, period asked", "ndjson", "wide ndjson"],
)
def test_every_layout_says_the_same(door: Door, body: str, kind: str) -> None:
    asked = {} if ",period" in body or "\tperiod" in body else {"period": "2026-M01"}
    response = door.push(body, kind=kind, **asked)
    assert response.json()["findings"] == []
    assert door.river.log.cells() == {
        (A, 1, 202601): (15_000, REPORTED),
        (unit_id("shop", "B"), 1, 202601): (12_340_000, REPORTED),
    }


def test_a_blank_declares_nothing_and_never_erases(door: Door) -> None:
    response = door.push("unit,turnover,staff\nA,1,\nB, ,\n", period="2026-M01")
    assert response.json()["declared"] == 1


def test_a_wide_file_counts_the_cells_of_a_bad_row_and_names_the_row_once(door: Door) -> None:
    response = door.push("unit,turnover,staff,rain\nZ,1,2,3\nA,4,5,6\n", period="2026-M01")
    receipt = response.json()
    assert (receipt["declared"], receipt["accepted"], receipt["rejected"]) == (6, 2, 4)
    found = [
        (finding["row"], finding["column"], finding["rule"]) for finding in receipt["findings"]
    ]
    assert found == [(2, "unit", "unknown_unit"), (3, "rain", "unknown_item")]
    assert receipt["findings_by_rule"] == {"unknown_item": 1, "unknown_unit": 3}


def test_a_row_of_another_period_than_asked_is_refused(door: Door) -> None:
    response = door.push(HEADER + "A,turnover,2026-M01,1\nB,turnover,,1\n", period="2026-M02")
    assert response.json()["findings"][0]["rule"] == "period_differs"
    assert response.json()["periods"][1]["accepted"] == 1


def test_the_same_key_and_body_get_the_same_receipt(door: Door) -> None:
    first, again = door.push(one("1"), key="k"), door.push(one("1"), key="k")
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert len(door.river.log.manifests()) == 1


def test_the_same_key_with_another_body_or_query_is_refused(door: Door) -> None:
    door.push(one("1"), key="k")
    for response in (
        door.push(one("2"), key="k"),
        door.push(one("1"), key="k", period="2026-M01"),
    ):
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert len(door.river.log.manifests()) == 1


def test_the_same_key_for_a_refused_file_gets_the_same_refusal(door: Door) -> None:
    first, again = door.push(one("x"), key="k"), door.push(one("x"), key="k")
    assert first.status_code == again.status_code == 422
    assert first.json() == again.json()


def test_one_key_for_two_tables_at_once_is_used_once(door: Door) -> None:
    def send(table: str) -> int:
        item = "tax" if table == "whole" else "turnover"
        body = f"{HEADER}A,{item},2026-M01,1\n"
        return door.push(body, by="taxman", table=table, key="k").status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, ["monthly", "whole"])) == [202, 422]


def test_a_key_belongs_to_its_reporter(door: Door) -> None:
    door.push(one("1"), key="k")
    assert door.push(HEADER + "C,turnover,2026-M01,1\n", by="south", key="k").status_code == 202


@pytest.mark.parametrize("key", ["k" * 256, "a\tb"])
def test_a_key_that_is_no_key_is_refused(door: Door, key: str) -> None:
    assert door.push(one("1"), key=key).json()["code"] == "query"


def test_content_equal_to_the_head_is_told_as_repeated_whatever_the_key(door: Door) -> None:
    first = door.push(one("1"), key="k").json()
    for key in ("", "other", "other"):
        again = door.push(one("1.0"), key=key)
        assert again.status_code == 202
        assert again.json() == first | {"repeated": True}
    assert len(door.river.log.manifests()) == 1


def test_a_then_b_then_a_are_three_submissions_and_a_is_in_force(door: Door) -> None:
    ids = {door.push(one(value)).json()["submission"] for value in ("1", "2", "1")}
    assert len(ids) == 3
    assert door.river.log.cells()[A, 1, 202601] == (10_000, REPORTED)


def test_a_file_repeats_only_if_one_submission_heads_all_its_periods(door: Door) -> None:
    both = HEADER + "A,turnover,2026-M01,1\nA,turnover,2026-M02,2\n"
    january = HEADER + "A,turnover,2026-M01,1\n"
    first = door.push(both).json()["submission"]
    second = door.push(january).json()
    third = door.push(both).json()
    assert not second["repeated"]
    assert not third["repeated"]
    assert len({first, second["submission"], third["submission"]}) == 3
    assert door.push(both).json() == third | {"repeated": True}


def test_a_file_with_more_bad_cells_than_the_head_is_no_repeat(door: Door) -> None:
    door.push(one("1"))
    assert door.push(one("1") + "B,turnover,2026-M01,x\n").json()["repeated"] is False


def test_of_two_clerks_at_once_exactly_one_is_in_force(door: Door) -> None:
    units = [
        f"{unit},{item},2026-M01," for unit in "AB" for item in ("turnover", "staff", "profit")
    ]
    bodies = [HEADER + "".join(f"{cell}{n}\n" for cell in units) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(door.push, bodies))
    assert {answer.status_code for answer in answers} == {202}
    values = {value for value, _ in door.river.log.cells().values()}
    assert len(values) == 1
    order = [submission for submission, _, _ in door.river.log.chunks()]
    assert order == sorted(order, key=order.index), "the chunks of submissions are not interleaved"
    assert len(dict.fromkeys(order)) == 8


def test_of_many_with_one_key_at_once_one_is_taken(door: Door) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: door.push(one("1"), key="k"), range(8)))
    assert {answer.json()["submission"] for answer in answers} == {answers[0].json()["submission"]}
    assert len(door.river.log.manifests()) == 1


def test_beyond_what_the_desk_admits_senders_are_asked_to_come_back(door: Door) -> None:
    admitted = door.river.gateway.desk._admitted
    while admitted.acquire(blocking=False):
        pass
    response = door.push(one("1"))
    assert (response.status_code, response.json()["code"]) == (429, "busy")
    assert int(response.headers["retry-after"]) > 0
    admitted.release()
    assert door.push(one("1")).status_code == 202


def test_a_dry_run_leaves_nothing(door: Door) -> None:
    response = door.push(one("1"), dry_run="true")
    assert (response.status_code, response.json()["submission"]) == (200, None)
    assert door.push(one("x"), dry_run="true").status_code == 422
    assert door.river.log.manifests() == []
    assert list((door.river.settings.data / "spool").rglob("*.*")) == []


def test_a_submission_settles_when_the_store_says_so(door: Door) -> None:
    store = door.river.gateway.service.ledger
    assert isinstance(store, NoStore)
    path = f"/v1/submissions/{door.push(one('1')).json()['submission']}"
    assert door.get(path).json()["status"] == "accepted"
    store.found = [{"period": "2026-M01", "settled": 0}]
    assert door.get(path, "city").json()["status"] == "accepted"
    store.found = [{"period": "0", "settled": 1}, {"period": "2026-M01", "settled": 1}]
    settled = door.get(path).json()
    assert settled["status"] == "settled"
    assert [row["period"] for row in settled["ledger"]] == [None, "2026-M01"]
    assert door.get(path, "south").status_code == 404
    assert door.get("/v1/submissions/none").status_code == 404


def test_the_catalogue_in_the_log_is_the_one_that_judges(door: Door) -> None:
    assert door.push(one("1.25")).status_code == 422
    items = [item.model_dump() for item in cast_catalogue().items]
    items[0]["decimals"] = 2
    load_catalogue(door.river, "catalogue:2", cast_catalogue(items=items))
    assert door.push(one("1.25")).status_code == 202


def test_a_catalogue_whose_row_came_late_judges_once_the_log_has_it(door: Door) -> None:
    items = [item.model_dump() for item in cast_catalogue().items]
    items[0]["decimals"] = 2
    body = {"catalogue": cast_catalogue(items=items).model_dump(mode="json")}
    with schema.engine(door.river.settings.control_url).begin() as connection:
        for name, type_, of in (("c:2", "catalogue", body), ("d", "deadline", {})):
            payload = encode_record(Record(name, type_, of))
            intents.submit(connection, door.river.city.id, "control", name, payload)
        late, early = intents.pending(connection)
        # Two writers at once: the second one's row can be seen, and is produced, first.
        intents.mark_produced(connection, early.id, 100)
    assert door.push(one("1.25")).status_code == 422
    with schema.engine(door.river.settings.control_url).begin() as connection:
        intents.mark_produced(connection, late.id, 101)
    assert door.push(one("1.25")).status_code == 202


def test_tables_and_units_are_those_of_the_reporter(door: Door) -> None:
    (table,) = door.get("/v1/tables").json()["tables"]
    assert [item["code"] for item in table["items"]] == ["turnover", "staff", "profit"]
    assert len(door.get("/v1/tables", "city").json()["tables"]) == 2
    february = "/v1/units?table=monthly&period=2026-M02"
    assert [u["code"] for u in door.get(february).json()["units"]] == ["A", "B", "D"]
    assert [u["code"] for u in door.get(february, "south").json()["units"]] == ["C"]
    page = door.get(february + "&limit=2", "city").json()
    assert ([u["code"] for u in page["units"]], page["after"]) == (["A", "B"], "B")
    rest = door.get(february + "&after=B", "city").json()
    assert ([u["code"] for u in rest["units"]], rest["after"]) == (["C", "D"], None)


def test_the_door_is_counted_and_described(door: Door) -> None:
    door.push(one("1"))
    text = door.client.get("/metrics").text
    assert 'granary_gateway_requests_total{route="/v1/submissions",status="202"}' in text
    assert "/v1/submissions" in door.client.get("/openapi.json").json()["paths"]
    assert door.client.get("/healthz").json() == {"alive": True}
    assert door.client.get("/readyz").status_code == 503  # its loops do not run here
