"""A department's key without a unit is set aside by the stream under a reason of its own."""

from granary.records import RegisterRow
from tests.storage.test_unmatched_view import by_meter, by_meters, link
from tests.stream.folded import begun, differences, fold
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore

OUTPUT, MARCH = 1, 202603


def reasons(log: Log) -> list[tuple[int, str]]:
    store = MemoryStore()
    fold(log, store)
    assert differences(log, store) == []
    return [(int(row["version"]), row["reason"]) for row in store.tables.get("quarantine", [])]


def test_only_a_named_key_in_a_table_of_keys_is_unmatched() -> None:
    log = begun(by_meters())
    log.register([RegisterRow("put_unit", "meter", "7", "7")], "keys:1")
    by_meter(log, "A", ("7", MARCH, 5), ("8", MARCH, 6))
    log.submission("B", [("7", OUTPUT, MARCH, 5)], kind="meter")  # a table of units
    log.submission("C", [("u0", OUTPUT, MARCH, 5)], reporter="grid", table="W")
    assert sorted(reason for _, reason in reasons(log)) == [
        "unknown_unit", "unknown_unit", "unmatched",
    ]  # fmt: skip


def test_a_key_with_a_unit_by_now_stays_unmatched_as_its_cells_say_nothing_of_the_unit() -> None:
    log = begun(by_meters())
    log.register([RegisterRow("put_unit", "meter", "7", "7"), link("7", "u0")], "keys:1")
    by_meter(log, "A", ("7", MARCH, 5))
    assert [reason for _, reason in reasons(log)] == ["unmatched"]
