"""Register tables of a catalogue: what each has to say, and whom it may clash with."""

import pytest
from pydantic import ValidationError

from tests.ingest.register_cast import registering


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "monthly"}, "'monthly' is a table of figures already"),
        ({"source": "nobody"}, "no source 'nobody'"),
        ({"feed": None}, "candidates have a feed, and nothing else has one"),
        ({"feed": "power"}, "frame.yaml has no feed 'power'"),
        ({"holds": "units"}, "candidates have a feed, and nothing else has one"),
        ({"scheme": "meter"}, "correspondences have a scheme of keys, and nothing else has one"),
        ({"holds": "memberships", "feed": None, "unit_kind": "stall"}, "no table or grouping"),
    ],
)
def test_a_register_table_that_does_not_fit_is_named(
    change: dict[str, object], sentence: str
) -> None:
    tables = [table.model_dump() for table in registering().register_tables]
    tables[-1] |= change
    with pytest.raises(ValidationError) as caught:
        registering(register_tables=tables)
    assert sentence in str(caught.value)
    assert "register_tables.4." in str(caught.value)
