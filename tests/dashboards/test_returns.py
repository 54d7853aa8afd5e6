"""Submissions as the console tells them: where every observation is, also in the middle of it."""

import pytest

from dashboards.console.returns import submissions
from dashboards.console.store import DriverStore
from granary.clock import utc
from storage.clickhouse import connect
from tests.dashboards.traced_city import CITY, NOW, Traced
from tests.folded_city import START_MS

pytestmark = pytest.mark.integration


def test_a_chunk_is_dead_only_once_the_ledger_vouches_for_its_manifest(traced: Traced) -> None:
    store = DriverStore(lambda numpy: connect(traced.owner_url, numpy=numpy), connections=1)
    at = utc(START_MS + 3_600_000)
    with connect(traced.owner_url) as owner:
        owner.execute(
            "INSERT INTO manifest (city, version, submission, reporter, table_code, period,"
            " declared, accepted, rejected, arrived_at) VALUES",
            [(1, 999, "S-half", "all", "T", NOW, 7, 7, 0, at)],
        )
        owner.execute(
            "INSERT INTO manifest_chunk (city, version, submission, chunk, period, rows, hash)"
            " VALUES",
            [(1, 999, "S-half", 1, NOW, 7, "x")],
        )
        assert owner.execute("SELECT dead FROM v_ledger WHERE submission = 'S-half'") == []
        owner.execute(
            "INSERT INTO ledger (city, version, kind, submission) VALUES",
            [(1, 999, "manifest", "S-half")],
        )
        newest = submissions(store, CITY, 3)[0]
        assert (newest["submission"], newest["dead"], newest["pending"]) == ("S-half", 7, 0)
