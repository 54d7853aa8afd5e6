"""A finding is about the value a record wrote, and says what that value was judged by."""

from tests.indicators.cities import catalogue
from tests.stream.logs import Log, Row
from tests.stream.memory_store import MemoryStore
from tests.stream.test_fold import begun, fold

OUTPUT, TAX = 1, 3
PERIODS = [202301 + 100 * (at // 12) + at % 12 for at in range(24)]
LAST = 202501


def watched() -> Log:
    """Two years of both units' output, and a rule that judges it."""
    rule = {"table": "T", "item": "t", "source": "example"}
    log = begun(catalogue(anomalies=[rule]))
    history: list[Row] = [(unit, OUTPUT, p, 100) for unit in ("u0", "u1") for p in PERIODS]
    log.submission("history", history)
    return log


def found(log: Log) -> list[tuple[int, str]]:
    store = MemoryStore()
    fold(log, store)
    return [(int(row["version"]), row["evidence"]) for row in store.tables.get("anomaly", [])]


def test_a_finding_names_the_version_of_its_value_and_how_far_it_looked_back() -> None:
    log = watched()
    log.submission("wrong", [("u0", OUTPUT, LAST, 100_000), ("u1", OUTPUT, LAST, 101)])
    ((version, evidence),) = found(log)
    assert version == len(log.messages) - 2  # the chunk before its manifest
    assert "此前 24 期中位数 100 万元" in evidence


def test_another_item_of_the_unit_says_nothing_again_about_a_value_it_did_not_bring() -> None:
    log = watched()
    log.submission("wrong", [("u0", OUTPUT, LAST, 100_000)])
    before = found(log)
    log.submission("tax", [("u0", TAX, LAST, 5), ("u1", OUTPUT, LAST, 101)])
    assert found(log) == before
