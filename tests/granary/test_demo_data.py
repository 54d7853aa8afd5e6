"""The retail data as the demonstration reads them, held to figures known from elsewhere."""

import csv
from collections import defaultdict
from decimal import Decimal

import pytest

from granary.demo import retail
from granary.demo.retail import as_csv, observations, source_file, wholes
from granary.demo.retail_register import register_files, retail_folder

pytest.importorskip("tsdata", reason="the extra `demo` is not installed")


def city_totals() -> dict[int, Decimal]:
    """Period → sum of the top-level series, straight from the file: an independent computation.

    Top-level are the five groups and department stores, and in the two states without "Other
    retailing" three leaves in its stead.
    """
    top = {
        "Food retailing",
        "Household goods retailing",
        "Clothing, footwear and personal accessory retailing",
        "Department stores",
        "Other retailing",
        "Cafes, restaurants and takeaway food services",
    }
    leaves = {
        "Newspaper and book retailing",
        "Other recreational goods retailing",
        "Pharmaceutical, cosmetic and toiletry goods retailing",
    }
    totals: dict[int, Decimal] = defaultdict(Decimal)
    with source_file().open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            alone = row["State"] in ("Tasmania", "Northern Territory")
            if row["Industry"] in top or (alone and row["Industry"] in leaves):
                year, month = row["Month"].split()
                number = "JanFebMarAprMayJunJulAugSepOctNovDec".index(month) // 3 + 1
                totals[int(year) * 100 + number] += Decimal(row["Turnover"])
    return dict(totals)


def test_the_units_that_are_no_parts_add_to_the_independent_total_of_every_month() -> None:
    totals: dict[int, Decimal] = defaultdict(Decimal)
    for row in observations():
        if row.unit not in wholes():
            totals[row.period] += row.value
    assert dict(totals) == city_totals()


def test_the_fifty_series_add_to_the_known_sum_over_all_months() -> None:
    top = [row for row in observations() if row.unit not in wholes()]
    assert len({row.unit for row in top}) == 50
    assert len(top) == 21_546
    assert sum(row.value for row in top) == Decimal("5885841.1")
    assert len(observations()) == 64_532


def test_all_series_together_would_count_turnover_twice() -> None:
    last = [row for row in observations() if row.period == 201812]
    assert sum(row.value for row in last) == Decimal("65011.8")
    assert sum(row.value for row in last if row.unit not in wholes()) == Decimal("34234.3")


def test_no_value_has_more_decimals_than_the_item_keeps() -> None:
    assert max(-int(row.value.as_tuple().exponent) for row in observations()) == 1


def test_a_reporters_file_has_every_value_as_the_source_writes_it() -> None:
    rows = [row for row in observations() if row.unit == "A3349849A"][:2]
    assert as_csv(rows) == (
        b"unit,item,period,value\n"
        b"A3349849A,turnover,1982-M04,4.4\n"
        b"A3349849A,turnover,1982-M05,3.4\n"
    )


def test_the_committed_register_is_the_one_the_data_give() -> None:
    committed = {
        name: (retail_folder() / name).read_text(encoding="utf-8") for name in register_files()
    }
    assert committed == register_files(), "run `python -m granary.demo.retail_register`"


def test_every_series_of_the_data_is_in_the_catalogues_groupings() -> None:
    from catalog.loader import load

    grouping = load(retail_folder()).grouping
    assert {member.code for member in grouping["district"].members} == set(retail.STATES.values())
    assert {member.code for member in grouping["industry"].members} == {
        industry.group for industry in retail.INDUSTRIES.values()
    }
