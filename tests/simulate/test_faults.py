"""Every planted fault is in the files and nothing else is wrong: two cities, compared."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import pytest

from granary.simulate.faults.entries import SEEN_IN
from granary.simulate.plan import Plan
from granary.simulate.readme import readme
from indicators.catalogue import mandatory_items
from tests.simulate.cities import PLAN
from tests.simulate.city_files import CityFiles, Line, amount

Row = tuple[str, str, str]  # table, unit as written, period


def rows(city: CityFiles) -> dict[Row, Line]:
    found = {(line.table, line.unit, line.period): line for line in city.lines}
    assert len(found) == len(city.lines)  # nobody tells a row twice
    return found


def of_kind(city: CityFiles, *kinds: str) -> list[Mapping[str, Any]]:
    found = [one for one in city.truth["faults"] if one["kind"] in kinds]
    assert {one["kind"] for one in found} == set(kinds)
    return found


def key(fault: Mapping[str, Any]) -> Row:
    return fault["table"], fault["unit"], fault["period"]


def frame_units(city: CityFiles) -> set[str]:
    """Registered units whose very size or list status was planted."""
    frame = city.truth["frame"]
    parts = ("cases", "near", "decoys", "to_refuse")
    return {one["credit_code"] for part in parts for one in frame[part] if one["in_register"]}


def test_there_is_a_fault_of_every_kind_and_the_readme_counts_them(faulty: CityFiles) -> None:
    counts = Counter(one["kind"] for one in faulty.truth["faults"])
    assert set(counts) == set(SEEN_IN)
    text = (faulty.folder / "README.md").read_text(encoding="utf-8")
    for kind, count in counts.items():
        assert f"| `{kind}` |" in text
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{kind}` |")]
        assert line.endswith(f"| {count} |")


def test_wrong_values_are_in_the_files_and_the_right_ones_in_the_city_without(
    clean: CityFiles, faulty: CityFiles
) -> None:
    now, right = rows(faulty), rows(clean)
    looked_at = 0
    for fault in faulty.truth["faults"]:
        if fault["kind"] in ("missing", "late_file", "unmatched_key"):
            continue
        row, without = now[key(fault)], right[key(fault)]
        assert row.reporter == fault["reporter"]
        if fault["cells"]:
            assert fault["item"] in fault["cells"]
            assert fault["wrong_value"] == row.cells[fault["item"]] != fault["true_value"]
        for item, (true, wrong) in fault["cells"].items():
            looked_at += 1
            assert (without.cells[item], row.cells[item]) == (true, wrong)
            assert amount(true) != amount(wrong)
    assert looked_at > 30


def test_what_differs_between_the_two_cities_is_in_the_truth(
    clean: CityFiles, faulty: CityFiles
) -> None:
    now, right = rows(faulty), rows(clean)
    planted = frame_units(faulty)
    cells: set[tuple[str, str, str, str]] = set()
    lasting: dict[tuple[str, str], str] = {}
    for fault in faulty.truth["faults"]:
        cells |= {(*key(fault), item) for item in fault["cells"]}
        if "until" in fault["facts"]:
            lasting[fault["table"], fault["unit"]] = fault["period"]
    gone = {key(one) for one in of_kind(faulty, "missing")}
    # A district tells the sum of its units as they tell it: what is raised is in it too.
    summed = {"district_totals"}
    assert {row for row in right.keys() - now.keys() if row[1] not in planted} == gone
    for row in now.keys() - right.keys():
        assert faulty.owner(row[1], row[2]) in planted or row[1] in planted
    differing = 0
    for row in now.keys() & right.keys():
        table, unit, period = row
        if table in summed or unit in planted or faulty.owner(unit, period) in planted:
            continue
        for item, text in now[row].cells.items():
            if text != right[row].cells[item] and lasting.get((table, unit), "9") > period:
                differing += 1
                assert (*row, item) in cells, row
    assert differing >= 20


def test_checks_find_something_only_where_a_fault_may_show(faulty: CityFiles) -> None:
    places = defaultdict(list)
    for fault in faulty.truth["faults"]:
        for one in fault["checks"]:
            places[one["check"], one["unit"]].append((one["from"], one["to"]))
    assert len(faulty.findings) > 20
    for check, unit, period in faulty.findings:
        spans = places.get((check, unit), [])
        assert any(start <= period <= end for start, end in spans), (check, unit, period)


@pytest.mark.parametrize(
    "kind", ["broken_identity", "soft_check", "lease_difference", "missed_stage"]
)
def test_a_fault_that_a_check_is_meant_for_is_found_by_it(faulty: CityFiles, kind: str) -> None:
    rule = {"lease_difference": "lease_two_sides", "missed_stage": "stage_missed"}
    for fault in of_kind(faulty, kind):
        check = fault["facts"].get("check") or rule[kind]
        assert (check, fault["unit"], fault["period"]) in faulty.findings


def test_hard_checks_refuse_broken_identities_at_the_door(faulty: CityFiles) -> None:
    severity = {one.code: one.severity for one in faulty.catalogue.checks}
    kinds = {one["unit_kind"] for one in of_kind(faulty, "broken_identity")}
    assert kinds >= {"enterprise", "project", "parcel", "zone"}
    for fault in of_kind(faulty, "broken_identity"):
        assert severity[fault["facts"]["check"]] == "hard"


def test_sources_that_differ_beyond_tolerance_are_found(faulty: CityFiles) -> None:
    for fault in of_kind(faulty, "source_difference"):
        assert ("sources.electricity", fault["unit"], fault["period"]) in faulty.findings


def test_errors_of_unit_go_both_ways_by_the_factors_that_reviewers_know(
    faulty: CityFiles,
) -> None:
    factors = {one["facts"]["factor"] for one in of_kind(faulty, "unit_error")}
    assert factors == {"10", "1/10", "1000", "1/1000", "10000", "1/10000"}
    for fault in of_kind(faulty, "unit_error"):
        times, _, over = fault["facts"]["factor"].partition("/")
        true, wrong = amount(fault["true_value"]), amount(fault["wrong_value"])
        places = 10 ** (4 - faulty.catalogue.item[fault["item"]].decimals)
        assert abs(wrong * int(over or 1) - true * int(times)) <= places * int(over or 1)


def test_a_year_to_date_typed_as_the_month_is_the_rows_own_year_to_date(
    faulty: CityFiles,
) -> None:
    now = rows(faulty)
    for fault in of_kind(faulty, "ytd_as_month"):
        assert fault["item"] == "output_month"
        assert fault["wrong_value"] == now[key(fault)].cells["output"]


def test_a_stale_copy_says_what_the_month_before_said(faulty: CityFiles) -> None:
    now = rows(faulty)
    for fault in of_kind(faulty, "stale_copy"):
        table, unit, period = key(fault)
        before = f"{period[:6]}{int(period[6:]) - 1:02d}"
        assert now[table, unit, before].cells == now[key(fault)].cells


def test_a_shifted_level_stays_shifted(clean: CityFiles, faulty: CityFiles) -> None:
    now, right = rows(faulty), rows(clean)
    for fault in of_kind(faulty, "level_shift"):
        table, unit, start = key(fault)
        later = [row for row in now if row[:2] == (table, unit) and row[2] > start]
        assert later
        for row in later:
            if row[2] <= fault["facts"]["until"] and not row[2].endswith("M02"):
                item, factor = fault["item"], float(fault["facts"]["factor"])
                shifted, level = (amount(of[row].cells[item]) for of in (now, right))
                assert shifted == pytest.approx(level * factor, rel=0.01, abs=10**4)


def test_a_missing_return_is_of_a_unit_that_had_to_report(faulty: CityFiles) -> None:
    now = rows(faulty)
    for fault in of_kind(faulty, "missing"):
        assert key(fault) not in now
        assert faulty.is_listed(fault["unit"], fault["period"])
        needed = mandatory_items(faulty.catalogue.table[fault["table"]])
        assert all(fault["cells"][item][0] for item in needed)


def test_late_rows_come_in_files_of_their_own_after_the_due_day(faulty: CityFiles) -> None:
    files = {one["file"]: one for one in faulty.manifest["files"]}
    now, late = rows(faulty), set()
    for fault in of_kind(faulty, "late"):
        entry = files[now[key(fault)].file]
        assert entry["arrives"] == fault["facts"]["days_late"] > 0
        late.add(entry["file"])
    for fault in of_kind(faulty, "late_file"):
        entry = files[fault["facts"]["file"]]
        assert entry["arrives"] == fault["facts"]["days_late"] > 0
        assert entry["rows"] == fault["facts"]["rows"]
        late.add(entry["file"])
    for entry in files.values():
        assert ((entry["arrives"] or 0) > 0) == (entry["file"] in late)
        if entry["due"] and entry["period"] and entry["file"] not in late:
            assert entry["day"] <= entry["due"][:10]


def test_a_moved_unit_is_reported_by_the_district_that_it_left(faulty: CityFiles) -> None:
    for fault in of_kind(faulty, "moved_unit"):
        home = faulty.member("enterprise", fault["unit"], "district", fault["period"])
        reporter = faulty.catalogue.reporter[fault["reporter"]]
        assert reporter.member != home
        assert faulty.catalogue.reporter[fault["facts"]["right_reporter"]].member == home
        left = {name for name, *_ in faulty.places["enterprise", fault["unit"], "district"]}
        assert reporter.member in left


def test_a_key_without_correspondence_is_in_the_feed_and_in_no_other_of_the_city(
    clean: CityFiles, faulty: CityFiles
) -> None:
    keys = {one["facts"]["key"] for one in of_kind(faulty, "unmatched_key")}
    assert keys.isdisjoint(faulty.owners)
    used = {line.unit for line in faulty.lines if line.table == "power_monthly"}
    assert used - faulty.owners.keys() == keys
    for fault in of_kind(faulty, "unmatched_key"):
        assert clean.owner(fault["facts"]["key"], fault["period"]) == fault["unit"]


def test_zones_past_a_red_line_are_the_planted_ones(faulty: CityFiles) -> None:
    """By the items of the two indicators that the zones' own returns decide."""
    lines = {one.code: one.lines for one in faulty.catalogue.indicators if one.lines}
    planted = {
        (one["facts"]["indicator"], one["unit"], one["period"])
        for one in of_kind(faulty, "red_line")
    }
    found = set()
    for line in faulty.lines:
        if line.table != "zone_quarterly":
            continue
        cells = {item: amount(text) for item, text in line.cells.items()}
        if 100 * cells["idle_land"] > lines["idle_land_rate"].red * cells["zone_built_land"]:
            found.add(("idle_land_rate", line.unit, line.period))
        if 100 * cells["tasks_done"] < lines["tasks_rate"].red * cells["tasks_due"]:
            found.add(("tasks_rate", line.unit, line.period))
    assert found == planted
    assert {name for name, *_ in planted} == {"idle_land_rate", "tasks_rate"}


def test_rates_say_how_much_is_planted() -> None:
    plan = Plan(units=60, months=14, seed=1, rates={"late": 0.0})
    assert plan.rate("late") == 0
    assert plan.rate("missing") > 0
    assert Plan(units=60, months=14, seed=1, clean=True).rate("missing") == 0


def test_the_readme_says_that_names_are_invented() -> None:
    text = readme(PLAN, [], [], {"cases": [], "to_refuse": [], "near": [], "decoys": []})
    assert "虚构" in text
    assert "invented" in text
