"""Keys of departments that have no unit, as the console tells them: one row a key."""

import pytest

from dashboards.console.store import DriverStore
from dashboards.console.unmatched import printed, unmatched
from granary.records import RegisterRow
from storage.clickhouse import connect
from tests.storage.filled import FEBRUARY, JANUARY, begun, fold_into
from tests.storage.test_unmatched_view import by_meter, by_meters, link

pytestmark = pytest.mark.integration


def test_each_key_is_told_once_with_what_waits_behind_it(database: str) -> None:
    log = begun(given=by_meters())
    named = [("7", "7"), ("8", "八号户"), ("9", "9")]
    log.register([RegisterRow("put_unit", "meter", key, name) for key, name in named], "keys:1")
    by_meter(log, "A", ("9", JANUARY, 1), ("7", JANUARY, 5), ("7", FEBRUARY, 6), ("8", JANUARY, 9))
    log.register([link("9", "u0"), link("7", "u1", "2026-02-01")], "link:1")
    fold_into(database, log)
    store = DriverStore(lambda numpy: connect(database, numpy=numpy), connections=1)
    found = unmatched(store, "example")
    assert (found["keys"], found["cells"]) == (3, 4)
    told = [
        (row["key"], row["name"], row["cells"], row["linked"], row["units"], row["last"])
        for row in found["rows"]
    ]
    assert told == [
        # One of its months has a unit by now, the other has none.
        ("7", "", 2, 1, ["u1"], "2026-M02"),
        ("8", "八号户", 1, 0, [], "2026-M01"),
        ("9", "", 1, 1, ["u0"], "2026-M01"),
    ]
    assert found["rows"][0]["scheme_name"] == "户号"
    assert found["rows"][0]["reporter_name"] == "供电公司"
    assert len(unmatched(store, "example", limit=1)["rows"]) == 1
    assert printed(found)[0]["units"] == "u1"
