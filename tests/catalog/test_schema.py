"""The committed JSON Schemas are those of the models."""

from pathlib import Path

from catalog.loader import LISTS, MAPPINGS
from catalog.schema import schema_texts

SCHEMAS = Path(__file__).parents[2] / "catalog" / "schemas"


def test_the_committed_schemas_are_current() -> None:
    committed = {path.stem: path.read_text(encoding="utf-8") for path in SCHEMAS.glob("*.json")}
    assert committed == schema_texts(), "run `granary catalog schema --write catalog/schemas`"


def test_every_file_of_a_catalogue_has_a_schema() -> None:
    assert set(schema_texts()) == {"city", *LISTS, *MAPPINGS}
