"""The audit finds each kind of loss, and nothing where nothing is lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from storage import audit as module
from storage.audit import audit
from storage.clickhouse import connect
from tests.storage.filled import FEBRUARY, JANUARY, begun, fold_into
from tests.stream.logs import Log

pytestmark = pytest.mark.integration

# Offsets of the log below: 0 catalogue, 1 register, 2 and 3 chunks of A, 4 its manifest, 5 chunk
# of B, 6 its manifest.


MONTHS = (JANUARY, FEBRUARY)


def folded(url: str) -> Log:
    log = begun()
    log.submission(
        "A",
        [("u0", 1, JANUARY, 10), ("u1", 1, JANUARY, 20), ("u0", 1, FEBRUARY, 30),
         ("stranger", 1, JANUARY, 1)],
        per_chunk=2,
    )  # fmt: skip
    log.submission("B", [("u0", 1, JANUARY, 11), ("u1", 1, JANUARY, 21)])
    fold_into(url, log)
    return log


def checks(url: str) -> set[str]:
    return {difference.check for difference in audit(url).differences}


def plant(url: str, statement: str) -> None:
    connect(url, mutations_sync=2).execute(statement)


def test_nothing_lost_is_nothing_found(database: str) -> None:
    folded(database)
    assert audit(database).as_json() == {
        "ok": True,
        "submissions": 2,
        "pending": 0,
        "differences": [],
    }


def test_an_empty_store_is_in_order(database: str) -> None:
    assert audit(database).as_json() == {
        "ok": True,
        "submissions": 0,
        "pending": 0,
        "differences": [],
    }


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(
            "ALTER TABLE observation_current DELETE WHERE version = 5 AND value = 110000",
            {"rows_stored"},
            id="a row in force is gone",
        ),
        pytest.param(
            "ALTER TABLE observation_current UPDATE value = value + 1 WHERE version = 5",
            {"rows_hash"},
            id="a value in force was changed",
        ),
        pytest.param(
            "ALTER TABLE observation_current UPDATE status = 3 WHERE version = 5",
            {"rows_hash"},
            id="a status in force was changed",
        ),
        pytest.param(
            "ALTER TABLE observation_superseded UPDATE value = 0 WHERE value = 100000",
            {"rows_hash"},
            id="a superseded value was changed",
        ),
        pytest.param(
            "ALTER TABLE observation_superseded DELETE WHERE value = 100000",
            {"rows_stored", "superseded"},
            id="a superseded row is gone",
        ),
        pytest.param(
            "ALTER TABLE quarantine DELETE WHERE 1",
            {"rows_stored"},
            id="a quarantined row is gone",
        ),
        pytest.param(
            "ALTER TABLE supersession UPDATE rows = rows + 1 WHERE 1",
            {"superseded", "accepted"},
            id="the list of superseded rows is wrong",
        ),
        pytest.param(
            "ALTER TABLE ledger DELETE WHERE version = 1",
            {"offsets_contiguous"},
            id="a record is missing from the ledger",
        ),
        pytest.param(
            "ALTER TABLE ledger DELETE WHERE version = 5",
            {"offsets_contiguous", "settled", "rows_without_ledger"},
            id="a chunk is missing from the ledger",
        ),
        pytest.param(
            "ALTER TABLE ledger_period DELETE WHERE version = 5",
            {"settled"},
            id="a chunk's counts are gone",
        ),
        pytest.param(
            "ALTER TABLE manifest DELETE WHERE submission = 'B'",
            {"settled"},
            id="a manifest is gone",
        ),
        pytest.param(
            "ALTER TABLE manifest UPDATE accepted = accepted + 1, declared = declared + 1"
            " WHERE submission = 'B'",
            {"settled"},
            id="the manifest promises a cell more",
        ),
        pytest.param(
            "ALTER TABLE manifest UPDATE rejected = 5 WHERE submission = 'B'",
            {"declared"},
            id="declared cells are neither accepted nor rejected",
        ),
        pytest.param(
            "ALTER TABLE manifest_chunk UPDATE hash = 'other' WHERE submission = 'B'",
            {"manifest_chunk", "settled", "accepted"},
            id="the manifest names another content",
        ),
        pytest.param(
            "INSERT INTO observation_current (city, source, item, period, unit, value, version)"
            " VALUES (1, 1, 9, 202601, 9, 9, 4)",
            {"rows_without_ledger"},
            id="a row that no chunk wrote",
        ),
        pytest.param(
            "INSERT INTO observation_current (city, source, item, period, unit, value, version)"
            " VALUES (1, 1, 9, 202601, 9, 9, 5)",
            {"rows_stored"},
            id="a row more than the chunk had",
        ),
    ],
)
def test_each_planted_loss_is_found(database: str, statement: str, expected: set[str]) -> None:
    folded(database)
    plant(database, statement)
    assert checks(database) == expected


def test_a_difference_says_where_it_is_and_what_was_expected(database: str) -> None:
    folded(database)
    plant(database, "ALTER TABLE quarantine DELETE WHERE 1")
    (found,) = audit(database).as_json()["differences"]
    counted = {key: found[key] for key in ("check", "city", "submission")}
    assert counted == {"check": "rows_stored", "city": "example", "submission": "A"}
    assert int(found["expected"]) == int(found["found"]) + 1


def test_rows_of_a_record_the_ledger_does_not_vouch_for_yet_are_no_difference(
    database: str,
) -> None:
    log = folded(database)
    log.submission("C", [("u0", 1, JANUARY, 12), ("u1", 1, JANUARY, 22)], manifest=False)
    for tables in ({"observation_current", "ledger_period", "ledger"}, {"ledger"}):
        fold_into(database, log, cut_off=tables)
        connect(database).execute("OPTIMIZE TABLE observation_current FINAL")
        assert audit(database).differences == []


def test_a_submission_whose_manifest_is_still_to_come_is_pending_and_no_difference(
    database: str,
) -> None:
    log = folded(database)
    log.submission("C", [("u0", 1, JANUARY, 12), ("u1", 1, JANUARY, 22)], manifest=False)
    fold_into(database, log)
    assert audit(database).as_json() == {
        "ok": True,
        "submissions": 2,
        "pending": 1,
        "differences": [],
    }


def test_nothing_is_found_while_corrections_are_being_stored(database: str) -> None:
    log = folded(database)
    for number in range(20):
        cells = [(f"u{at}", 1, period, number + at) for at in range(4) for period in MONTHS]
        log.submission(f"S{number}", cells, per_chunk=6)
    with ThreadPoolExecutor(1) as others:
        folding = others.submit(fold_into, database, log)
        looks = 0
        while not folding.done():
            assert audit(database).differences == []
            looks += 1
        folding.result()
    assert looks > 3
    assert audit(database).as_json()["submissions"] == 22


def test_slices_of_any_size_find_the_same(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folded(database)
    plant(database, "ALTER TABLE observation_current UPDATE value = 0 WHERE version = 3")
    plant(database, "ALTER TABLE observation_current DELETE WHERE version = 5 AND value = 110000")
    whole = audit(database).differences
    monkeypatch.setattr(module, "_SLICE_ROWS", 1)
    assert audit(database).differences == whole
    assert {one.check for one in whole} == {"rows_stored", "rows_hash"}


def test_each_city_is_audited_for_itself(database: str) -> None:
    for city in (1, 2):
        log = begun(city, f"city{city}")
        log.submission("A", [("u0", 1, JANUARY, city)])
        fold_into(database, log)
    assert audit(database).as_json() == {
        "ok": True,
        "submissions": 2,
        "pending": 0,
        "differences": [],
    }
    plant(database, "ALTER TABLE observation_current UPDATE value = 0 WHERE city = 2")
    assert [(one.check, one.city) for one in audit(database).differences] == [
        ("rows_hash", "city2")
    ]


def test_a_city_without_a_catalogue_is_audited_as_well(database: str) -> None:
    log = Log(7)
    log.submission("A", [("u0", 1, JANUARY, 10)])
    fold_into(database, log)
    assert checks(database) == set()
    plant(database, "ALTER TABLE manifest DELETE WHERE 1")
    assert checks(database) == {"settled"}
