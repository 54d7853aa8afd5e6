"""The domain's worked examples by name, and what a statistician would be misled by."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.register import Register
from tests.indicators.cities import GivenCells, NoCalendar, catalogue, name, register, unit
from tests.indicators.test_figures import growth_city

NOW = 202603


def with_indicator(**changes: Any) -> Catalogue:
    """The catalogue of one indicator, output unless changed."""
    output = catalogue().indicators[0].model_dump() | changes
    return catalogue(indicators=[output])


def figures(
    given: Catalogue, units: Register, cells: GivenCells, measure: str, period: int = NOW
) -> dict[str, FigureBlock]:
    """Blocks of the only indicator by level."""
    core = Figures(given, units, cells, NoCalendar())
    return {b.level: b for b in core.of(given.indicators[0], period, measure, None)}


def exact(raw: object) -> Fraction:
    return Fraction(int(str(raw)), 10**10)


@pytest.mark.parametrize(
    ("tax", "land", "printed"),
    [((10, 30), (2, None), "5"), ((573_564,), (30_341,), "18.90")],
)
def test_tax_per_mu_is_the_ratio_of_sums_within_one_unit_of_the_last_place_printed(
    tax: Sequence[float], land: Sequence[float | None], printed: str
) -> None:
    # X 10 / 2 and Y 30 / not reported: 5, and not 20; published figures may be truncated.
    given = with_indicator(numerator={"tax": 1}, denominator={"land": 1}, measures=["current"])
    units = register(*(unit(code, code) for code in "XY"[: len(tax)]))
    cells = GivenCells({NOW: {"tax": tax, "land": land}}, len(tax))
    found = figures(given, units, cells, "current")["city"]
    places = Decimal(printed).as_tuple().exponent
    assert isinstance(places, int)
    assert abs(found.value[0] - float(printed)) < 10.0**places


BEIJING = ("海淀", "昌平", "顺义", "大兴", "亦庄", "通州")


def beijing() -> tuple[Catalogue, Register, GivenCells]:
    """10,128 units in six zones, 681 of them in two; output in tenths, as published."""
    zones = {"id": 2, "code": "zone", "name": name("六高"), "partition": False,
             "members": [{"code": code, "name": name(code)} for code in BEIJING]}  # fmt: skip
    output = catalogue().indicators[0].model_dump()
    output |= {"measures": ["current", "share"], "levels": ["city", "zone"]}
    district = catalogue().groupings[0].model_dump()
    given = catalogue(groupings=[district, zones], indicators=[output])
    shared, alone = _spread(35_467, 681), _spread(252_647, 9_447)
    rows = []
    for at in range(len(shared) + len(alone)):
        rows += unit(f"u{at}", "X")
        for zone in {BEIJING[at % 6], BEIJING[(at + 1) % 6 if at < len(shared) else at % 6]}:
            rows.append(
                RegisterRow("put_membership", "enterprise", f"u{at}", grouping="zone", member=zone)
            )
    values = [tenths / 10 for tenths in shared + alone]
    return given, register(rows), GivenCells({NOW: {"t": values}}, len(values))


def _spread(total: int, parts: int) -> list[int]:
    """Whole numbers that add up to the total."""
    return [total // parts + (at < total % parts) for at in range(parts)]


def test_the_total_of_beijings_overlapping_zones_counts_each_unit_once() -> None:
    found = figures(*beijing(), "current")["zone"]
    assert list(found.subjects) == [*BEIJING, "total"]
    parts, total = slice(0, 6), 6
    assert sum(exact(n) for n in found.numerator[parts]) == Fraction("32358.1")
    assert found.units[parts].sum() == 10_809
    assert (exact(found.numerator[total]), found.units[total]) == (Fraction("28811.4"), 10_128)
    assert found.reason == [""] * 6 + ["overlap_units=681"]


def test_shares_of_overlapping_zones_are_of_the_city_and_may_add_to_more_than_the_whole() -> None:
    found = figures(*beijing(), "share")["zone"]
    assert sum(found.value[:6]) == pytest.approx(32_358.1 / 28_811.4, rel=1e-12)
    assert found.value[6] == 1.0


@pytest.mark.parametrize(
    ("kind", "lines", "base"),
    [
        # A +10, B -100; D 0→40 and E 18→24 came on the list; C left it
        ("contribution", {"continuing": -90, "entries": 46, "exits": 0}, 218),
        ("contribution_nominal", {"continuing": -90, "entries": 64, "exits": -50}, 250),
    ],
)
def test_contributions_of_units_that_stay_entries_and_exits_add_up_to_the_growth(
    kind: str, lines: dict[str, int], base: int
) -> None:
    measures = [kind, *(f"{kind}_{line}" for line in lines)]
    given = with_indicator(measures=measures)
    # E had no stored value; its base as reported now is 18
    found = {m: figures(given, *growth_city(), m) for m in measures}
    for line, points in lines.items():
        block = found[f"{kind}_{line}"]["city"]
        assert (exact(block.numerator[0]), exact(block.denominator[0])) == (points, base)
    for level in ("city", "district"):
        whole = found[kind][level].numerator
        parts = [found[f"{kind}_{line}"][level].numerator for line in lines]
        assert [int(n) for n in sum(parts)] == [int(n) for n in whole]


def test_an_exit_kept_in_the_base_is_a_line_of_its_own() -> None:
    given = with_indicator(exits="keep_base", measures=["contribution_exits"])
    found = figures(given, *growth_city(), "contribution_exits")["city"]
    assert (exact(found.numerator[0]), exact(found.denominator[0])) == (-50, 268)


def test_a_quarter_is_compared_with_the_whole_quarter_before_and_never_with_a_part_of_it() -> None:
    # B came on the list in December: 15 now against 5 then would be growth out of nothing.
    units = register(unit("A", "X"), unit("B", "X", listed_from="2025-12-01"))
    months = {202510: [10, None], 202511: [10, None], 202512: [10, 5]}
    months |= {202601: [10, 5], 202602: [10, 5], 202603: [10, 5]}
    cells = GivenCells({month: {"t": values} for month, values in months.items()}, 2)
    given = with_indicator(measures=["mom"], also=["quarter"])
    found = figures(given, units, cells, "mom", 202621)["city"]
    assert (exact(found.numerator[0]), exact(found.denominator[0])) == (30, 30)
    assert found.reason == ["units_without_base=1:B"]


def test_a_quarter_before_that_was_reported_off_the_list_is_a_base_and_not_zero() -> None:
    units = register(unit("A", "X", listed_from="2026-01-01"))
    cells = GivenCells({m: {"t": [10]} for m in (202510, 202511, 202512, 202601, 202602, NOW)}, 1)
    given = with_indicator(measures=["mom"], also=["quarter"])
    found = figures(given, units, cells, "mom", 202621)["city"]
    assert (found.value[0], found.reason) == (0.0, [""])


def test_a_short_published_base_is_told_where_the_unit_was_then() -> None:
    moved = [
        unit("A", "X", listed_from="2025-03-01")[0],
        RegisterRow("put_membership", "enterprise", "A", grouping="district", member="X",
                    valid_to="2026-01-01"),
        RegisterRow("put_membership", "enterprise", "A", grouping="district", member="Y",
                    valid_from="2026-01-01"),
    ]  # fmt: skip
    given = with_indicator(measures=["ytd_yoy_nominal"])
    cells = GivenCells({m: {"t": [1]} for m in (202503, 202601, 202602, NOW)}, 1)
    found = figures(given, register(moved), cells, "ytd_yoy_nominal")["district"]
    assert found.reason == ["no_units;short_base=1", "no_base"]


def test_a_short_window_is_only_told_of_units_that_are_in_the_figure() -> None:
    units = register(unit("A", "X"), unit("B", "X", listed_from="2026-02-01"))
    cells = GivenCells({m: {"t": [1, None]} for m in (202601, 202602, NOW)}, 2)
    found = figures(catalogue(), units, cells, "ytd")["city"]
    assert (found.units[0], found.reason) == (1, [""])


def test_sums_beyond_64_bits_widen_and_do_not_wrap() -> None:
    # 100,000 units of the largest amount: 10^14 in 10^-4 each, 10^19 together
    size, largest = 100_000, 10**10
    rows = [row for at in range(size) for row in unit(f"u{at}", "XY"[at % 2])]
    cells = GivenCells({NOW: {"t": [], "tp": []}}, 0)
    values = np.full(size, largest * 10_000, np.int64), np.ones(size, bool)
    cells.values = lambda table, item, period: values  # type: ignore[method-assign]
    given = with_indicator(measures=["current", "ytd", "rolling12", "ytd_yoy_same"])
    core = Figures(given, register(rows), cells, NoCalendar())
    for measure, months in (("current", 1), ("ytd", 3), ("rolling12", 12), ("ytd_yoy_same", 3)):
        for block in core.of(given.indicators[0], NOW, measure, None):
            wanted = size * largest * months // len(block.subjects)
            assert {exact(n) for n in block.numerator} == {wanted}
