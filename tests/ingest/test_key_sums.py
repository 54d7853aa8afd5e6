"""Any keys, any moves, any file: the figures of units are those a plain loop makes of them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from granary.keys import MISSING, NOT_APPLICABLE, REPORTED, unit_id
from granary.records import RegisterRow
from indicators.correspondence import Correspondence
from indicators.periods import period_end
from indicators.register import Register
from ingest.checks.batches import Batch, Column, strings
from ingest.checks.judge import judge
from ingest.checks.judgement import Judgement
from ingest.checks.rights import Rights
from tests.ingest.cast import REGISTER
from tests.ingest.test_department_keys import POWER, by_meters, meter

CATALOGUE = by_meters()
TABLE = CATALOGUE.table["meters"]
SHOPS = "ABC"
MONTHS = (202603, 202604, 202605)
#: A key's life: the shops it belongs to one after the other ("" for none), a month each.
Lives = dict[str, list[str]]
Cells = list[tuple[str, int, str]]

lives = st.dictionaries(
    st.sampled_from("12345678"),
    st.lists(st.sampled_from(["", *SHOPS]), min_size=3, max_size=3),
    max_size=8,
)
cells = st.lists(
    st.tuples(
        st.sampled_from("123456789"),
        st.sampled_from(MONTHS),
        st.sampled_from(["0.01", "1", "250", "600", "/", "—", "x"]),
    ),
    max_size=14,
)


def spans(told: Lives) -> list[RegisterRow]:
    """Memberships that begin and end in the middle of the month before the one they change."""
    rows = []
    for key, owners in told.items():
        for at, shop in enumerate(owners):
            if shop:
                rows.append(meter(key, shop, f"2026-{at + 3:02d}-15", f"2026-{at + 4:02d}-15"))
    return rows


def owner(told: Lives, key: str, month: int) -> str:
    """Whose key it is on the month's last day."""
    end = period_end(month)
    for at, shop in enumerate(told.get(key, ())):
        if date(2026, at + 3, 15) <= end < date(2026, at + 4, 15):
            return shop
    return ""


def judged(told: Lives, given_cells: Cells) -> Judgement:
    register = Register(unit_id)
    rows = [*REGISTER, *spans(told)]
    register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    reporter = CATALOGUE.reporter["grid"]
    keys, months, values = zip(*given_cells, strict=True) if given_cells else ((), (), ())
    batch = Batch(
        np.arange(2, len(given_cells) + 2),
        strings(keys),
        strings([f"{month // 100}-M{month % 100:02d}" for month in months]),
        [Column("power", "power", strings(values))],
    )
    correspondence = Correspondence(register, CATALOGUE.scheme["meter"], unit_id)
    rights = Rights(register, "shop", CATALOGUE, reporter)
    return judge([batch], CATALOGUE, rights, TABLE, reporter, "", keys=correspondence)


def plainly(told: Lives, given_cells: Cells) -> tuple[dict[tuple[str, int], tuple[int, int]], int]:
    """(unit or key, month) → (value, status) of what is taken, and the cells beyond the first."""
    times = Counter((key, month) for key, month, value in given_cells if value != "x")
    good = {
        (key, month): value
        for key, month, value in given_cells
        if value != "x" and times[key, month] == 1
    }
    parts: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (key, month), value in good.items():
        shop = owner(told, key, month)
        parts[shop or f"meter {key}", month].append(value)
    taken, combined = {}, 0
    for (unit, month), values in parts.items():
        wanted = sum(owner(told, key, month) == unit for key in told)
        reported = [value for value in values if value not in "/—"]
        if not unit.startswith("meter") and (
            len(values) < wanted or (reported and "/" in values) or total(reported) > 1_000 * 10**4
        ):
            continue
        status = REPORTED if reported else MISSING if "/" in values else NOT_APPLICABLE
        taken[unit, month] = (total(reported), status)
        combined += len(values) - 1
    return taken, combined


def total(values: Sequence[str]) -> int:
    return sum(round(float(value) * 10**4) for value in values)


@settings(max_examples=60, deadline=None)
@given(told=lives, given_cells=cells)
def test_figures_of_units_are_the_sums_of_their_keys_or_nothing(
    told: Lives, given_cells: Cells
) -> None:
    found = judged(told, given_cells)
    names = {unit_id("shop", shop): shop for shop in SHOPS}
    names |= {unit_id("meter", key): f"meter {key}" for key in "123456789"}
    columns = (found.unit.tolist(), found.period.tolist(), found.value.tolist(), found.status)
    seen = {
        (names[unit], period): (value, int(status))
        for unit, period, value, status in zip(*columns, strict=True)
    }
    taken, combined = plainly(told, given_cells)
    assert seen == taken
    assert set(found.item.tolist()) <= {POWER}
    assert (np.lexsort((found.unit, found.period, found.item)) == range(len(found.unit))).all()
    accepted, rejected = sum(found.accepted.values()), sum(found.rejected.values())
    assert accepted == len(taken)
    assert sum(found.declared.values()) == accepted + rejected
    assert sum(found.declared.values()) + combined == len(given_cells)
    assert sum(found.combined.values()) == combined
    assert {f"meter {key}" for key in found.unmatched} == {
        unit for unit, _ in taken if unit.startswith("meter")
    }
