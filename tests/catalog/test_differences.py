"""What differs between two catalogues and two registers, told field by field."""

from pathlib import Path

from pydantic import BaseModel, Field

from catalog.changes import RegisterRow
from catalog.differences import FieldChange, catalogue_differences
from catalog.loader import load
from catalog.register_differences import RegisterCounts, register_counts
from indicators.catalogue import Catalogue

RETAIL = load(Path(__file__).parents[2] / "catalog" / "retail")


class _Weight(BaseModel):
    indicator: str
    weight: int


class _Index(BaseModel):
    code: str
    year: int
    weights: list[_Weight]


class _Yearly(Catalogue):
    """A catalogue with a part that is bound to years."""

    indices: list[_Index] = Field(default_factory=list)


def _with(**parts: object) -> Catalogue:
    return Catalogue.model_validate(RETAIL.model_dump() | parts)


def _yearly(*indices: _Index) -> _Yearly:
    return _Yearly.model_validate(RETAIL.model_dump() | {"indices": indices})


def test_a_catalogue_differs_from_itself_in_nothing() -> None:
    assert catalogue_differences(RETAIL, _with(version=RETAIL.version + 1)) == []


def test_a_changed_field_is_told_by_its_path_with_both_values() -> None:
    items = [item.model_dump() for item in RETAIL.items]
    was = items[0]["name"]["zh"]
    items[0]["name"]["zh"] = "零售额(新)"
    (found,) = catalogue_differences(RETAIL, _with(items=items))
    assert (found.part, found.entry, found.kind) == ("items", items[0]["code"], "changed")
    assert found.changes == (FieldChange("name.zh", was, "零售额(新)"),)
    assert f"name.zh {was} → 零售额(新)" in str(found)


def test_a_factor_of_a_formula_is_told_as_a_fraction_and_a_new_item_as_new() -> None:
    indicators = [one.model_dump() for one in RETAIL.indicators]
    item = next(iter(indicators[0]["numerator"]))
    indicators[0]["numerator"] = {item: "1/10000"}
    indicators[0]["denominator"] = {item: 2}
    indicators[0]["measures"] = RETAIL.indicators[0].measures[:1]
    indicators[0]["lines"] = None
    (found,) = catalogue_differences(RETAIL, _with(indicators=indicators))
    assert FieldChange(f"numerator.{item}", "1", "1/10000") in found.changes
    assert FieldChange(f"denominator.{item}", None, "2") in found.changes


def test_a_member_of_a_grouping_is_told_by_its_code() -> None:
    groupings = [one.model_dump() for one in RETAIL.groupings]
    member = groupings[0]["members"][0]
    old = member["name"]["en"]
    member["name"]["en"] = "Renamed"
    (found,) = catalogue_differences(RETAIL, _with(groupings=groupings))
    assert found.changes == (FieldChange(f"members.{member['code']}.name.en", old, "Renamed"),)


def test_two_years_are_compared_without_the_year_itself() -> None:
    catalogue = _yearly(
        _Index(code="main", year=2025, weights=[_Weight(indicator="tax", weight=30)]),
        _Index(code="main", year=2026, weights=[_Weight(indicator="tax", weight=40)]),
        _Index(code="green", year=2026, weights=[]),
    )
    found = catalogue_differences(catalogue, catalogue, old_year=2025, new_year=2026)
    assert [str(one) for one in found] == [
        "~ indices main: weights.tax.weight 30 → 40",
        "+ indices green",
    ]
    assert catalogue_differences(catalogue, catalogue) == []


def test_without_a_year_the_same_code_of_two_years_is_two_entries() -> None:
    first = _Index(code="main", year=2025, weights=[])
    found = catalogue_differences(
        _yearly(first), _yearly(first, first.model_copy(update={"year": 2026}))
    )
    assert [(one.entry, one.kind) for one in found] == [("main 2026", "added")]


def _unit(code: str, **attributes: str) -> RegisterRow:
    return RegisterRow("put_unit", "enterprise", code, code, attributes=tuple(attributes.items()))


def _member(code: str, member: str, valid_from: str = "", valid_to: str = "") -> RegisterRow:
    return RegisterRow(
        "put_membership", "enterprise", code, "", "district", member, valid_from, valid_to
    )


def test_register_changes_are_counted_by_what_became_of_each_unit() -> None:
    old = [
        *(_unit(code) for code in ("A", "B", "C", "D", "E")),
        *(_member(code, "D1") for code in ("A", "B", "C", "D")),
    ]
    new = [
        _unit("A"), _unit("B"), _unit("C", listed_to="2026-01-01"), _unit("D", sector="工业"),
        _unit("F"),
        _member("A", "D1", "", "2026-01-01"), _member("A", "D2", "2026-01-01"),
        _member("B", "D1", "", "2026-01-01"),
        _member("C", "D1"),
        _member("D", "D1", "2020-01-01"),
        _member("F", "D2"),
    ]  # fmt: skip
    assert register_counts(old, new) == RegisterCounts(
        units_added=1, units_removed=1, units_ended=1, units_changed=1,
        memberships_added=1, memberships_moved=1, memberships_ended=1, memberships_changed=1,
    )  # fmt: skip
    assert register_counts(new, new) == RegisterCounts()
