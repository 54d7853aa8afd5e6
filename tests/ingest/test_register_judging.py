"""What of a submitted register file is taken, and what is said of the rest, row by row."""

from pathlib import Path

import pytest

from catalog.changes import fold
from granary.keys import unit_id
from ingest.register.in_force import InForce
from ingest.register.judging import RegisterJudgement, judge_register_file
from tests.ingest.cast import REGISTER
from tests.ingest.register_cast import MORE, RIGHT, WRONG, registering

TODAY = "2026-05-28"
CITY = registering()
MEMBERS = "unit_code,grouping,member,valid_from,valid_to,action,reason\n"
LISTED = "unit_code,valid_from,valid_to,reason,end_reason\n"
KEYS = "key,unit_code,valid_from,valid_to\n"
FEED = "key,credit_code,name,sector,district,size,as_of\n"


def in_force() -> InForce:
    found = InForce()
    for row in (*REGISTER, *MORE):
        fold(found.state, [row])
        found.owners.setdefault(unit_id(row.kind, row.code), (row.kind, row.code))
    return found


@pytest.fixture
def judged(tmp_path: Path) -> "Judge":
    return Judge(tmp_path / "file.csv", in_force())


class Judge:
    """Judges texts by one register, which `enter` brings forward."""

    def __init__(self, path: Path, register: InForce) -> None:
        self.path = path
        self.register = register

    def __call__(
        self, table: str, body: str | bytes, by: str = "taxman", today: str = TODAY
    ) -> RegisterJudgement:
        self.path.write_bytes(body if isinstance(body, bytes) else body.encode())
        reporter = CITY.reporter[by]
        wanted = CITY.register_table[table]
        return judge_register_file(self.path, wanted, CITY, reporter, self.register, today)

    def enter(self, judgement: RegisterJudgement) -> None:
        for unit in judgement.changes():
            fold(self.register.state, unit)


def told(judgement: RegisterJudgement) -> list[tuple[str, int, str]]:
    return [(one.rule, one.row, one.column) for one in judgement.findings.listed]


def rows(judgement: RegisterJudgement) -> list[tuple[str, ...]]:
    """(action, code, grouping, member, first day, day behind the last) of what is asked for."""
    return [
        (row.action, row.code, row.grouping, row.member, row.valid_from, row.valid_to)
        for unit in judgement.changes()
        for row in unit
    ]


@pytest.mark.parametrize(
    ("table", "body", "expected"),
    [
        pytest.param("units", "", [("empty_file", 0, "")], id="empty"),
        pytest.param("units", "name,sector\nX,Y\n", [("missing_column", 1, "code")], id="header"),
        pytest.param(
            "tax_feed", "主键,单位全称,截至\nX,Y,2026-M04\n",
            [("nearly_column", 1, "单位全称"), ("missing_column", 1, "name")], id="slip in Chinese",
        ),
        pytest.param(
            "units", "code,name,sectr\nX,Y,Z\n", [("nearly_column", 1, "sectr")], id="near miss"
        ),
        pytest.param("units", "code,name\nX\n", [("row_width", 2, "")], id="narrow row"),
        pytest.param("units", "code,name\nX,\n", [("no_name", 2, "name")], id="nameless"),
        pytest.param(
            "units", f"code,name\n{WRONG},Y\n", [("wrong_check_digit", 2, "code")], id="check digit"
        ),
        pytest.param(
            "units", "code,name,founded\nX,Y,2026-02-30\n", [("not_a_date", 2, "founded")],
            id="no date",
        ),
        pytest.param(
            "units", "code,name,part_of\nX,Y,Q\n", [("unlawful", 2, "part_of")], id="no whole"
        ),
        pytest.param(
            "units", "code,name,part_of\nA,,B\nB,,A\n",
            [("unlawful", 2, "part_of"), ("unlawful", 3, "part_of")], id="a circle of parts",
        ),
        pytest.param(
            "units", "code,name\nX,Y\nX,Z\n",
            [("repeated_row", 2, "code"), ("repeated_row", 3, "code")], id="twice",
        ),
        pytest.param(
            "units", "kind,code,name\nstall,X,Y\n", [("other_kind", 2, "kind")], id="other kind"
        ),
        pytest.param(
            "units", "code,name,action\nA,,drop\n", [("no_action_reason", 2, "action_reason")],
            id="withdrawn without reason",
        ),
        pytest.param(
            "units", "code,name,action,reason\nQ,,drop,x\n", [("nothing_to_withdraw", 2, "code")],
            id="nothing to withdraw",
        ),
        pytest.param(
            "units", "code,name,action\nA,,erase\n", [("unknown_action", 2, "action")], id="action"
        ),
        pytest.param(
            "places", MEMBERS + "Q,district,N,,,,\n", [("unknown_unit", 2, "unit_code")],
            id="unknown unit",
        ),
        pytest.param(
            "places", MEMBERS + "A,district,W,,,,\n", [("unlawful", 2, "member")],
            id="unknown member",
        ),
        pytest.param(
            "places", MEMBERS + "A,district,S,2026-01-01,,,\n", [("overlap", 2, "valid_from")],
            id="two districts at once",
        ),
        pytest.param(
            "places", MEMBERS + "A,district,N,,2026-01-01,,\nA,district,W,2026-01-01,,,\n",
            [("stands_together", 2, "unit_code"), ("unlawful", 3, "member")],
            id="a move of which one half is bad",
        ),
        pytest.param(
            "listed", LISTED + "C,2025-01-01,,年度升规,\n", [("overlap", 2, "valid_from")],
            id="on the list twice",
        ),
        pytest.param(
            "listed", LISTED + "A,2025-01-01,,看着办,\n", [("unlawful", 2, "reason")], id="reason"
        ),
        pytest.param(
            "keys", KEYS + "M1,B,2026-01-01,\n", [("overlap", 2, "valid_from")],
            id="a key of two units",
        ),
        pytest.param("keys", KEYS + "M 2,B,,\n", [("bad_key", 2, "key")], id="no key"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_its_column_and_changes_nothing(
    judged: Judge, table: str, body: str, expected: list[tuple[str, int, str]]
) -> None:
    found = judged(table, body)
    assert told(found)[: len(expected)] == expected
    assert {rule for rule, _, _ in told(found)} == {rule for rule, _, _ in expected}
    assert (found.accepted, rows(found)) == (0, [])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("T1,,甲店,零售业,N,５１０．５,2026-M04", []),
        ('T1,,甲店,零售业,北区,"1,200",2026年4月', []),
        (f"T1,{WRONG},甲店,零售业,N,510,2026-M04", [("credit_code", "credit_code")]),
        ("T1,无,甲店,零售业,N,510,2026-M04", [("credit_code", "credit_code")]),
        ("T1,350100000000018,甲店,零售业,N,510,2026-M04", [("credit_code", "credit_code")]),
        ("T1,,甲店,零售业,N,很多,2026-M04", [("not_a_size", "size")]),
        ("T1,,甲店,零售业,N,-1,2026-M04", [("not_a_size", "size")]),
        ("T1,,甲店,零售业,X,510,2026-M04", [("unknown_member", "district")]),
        ("T1,,甲店,零售业,N,510,上月", [("not_a_period", "as_of")]),
        ("T1,,甲店,零售业,N,510,2026-M06", [("future_period", "as_of")]),
        ("T1,,,零售业,N,510,2026-M04", [("no_name", "name")]),
        (",,甲店,零售业,N,510,2026-M04", [("no_key", "key")]),
        ("T/1,,甲店,零售业,N,510,2026-M04", [("bad_candidate_key", "key")]),
        ("T1,,甲店,,N,510,2026-M04", [("unplaced", "sector")]),
        ("T1,,甲店,零售业,N,,2026-M04", [("unplaced", "size")]),
        ("T1,,甲店,零售业,,510,2026-M04", [("no_district", "district")]),
    ],
)
def test_candidates_are_read_or_refused_by_column(
    judged: Judge, row: str, expected: list[tuple[str, str]]
) -> None:
    found = judged("tax_feed", FEED + row + "\n")
    assert [(rule, column) for rule, _, column in told(found)] == expected
    refused = any(one.severity == "hard" for one in found.findings.listed)
    assert found.accepted == (0 if refused else 1)


def test_a_candidates_further_columns_are_kept_by_the_names_they_have(judged: Judge) -> None:
    body = "主键,单位名称,截至,法定代表人,founded\nT1,甲店,2026-M04,某人,2020-01-01\n"
    judged.enter(judged("tax_feed", body))
    _, kept = judged.register.state.units["candidate", "tax.T1"]
    assert {"法定代表人": "某人", "founded": "2020-01-01"}.items() <= dict(kept).items()


def test_a_candidate_keeps_what_a_newer_file_leaves_blank_and_no_older_file_goes_back(
    judged: Judge,
) -> None:
    judged.enter(judged("tax_feed", FEED + f"T1,{RIGHT},甲店,零售业,N,510,2026-M03\n"))
    judged.enter(judged("tax_feed", FEED + "T2,,乙店,零售业,S,600,2026-M03\n"))
    judged.enter(judged("tax_feed", FEED + "T1,,,,,700.0,2026-M04\n"))
    name, kept = judged.register.state.units["candidate", "tax.T1"]
    assert (name, dict(kept)) == (
        "甲店",
        {
            "as_of": "2026-M04", "credit_code": RIGHT, "district": "N", "feed": "tax", "key": "T1",
            "sector": "零售业", "size": "700.0",
        },
    )  # fmt: skip
    left_out = dict(judged.register.state.units["candidate", "tax.T2"][1])
    assert left_out["as_of"] == "2026-M03"
    older = judged("tax_feed", FEED + "T1,,甲店,零售业,N,1,2026-M02\n")
    assert told(older) == [("older_row", 2, "as_of")]


def test_good_rows_enter_beside_bad_ones_and_only_what_differs_is_asked_for(
    judged: Judge,
) -> None:
    body = "单位代码,单位名称,行业门类\nE,Shop E,零售业\nA,,\nF,,零售业\n"
    found = judged("units", body)
    assert (found.declared, found.accepted) == (3, 2)
    assert told(found) == [("no_name", 4, "name")]
    assert [row[:2] for row in rows(found)] == [("put_unit", "E")]


def test_a_blank_erases_no_attribute(judged: Judge) -> None:
    judged.enter(judged("units", "code,name,sector,telephone\nA,New name,,028-1\n"))
    name, kept = judged.register.state.units["shop", "A"]
    assert (name, dict(kept)) == ("New name", {"sector": "零售业", "telephone": "028-1"})


def test_chinese_text_of_gb18030_with_a_mark_or_spaces_is_read_alike(judged: Judge) -> None:
    body = "单位代码,单位名称 \nE, 东店 \n"
    for encoded in (body.encode(), body.encode("utf-8-sig"), body.encode("gb18030")):
        assert judged("units", encoded).becomes.units == {("shop", "E"): ("东店", ())}


def test_a_withdrawn_unit_takes_its_memberships_with_it_and_the_log_keeps_the_reason(
    judged: Judge,
) -> None:
    found = judged("units", "code,name,操作,撤销原因\nB,,撤销,重复登记\n")
    (changes,) = found.changes()
    assert [(row.action, row.grouping) for row in changes] == [
        ("drop_membership", "district"), ("drop_unit", ""),
    ]  # fmt: skip
    assert all(dict(row.attributes) == {"reason": "重复登记"} for row in changes)


def test_a_unit_with_parts_is_not_withdrawn_without_them(judged: Judge) -> None:
    judged.enter(judged("units", "code,name,part_of\nB,,A\n"))
    header = "code,name,action,reason\n"
    assert told(judged("units", header + "A,,drop,x\n")) == [("has_parts", 2, "code")]
    assert judged("units", header + "A,,drop,x\nB,,drop,x\n").accepted == 2


def test_a_move_is_an_end_and_a_beginning_in_one_unit_s_rows(judged: Judge) -> None:
    body = MEMBERS + "A,district,N,,2026-01-01,,\nA,district,S,2026-01-01,,,\n"
    assert rows(judged("places", body)) == [
        ("put_membership", "A", "district", "N", "", "2026-01-01"),
        ("put_membership", "A", "district", "S", "2026-01-01", ""),
    ]


def test_a_key_goes_to_another_unit_once_the_first_gives_it_up(judged: Judge) -> None:
    body = KEYS + "M1,A,2025-01-01,2026-01-01\nM1,B,2026-01-01,\n"
    assert judged("keys", body).accepted == 2


def test_the_end_of_a_list_span_keeps_the_reason_of_its_entry(judged: Judge) -> None:
    judged.enter(judged("listed", LISTED + "C,2024-01-01,2026-01-01,,规下\n"))
    span = judged.register.state.spans["shop", "C"][":list", "on_list", "2024-01-01"]
    assert span == ("2026-01-01", (("end_reason", "规下"), ("reason", "年度升规")))


@pytest.mark.parametrize(
    ("dates", "body", "stays"),
    [
        pytest.param(",1970-01-01,", "E,2026-01-01,,月度新建入库,\n", {
            "2026-01-01": ("", (("reason", "月度新建入库"),)),
        }, id="never on the list before"),
        pytest.param(
            "2023-01-01,2025-01-01,年度升规",
            "E,2026-01-01,,月度新建入库,\nE,2023-01-01,2025-01-01,,停产\n",
            {
                "2023-01-01": ("2025-01-01", (("end_reason", "停产"), ("reason", "年度升规"))),
                "2026-01-01": ("", (("reason", "月度新建入库"),)),
            },
            id="on it again",
        ),
        pytest.param("2023-01-01,,年度升规", "E,2023-01-01,2026-01-01,,停产\n", {
            "2023-01-01": ("2026-01-01", (("end_reason", "停产"), ("reason", "年度升规"))),
        }, id="the end of the stay that the dates told"),
    ],
)  # fmt: skip
def test_the_first_decision_on_a_unit_takes_the_place_of_its_dates(
    judged: Judge, dates: str, body: str, stays: dict[str, object]
) -> None:
    units = f"code,name,sector,listed_from,listed_to,list_reason\nE,Shop E,零售业,{dates}\n"
    judged.enter(judged("units", units))
    decided = judged("listed", LISTED + body)
    assert decided.accepted == decided.declared, decided.findings.listed
    judged.enter(decided)
    state = judged.register.state
    assert dict(state.units["shop", "E"][1]) == {"sector": "零售业"}
    spans = state.spans["shop", "E"]
    assert {of[2]: told for of, told in spans.items() if of[0] == ":list"} == stays


@pytest.mark.parametrize(
    ("table", "body", "refused"),
    [
        pytest.param("units", "code,name\nA,mine\nC,theirs\n", [3], id="units in force"),
        pytest.param("units", "code,name\nD,moved away in March\n", [2], id="no longer its own"),
        pytest.param(
            "places", MEMBERS + "A,district,N,,2026-01-01,,\nA,district,S,2026-01-01,,,\n", [2, 3],
            id="giving a unit to another",
        ),
        pytest.param("places", MEMBERS + "C,district,N,,,,\n", [2], id="taking another's unit"),
        pytest.param("places", MEMBERS + "D,district,N,,,,\n", [2], id="taking one back"),
        pytest.param("places", MEMBERS + "A,district,N,,2026-01-01,,\n", [], id="letting it go"),
        pytest.param("listed", LISTED + "D,2025-01-01,2026-01-01,年度升规,规下\n", [], id="own"),
        pytest.param("listed", LISTED + "D,2025-01-01,,年度升规,\n", [2], id="days of another's"),
        pytest.param("listed", LISTED + "C,2024-01-01,2025-01-01,,规下\n", [2], id="another's"),
        pytest.param("keys", KEYS + "M9,C,,\nM8,B,,\n", [2], id="keys"),
        pytest.param(
            "tax_feed", FEED + "1,,甲,零售业,S,1,2026-M04\n2,,乙,零售业,N,1,2026-M04\n", [2],
            id="candidates",
        ),
    ],
)  # fmt: skip
def test_a_district_touches_only_what_is_its_own_on_the_days_it_speaks_of(
    judged: Judge, table: str, body: str, refused: list[int]
) -> None:
    found = judged(table, body, by="north")
    assert [one.row for one in found.findings.listed] == refused
    if refused:
        assert "no_right_on_unit" in {rule for rule, _, _ in told(found)}
    assert found.accepted == found.declared - len(refused)


def test_a_new_unit_of_a_district_is_put_into_its_member(judged: Judge) -> None:
    assert rows(judged("units", "code,name\nE,new\n", by="north")) == [
        ("put_unit", "E", "", "", "", ""), ("put_membership", "E", "district", "N", "", ""),
    ]  # fmt: skip
    assert len(rows(judged("units", "code,name\nE,new\n", by="taxman"))) == 1
