"""A screening as one page to print or pass on: no script, nothing fetched, every text escaped."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_TEMPLATE: Final = Path(__file__).with_name("screening.html")


def page(body: Mapping[str, Any]) -> str:
    """The page of `granary.screenings.report_body`."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(**body)
