"""What a registered project is screened by: the values that its departments reported last."""

from datetime import date
from decimal import Decimal

import pytest

from granary.records import RegisterRow
from granary.registered_projects import QUERY, query_values, registered
from storage.clickhouse import connect
from tests.indicators.access.policies import name, policy
from tests.indicators.cities import catalogue
from tests.storage.filled import FEBRUARY, JANUARY, begun, fold_into

pytestmark = pytest.mark.integration


def test_the_latest_reported_value_is_read_and_no_other_units(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10), ("u1", 1, FEBRUARY, 99)])
    log.submission("B", [("u0", 1, FEBRUARY, 12), ("u0", 3, FEBRUARY, None)])
    log.submission("C", [("u0", 1, JANUARY, 11)])
    fold_into(database, log)
    known = catalogue()
    item = known.item["t"]
    table = next(one for one in known.tables if "t" in one.items)
    one = {"code": "told", "name": name("税"), "unit": item.unit, "table": table.code, "item": "t"}
    given = policy(unit_kind="enterprise", inputs=[one], standards=[], directories=[], negative=[])
    rows, columns = connect(database).execute(
        QUERY, query_values("example", given, "u0"), with_column_types=True
    )
    seen = [dict(zip([column for column, _ in columns], row, strict=True)) for row in rows]
    assert [(row["item"], row["value"]) for row in seen] == [("t", Decimal(11)), ("t", Decimal(12))]
    entry = RegisterRow("put_unit", "enterprise", "u0", "甲")
    found = registered(known, given, "u0", [entry], seen, date(2026, 3, 1))
    assert found.row.cells[f"told({item.unit})"] == "12"
    assert found.notes == (f"u0 税:报表{table.code},2026-M02",)
