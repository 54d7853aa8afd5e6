"""Two sources of one item that differ by more than is tolerated are a finding while they do."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Catalogue
from indicators.checks.sources import source_rules
from tests.indicators.cities import catalogue, name
from tests.stream.catalogues import changed
from tests.stream.folded import begun, differences, fold, standing
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore

OUTPUT = 1
MARCH = 202603
KEY = ("rule", "period", "unit")


def two_sources(tolerance: str | None = "0.05", floor: str | None = "10") -> Catalogue:
    """Item t of the district's table T and of the power company's table W, which is read first."""
    plain = catalogue().model_dump(mode="json")
    plain["sources"].append({"id": 2, "code": "power", "name": name("供电公司")})
    plain["sources"][0]["name"] = name("企业填报")
    plain["items"][0] |= {
        "sources": ["power", "district"],
        "tolerance": tolerance,
        "tolerance_floor": floor,
        "prior": None,
    }
    plain["tables"].append(
        {"id": 2, "code": "W", "name": name("用电"), "frequency": "month", "source": "power",
         "items": ["t"], "expected": "none", "purpose": "administrative", "legal_basis": "example"}
    )  # fmt: skip
    plain["reporters"][0]["tables"].append("W")
    return Catalogue.model_validate(plain)


def folded(log: Log) -> MemoryStore:
    store = MemoryStore()
    fold(log, store)
    assert differences(log, store) == []
    return store


def told(store: MemoryStore) -> list[str]:
    return [row["message_zh"] for row in standing(store, "check_current", KEY)]


def test_a_difference_beyond_tolerance_stands_with_both_figures_until_the_sources_agree() -> None:
    log = begun(two_sources())
    log.submission("firms", [("u0", OUTPUT, MARCH, 1_100), ("u1", OUTPUT, MARCH, 1_234)])
    assert told(folded(log)) == []
    power = [("u0", OUTPUT, MARCH, 1_234), ("u1", OUTPUT, MARCH, 1_200)]
    log.submission("power", power, table="W")
    store = folded(log)
    (row,) = standing(store, "check_current", KEY)
    assert row["message_zh"] == (
        "{unit}2026-M03产值(万元):供电公司1,234与企业填报1,100相差10.9 %,超过允许范围(5 %或10 万元)"
    )
    assert (row["rule_code"], row["severity"], row["table_code"]) == ("sources.t", "soft", "W")
    log.submission("corrected", [("u0", OUTPUT, MARCH, 1_230)])
    store = folded(log)
    assert told(store) == []
    assert [row["retired"] for row in store.tables["check_history"]] == [0, 1]


def test_a_catalogue_that_tolerates_more_ends_the_finding_and_one_without_tolerance_has_none() -> (
    None
):
    first = two_sources()
    log = begun(first)
    log.submission("firms", [("u0", OUTPUT, MARCH, 1_100)])
    log.submission("power", [("u0", OUTPUT, MARCH, 1_234)], table="W")
    assert len(told(folded(log))) == 1
    wider = changed(lambda one: one["items"][0].update(tolerance="0.2"), base=first)
    log.catalogue(wider, "catalogue:2")
    assert told(folded(log)) == []
    assert list(source_rules(two_sources(None, None))) == []
    assert [rule.code for rule in source_rules(two_sources("0.05", None))] == ["sources.t"]


@settings(max_examples=12, deadline=None)
@given(
    power=st.integers(-2_000, 2_000),
    firm=st.integers(-2_000, 2_000),
    share=st.sampled_from(["0", "0.05", "0.333"]),
    floor=st.sampled_from([None, "0", "10", "0.5"]),
)
def test_the_finding_is_that_of_the_formula_in_exact_numbers(
    power: int, firm: int, share: str, floor: str | None
) -> None:
    log = begun(two_sources(share, floor))
    log.submission("power", [("u0", OUTPUT, MARCH, power)], table="W")
    log.submission("firm", [("u0", OUTPUT, MARCH, firm)])
    store = MemoryStore()
    fold(log, store)
    allowed = max(Decimal(share) * abs(power), Decimal(floor or 0))
    assert len(told(store)) == (abs(power - firm) > allowed)


@pytest.mark.parametrize("field", ["frequency", "unit_kind"])
def test_tables_of_other_periods_or_other_units_are_not_held_against_each_other(
    field: str,
) -> None:
    plain = two_sources().model_dump(mode="json")
    plain["tables"][1][field] = {"frequency": "quarter", "unit_kind": "parcel"}[field]
    assert list(source_rules(Catalogue.model_validate(plain))) == []
