"""Writes catalog/retail's register from the data: `python -m granary.demo.retail_register`.

The result is committed; a test holds it to the data.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import catalog
from catalog.register import MEMBERSHIP_COLUMNS
from granary.demo.retail import INDUSTRIES, STATES, UNIT_KIND, observations, wholes
from indicators.periods import period_end, shift

_COLUMNS = (
    "kind",
    "code",
    "name",
    "name_en",
    "sector",
    "listed_from",
    "listed_to",
    "list_reason",
    "part_of",
)


def register_files() -> dict[str, str]:
    """File name → text. A series is on the list from its first month to its last one.

    Raises:
        granary.demo.retail.DemoDataMissingError: the data are not installed.
        ValueError: a series has a gap or a repeated month; its list status would be wrong.
    """
    english = {code: name for name, code in STATES.items()}
    chinese = _state_names()
    months: dict[tuple[str, str, str], list[int]] = {}
    for row in observations():
        months.setdefault((row.state, row.industry, row.unit), []).append(row.period)
    newest = max(last for periods in months.values() for last in periods)
    order = {code: at for at, code in enumerate(chinese)}
    industries = list(INDUSTRIES)
    units, memberships = [], []
    for state, industry, unit in sorted(
        months, key=lambda key: (order[key[0]], industries.index(key[1]))
    ):
        periods = sorted(months[state, industry, unit])
        if any(shift(a, 1) != b for a, b in pairwise(periods)):
            raise ValueError(f"series {unit} has gaps or repeats")
        first, last = periods[0], periods[-1]
        ended = last < newest
        units.append(
            (
                UNIT_KIND,
                unit,
                f"{chinese[state]}·{INDUSTRIES[industry].zh}",
                f"{english[state]}: {industry}",
                "批零住餐",
                period_end(first).replace(day=1).isoformat(),
                period_end(shift(last, 1)).replace(day=1).isoformat() if ended else "",
                "序列终止" if ended else "",
                wholes().get(unit, ""),
            )
        )
        for grouping, member in (("district", state), ("industry", INDUSTRIES[industry].group)):
            memberships.append((UNIT_KIND, unit, grouping, member, "", ""))
    return {
        "units.csv": _text(_COLUMNS, units),
        "memberships.csv": _text(MEMBERSHIP_COLUMNS, memberships),
    }


def _state_names() -> dict[str, str]:
    from catalog.loader import load

    grouping = load(retail_folder()).grouping["district"]
    return {member.code: member.name.zh for member in grouping.members}


def retail_folder() -> Path:
    """The catalogue folder of the retail city."""
    return Path(catalog.__file__).parent / "retail"


def _text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def main() -> None:
    for name, text in register_files().items():
        (retail_folder() / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
