"""Indices, targets and assessments live: what stands is what recomputation gives."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Catalogue
from tests.indicators.cities import name, unit
from tests.indicators.several_tables import city, indicator
from tests.stream.folded import differences, fold, policies_in_force
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore


def with_policies(**changes: Any) -> Catalogue:
    lines = {"yellow": 50, "red": 20, "consequence": name("约谈"), "source": "示例"}
    given: dict[str, Any] = {
        "indicators": [
            indicator(1, "profit", {"profit": 1}, direction="higher", also=["quarter"],
                      measures=["ytd", "ytd_yoy_same"]),
            indicator(2, "use", {"energy": 1}, direction="higher", role="constraint", lines=lines,
                      measures=["current"]),
            indicator(3, "area", {"area": 1}, own="Y", direction="higher"),
        ],
        "indices": [
            {"code": "mixed", "name": name("混合"), "year": 2026, "level": "district",
             "source": "示例",
             "components": [
                 {"indicator": "area", "weight": 50,
                  "scoring": {"kind": "ratio", "baseline": 1000}},
                 {"indicator": "profit", "measure": "ytd", "weight": 50,
                  "scoring": {"kind": "ratio", "baseline": 100}}]},
            {"code": "zones", "name": name("指数"), "year": 2026, "level": "district",
             "red_rank": 2, "source": "示例",
             "components": [
                 {"indicator": "profit", "measure": "ytd", "weight": 70, "cap": "1.2",
                  "scoring": {"kind": "ratio", "baseline": 100}},
                 {"indicator": "profit", "measure": "ytd_yoy_same", "weight": 30,
                  "scoring": {"kind": "efficacy", "least": "-0.1", "most": "0.2"}},
                 {"indicator": "use", "deduct": 8}]}
        ],
        "targets": [
            {"level": "district", "subject": code, "indicator": "profit", "year": 2026,
             "kind": "amount", "value": value, "progress": progress, "source": "示例"}
            for code, value, progress in (("X", 600, "elapsed"), ("Y", 400, "seasonal"))
        ],
        "assessments": [
            {"code": "bodies", "name": name("考核"), "year": 2026, "level": "district",
             "source": "示例",
             "bodies": [{"code": "east", "name": name("东"), "subjects": ["X", "Y"]}],
             "parts": [{"index": "zones", "weight": 60}, {"indicator": "profit", "weight": 40}]}
        ],
    }  # fmt: skip
    return city(**{**given, **changes})  # type: ignore[arg-type]


def begun(catalogue: Catalogue) -> Log:
    log = Log()
    log.catalogue(catalogue)
    log.register([row for at in range(4) for row in unit(f"u{at}", "XY"[at % 2])])
    months = [202500 + month for month in range(1, 13)] + [202601, 202602, 202603]
    rows = [(f"u{at}", item, period, 10 + at) for at in range(4) for item in (4, 7)
            for period in months]  # fmt: skip
    log.submission("first", rows, table="M")
    return log


def shown(store: MemoryStore, table: str) -> list[dict[str, Any]]:
    columns = policies_in_force(store)[f"{table}_current"]
    return [dict(zip(columns, line, strict=True)) for line in zip(*columns.values(), strict=True)]


def test_an_index_a_target_and_an_assessment_stand_as_computed_by_hand() -> None:
    log, store = begun(with_policies()), MemoryStore()
    fold(log, store)
    # X has u0 and u2: 22 a month, 66 in the first quarter, as a year before; energy 22
    key = ("zones", 202603, "X")
    (score,) = [row for row in shown(store, "index_score")
                if (row["index_code"], row["period"], row["subject"]) == key]  # fmt: skip
    assert score["score"] == pytest.approx(70 * 0.66 + 30 * (60 + 40 * 0.1 / 0.3) / 100 - 8)
    assert (score["rank"], score["red"]) == (2, 0)
    targets = {row["subject"]: row for row in shown(store, "target_standing")
               if row["period"] == 202603}  # fmt: skip
    assert targets["X"]["gap"] == pytest.approx(100 * (66 / 600 - 0.25))
    assert targets["X"]["state"] == "far_behind"
    assert targets["Y"]["time_progress"] == pytest.approx(0.25)
    (body,) = [row for row in shown(store, "assessment_result") if row["period"] == 202603]
    scores = [
        row["score"]
        for row in shown(store, "index_score")
        if (row["index_code"], row["period"]) == ("zones", 202603)
    ]
    attained = [66 / 600, 72 / 400]
    assert body["score"] == pytest.approx(0.6 * sum(scores) / 2 + 40 * sum(attained) / 2)
    assert differences(log, store) == []


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_after_any_changes_what_stands_is_recomputed(seed: int) -> None:
    drawn = random.Random(seed)
    log, store = begun(with_policies()), MemoryStore()
    for number in range(4):
        cells = {
            (f"u{drawn.randrange(4)}", drawn.choice([4, 7]),
             drawn.choice([202506, 202512, 202601, 202603, 202604])): drawn.randrange(-20, 60)
            for _ in range(5)
        }  # fmt: skip
        rows = [(*cell, value) for cell, value in cells.items()]
        log.submission(f"s{number}", rows, table="M", per_chunk=2)
        if drawn.random() < 0.5:
            year = drawn.choice([202400, 202500, 202600])
            log.submission(f"y{number}", [(f"u{drawn.randrange(4)}", 6, year, 700)], table="Y")
        if drawn.random() < 0.5:
            moved = unit(f"u{drawn.randrange(5)}", drawn.choice("XY"), listed_from="2025-03-01")
            log.register(moved, f"register:{number + 2}")
    if drawn.random() < 0.5:
        log.catalogue(
            with_policies(version=2, targets=[], indices=with_policies().indices[:1],
                          assessments=[]),
            "catalogue:2",
        )  # fmt: skip
    fold(log, store)
    assert differences(log, store) == []


def test_a_yearly_figure_stands_in_a_monthly_index_once_its_year_has_ended() -> None:
    log, store = begun(with_policies()), MemoryStore()
    log.submission("y", [("u0", 6, 202500, 800), ("u0", 6, 202600, 100)], table="Y")
    fold(log, store)
    stands = {
        row["period"]: (row["figure_period"], row["value"])
        for row in shown(store, "index_component")
        if (row["index_code"], row["indicator_code"], row["subject"]) == ("mixed", "area", "X")
    }
    assert stands[202601] == stands[202603] == (202500, 800.0)
    assert 202600 not in stands


def test_a_policy_that_is_dropped_leaves_nothing_behind() -> None:
    log, store = begun(with_policies()), MemoryStore()
    log.catalogue(with_policies(version=2, indices=[], assessments=[]), "catalogue:2")
    fold(log, store)
    assert shown(store, "index_score") == []
    assert shown(store, "assessment_result") == []
    assert shown(store, "target_standing")
    assert differences(log, store) == []
