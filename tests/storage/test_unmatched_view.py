"""v_unmatched over a real store: cells whose key has no unit wait there until they are answered."""

from typing import Any

import pytest

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from storage.audit import audit
from storage.clickhouse import connect
from storage.fold_reads import FoldReads
from storage.standing import Standing
from stream.recompute import checked
from stream.recovery import recover
from tests.indicators.cities import catalogue, name
from tests.storage.filled import FEBRUARY, JANUARY, begun, fold_into
from tests.stream.logs import Log

pytestmark = pytest.mark.integration

OUTPUT = 1


def by_meters() -> Catalogue:
    """The example, with a table W of the same item in which the power company names meters."""
    plain = catalogue().model_dump(mode="json")
    plain["sources"].append({"id": 2, "code": "power", "name": name("供电公司")})
    plain["correspondences"] = [{"code": "meter", "name": name("户号"), "source": "power"}]
    plain["items"][0]["prior"] = None
    plain["tables"].append(
        {"id": 2, "code": "W", "name": name("用电"), "frequency": "month", "source": "power",
         "items": ["t"], "keys": "meter", "expected": "none", "purpose": "administrative",
         "legal_basis": "example"}
    )  # fmt: skip
    plain["reporters"].append({"code": "grid", "name": name("供电公司"), "tables": ["W"]})
    return Catalogue.model_validate(plain)


def link(key: str, unit: str, valid_from: str = "", **changes: str) -> RegisterRow:
    return RegisterRow(
        "put_membership", "enterprise", unit, grouping=":key.meter", member=key,
        valid_from=valid_from, **changes,
    )  # fmt: skip


def by_meter(log: Log, submission: str, *rows: tuple[str, int, int]) -> None:
    """A file of the power company as the door sends it on: (key, period, value)."""
    told = [(key, OUTPUT, period, value) for key, period, value in rows]
    log.submission(submission, told, reporter="grid", table="W", kind="meter")


def waiting(url: str, log: Log) -> list[tuple[Any, ...]]:
    """What stands in the view, once the log is folded and nothing differs."""
    fold_into(url, log)
    assert audit(url).ok
    assert checked(recover(FoldReads(url), 1, 0, 10**9), Standing(url)).differences == []
    return list(
        connect(url).execute(
            "SELECT key, period, toInt64(value), submission, unit FROM v_unmatched"
            " ORDER BY key, period"
        )
    )


def test_a_cell_waits_until_its_key_has_a_unit_and_a_later_file_brought_that_units_figure(
    database: str,
) -> None:
    log = begun(given=by_meters())
    log.register([RegisterRow("put_unit", "meter", key, key) for key in "78"], "keys:1")
    by_meter(log, "A", ("7", JANUARY, 5), ("7", FEBRUARY, 6), ("8", JANUARY, 9))
    log.submission("B", [("u0", OUTPUT, JANUARY, 100)], reporter="grid", table="W")
    every = [("7", "2026-M01", 5, "A", ""), ("7", "2026-M02", 6, "A", "")]
    other = ("8", "2026-M01", 9, "A", "")
    assert waiting(database, log) == [*every, other]
    (row,) = connect(database).execute(
        "SELECT city, source, reporter, table_code, scheme, key_name, item, since"
        " FROM v_unmatched WHERE key = '8'"
    )
    assert row[:-1] == ("example", "power", "grid", "W", "meter", "8", "t")
    assert row[-1].timestamp() == 3 * 60
    (counts,) = connect(database).execute(
        "SELECT accepted, stored, quarantined, settled FROM v_ledger"
        " WHERE submission = 'A' AND period = '2026-M01'"
    )
    assert counts == (2, 0, 2, 1)
    # What stood of the unit before the key was its own answers nothing.
    log.register([link("7", "u0", "2026-01-01")], "link:1")
    assert waiting(database, log) == [(*one[:-1], "u0") for one in every] + [other]
    log.submission("C", [("u0", OUTPUT, JANUARY, 105)], reporter="grid", table="W")
    assert waiting(database, log) == [(*every[1][:-1], "u0"), other]
    # Its end being set later opens nothing again, but from then on the key has no unit.
    log.register([link("7", "u0", "2026-01-01", valid_to="2026-02-01")], "link:2")
    assert waiting(database, log) == [every[1], other]
    by_meter(log, "D", ("7", FEBRUARY, 8))
    assert waiting(database, log) == [("7", "2026-M02", 8, "D", ""), other]


def test_a_key_that_nobody_named_is_an_unknown_unit(database: str) -> None:
    log = begun(given=by_meters())
    by_meter(log, "A", ("7", JANUARY, 5))
    assert waiting(database, log) == []
    assert connect(database).execute("SELECT reason FROM v_quarantine") == [("unknown_unit",)]


def changed(url: str) -> list[tuple[Any, ...]]:
    return list(
        connect(url).execute(
            "SELECT unit, period, toInt64(value), added, gone, submission FROM v_keys_changed"
            " ORDER BY unit, period"
        )
    )


def test_figures_made_of_other_keys_than_the_unit_has_now_are_listed_until_they_are_sent_again(
    database: str,
) -> None:
    log = begun(given=by_meters())
    log.register([link("5", "u0"), link("6", "u0"), link("7", "u1")], "link:1")
    both = [(unit, OUTPUT, month, 5) for unit in ("u0", "u1") for month in (JANUARY, FEBRUARY)]
    log.submission("A", both, reporter="grid", table="W")
    log.submission("B", [("u0", OUTPUT, JANUARY, 5)])  # of the district: no keys
    assert (waiting(database, log), changed(database)) == ([], [])
    # Meter 6 goes from u0 to u1 with February; saying an end beyond the figures changes nothing.
    log.register(
        [
            link("6", "u0", valid_to="2026-02-01"),
            link("6", "u1", "2026-02-01"),
            link("5", "u0", valid_to="2026-06-01"),
        ],
        "link:2",
    )
    assert waiting(database, log) == []
    assert changed(database) == [
        ("u0", "2026-M02", 5, [], ["6"], "A"),
        ("u1", "2026-M02", 5, ["6"], [], "A"),
    ]
    log.submission("C", both[1::2], reporter="grid", table="W")
    assert (waiting(database, log), changed(database)) == ([], [])
    drop = RegisterRow("drop_membership", "enterprise", "u1", grouping=":key.meter", member="7")
    log.register([drop], "link:3")
    assert waiting(database, log) == []
    assert [row[:5] for row in changed(database)] == [
        ("u1", "2026-M01", 5, [], ["7"]),
        ("u1", "2026-M02", 5, [], ["7"]),
    ]
