"""The zones' sample, folded from its log as reporters send it, has the findings planted in it."""

from dataclasses import fields
from decimal import Decimal

import pytest

from catalog.loader import load
from catalog.register import read_register
from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.catalogue import Catalogue, Reporter, Table
from indicators.periods import format_period, parse_period
from tests.catalog.test_zones import ZONES, sheet
from tests.catalog.test_zones_construction import PLANTED
from tests.stream.folded import differences, fold, standing
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore

TABLES = (
    *("lease_annual", "land_annual", "land_share_annual", "parcel_annual"),
    *("zone_quarterly", "task_quarterly", "stage_quarterly", "project_monthly"),
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The zones' catalogue without its figures, which this test is not about."""
    told = load(ZONES).model_dump()
    left_out = ("indicators", "indices", "targets", "assessments", "access")
    return Catalogue.model_validate(told | {part: [] for part in left_out})


def _sent(
    catalogue: Catalogue, table: Table, reporter: Reporter
) -> list[tuple[str, int, int, Decimal]]:
    """Cells of a table that the reporter sends: of a zone's office those about its zone."""
    return [
        (unit, catalogue.item[item].id, parse_period(period), Decimal(row[item]))
        for (unit, period), row in sheet(table.code).items()
        if reporter.member is None or reporter.member in unit
        for item in table.items
        if row[item] not in table.tokens
    ]


def test_every_planted_finding_stands_and_recomputation_gives_the_same(
    catalogue: Catalogue,
) -> None:
    log = Log()
    log.catalogue(catalogue)
    rows = [
        RegisterRow(**{field.name: getattr(row, field.name) for field in fields(row)})
        for row in read_register(ZONES, catalogue)
    ]
    log.register(rows)
    for table in map(catalogue.table.__getitem__, TABLES):
        for reporter in catalogue.reporters:
            cells = _sent(catalogue, table, reporter) if table.code in reporter.tables else []
            if cells:
                name = f"{table.code}-{reporter.code}"
                log.submission(
                    name, cells, reporter=reporter.code, table=table.code, kind=table.unit_kind
                )
    store = MemoryStore()
    fold(log, store)
    assert store.tables.get("quarantine", []) == []
    codes = {unit_id(row.kind, row.code): row.code for row in rows if row.action == "put_unit"}
    stands = {
        (row["rule_code"], codes[int(row["unit"])], format_period(int(row["period"])))
        for row in standing(store, "check_current", ("rule", "period", "unit"))
    }
    assert stands == {(rule, unit, period) for rule, units in PLANTED.items()
                      for unit, periods in units.items() for period in periods}  # fmt: skip
    assert differences(log, store) == []
