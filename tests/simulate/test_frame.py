"""应统未统 of a simulated city, counted as sets straight from its files."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from catalog.changes import RegisterRow
from catalog.register import read_register
from granary.keys import unit_id
from granary.simulate.faults.frame import CASES, DECOYS, REFUSED
from indicators.frame.book import CANDIDATE, FrameBook
from indicators.frame.matching import matched
from indicators.register import Register
from tests.simulate.city_files import CityFiles, last_day, read_csv


class Counted:
    """Cases and near units by the rule alone: credit code, size of the first feed, list."""

    def __init__(self, city: CityFiles) -> None:
        frame = city.catalogue.frame
        assert frame is not None
        rank = {feed.code: feed.rank for feed in frame.feeds}
        line = {one.sector: one.size for one in frame.thresholds}
        facts: dict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
        for path in sorted((city.folder / "candidates").glob("*.csv")):
            for row in read_csv(path):
                case = row["credit_code"] or f"{path.stem}.{row['key']}"
                facts[case].append((rank[path.stem], row))
        self.cases, self.near = set(), set()
        for case, told in facts.items():
            by_rank = [row for _, row in sorted(told, key=lambda one: one[0])]
            size = next((Decimal(row["size"]) for row in by_rank if row["size"]), None)
            sector = next(row["sector"] for row in by_rank if row["sector"])
            end = last_day(by_rank[0]["as_of"]).isoformat()
            listed = any(to > end for _, to in city.spans.get(case, []))
            if size is None or sector not in line or listed:
                continue
            if size >= line[sector]:
                self.cases.add(case)
            elif size >= frame.near_share * line[sector]:
                self.near.add(case)


@pytest.fixture(scope="module")
def counted(faulty: CityFiles) -> Counted:
    return Counted(faulty)


def planted(city: CityFiles, part: str) -> set[str]:
    return {one["case"] for one in city.truth["frame"][part]}


def told(city: CityFiles, part: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in city.truth["frame"][part] if one["kind"] == kind]


def test_every_uncounted_unit_is_found_by_the_files_and_none_is_invented(
    faulty: CityFiles, counted: Counted
) -> None:
    assert counted.cases == planted(faulty, "cases") | planted(faulty, "to_refuse")
    assert counted.near == planted(faulty, "near")
    assert {one["kind"] for one in faulty.truth["frame"]["cases"]} == set(CASES)


def test_decoys_are_in_the_feeds_and_are_no_cases(faulty: CityFiles, counted: Counted) -> None:
    decoys = planted(faulty, "decoys")
    assert {one["kind"] for one in faulty.truth["frame"]["decoys"]} == set(DECOYS)
    named = {
        row["credit_code"]
        for path in (faulty.folder / "candidates").glob("*.csv")
        for row in read_csv(path)
    }
    assert decoys <= named
    assert decoys.isdisjoint(counted.cases | counted.near)


def test_a_city_without_faults_counts_everybody(clean: CityFiles) -> None:
    counted = Counted(clean)
    assert (counted.cases, counted.near) == (set(), set())


def test_what_a_person_has_to_rule_out_looks_like_a_listed_unit_or_is_elsewhere(
    faulty: CityFiles,
) -> None:
    reasons = {one["kind"]: one["reason"] for one in faulty.truth["frame"]["to_refuse"]}
    assert reasons == REFUSED
    for kind in ("branch", "old_number"):
        for one in told(faulty, "to_refuse", kind):
            listed = faulty.units["enterprise", one["link_unit"]]
            assert listed["name"] == one["name"]
            assert faulty.is_listed(one["link_unit"], faulty.truth["frame"]["as_of"])
            assert one["case"] != one["link_unit"]


def test_units_that_only_feeds_know_are_not_in_the_register(faulty: CityFiles) -> None:
    for part in ("cases", "near", "decoys", "to_refuse"):
        for one in faulty.truth["frame"][part]:
            assert (("enterprise", one["case"]) in faulty.units) == one["in_register"]


def test_the_size_in_the_tax_feed_is_what_was_declared_in_twelve_months(
    clean: CityFiles,
) -> None:
    months = sorted(
        {period for table, _, period in clean.accepted if table == "tax_monthly"}
    )[-12:]  # fmt: skip
    cells = [clean.accepted["tax_monthly", "declared_sales", month] for month in months]
    for row in read_csv(clean.folder / "candidates" / "tax.csv"):
        declared = sum(month[row["credit_code"]] for month in cells)
        assert Decimal(row["size"]) * 10**4 == declared


def seen_by_the_core(city: CityFiles) -> tuple[set[str], set[str]]:
    """(cases, near) as `indicators.frame` has them of the city's register and feeds."""
    frame = city.catalogue.frame
    assert frame is not None
    rows = read_register(city.folder, city.catalogue)
    for path in sorted((city.folder / "candidates").glob("*.csv")):
        for row in read_csv(path):
            told = {**row, "feed": path.stem}
            name, code = told.pop("name"), f"{path.stem}.{row['key']}"
            rows.append(RegisterRow("put_unit", CANDIDATE, code, name, "", "", "", "",
                                    tuple(told.items())))  # fmt: skip
    register, book = Register(), FrameBook()
    register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    book.apply(register, rows)
    seen = matched(book, register, frame, {})
    return (
        {book.case_code(int(key)) for key in seen.key[seen.qualifies]},
        {book.case_code(int(key)) for key in seen.key[seen.near]},
    )


def test_the_core_of_frame_coverage_sees_what_was_planted(
    faulty: CityFiles, clean: CityFiles
) -> None:
    cases, near = seen_by_the_core(faulty)
    assert cases == planted(faulty, "cases") | planted(faulty, "to_refuse")
    assert near == planted(faulty, "near")
    assert seen_by_the_core(clean) == (set(), set())
