"""What one file of a catalogue cannot know is refused when the whole is read, by place."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.indicators.cities import catalogue


def faults(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        catalogue(**changes)
    return str(caught.value)


def indicators(**of_first: Any) -> list[dict[str, Any]]:
    first, *rest = (indicator.model_dump() for indicator in catalogue().indicators)
    return [first | of_first, *rest]


def items(**of_first: Any) -> list[dict[str, Any]]:
    first, *rest = (item.model_dump() for item in catalogue().items)
    return [first | of_first, *rest]


def test_shares_and_contributions_of_a_ratio_are_refused() -> None:
    for measure in ("share", "contribution", "ytd_contribution_entries"):
        found = faults(indicators=indicators(denominator={"land": 1}, measures=[measure]))
        assert "indicators.0.measures: a ratio of sums has no shares" in found
        assert repr(measure) in found


def test_a_reported_ratio_has_no_shares() -> None:
    found = faults(items=items(kind="ratio", prior=None))
    assert "indicators.0.measures: a reported ratio has no shares and no contributions" in found


def test_an_item_of_last_year_must_stand_in_every_table_that_asks_for_its_item() -> None:
    table = catalogue().tables[0].model_dump() | {"items": ["t", "tax", "land"]}
    assert "items.0.prior: table 'T' asks for 't' but not for 'tp'" in faults(tables=[table])


def test_an_item_of_last_year_is_reported_as_its_item_is() -> None:
    assert "items.0.prior: 'tp' is of another kind" in faults(items=items(reported="year_to_date"))
