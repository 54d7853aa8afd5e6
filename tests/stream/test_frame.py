"""Frame coverage in the fold: cases opened, decided, listed, and the same rows whatever happens."""

from typing import Any

import pytest

from granary.frame_records import FrameDecision
from granary.records import Record, RegisterRow
from storage.frame_rows import CASES, COVERAGE
from stream.errors import UnreadableRecordError
from stream.recovery import recover
from tests.indicators.cities import unit
from tests.indicators.frame.feeds import candidate, framed, gone, no_span, span
from tests.stream.folded import differences, fold, standing
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore

DAY = 24 * 3600 * 1000


def begun() -> Log:
    """Two listed units, U in X and V in Y; the list decides on both."""
    log = Log()
    log.catalogue(framed())
    rows = [*unit("U", "X"), span("U", "2020-01-01"), *unit("V", "Y"), span("V", "2020-01-01")]
    log.register(rows)
    return log


def register(log: Log, *rows: RegisterRow) -> None:
    log.register(rows, f"register:{len(log.messages)}")


def decide(log: Log, case: str, state: str, reason: str = "", **more: str) -> None:
    told = FrameDecision(case, state, reason, "张三", decided_ms=DAY, **more)
    log.control(told.record(f"frame:{case}:{len(log.messages)}"))


def cases(store: MemoryStore) -> dict[str, dict[str, Any]]:
    return {row["case_code"]: row for row in standing(store, "frame_case_current", CASES.key)}


def coverage(store: MemoryStore, subject: str = "example") -> tuple[int, ...]:
    """(on list, candidates, confirmed, near, sizes in 万元 of the first three)."""
    rows = standing(store, "frame_current", COVERAGE.key)
    (row,) = (row for row in rows if row["subject"] == subject)
    names = ("on_list", "candidates", "confirmed", "near")
    sizes = ("on_list_size", "candidates_size", "confirmed_size")
    return tuple(int(row[name]) for name in names) + tuple(row[name] // 10_000 for name in sizes)


def stated(store: MemoryStore, case: str) -> tuple[str, str]:
    row = cases(store)[case]
    return row["state"], row["reason"]


def test_a_candidate_at_the_threshold_is_a_case_and_one_nearly_there_is_near() -> None:
    log, store = begun(), MemoryStore()
    register(
        log,
        candidate("A", "2000", address="天府大道1号"),
        candidate("B", "1600"),
        candidate("C", "1599.9999"),
        candidate("U", "9000"),
        candidate("D", "1000.4999", sector="服务业"),
        candidate("E", "9999", sector="农业"),
        candidate("F", "1000.4999", sector="农业"),
    )
    fold(log, store)
    rows = cases(store)
    assert {case: row["kind"] for case, row in rows.items()} == {
        "A": "case", "B": "near", "D": "near", "E": "unplaced", "over:V": "over",
    }  # fmt: skip
    row = rows["A"]
    assert (row["state"], row["owner"], row["threshold"]) == ("to_verify", "X", 2000 * 10_000)
    assert (row["opened_at"], row["due"], row["address"]) == (120_000, 30, "天府大道1号")
    assert coverage(store) == (2, 1, 0, 2, 9000, 2000, 0)
    assert coverage(store, "X") == (1, 1, 0, 2, 9000, 2000, 0)
    assert coverage(store, "Y") == (1, 0, 0, 0, 0, 0, 0)
    assert differences(log, store) == []


def test_a_confirmed_case_counts_in_coverage_until_the_register_lists_it() -> None:
    log, store = begun(), MemoryStore()
    register(log, candidate("A", "2500"), candidate("U", "1"), candidate("V", "1"))
    decide(log, "A", "to_declare", document="府统〔2026〕3号", owner="zone-office")
    city = fold(log, store)
    assert coverage(store) == (2, 1, 1, 0, 2, 2500, 2500)
    row = cases(store)["A"]
    assert (row["decided_by"], row["owner"], row["document"]) == (
        "张三", "zone-office", "府统〔2026〕3号",
    )  # fmt: skip
    register(log, *unit("A", "Y"), span("A", "2026-08-01"))
    fold(log, store, at=city)
    assert (stated(store, "A"), cases(store)["A"]["list_month"]) == (("listed", ""), 202608)
    assert coverage(store) == (3, 0, 0, 0, 2502, 0, 0)
    assert coverage(store, "Y") == (2, 0, 0, 0, 2501, 0, 0)
    register(log, no_span("A", "2026-08-01"), span("A", "2026-01-01", "2026-02-01"))
    fold(log, store, at=city)
    assert stated(store, "A") == ("to_declare", "")
    assert differences(log, store) == []


def test_a_unit_that_left_the_list_and_is_large_enough_again_is_a_case_anew() -> None:
    log, store = begun(), MemoryStore()
    register(log, candidate("A", "2500"))
    decide(log, "A", "to_declare")
    register(log, *unit("A", "X"), span("A", "2026-08-01"))
    register(log, span("A", "2026-08-01", "2027-01-01"))
    register(log, candidate("A", "2600", as_of="2027-M01"))
    city = fold(log, store)
    assert stated(store, "A") == ("to_verify", "")
    assert (cases(store)["A"]["opened_at"], cases(store)["A"]["decided_by"]) == (360_000, "")
    register(log, candidate("A", "2600", as_of="2026-M12"))
    fold(log, store, at=city)
    assert stated(store, "A") == ("listed", "")
    assert differences(log, store) == []


def test_a_case_ruled_out_as_too_small_is_taken_up_again_at_a_later_period() -> None:
    log, store = begun(), MemoryStore()
    register(log, candidate("A", "2500"))
    decide(log, "A", "not_eligible", "未达标")
    register(log, candidate("A", "2500", district="Y"))
    city = fold(log, store)
    assert stated(store, "A") == ("not_eligible", "未达标")
    register(log, candidate("A", "1900", as_of="2026-M07"))
    fold(log, store, at=city)
    assert stated(store, "A") == ("not_eligible", "未达标")
    assert cases(store)["A"]["size"] == 1900 * 10_000
    register(log, candidate("A", "2100", as_of="2026-M08"))
    fold(log, store, at=city)
    assert stated(store, "A") == ("to_verify", "重新达标")
    assert cases(store)["A"]["opened_at"] == 60_000 * (len(log.messages) - 1)
    register(log, candidate("A", "1000", as_of="2026-M09"))
    fold(log, store, at=city)
    assert "A" not in cases(store)
    assert differences(log, store) == []


def test_a_candidate_decided_to_be_a_registered_unit_counts_for_that_unit() -> None:
    log, store = begun(), MemoryStore()
    register(log, candidate("88", "3000", feed="power", credit_code="", name="某某"),
             candidate("U", "1"), candidate("V", "1"))  # fmt: skip
    register(log, *unit("W", "Y"), span("W", "2020-01-01", "2021-01-01"))
    decide(log, "power.88", "not_eligible", "重复", link_kind="enterprise", link_unit="W")
    city = fold(log, store)
    assert stated(store, "power.88") == ("not_eligible", "重复")
    assert stated(store, "W") == ("to_verify", "")
    assert (cases(store)["W"]["district"], cases(store)["W"]["feeds"]) == ("Y", "power")
    register(log, span("W", "2026-09-01"))
    fold(log, store, at=city)
    assert stated(store, "W") == ("listed", "")
    assert coverage(store) == (3, 0, 0, 0, 3002, 0, 0)
    decide(log, "power.88", "to_verify")
    fold(log, store, at=city)
    assert stated(store, "power.88") == ("to_verify", "")
    assert "W" not in cases(store)
    assert differences(log, store) == []


def test_feeds_are_joined_by_credit_code_and_the_first_in_rank_decides_the_size() -> None:
    log, store = begun(), MemoryStore()
    power = candidate("h1", "1", feed="power", credit_code="ａ1", address="某路", as_of="2026-M07")
    register(log, power, candidate("A1", "2500", district=""), candidate("B", "", sector=""),
             candidate("h2", "2000", feed="power", credit_code="B"))  # fmt: skip
    fold(log, store)
    told = {case: (row["size"], row["feed"], row["feeds"], row["address"], row["as_of"])
            for case, row in cases(store).items() if row["kind"] == "case"}  # fmt: skip
    assert told == {
        "A1": (2500 * 10_000, "tax", "tax,power", "某路", 202606),
        "B": (2000 * 10_000, "power", "tax,power", "", 202606),
    }
    assert cases(store)["A1"]["district"] == "X"


def test_a_decision_that_leads_nowhere_is_kept_in_the_log_and_has_no_effect() -> None:
    log, store = begun(), MemoryStore()
    register(log, candidate("A", "2500"), candidate("U", "1"))
    decide(log, "A", "not_eligible", "嫌麻烦")
    decide(log, "A", "listed")
    decide(log, "nobody", "to_declare")
    decide(log, "A", "not_eligible", "非法人")
    decide(log, "A", "to_declare")
    fold(log, store)
    assert stated(store, "A") == ("not_eligible", "非法人")
    assert len([row for row in store.tables["control_event"] if row["type"] != "catalogue"]) == 5
    assert differences(log, store) == []


def test_a_decision_without_its_person_halts_the_city() -> None:
    log = begun()
    log.control(Record("frame:1", "frame_decision", {"case": "A", "state": "to_declare"}))
    with pytest.raises(UnreadableRecordError):
        fold(log)


def long_log() -> Log:
    """Everything that may happen to cases, in one log."""
    log = begun()
    register(log, *(candidate(f"K{at}", str(900 + 150 * at)) for at in range(12)), gone("K1"))
    for at in (8, 9, 10):
        decide(log, f"K{at}", "to_declare")
    decide(log, "K11", "not_eligible", "未达标")
    register(log, candidate("88", "3000", feed="power", credit_code=""))
    decide(log, "power.88", "not_eligible", "重复", link_kind="enterprise", link_unit="U")
    register(log, *unit("K8", "Y"), span("K8", "2026-08-01"), *unit("K9", "X", part_of="K8"))
    log.catalogue(framed(thresholds=[{"sector": "工业", "size": "2400", "source": "示例"}]), "c:2")
    register(
        log, candidate("K11", "2550", as_of="2026-M07"), gone("K10"), no_span("U", "2020-01-01")
    )
    log.catalogue(framed(near_share="0.5", feeds=[]), "c:3")
    register(log, no_span("K8", "2026-08-01"), RegisterRow("drop_unit", "enterprise", "V"))
    return log


def test_whatever_the_order_of_work_the_same_rows_are_written() -> None:
    log, whole = long_log(), MemoryStore()
    fold(log, whole)
    assert differences(log, whole) == []
    for cut in range(3, len(log.messages), 3):
        broken, part = MemoryStore(), Log()
        part.messages = log.messages[:cut]
        fold(part, broken)
        fold(log, broken, at=recover(broken, 1, 0, 10**9))
        for table in ("frame_history", "frame_case_history"):
            assert broken.tables[table] == whole.tables[table], (cut, table)


def test_only_rows_that_differ_are_written_and_a_catalogue_without_frame_ends_them() -> None:
    log, store = begun(), MemoryStore()
    register(log, candidate("A", "2500"), candidate("B", "2600"))
    register(log, candidate("A", "2500"), candidate("B", "2601"))
    city = fold(log, store)
    written = [row["case_code"] for row in store.tables["frame_case_history"]]
    assert written == ["A", "B", "over:U", "over:V", "B"]
    frameless = framed().model_copy(update={"frame": None, "version": 2})
    log.catalogue(frameless, "catalogue:2")
    fold(log, store, at=city)
    assert (cases(store), standing(store, "frame_current", COVERAGE.key)) == ({}, [])
    log.catalogue(framed().model_copy(update={"version": 3}), "catalogue:3")
    fold(log, store, at=city)
    assert cases(store)["A"]["opened_at"] == 120_000
    assert differences(log, store) == []
