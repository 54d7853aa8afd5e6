"""What truth.json says of a planted fault: where it is, what is right, and where it can be seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from indicators.catalogue import Catalogue
from indicators.checks.compiling import items_asked
from indicators.checks.tree import UnitsSum
from indicators.periods import format_period, shift

#: Kind of a fault → where a user meets it: a view or command of Granary.
SEEN_IN: Final[Mapping[str, str]] = {
    "missing": "v_completeness",
    "late": "v_completeness",
    "late_file": "v_completeness",
    "unit_error": "v_anomaly",
    "ytd_as_month": "v_anomaly",
    "level_shift": "v_anomaly",
    "stale_copy": "v_anomaly",
    "moved_unit": "receipt",
    "broken_identity": "receipt",
    "soft_check": "v_check",
    "source_difference": "v_check",
    "unmatched_key": "v_unmatched",
    "lease_difference": "v_check",
    "missed_stage": "v_check",
    "red_line": "v_alert",
}


@dataclass(slots=True)
class Fault:
    """One planted fault. Values are texts as the file has them; '' where there is no one value.

    cells: every item of the row that is wrong → (true, wrong); item, true_value and wrong_value are
    of the one that the fault is about. checks: rules of the catalogue that look at a wrong cell,
    each with the unit and the periods at which it may show.
    """

    kind: str
    unit_kind: str
    unit: str
    table: str
    period: str
    source: str
    reporter: str
    item: str = ""
    true_value: str = ""
    wrong_value: str = ""
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    seen_in: str = ""
    checks: list[dict[str, str]] = field(default_factory=list)


def reading_checks(
    catalogue: Catalogue,
    table: str,
    item: str,
    unit: str,
    periods: tuple[int, int],
    points_to: Mapping[str, str],
) -> Iterator[dict[str, str]]:
    """Rules that read the item of the unit in these periods, with where they would show.

    `periods`: first and last. `points_to`: attribute or grouping → code of the unit that this one
    is summed for: a district, a zone, the parties of a lease.
    """
    kind = catalogue.table[table].unit_kind
    spans = {"from": format_period(periods[0]), "to": format_period(periods[1])}
    for check in catalogue.compiled_checks:
        own = catalogue.table[check.rule.table]
        for read in check.reads:
            if read.item != item or table not in read.tables or check.unit_kind != kind:
                continue
            if own.frequency is catalogue.table[table].frequency:
                ends = [shift(one, read.earlier) + 100 * read.years for one in periods]
                first, last = map(format_period, ends)
                yield {"check": check.rule.code, "unit": unit, "from": first, "to": last}
            else:  # a stock of a slower table is read by every period until the next one
                year = periods[0] // 100
                yield {"check": check.rule.code, "unit": unit,
                       "from": f"{year}-M01", "to": f"{year + 2}-M12"}  # fmt: skip
        for other in check.others:
            if other.table == table and item in items_asked(other):
                by = other.grouping if isinstance(other, UnitsSum) else other.attribute
                if by in points_to:
                    yield {"check": check.rule.code, "unit": points_to[by], **spans}
