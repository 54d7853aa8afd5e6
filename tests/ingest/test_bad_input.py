"""Each bad input has its clear answer, in two languages, and never a fault of the program."""

from unittest.mock import patch

import pytest

from granary.records import RegisterRow, encode_register
from storage.control import submissions
from tests.ingest.cast import catalogue as cast_catalogue
from tests.ingest.cast import load_catalogue, put_in_log
from tests.ingest.conftest import Door, rules

HEADER = "unit,item,period,value\n"
GOOD = HEADER + "A,turnover,2026-M01,12.5\n"


@pytest.mark.parametrize(
    ("row", "rule", "column"),
    [
        ("Z,turnover,2026-M01,1", "unknown_unit", "unit"),
        ("A,rain,2026-M01,1", "unknown_item", "item"),
        ("A,turnover,soon,1", "unknown_period", "period"),
        ("A,turnover,2026-M13,1", "unknown_period", "period"),
        ("A,turnover,2026,1", "wrong_frequency", "period"),
        ("A,turnover,1969-M12,1", "period_outside", "period"),
        ("A,turnover,2149年1月,1", "period_outside", "period"),
        ("A,turnover,2026-M01,many", "not_a_number", "value"),
        ("A,turnover,2026-M01,1.25", "too_many_decimals", "value"),
        ("A,turnover,2026-M01,1.00001", "too_many_decimals", "value"),
        ("A,turnover,2026-M01,10000000000.1", "beyond_limit", "value"),
        ("A,turnover,2026-M01,99999999999999999999", "beyond_limit", "value"),
        ("A,staff,2026-M01,1000001", "beyond_limit", "value"),
        ("A,turnover,2026-M01,-1", "negative", "value"),
        ("C,turnover,2026-M01,1", "no_right_on_unit", "unit"),
        ("D,turnover,2026-M03,1", "no_right_on_unit", "unit"),
        ("A,turnover", "row_length", None),
        ("A,turnover,2026-M01,1,2", "row_length", None),
        ('"A,turnover,2026-M01,1\nB,turnover,2026-M01,2', "row_quotes", None),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column_and_the_good_ones_are_taken(
    door: Door, row: str, rule: str, column: str | None
) -> None:
    response = door.push(GOOD + row + "\n")
    receipt = response.json()
    assert response.status_code == 202
    assert (receipt["declared"], receipt["accepted"], receipt["rejected"]) == (2, 1, 1)
    (finding,) = receipt["findings"]
    assert (finding["row"], finding["column"], finding["rule"]) == (3, column, rule)
    assert finding["severity"] == "hard"
    assert finding["sheet"] is None
    assert finding["message"]["zh"] != finding["message"]["en"] != ""
    assert receipt["findings_by_rule"] == {rule: 1}


def test_a_unit_is_judged_by_its_membership_at_the_end_of_the_period(door: Door) -> None:
    before = HEADER + "D,turnover,2026-M02,1\n"
    after = HEADER + "D,turnover,2026-M03,1\n"
    answers = [door.push(before).status_code, door.push(after).status_code]
    answers += [door.push(before, "south").status_code, door.push(after, "south").status_code]
    assert answers == [202, 422, 422, 202]


def test_when_nothing_is_accepted_the_submission_still_has_an_id_and_a_manifest(door: Door) -> None:
    response = door.push(HEADER + "A,turnover,2026-M01,x\nA,turnover,bad,2\n")
    problem = response.json()
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["code"] == "nothing_accepted"
    assert rules(response) == ["not_a_number", "unknown_period"]
    (manifest,) = door.river.log.manifests()
    assert manifest.submission == problem["submission"]
    assert manifest.declared == manifest.rejected == {202601: 1, 0: 1}
    assert manifest.chunks == []
    assert door.get(f"/v1/submissions/{problem['submission']}").json()["status"] == "refused"


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "empty_file"),
        (b" \n\n", "empty_file"),
        (HEADER.encode(), "no_cells"),
        (HEADER.strip().encode(), "no_cells"),
        (b"unit,item,period,value\nA,turnover,2026-M01,\n", "no_cells"),
        (b"a,b,c\n1,2,3\n", "no_unit_column"),
        (b"unit\nA\n", "no_item_column"),
        (b"unit,unit,turnover\nA,A,1\n", "repeated_column"),
        (b"unit,turnover,turnover\nA,1,1\n", "repeated_column"),
        (b"unit,turnover\nA,1\n", "no_period"),
        (b"unit,item,period,value\nA,turnover,2026-M01,\xff\xff\xff\n", "encoding"),
        (b"\xff\xfe\x00", "encoding"),
        (b"unit;item;period;value\nA;turnover;2026-M01;1,5\n", "semicolons"),
        ("单位，指标，报告期，数值\nA，营业收入，2026-M01，1\n".encode(), "other_separator"),
        ("单位|营业收入\nA|1\n".encode(), "other_separator"),
        (b"\x00" * 100, "not_text"),
        ("unit,turnover\nA,1\n".encode("utf-16-le"), "not_text"),
        (b'unit,item,period,"value\nA,turnover,2026-M01,1\n', "open_quote"),
        (b"unit" + b",turnover" * 5_000 + b"\nA,1\n", "no_header"),
    ],
)
def test_a_file_that_says_nothing_is_refused_as_a_whole(door: Door, body: bytes, rule: str) -> None:
    response = door.push(body)
    assert response.status_code == 422
    assert rules(response) == [rule]
    assert response.json()["submission"]
    assert len(door.river.log.manifests()) == 1


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"], ids=lambda name: str(name)
)
def test_the_encodings_people_save_in_are_read_alike(door: Door, encoding: str) -> None:
    body = "单位,指标,报告期,数值,备注\nA,营业收入,2026年1月,12.5,正常\n".encode(encoding)
    response = door.push(body)
    assert response.status_code == 202
    assert response.json()["accepted"] == 1
    assert response.json()["findings"] == []


def test_both_rows_of_a_duplicate_are_named_and_neither_is_taken(door: Door) -> None:
    response = door.push(GOOD + "B,turnover,2026-M01,1\nA,营业收入,2026-01,12.5\n")
    receipt = response.json()
    assert (receipt["accepted"], receipt["rejected"]) == (1, 2)
    assert [finding["row"] for finding in receipt["findings"]] == [2, 4]
    assert "第4行" in receipt["findings"][0]["message"]["zh"]
    assert "第2行" in receipt["findings"][1]["message"]["zh"]


def test_a_table_that_wants_whole_files_takes_nothing_from_a_mixed_one(door: Door) -> None:
    response = door.push(
        HEADER + "A,tax,2026-M01,1.2345\nB,tax,2026-M01,x\n", by="taxman", table="whole"
    )
    assert response.status_code == 422
    assert rules(response) == ["all_or_nothing", "not_a_number"]
    assert response.json()["rejected"] == 2


@pytest.mark.parametrize(
    ("text", "hint"),
    [("1.2万", "“万”"), ("3亿", "“亿”"), ("12%", "百分号"), ("1.2E+05", "科学计数法")],
)
def test_what_is_no_number_comes_with_what_to_do(door: Door, text: str, hint: str) -> None:
    response = door.push(f"{HEADER}A,turnover,2026-M01,{text}\n")
    assert hint in response.json()["findings"][0]["message"]["zh"]


def test_too_many_decimals_quote_the_rounded_value(door: Door) -> None:
    response = door.push(f"{HEADER}A,turnover,2026-M01,12.25\nA,staff,2026-M01,2.5\n")
    messages = [finding["message"]["zh"] for finding in response.json()["findings"]]
    assert messages[0].endswith("四舍五入为12.3。")
    assert messages[1].endswith("四舍五入为3。")


@pytest.mark.parametrize("sign", list("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
def test_a_sign_in_the_header_that_ends_no_line_costs_no_row(door: Door, sign: str) -> None:
    response = door.push(f"unit,name{sign},turnover{sign}\nA,x,1\nB,y,2\n", period="2026-M01")
    receipt = response.json()
    assert (receipt["declared"], receipt["accepted"]) == (2, 2)


def test_a_quote_left_open_names_the_cell_that_swallowed_rows(door: Door) -> None:
    response = door.push(f'{HEADER}A,turnover,2026-M01,"1\nB,turnover,2026-M01,2\n')
    (finding,) = response.json()["findings"]
    assert (finding["row"], finding["rule"]) == (2, "not_a_number")
    assert "双引号" in finding["message"]["zh"]


def test_the_items_own_unit_may_stand_behind_its_name_and_no_other(door: Door) -> None:
    assert door.push("单位,营业收入（万元）\nA,1\n", period="2026-M01").status_code == 202
    other = door.push("单位,营业收入(亿元)\nA,1\n", period="2026-M01")
    assert rules(other) == ["unknown_item"]


@pytest.mark.parametrize("literal", ["1e9999999", "-1E+99999999999999999999", "1e-9999999"])
def test_a_json_number_beyond_all_measure_is_a_finding(door: Door, literal: str) -> None:
    line = f'{{"unit":"A","item":"turnover","period":"2026-M01","value":{literal}}}\n'
    response = door.push(line, kind="application/x-ndjson")
    assert response.status_code == 422
    assert rules(response) == ["not_a_number"]


def test_a_unit_code_with_a_note_mark_is_not_taken_for_another_unit(door: Door) -> None:
    units = [RegisterRow("put_unit", "shop", "A1", "Shop A1")]
    put_in_log(door.river, "register", "register:2", encode_register("register:2", units))
    body = "unit,turnover\nA①,1\nA¹,2\nＡ１,3\n"
    response = door.push(body, by="taxman", period="2026-M01")
    assert rules(response) == ["unknown_unit", "unknown_unit"]
    assert response.json()["accepted"] == 1


def test_an_item_is_found_by_its_name_in_either_width(door: Door) -> None:
    items = [item.model_dump() for item in cast_catalogue().items]
    items[0]["name"]["zh"] = "营业收入（万元）"
    load_catalogue(door.river, "catalogue:2", cast_catalogue(items=items))
    for name in ("营业收入（万元）", "营业收入(万元)"):
        response = door.push(f"单位,{name}\nA,1\n", period="2026-M01")
        assert response.status_code == 202
        long = door.push(f"{HEADER}A,{name},2026-M02,1\n")
        assert long.status_code == 202


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "token"),
        ({"Authorization": "Bearer wrong"}, 401, "token"),
        ({"Authorization": "Basic eDp5"}, 401, "token"),
    ],
)
def test_without_a_valid_token_nothing_is_even_read(
    door: Door, headers: dict[str, str], status: int, code: str
) -> None:
    response = door.client.post("/v1/submissions?table=monthly", content=GOOD, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert door.river.log.manifests() == []


def test_a_table_of_others_an_unknown_one_and_none_are_told_apart(door: Door) -> None:
    assert door.push(GOOD, table="whole").status_code == 403
    assert door.push(GOOD, by="city").status_code == 403
    assert door.push(GOOD, table="nothing").status_code == 404
    assert door.push(GOOD, table="").status_code == 422


def test_a_body_above_the_limit_is_refused_while_it_comes(door: Door) -> None:
    line = b"A,turnover,2026-M01,1\n"
    assert door.push(HEADER.encode() + line * 4_000).status_code == 413
    headers = {"Authorization": f"Bearer {door.river.tokens['north']}"}
    endless = (line for _ in range(4_000))
    response = door.client.post("/v1/submissions?table=monthly", content=endless, headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert list((door.river.settings.data / "spool").rglob("*.body")) == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"PK\x03\x04....", "text/csv"),
        (b"x", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b'[{"unit": "A"}]', "application/json"),
        (b'\xef\xbb\xbf[\n {"unit": "A"}]', "text/csv"),
        (b'[["unit"]]', "application/x-ndjson"),
        (b"x", "multipart/form-data; boundary=x"),
    ],
)
def test_other_kinds_of_files_are_told_so(door: Door, body: bytes, kind: str) -> None:
    response = door.push(body, kind=kind)
    assert response.status_code == 415
    assert response.json()["message"]["zh"].endswith("。")


def test_who_writes_a_units_name_is_told_its_code(door: Door) -> None:
    response = door.push(f"{HEADER}Shop A,turnover,2026-M01,1\nShop Z,turnover,2026-M01,1\n")
    first, second = [found["message"] for found in response.json()["findings"]]
    assert "代码是“A”" in first["zh"]
    assert "'A'" in first["en"]
    assert second["zh"] == "名录中没有代码为“Shop Z”的单位。"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,turnover,2026,1", "报告期“2026”与本表不符:《月报》为月报。"),
        ("C,turnover,2026-M01,1", "报告期2026-M01,单位“C”不属于北区统计局的填报范围。"),
        ("A,rain,2026-M01,1", "《月报》没有指标“rain”。"),
        ("A,staff,2026-M01,2.5", "“2.5”的小数位数过多,本指标应为整数;四舍五入为3。"),
        ("A,staff,2026-M01,1000001", "“1000001”的绝对值超过上限1,000,000;请核对计量单位(人)。"),
        ("A,turnover,2026-M01,1,234", "本行有5列,表头有4列。数中如有千位分隔逗号,请去掉。"),
        ("A,turnover,2026-M01,约五", "“约五”不是数字。"),
    ],
)
def test_a_finding_reads_as_a_clerk_would_say_it(door: Door, row: str, said: str) -> None:
    (found,) = door.push(f"{HEADER}{row}\n").json()["findings"]
    assert found["message"]["zh"] == said


def test_a_hint_is_told_whole_however_long_the_cell(door: Door) -> None:
    response = door.push(f"{HEADER}A,turnover,2026-M01,{'1' * 50}亿\n")
    message = response.json()["findings"][0]["message"]
    assert message["en"].endswith("write the number in the item's unit.")
    assert "…" in message["zh"]
    assert message["zh"].endswith("按指标的计量单位填写完整的数。")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"table": ""}, "报表"),
        ({"table": "nothing"}, "“nothing”"),
        ({"table": "whole"}, "《月报》"),
        ({"period": "2" * 65}, "报告期"),
        ({"period": "2026-M01\0"}, "报告期"),
        ({"key": "k" * 256}, "幂等键"),
    ],
)
def test_a_wrong_request_is_told_in_chinese_what_is_wrong(
    door: Door, query: dict[str, str], said: str
) -> None:
    assert said in door.push(GOOD, **query).json()["message"]["zh"]


def test_what_can_be_no_submission_id_is_not_looked_for(door: Door) -> None:
    with patch.object(submissions, "find", side_effect=AssertionError):  # PostgreSQL takes no NUL
        for name in ("%00", "%F0%9F%98%80", "a%2Fb", "a'b"):
            assert door.get(f"/v1/submissions/{name}").status_code == 404


def test_a_request_may_have_space_around_its_period(door: Door) -> None:
    assert door.push("unit,turnover\nA,1\n", period=" 2026年1月　").status_code == 202


def test_the_limit_of_a_body_is_told_in_megabytes(door: Door) -> None:
    message = door.push(b"x" * 60_001).json()["message"]
    assert "0.05722 MB" in message["zh"]


def test_findings_are_bounded_and_their_counts_exact(door: Door) -> None:
    body = HEADER + "".join(f"A,turnover,2026-M01,x{n}\n" for n in range(700)) + "Z,,,1\n" * 500
    response = door.push(body)
    receipt = response.json()
    assert len(receipt["findings"]) == 1_000
    assert receipt["findings_by_rule"] == {"not_a_number": 700, "unknown_unit": 500}
    assert receipt["findings_not_listed"] == 200
    assert receipt["rejected"] == 1_200


def test_a_city_without_a_catalogue_asks_to_come_back(door: Door) -> None:
    from storage.control import cities, schema, tokens

    with schema.engine(door.river.settings.control_url).begin() as connection:
        hill = cities.assign(connection, "hill")
        door.river.tokens["hill"] = tokens.issue(connection, hill.id, "north", 1)
    response = door.push(GOOD, by="hill")
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0


def test_unknown_paths_and_methods_are_problems_too(door: Door) -> None:
    assert door.client.get("/v1/nothing").json()["code"] == "http"
    assert door.client.delete("/v1/submissions").status_code == 405
    assert door.get("/v1/units?table=monthly&period=2026-M01&limit=x").status_code == 422
    assert door.get("/v1/units?table=monthly&period=never").json()["code"] == "query"
