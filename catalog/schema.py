"""JSON Schemas of the catalogue's files, made from the models that read them.

The committed ones are in catalog/schemas/; `granary catalog schema --write` makes them again.
"""

import json
from typing import Any, Final

from pydantic import TypeAdapter

from catalog.loader import LISTS, MAPPINGS, CityFile

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_texts() -> dict[str, str]:
    """File stem → JSON Schema text, in the order in which a reader meets the files."""
    texts = {"city": _text("city", TypeAdapter(CityFile))}
    for stem, model in LISTS.items():
        entry: TypeAdapter[Any] = TypeAdapter(list[model])  # type: ignore[valid-type]
        texts[stem] = _text(stem, entry)
    for stem, model in MAPPINGS.items():
        texts[stem] = _text(stem, TypeAdapter(model))
    return texts


def _text(stem: str, adapter: TypeAdapter[Any]) -> str:
    body = {"$schema": _DIALECT, **adapter.json_schema(), "title": f"{stem}.yaml"}
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"
