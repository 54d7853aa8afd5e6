"""Growth over a window compares the same months on both sides, or says that it does not."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.periods import Frequency
from indicators.register import Register
from tests.indicators.cities import GivenCells, NoCalendar, catalogue, name, register, unit

NOW = 202603
Values = Sequence[float | None]


def block(
    units: Register,
    cells: GivenCells,
    measure: str,
    level: str = "city",
    period: int = NOW,
    given: Catalogue | None = None,
) -> FigureBlock:
    given = given or catalogue()
    figures = Figures(given, units, cells, NoCalendar())
    blocks = figures.of(given.indicator["output"], period, measure, None)
    return next(found for found in blocks if found.level == level)


def exact(raw: object) -> Fraction:
    return Fraction(int(str(raw)), 10**10)


def months(*values: Values, item: str = "t", last: int = NOW) -> dict[int, dict[str, Values]]:
    """{period: {item: values by unit}} for the months that end with `last`."""
    first = last - len(values) + 1
    return {first + at: {item: column} for at, column in enumerate(values)}


def with_base(
    cells: dict[int, dict[str, Values]], base: dict[int, dict[str, Values]]
) -> GivenCells:
    units = len(next(iter(next(iter(cells.values())).values())))
    return GivenCells({**base, **cells}, units)


def test_a_unit_listed_late_last_year_has_no_base_for_the_whole_year_to_date() -> None:
    units = register(unit("A", "X"), unit("B", "X", listed_from="2025-03-01"))
    now = months([10, 5], [10, 5], [10, 5])
    base = months([8, None], [8, None], [8, 4], last=202503)
    found = block(units, with_base(now, base), "ytd_yoy_same")
    assert (exact(found.numerator[0]), exact(found.denominator[0])) == (30, 24)
    assert found.reason == ["units_without_base=1:B"]
    matched = block(units, with_base(now, base), "ytd_yoy_matched")
    assert (exact(matched.numerator[0]), exact(matched.denominator[0])) == (30, 24)


def test_a_unit_listed_during_this_year_is_compared_over_its_own_months() -> None:
    units = register(unit("A", "X", listed_from="2026-03-01"))
    now = months([None], [None], [7])
    base = months([100], [100], [5], last=202503)
    found = block(units, with_base(now, base), "ytd_yoy_same")
    assert (exact(found.numerator[0]), exact(found.denominator[0])) == (7, 5)
    assert found.reason == ["short_window=1"]


def test_the_base_a_unit_reports_now_goes_before_the_stored_one_month_by_month() -> None:
    units = register(unit("A", "X"))
    cells = GivenCells(
        {
            202501: {"t": [1]}, 202502: {"t": [1]}, 202503: {"t": [1]},
            202601: {"t": [3]}, 202602: {"t": [3], "tp": [2]}, NOW: {"t": [3]},
        },
        1,
    )  # fmt: skip
    found = block(units, cells, "ytd_yoy_same")
    assert (exact(found.numerator[0]), exact(found.denominator[0])) == (9, 4)


def test_a_nominal_growth_over_windows_of_unequal_length_says_so() -> None:
    units = register(unit("A", "X"), unit("B", "X", listed_from="2025-03-01"))
    now = months([10, 5], [10, 5], [10, 5])
    base = months([8, None], [8, None], [8, 4], last=202503)
    given = catalogue()
    measures = [*given.indicators[0].measures, "ytd_yoy_nominal"]
    output = given.indicators[0].model_copy(update={"measures": measures})
    given = catalogue(indicators=[output.model_dump()])
    found = block(units, with_base(now, base), "ytd_yoy_nominal", given=given)
    assert (exact(found.numerator[0]), exact(found.denominator[0])) == (45, 28)
    assert found.reason == ["short_base=1"]


def kept_exits() -> Catalogue:
    kept = catalogue().indicators[0].model_copy(update={"exits": "keep_base"})
    return catalogue(indicators=[kept.model_dump()])


def test_a_district_whose_units_have_all_left_pulls_the_city_down_by_what_they_had() -> None:
    units = register(unit("A", "X"), unit("B", "Y", listed_to="2026-03-01"))
    cells = GivenCells({202503: {"t": [100, 50]}, NOW: {"t": [110, None]}}, 2)
    parts = block(units, cells, "contribution", "district", given=kept_exits())
    assert [exact(n) for n in parts.numerator] == [10, -50]
    assert parts.value.tolist() == [pytest.approx(10 / 150), pytest.approx(-50 / 150)]
    growth = block(units, cells, "yoy_same", "district", given=kept_exits())
    assert growth.value[1] == -1.0


def test_a_leavers_corrected_base_touches_the_district_it_was_in() -> None:
    units = register(unit("A", "X"), unit("B", "Y", listed_to="2026-03-01"))
    cells = GivenCells({202503: {"t": [100, 50]}, NOW: {"t": [110, None]}}, 2)
    given = kept_exits()
    figures = Figures(given, units, cells, NoCalendar())
    only_b = np.array([False, True])
    blocks = figures.of(given.indicators[0], NOW, "yoy_same", only_b)
    district = next(found for found in blocks if found.level == "district")
    assert district.emit.tolist() == [False, True]


def test_a_fall_from_profit_to_loss_is_a_word_and_no_rate() -> None:
    cells = GivenCells({202503: {"t": [5]}, NOW: {"t": [-3]}}, 1)
    found = block(register(unit("A", "X")), cells, "yoy_same")
    assert np.isnan(found.value[0])
    assert found.reason == ["no_rate:由盈转亏"]


def test_a_rolling_year_of_a_quarterly_table_is_four_quarters() -> None:
    quarterly = (
        catalogue().tables[0].model_copy(update={"frequency": Frequency.QUARTER}).model_dump()
    )
    given = catalogue(tables=[quarterly])
    quarters = [202501 + 20, 202502 + 20, 202503 + 20, 202504 + 20, 202601 + 20]
    cells = GivenCells({quarter: {"t": [2**at]} for at, quarter in enumerate(quarters)}, 1)
    found = block(register(unit("A", "X")), cells, "rolling12", period=202621, given=given)
    assert exact(found.numerator[0]) == 2 + 4 + 8 + 16


def test_a_table_nobody_must_fill_in_expects_nobody_and_is_not_provisional() -> None:
    table = catalogue().tables[0].model_copy(update={"expected": "none"}).model_dump()
    given = catalogue(tables=[table])
    cells = GivenCells({NOW: {"t": [1, None]}}, 2)
    found = block(register(unit("A", "X"), unit("B", "X")), cells, "current", given=given)
    assert (found.units[0], found.expected[0], found.provisional[0]) == (1, 0, False)


def quoting_catalogue() -> Catalogue:
    base = catalogue()
    published = {
        "id": 2, "code": "P", "name": name("公布"), "frequency": "month", "unit_kind": "city",
        "source": "published", "items": ["q"], "expected": "none", "standing": "公布数",
        "purpose": "statistical", "legal_basis": "example",
    }  # fmt: skip
    item = {"id": 9, "code": "q", "name": name("公布产值"), "unit": "万元", "decimals": 4,
            "kind": "flow"}  # fmt: skip
    output = base.indicators[0].model_dump() | {"quoted": [{"table": "P", "item": "q"}]}
    return catalogue(
        sources=[*(s.model_dump() for s in base.sources),
                 {"id": 2, "code": "published", "name": name("公布")}],
        items=[*(i.model_dump() for i in base.items), item],
        tables=[base.tables[0].model_dump(), published],
        indicators=[output],
    )  # fmt: skip


def quoted_city() -> Register:
    found = register(unit("A", "X"))
    row = RegisterRow("put_unit", "city", "example", "示例")
    found.apply([row], [unit_id("city", "example")])
    return found


def test_a_quoted_figure_of_any_size_is_exact() -> None:
    given = quoting_catalogue()
    cells = GivenCells({NOW: {"q": [5_000_000_000]}}, 1)
    (found,) = Figures(given, quoted_city(), cells, NoCalendar()).quoted(given.indicators[0], NOW)
    assert exact(found.numerator[0]) == 5_000_000_000
    assert found.value[0] == 5e9


def test_a_quote_that_is_withdrawn_says_so_instead_of_leaving_the_old_one() -> None:
    given = quoting_catalogue()
    cells = GivenCells({NOW: {"q": [None]}}, 1)
    (found,) = Figures(given, quoted_city(), cells, NoCalendar()).quoted(given.indicators[0], NOW)
    assert (found.emit[0], found.reason[0]) == (True, "not_quoted")
    assert np.isnan(found.value[0])
