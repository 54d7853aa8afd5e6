"""A department's file names units by its own keys; the door makes units' figures of them."""

from typing import Any

import pytest

from granary.keys import MISSING, NOT_APPLICABLE, REPORTED, unit_id
from granary.records import RegisterRow, decode_register, encode_register
from granary.wire import kind_of
from indicators.catalogue import Catalogue
from ingest.named_keys import KeyNames
from storage.control import schema, tokens
from tests.ingest.cast import River, catalogue, load_catalogue, put_in_log
from tests.ingest.conftest import Door, rules

POWER, LOAD, RATE = 5, 6, 7
HEADER = "unit,item,period,value\n"
MAY, JULY = 202605, 202607


def by_meters(**changes: Any) -> Catalogue:
    """The river city, whose power company reports by meters (户号)."""
    plain = catalogue().model_dump(mode="json")
    item = {"decimals": 2, "kind": "flow", "sign": "not_negative", "unit": "万千瓦时"}
    plain["version"] = 2
    plain["sources"].append({"id": 3, "code": "power", "name": {"zh": "供电公司", "en": "Power"}})
    plain["correspondences"] = [
        {"code": "meter", "name": {"zh": "户号", "en": "Meter"}, "unit_kind": "shop",
         "source": "power"}
    ]  # fmt: skip
    plain["items"] += [
        {"id": POWER, "code": "power", "name": {"zh": "用电量", "en": "Power"}, **item,
         "limit": 1_000},
        {"id": LOAD, "code": "load", "name": {"zh": "容量", "en": "Load"}, **item,
         "kind": "stock"},
        {"id": RATE, "code": "rate", "name": {"zh": "负荷率", "en": "Rate"}, **item,
         "kind": "ratio"},
    ]  # fmt: skip
    plain["tables"].append(
        plain["tables"][0]
        | {"id": 3, "code": "meters", "source": "power", "items": ["power", "load", "rate"],
           "keys": "meter"}
        | changes
    )  # fmt: skip
    plain["reporters"].append(
        {"code": "grid", "name": {"zh": "供电公司", "en": "Grid"}, "tables": ["meters"]}
    )
    plain["reporters"][0]["tables"].append("meters")
    return Catalogue.model_validate(plain)


def meter(key: str, shop: str, valid_from: str = "", valid_to: str = "") -> RegisterRow:
    return RegisterRow("put_membership", "shop", shop, "", ":key.meter", key, valid_from, valid_to)


#: A has two meters, B one; meter 3 moves from A to B in June.
METERS = [
    meter("1", "A"),
    meter("2", "A"),
    meter("3", "A", "", "2026-06-01"),
    meter("3", "B", "2026-06-01"),
    meter("4", "B"),
]


@pytest.fixture
def grid(door: Door) -> Door:
    with_meters(door.river)
    return door


def with_meters(river: River, rows: list[RegisterRow] = METERS, **changes: Any) -> None:
    load_catalogue(river, "catalogue:2", by_meters(**changes))
    put_in_log(river, "register", "register:2", encode_register("register:2", rows))
    with schema.engine(river.settings.control_url).begin() as connection:
        river.tokens["grid"] = tokens.issue(connection, river.city.id, "grid", 0)


def sent(door: Door, rows: str, by: str = "grid") -> dict[str, Any]:
    found: dict[str, Any] = door.push(HEADER + rows, by=by, table="meters").json()
    return found


def cells(door: Door) -> dict[tuple[str, int, int], tuple[float, int]]:
    """(shop or meter, item, period) → (value, status) as the log has them."""
    names = {unit_id("shop", code): code for code in "ABCD"}
    names |= {unit_id("meter", str(key)): f"meter {key}" for key in range(10)}
    return {
        (names[unit], item, period): (value / 10**4, status)
        for (unit, item, period), (value, status) in door.river.log.cells().items()
    }


def test_the_keys_of_a_unit_are_added_by_the_correspondence_of_the_period(grid: Door) -> None:
    receipt = sent(
        grid,
        "1,power,2026-M05,0.1\n2,power,2026-M05,0.2\n3,power,2026-M05,0.3\n4,power,2026-M05,7\n"
        "1,power,2026-M07,10\n2,power,2026-M07,20\n3,power,2026-M07,30\n4,power,2026-M07,40\n"
        "4,load,2026-M05,5\n",
    )
    assert cells(grid) == {
        ("A", POWER, MAY): (0.6, REPORTED),
        ("B", POWER, MAY): (7.0, REPORTED),
        ("A", POWER, JULY): (30.0, REPORTED),
        ("B", POWER, JULY): (70.0, REPORTED),
        ("B", LOAD, MAY): (5.0, REPORTED),
    }
    told = {name: receipt[name] for name in ("declared", "accepted", "rejected", "combined")}
    assert told == {"declared": 5, "accepted": 5, "rejected": 0, "combined": 4}
    (manifest,) = grid.river.log.manifests()
    assert manifest.declared == manifest.accepted == {MAY: 3, JULY: 2}


def test_a_unit_told_in_part_is_refused_by_item_and_period_with_the_missing_keys(
    grid: Door,
) -> None:
    receipt = sent(
        grid,
        "1,power,2026-M05,1\n3,power,2026-M05,3\n4,power,2026-M05,7\n"
        "1,power,2026-M07,x\n2,power,2026-M07,20\n"
        "1,load,2026-M07,2\n2,load,2026-M07,3\n",
    )
    assert cells(grid) == {("B", POWER, MAY): (7.0, REPORTED), ("A", LOAD, JULY): (5.0, REPORTED)}
    told = {name: receipt[name] for name in ("declared", "accepted", "rejected", "combined")}
    assert told == {"declared": 6, "accepted": 2, "rejected": 4, "combined": 1}
    findings = [(one["rule"], one["row"]) for one in receipt["findings"]]
    assert findings == [
        ("incomplete_keys", 2), ("incomplete_keys", 3), ("not_a_number", 5), ("incomplete_keys", 6),
    ]  # fmt: skip
    message = receipt["findings"][0]["message"]
    assert message["zh"].startswith("单位“A”在2026-M05还有户号2未在文件中填报")
    assert "In 2026-M05 unit 'A' has further keys that the file leaves out: 2;" in message["en"]


def test_a_key_twice_in_the_file_is_a_duplicate_and_makes_its_unit_incomplete(grid: Door) -> None:
    receipt = sent(grid, "1,power,2026-M07,1\n1 ,power,2026-M07,1\n2,power,2026-M07,2\n")
    assert sorted(one["rule"] for one in receipt["findings"]) == [
        "duplicate", "duplicate", "incomplete_keys",
    ]  # fmt: skip
    assert (receipt["declared"], receipt["rejected"]) == (3, 3)


def test_what_does_not_add_and_what_is_declared_missing_is_no_sum(grid: Door) -> None:
    receipt = sent(
        grid,
        "1,rate,2026-M07,1\n2,rate,2026-M07,2\n3,rate,2026-M05,1\n"  # A has several: no ratio
        "1,power,2026-M07,/\n2,power,2026-M07,5\n"  # one of A's missing: a part
        "1,load,2026-M07,/\n2,load,2026-M07,/\n"  # both missing: missing
        "3,load,2026-M07,—\n4,load,2026-M07,5\n"  # one not applicable: the other is all
        "3,power,2026-M07,900\n4,power,2026-M07,101\n",  # together above the item's limit
    )
    assert cells(grid) == {("A", LOAD, JULY): (0.0, MISSING), ("B", LOAD, JULY): (5.0, REPORTED)}
    assert receipt["findings_by_rule"] == {
        "keys_do_not_add": 2, "incomplete_keys": 3, "beyond_limit": 2,
    }  # fmt: skip
    assert receipt["declared"] == receipt["accepted"] + receipt["rejected"] == 9
    assert "1,001" in next(
        one["message"]["zh"] for one in receipt["findings"] if one["rule"] == "beyond_limit"
    )  # fmt: skip
    alone = sent(grid, "4,rate,2026-M05,0.5\n4,load,2026-M05,—\n")
    assert alone["accepted"] == 2
    assert cells(grid)["B", LOAD, MAY] == (0.0, NOT_APPLICABLE)


def test_a_key_without_a_unit_is_taken_and_named_in_the_log_before_its_cells(grid: Door) -> None:
    body = "9,power,2026-M05,1\n9,power,2026-M07,2\n4,power,2026-M05,3\n"
    receipt = sent(grid, body)
    assert (receipt["accepted"], receipt["rejected"]) == (3, 0)
    (finding,) = receipt["findings"]
    assert (finding["rule"], finding["severity"], finding["row"]) == ("unmatched", "soft", 2)
    assert finding["message"]["zh"].startswith("户号“9”没有对应的单位,2个数据已收下待匹配")
    assert cells(grid)["meter 9", POWER, MAY] == (1.0, REPORTED)
    kinds = [kind_of(dict(headers)) for _, headers, _ in grid.river.log.messages]
    assert kinds[-3:] == ["register", "observations", "manifest"]
    (row,) = decode_register(grid.river.log.messages[-3][2])[1]
    assert (row.action, row.kind, row.code) == ("put_unit", "meter", "9")
    assert sent(grid, body)["repeated"] is True
    linked = encode_register("register:3", [meter("9", "C")])
    put_in_log(grid.river, "register", "register:3", linked)
    again = sent(grid, body)
    assert (again["repeated"], again["findings"]) == (False, [])
    assert cells(grid)["C", POWER, JULY] == (2.0, REPORTED)


def test_what_cannot_be_a_key_is_refused_and_full_width_digits_are_the_key(grid: Door) -> None:
    receipt = sent(grid, "a b,power,2026-M05,1\n4,power,2026-M05,3\n".replace("4,p", "\uff14,p"))
    assert [one["rule"] for one in receipt["findings"]] == ["bad_key"]
    assert list(cells(grid)) == [("B", POWER, MAY)]


def test_a_reporter_of_one_district_may_not_speak_of_anothers_unit_by_its_key(grid: Door) -> None:
    with_rights = encode_register("register:3", [meter("8", "C")])
    put_in_log(grid.river, "register", "register:3", with_rights)
    answer = grid.push(HEADER + "8,power,2026-M05,1\n", by="north", table="meters")
    assert rules(answer) == ["no_right_on_unit"]


def test_all_or_nothing_counts_observations_and_names_no_key(door: Door) -> None:
    with_meters(door.river, mixed_file="all_or_nothing")
    receipt = sent(
        door, "9,power,2026-M05,1\n1,load,2026-M07,1\n2,load,2026-M07,1\n4,x,2026-M05,1\n"
    )
    assert (receipt["declared"], receipt["rejected"], receipt["combined"]) == (3, 3, 1)
    assert kind_of(dict(door.river.log.messages[-2][1])) == "register"  # only the test's own
    assert "unmatched" not in [one["rule"] for one in receipt["findings"]]


def test_a_key_that_does_not_get_into_the_log_keeps_its_file_out_until_it_is_sent_again(
    grid: Door,
) -> None:
    class Elsewhere:
        """Another gateway relays, and is silent."""

        def step(self) -> int:
            return 1

    desk = grid.river.gateway.desk
    desk._names = KeyNames(grid.river.settings.control_url, Elsewhere())
    response = grid.push(HEADER + "9,power,2026-M05,1\n", by="grid", table="meters")
    assert (response.status_code, response.json()["code"]) == (429, "busy")
    assert grid.river.log.chunks() == []
    desk._names = KeyNames(grid.river.settings.control_url, grid.river.gateway.relay)
    assert sent(grid, "9,power,2026-M05,1\n")["accepted"] == 1
