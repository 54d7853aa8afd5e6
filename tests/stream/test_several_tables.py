"""Whatever is submitted, moved, listed or priced: what stands is what recomputation gives."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from tests.indicators.cities import name, unit
from tests.indicators.several_tables import city, indicator
from tests.stream.folded import differences, figures, fold
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore

LEVELS = ["city", "district", "zone", ["zone", "district"]]
MONTHS = [year * 100 + month for year in (2024, 2025) for month in range(1, 13)] + [
    202601, 202602, 202603, 202604,
]  # fmt: skip
#: table → (item ids, periods)
TABLES = {
    "M": ([1, 2, 3, 4, 7], MONTHS),
    "D": ([5], MONTHS),
    "X": ([5], MONTHS),
    "Y": ([6], [202300, 202400, 202500, 202600]),
}


def rich(**changes: Any) -> Catalogue:
    """Every way in which a figure can read another table, period, attribute or price."""
    districts = city([]).groupings[0].model_dump()
    zones = {
        "id": 2, "code": "zone", "name": name("功能区"), "partition": False,
        "members": [{"code": code, "name": name(code)} for code in ("Z1", "Z2")],
    }  # fmt: skip
    derived = [
        {"code": "losses", "name": name("亏损"), "when": {"item": "profit", "below": "20"}},
        {"code": "high_tech", "name": name("高技术"), "item": "energy",
         "when": {"attribute": "class_code", "starts_with": ["27"]}},
    ]  # fmt: skip
    prices = {
        "code": "ppi", "name": name("价格"), "source": "示例", "by": "district",
        "members": {
            "X": {"current": {"2026-M03": "125", "2026-Q1": "110"}, "ytd": {"2026-M03": "80"}},
            "Y": {"current": {"2026-M03": "101.5"}},
        },
    }  # fmt: skip
    growth = ["current", "ytd", "rolling12", "yoy_same", "mom", "two_year_same", "ytd_yoy_nominal",
              "contribution_entries", "contribution_nominal_exits", "share"]  # fmt: skip
    given = {
        "groupings": [districts, zones],
        "crosses": [["zone", "district"]],
        "derived": derived,
        "deflators": [prices],
        "indicators": [
            indicator(1, "cum", {"cum": 1}, levels=LEVELS, measures=growth,
                      also=["quarter", "year"]),
            indicator(2, "out", {"out": 1}, levels=LEVELS, measures=growth, exits="keep_base",
                      also=["quarter"]),
            indicator(3, "tax_per_area", {"power": 1}, {"area": "3/2000"}, levels=LEVELS,
                      measures=["current", "rolling12", "ytd_yoy_same", "two_year_same"]),
            indicator(4, "losses", {"losses": 100}, {"high_tech": 1}, levels=LEVELS,
                      measures=["current", "ytd", "yoy_nominal"]),
            indicator(5, "real", {"energy": 1}, {"profit": 1}, levels=["city", "district"],
                      measures=["yoy_same", "ytd_yoy_matched"], constant_prices={"profit": "ppi"},
                      also=["quarter"]),
            indicator(6, "per_year", {"power": 1}, {"area": 1}, own="Y", levels=["city", "zone"],
                      measures=["current", "yoy_same"]),
        ],
    }  # fmt: skip
    return city(**{**given, **changes})  # type: ignore[arg-type]


def drawn_unit(drawn: random.Random, code: str) -> list[RegisterRow]:
    """A unit with a list, a class and memberships, some of which end."""
    months = [f"{year}-{month:02d}-01" for year in (2024, 2025, 2026) for month in (1, 2, 3, 4)]
    given = {
        "listed_from": drawn.choice(["", *months]),
        "listed_to": drawn.choice(["", "", *months]),
        "class_code": drawn.choice(["2710", "1320", ""]),
    }
    rows = unit(code, drawn.choice("XY"), **{key: text for key, text in given.items() if text})
    for zone in drawn.sample(["Z1", "Z2"], drawn.randrange(3)):
        rows.append(
            RegisterRow("put_membership", "enterprise", code, grouping="zone", member=zone,
                        valid_to=drawn.choice(["", *months]))
        )  # fmt: skip
    return rows


def drawn_log(drawn: random.Random, catalogue: Catalogue) -> Log:
    log = Log()
    log.catalogue(catalogue)
    log.register([row for at in range(5) for row in drawn_unit(drawn, f"u{at}")])
    for table, (items, periods) in TABLES.items():
        everything = [
            (f"u{at}", item, period, drawn.randrange(1, 99) * (period % 100 if item == 2 else 1))
            for at in range(5)
            for item in items
            for period in periods
            if drawn.random() < 0.93
        ]
        log.submission(f"all-{table}", everything, table=table)
    for number in range(5):
        if drawn.random() < 0.4:
            code = f"u{drawn.randrange(6)}"
            log.register(drawn_unit(drawn, code), f"register:{number + 2}")
        table = drawn.choice("MMMDXY")
        items, periods = TABLES[table]
        cells = {
            (f"u{drawn.randrange(5)}", drawn.choice(items), drawn.choice(periods)): drawn.choice(
                [0, drawn.randrange(-50, 99), drawn.randrange(99), None]
            )
            for _ in range(8)
        }
        rows = [(*cell, value) for cell, value in cells.items()]
        log.submission(f"s{number}", rows, table=table, per_chunk=drawn.choice([7, 50_000]))
    return log


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 100_000))
def test_what_stands_is_what_recomputation_gives(seed: int) -> None:
    log, store = drawn_log(random.Random(seed), rich()), MemoryStore()
    fold(log, store)
    assert differences(log, store) == []


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 100_000))
def test_another_catalogue_restates_what_it_says_otherwise_and_nothing_is_left(seed: int) -> None:
    drawn = random.Random(seed)
    log, store = drawn_log(drawn, rich()), MemoryStore()
    before = rich()
    after = rich(
        version=2,
        derived=[drawn.choice([one, one.model_copy(update={"when": None})])
                 for one in before.derived],
        indicators=[one for one in before.indicators if drawn.random() < 0.7],
        deflators=[before.deflators[0].model_copy(update={"source": "另一示例"})],
    )  # fmt: skip
    log.catalogue(after, "catalogue:2")
    fold(log, store)
    assert differences(log, store) == []


def test_the_figures_are_not_all_empty() -> None:
    log, store = drawn_log(random.Random(7), rich()), MemoryStore()
    fold(log, store)
    valued = {(key[0], key[2]) for key, row in figures(store).items() if row["value"] != "nan"}
    measures = {(one.id, measure) for one in rich().indicators for measure in one.measures}
    assert len(valued) > 0.6 * len(measures)
