"""Register files at the gateway: what a repeat, a refusal and a load under way come to."""

import pytest
from sqlalchemy import func, select

from granary.records import RegisterRow, encode_register
from storage.control import intents, schema
from tests.ingest.cast import River, load_catalogue, put_in_log
from tests.ingest.conftest import Door, rules
from tests.ingest.register_cast import MORE, RIGHT, registering

FEED = "主键,统一社会信用代码,单位名称,行业门类,区市县,近12个月销售额,截至\n"
GROWN = f'T1,{RIGHT},某商贸公司,零售业,北区,"1,200.5",2026-M04\n'
MEMBERS = "unit_code,grouping,member,valid_from,valid_to\n"


@pytest.fixture
def office(door: Door) -> Door:
    load_catalogue(door.river, "catalogue:2", registering())
    put_in_log(door.river, "register", "register:2", encode_register("register:2", MORE))
    return door


def written(river: River) -> tuple[int, int, int]:
    """(intents, submissions of register files, messages in the log)."""
    with schema.reading(river.settings.control_url) as connection:
        counts = [
            int(connection.scalar(select(func.count()).select_from(table)) or 0)
            for table in (schema.intent, schema.register_submission)
        ]
    return counts[0], counts[1], len(river.log.messages)


def test_the_same_file_under_another_key_asks_for_nothing(office: Door) -> None:
    office.push(FEED + GROWN, by="taxman", table="tax_feed", key="k1")
    records, submissions, messages = written(office.river)
    again = office.push(FEED + GROWN, by="taxman", table="tax_feed", key="k2").json()
    assert (again["accepted"], again["changes"]["changes"]) == (1, 0)
    assert written(office.river) == (records, submissions + 1, messages)


def test_a_file_of_which_nothing_enters_is_a_problem_with_its_findings(office: Door) -> None:
    records, submissions, messages = written(office.river)
    answer = office.push(MEMBERS + "C,district,N,2026-07-01,\n", by="north", table="places")
    assert (answer.status_code, rules(answer)) == (422, ["no_right_on_unit"])
    assert answer.json()["submission_status"] == "refused"
    assert "申报的1行全部退回" in answer.json()["message"]["zh"]
    assert written(office.river) == (records, submissions + 1, messages)


def test_a_file_is_judged_by_what_was_asked_for_before_it_though_not_in_the_log_yet(
    office: Door,
) -> None:
    row = RegisterRow("put_membership", "shop", "E", "", "district", "N", "2026-05-01")
    unit = RegisterRow("put_unit", "shop", "E", "Shop E")
    url = office.river.settings.control_url
    with schema.engine(url).begin() as connection:
        payload = encode_register("clerk", [unit, row])
        intents.submit(connection, office.river.city.id, "register", "clerk", payload)
    answer = office.push(MEMBERS + "E,district,S,2026-05-01,\n", by="taxman", table="places")
    assert (answer.status_code, rules(answer)) == (422, ["overlap"])
