"""Attributes of units that checks read as dates and numbers: what they may hold."""

from collections.abc import Mapping

from catalog.register_reading import Reading, no_date
from indicators.catalogue import Catalogue
from indicators.checks.attributes import day_of, number_of

#: column → whether checks read it as a date; else as a number
Typed = Mapping[str, bool]


def typed_attributes(catalogue: Catalogue) -> Mapping[str, Typed]:
    """Kind of unit → its attributes that some check reads as a date or a number."""
    found: dict[str, dict[str, bool]] = {}
    for check in catalogue.compiled_checks:
        for one in check.attributes:
            found.setdefault(one.kind, {})[one.name] = one.sort == "date"
    return found


def check_attributes(
    file: str, line: int, row: Mapping[str, str], typed: Typed, to: Reading
) -> None:
    """Add a fault for each attribute of the row that is not what checks read it as."""
    for column, is_date in typed.items():
        text = row.get(column, "")
        if not text:
            continue
        if is_date and day_of(text) is None:
            to.find(file, line, column, *no_date(text))
        elif not is_date and number_of(text) is None:
            en = f"{text!r} is no number with up to 4 decimals, such as 8000 or 0.5"
            to.find(file, line, column, en, f"{text!r}不是最多4位小数的数字,如8000、0.5")
