"""The public views over a small fold: what readers see, each city for itself."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from indicators.catalogue import Catalogue
from storage.clickhouse import connect
from storage.writer import Writer
from tests.indicators.cities import catalogue, unit
from tests.storage.filled import FEBRUARY, JANUARY, UNITS, begun, fold_into
from tests.stream.catalogues import (
    calendar,
    changed,
    indicator,
    rich,
    without_indicator,
    without_member,
)
from tests.stream.logs import Log

pytestmark = pytest.mark.integration

LEDGER = "declared, accepted, rejected, stored, superseded, quarantined, dead, pending, settled"


def ask(url: str, query: str) -> list[Any]:
    return list(connect(url).execute(query))


def minute(offset: int) -> datetime:
    """When the record at that offset became known: the test logs write one a minute."""
    return datetime.fromtimestamp(60 * offset, UTC)


def test_an_observation_is_shown_with_names_amount_and_provenance(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10), ("u1", 3, JANUARY, None)], arrived_ms=1_500)
    fold_into(database, log)
    found = ask(
        database,
        "SELECT city, source, unit, item, period, period_end, value, status, submission,"
        " arrived_at, known_from FROM v_observation ORDER BY unit",
    )
    arrived = datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)
    when = (date(2026, 1, 31), arrived, minute(2))
    assert [(*row[:5], row[6], row[7], row[8], (row[5], row[9], row[10])) for row in found] == [
        ("example", "district", "u0", "t", "2026-M01", Decimal(10), "reported", "A", when),
        ("example", "district", "u1", "tax", "2026-M01", None, "missing", "A", when),
    ]


@pytest.mark.parametrize(
    ("period", "text", "end"),
    [
        (202601, "2026-M01", date(2026, 1, 31)),
        (202402, "2024-M02", date(2024, 2, 29)),
        (202612, "2026-M12", date(2026, 12, 31)),
        (202621, "2026-Q1", date(2026, 3, 31)),
        (202624, "2026-Q4", date(2026, 12, 31)),
        (202600, "2026", date(2026, 12, 31)),
        (198204, "1982-M04", date(1982, 4, 30)),
    ],
)
def test_periods_are_sdmx_texts_with_their_last_day(
    database: str, period: int, text: str, end: date
) -> None:
    store = connect(database)
    store.execute(
        "INSERT INTO observation_current (city, source, item, period, unit, value, version)"
        f" VALUES (1, 1, 1, {period}, 1, 1, 1)"
    )
    assert ask(database, "SELECT period, period_end FROM v_observation") == [(text, end)]
    assert ask(database, f"SELECT count() FROM v_observation WHERE period = '{text}'") == [(1,)]


def test_history_tells_from_when_to_when_each_value_was_in_force(database: str) -> None:
    log = begun()
    for name, value in (("A", 10), ("B", 11), ("A again", 10)):
        log.submission(name, [("u0", 1, JANUARY, value)])
    fold_into(database, log)
    assert ask(
        database,
        "SELECT submission, value, known_from, known_to FROM v_observation_history"
        " ORDER BY known_from",
    ) == [
        ("A", Decimal(10), minute(2), minute(4)),
        ("B", Decimal(11), minute(4), minute(6)),
        ("A again", Decimal(10), minute(6), None),
    ]


def test_figures_add_up_and_say_how_many_units_they_cover(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10), ("u1", 1, JANUARY, 20), ("u2", 1, JANUARY, 5)])
    fold_into(database, log)
    assert ask(
        database,
        "SELECT level, subject, numerator, value, units, expected_units, standing FROM v_indicator"
        " WHERE city = 'example' AND indicator = 'output' AND measure = 'current'"
        " AND level != 'unit' AND period = '2026-M01' ORDER BY level, subject",
    ) == [
        ("city", "example", Decimal(35), 35.0, 3, 4, "监测数"),
        ("district", "X", Decimal(15), 15.0, 2, 2, "监测数"),
        ("district", "Y", Decimal(20), 20.0, 1, 2, "监测数"),
    ]


def test_a_units_own_figures_are_computed_from_its_observations(database: str) -> None:
    log = begun()
    rows = [("u0", 3, JANUARY, 10), ("u0", 4, JANUARY, 4000), ("u1", 3, JANUARY, 7)]
    log.submission("A", [*rows, ("u1", 1, JANUARY, 3), ("u2", 1, JANUARY, None)])
    fold_into(database, log)
    assert ask(
        database,
        "SELECT indicator, subject, numerator, denominator, value, known_from FROM v_indicator"
        " WHERE level = 'unit' ORDER BY ALL",
    ) == [
        ("output", "u1", Decimal(3), Decimal(1), 3.0, minute(2)),
        ("tax_per_mu", "u0", Decimal(10), Decimal(6), 10 / 6, minute(2)),
    ]


def test_a_units_share_of_land_without_tax_is_no_figure(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 4, JANUARY, 4000), ("u1", 3, JANUARY, 7), ("u1", 4, JANUARY, 0)])
    fold_into(database, log)
    assert ask(database, "SELECT subject, value, reason FROM v_indicator WHERE level = 'unit'") == [
        ("u1", None, "zero_denominator")
    ]


def test_figures_in_force_are_the_last_of_their_history(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10)])
    log.submission("B", [("u0", 1, JANUARY, 12)])
    fold_into(database, log)
    where = "WHERE indicator = 'output' AND measure = 'current' AND level = 'city'"
    assert ask(database, f"SELECT numerator FROM v_indicator {where}") == [(Decimal(12),)]
    history = ask(
        database,
        f"SELECT numerator, known_from FROM v_indicator_history {where} ORDER BY known_from",
    )
    assert history == [(Decimal(10), minute(2)), (Decimal(12), minute(4))]


def cumulative(*, months: bool) -> Log:
    """A log whose item t is reported for the year to date, and tax for the month."""
    plain = catalogue().model_dump(mode="json")
    for item in plain["items"][:2]:
        item["reported"] = "year_to_date"
    for one in plain["indicators"]:
        one["levels"] = ["city", "district", "unit"]
    if not months:
        plain["tables"][0]["frequency"] = "quarter"
    log = Log()
    log.catalogue(Catalogue.model_validate(plain))
    log.register(UNITS)
    return log


UNIT_FIGURES = (
    "SELECT subject, period, period_end, numerator FROM v_indicator"
    " WHERE level = 'unit' AND indicator = 'output' AND measure = 'current' ORDER BY ALL"
)


def test_a_units_month_of_a_year_to_date_item_is_the_difference_or_nothing(database: str) -> None:
    log = cumulative(months=True)
    log.submission("A", [("u0", 1, 202601, 10), ("u0", 1, 202602, 25), ("u0", 1, 202603, 31)])
    # January and February merged: February holds both, and neither month has a value of its own.
    log.submission("B", [("u1", 1, 202602, 20), ("u1", 1, 202603, 27), ("u1", 1, 202605, 60)])
    log.submission("C", [("u2", 1, 202512, 99), ("u2", 1, 202601, 5), ("u2", 1, 202602, None)])
    fold_into(database, log)
    january, february, march = (date(2026, m, d) for m, d in ((1, 31), (2, 28), (3, 31)))
    assert ask(database, UNIT_FIGURES) == [
        ("u0", "2026-M01", january, Decimal(10)),
        ("u0", "2026-M02", february, Decimal(15)),
        ("u0", "2026-M03", march, Decimal(6)),
        ("u1", "2026-M03", march, Decimal(7)),
        ("u2", "2026-M01", january, Decimal(5)),
    ]
    assert ask(database, UNIT_FIGURES.replace("ORDER", "AND period = '2026-M03' ORDER")) == [
        ("u0", "2026-M03", march, Decimal(6)),
        ("u1", "2026-M03", march, Decimal(7)),
    ]


def test_the_months_of_units_add_up_to_the_citys(database: str) -> None:
    log = cumulative(months=True)
    cells = [(f"u{at}", 1, 202601 + m, 10 * m + at) for at in range(3) for m in range(4)]
    log.submission("A", [cell for cell in cells if cell[:3] != ("u1", 1, 202602)])
    fold_into(database, log)
    of_units, of_city = (
        ask(
            database,
            "SELECT period, sum(numerator), sum(units) FROM v_indicator WHERE level = "
            f"'{level}' AND indicator = 'output' AND measure = 'current' GROUP BY period"
            " ORDER BY period",
        )
        for level in ("unit", "city")
    )
    assert of_units == of_city
    assert [units for _, _, units in of_city] == [3, 2, 2, 3]


def test_a_units_quarter_of_a_year_to_date_item_is_the_difference_within_the_year(
    database: str,
) -> None:
    log = cumulative(months=False)
    log.submission("A", [("u0", 1, 202524, 50), ("u0", 1, 202621, 10), ("u0", 1, 202622, 30)])
    fold_into(database, log)
    assert ask(database, UNIT_FIGURES) == [
        ("u0", "2026-Q1", date(2026, 3, 31), Decimal(10)),
        ("u0", "2026-Q2", date(2026, 6, 30), Decimal(20)),
    ]


def test_what_a_catalogue_leaves_out_is_shown_no_more_but_was_known_before(database: str) -> None:
    log = begun(given=rich())
    log.submission("A", [("u0", 1, JANUARY, 10), ("u1", 3, JANUARY, 7)])
    changes = (without_indicator("tax_per_mu"), without_member("district", "Y"), calendar())
    log.catalogue(changed(*changes), "catalogue:2")
    fold_into(database, log)
    distinct = "SELECT DISTINCT {} FROM {} ORDER BY ALL"
    assert ask(database, distinct.format("indicator", "v_indicator")) == [("output",)]
    for view in ("v_indicator", "v_completeness"):
        assert ("Y",) not in ask(database, distinct.format("subject", view))
        assert ask(database, distinct.format("period", view)) == [("2026-M01",)]
    assert ask(database, distinct.format("code", "v_indicator_card")) == [("output",)]
    assert ("Y",) not in ask(database, distinct.format("code", "v_subject"))
    history = (
        "SELECT known_from, value, reason, retired FROM v_indicator_history WHERE subject = 'Y'"
        " AND by_subject = '' AND indicator = 'output' AND measure = 'current'"
        " AND period = '2026-M01' ORDER BY known_from"
    )
    assert ask(database, history) == [
        (minute(2), None, "no_units", False),
        (minute(4), None, "retired", True),
    ]


def test_observations_keep_the_name_of_an_item_that_the_catalogue_gave_up(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 2, JANUARY, 10)])

    def given_up(plain: dict[str, Any]) -> None:
        plain["items"] = [one for one in plain["items"] if one["code"] != "tp"]
        plain["items"][0]["prior"] = None
        plain["tables"][0]["items"].remove("tp")

    log.catalogue(changed(given_up), "catalogue:2")
    fold_into(database, log)
    assert ask(database, "SELECT item FROM v_observation") == [("tp",)]
    assert ("tp",) not in ask(database, "SELECT code FROM v_item")


def test_an_id_given_another_code_is_shown_under_the_new_one_alone(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10)])
    log.catalogue(changed(indicator("output", code="turnover"), base=catalogue()), "catalogue:2")
    fold_into(database, log)
    for view, code in (("v_indicator_card", "code"), ("v_indicator", "indicator")):
        assert ask(database, f"SELECT DISTINCT {code} FROM {view} ORDER BY ALL") == [
            ("tax_per_mu",), ("turnover",),
        ]  # fmt: skip


def test_completeness_counts_and_leaves_open_what_is_not_tracked(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10)])
    fold_into(database, log)
    assert ask(
        database,
        "SELECT subject, expected, received, missing, exempt, extended, queried, rejected,"
        " approved, locked, due_at, value_received FROM v_completeness WHERE level = 'district'"
        " ORDER BY subject",
    ) == [
        ("X", 2, 1, 1, *[None] * 5, False, None, Decimal(0)),
        ("Y", 2, 0, 2, *[None] * 5, False, None, Decimal(0)),
    ]


def test_every_cell_of_a_settled_submission_is_accounted_for(database: str) -> None:
    log = begun()
    log.submission(
        "A",
        [("u0", 1, JANUARY, 10), ("u1", 1, JANUARY, 20), ("u0", 1, FEBRUARY, 30),
         ("stranger", 1, JANUARY, 1)],
        per_chunk=2,
    )  # fmt: skip
    log.submission("B", [("u0", 1, JANUARY, 11), ("u1", 1, JANUARY, 21)])
    fold_into(database, log)
    assert ask(
        database, f"SELECT submission, period, {LEDGER} FROM v_ledger ORDER BY submission, period"
    ) == [
        ("A", "2026-M01", 3, 3, 0, 0, 2, 1, 0, 0, 1),
        ("A", "2026-M02", 1, 1, 0, 1, 0, 0, 0, 0, 1),
        ("B", "2026-M01", 2, 2, 0, 2, 0, 0, 0, 0, 1),
    ]


def test_a_submission_whose_manifest_is_still_on_its_way_is_not_settled(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10), ("u1", 1, JANUARY, 20)], manifest=False)
    fold_into(database, log)
    assert ask(database, f"SELECT reporter, table_code, {LEDGER} FROM v_ledger") == [
        ("all", "T", 2, 2, 0, 2, 0, 0, 0, 0, 0)
    ]


def test_cells_of_a_chunk_that_could_not_be_read_are_dead(database: str) -> None:
    whole, log = begun(), begun()
    whole.submission("A", [("u0", 1, JANUARY, 10), ("u1", 1, JANUARY, 20)], per_chunk=1)
    for message in whole.messages[2:]:
        spoilt = message.offset == 3
        log.put(message.headers.items(), b"not arrow" if spoilt else message.payload)
    fold_into(database, log)
    assert ask(database, f"SELECT {LEDGER} FROM v_ledger") == [(2, 2, 0, 1, 0, 0, 1, 0, 0)]


def test_cells_of_a_chunk_that_never_came_are_dead_until_it_comes(database: str) -> None:
    whole, log = begun(), begun()
    whole.submission("A", [("u0", 1, JANUARY, 10), ("u1", 1, JANUARY, 20)], per_chunk=1)
    first, second, manifest = whole.messages[2:]
    for message in (first, manifest):
        log.put(message.headers.items(), message.payload)
    fold_into(database, log)
    assert ask(database, f"SELECT {LEDGER} FROM v_ledger") == [(2, 2, 0, 1, 0, 0, 1, 0, 0)]
    log.put(second.headers.items(), second.payload)
    fold_into(database, log)
    assert ask(database, f"SELECT {LEDGER} FROM v_ledger") == [(2, 2, 0, 2, 0, 0, 0, 0, 1)]


def test_a_repeated_chunk_counts_once_and_another_under_its_number_nowhere(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10)])
    other = begun()
    other.submission("A", [("u0", 1, JANUARY, 99)])
    for again in (log.messages[2], other.messages[2]):
        log.put(again.headers.items(), again.payload)
    fold_into(database, log)
    assert ask(database, f"SELECT {LEDGER} FROM v_ledger") == [(1, 1, 0, 1, 0, 0, 0, 0, 1)]
    assert ask(database, "SELECT value FROM v_observation") == [(Decimal(10),)]


def test_quarantined_rows_keep_their_reason_and_submission(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10), ("stranger", 1, JANUARY, 7)])
    fold_into(database, log)
    ((submission, item, period, value, reason),) = ask(
        database, "SELECT submission, item, period, value, reason FROM v_quarantine"
    )
    assert (submission, item, period, value) == ("A", "t", "2026-M01", Decimal(7))
    assert reason


def test_a_finding_is_corrected_once_another_value_stands(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10)])
    fold_into(database, log)
    finding = {
        "city": [1], "table_id": [1], "item": [1], "period": [JANUARY], "kind": ["far"],
        "unit": [ask(database, "SELECT unit_id FROM v_observation")[0][0]],
        "score": [9.0], "value": [100_000], "median": [10_000], "proposed": [10_000],
        "evidence": ["{}"], "state": ["open"], "version": [2],
    }  # fmt: skip
    Writer(database).write("anomaly", finding)
    query = "SELECT unit, period, median, state FROM v_anomaly"
    assert ask(database, query) == [("u0", "2026-M01", Decimal(1), "open")]
    log.submission("B", [("u0", 1, JANUARY, 1)])
    fold_into(database, log)
    assert ask(database, query) == [("u0", "2026-M01", Decimal(1), "corrected")]


def test_cards_and_names_are_those_of_the_latest_catalogue(database: str) -> None:
    fold_into(database, begun())
    connect(database).execute(
        "INSERT INTO dimension SELECT city, class, id, level, 'turnover', '营业额', name_en,"
        " attributes, 0, version + 9 FROM dimension WHERE class = 'indicator' AND id = 1"
    )
    assert ask(
        database,
        "SELECT code, name, unit, decimals, numerator_text, denominator, JSONExtractKeys(numerator)"
        " FROM v_indicator_card ORDER BY id",
    ) == [
        ("turnover", "营业额", "万元", 1, "产值", "{}", ["t"]),
        ("tax_per_mu", "亩均税收", "万元/亩", 2, "税收", '{"land":"3/2000"}', ["tax"]),
    ]
    assert ask(database, "SELECT code, unit, kind FROM v_item WHERE code = 'land'") == [
        ("land", "m²", "stock")
    ]
    assert ask(database, "SELECT code, name FROM v_subject WHERE level = 'district'") == [
        ("X", "X"), ("Y", "Y"),
    ]  # fmt: skip


def test_a_member_is_shown_with_its_type_lead_validity_and_successors(database: str) -> None:
    groupings = [one.model_dump(mode="json") for one in catalogue().groupings]
    old = {"code": "Z1", "name": groupings[0]["name"], "type": "先进制造", "lead": "X",
           "valid_from": "2020-01-01", "valid_to": "2026-01-01", "successors": ["Z2"]}  # fmt: skip
    new = {"code": "Z2", "name": groupings[0]["name"]}
    zones = groupings[0] | {"id": 2, "code": "zone", "members": [old, new]}
    log = begun(given=catalogue(groupings=[*groupings, zones]))
    log.register([*unit("u9", "X", type="own column")], "register:2")
    fold_into(database, log)
    assert ask(
        database,
        "SELECT code, type, lead, valid_from, valid_to, successors FROM v_subject"
        " WHERE level = 'zone' OR code = 'u9' ORDER BY code",
    ) == [
        ("Z1", "先进制造", "X", date(2020, 1, 1), date(2026, 1, 1), ["Z2"]),
        ("Z2", "", "", None, None, []),
        ("u9", "", "", None, None, []),
    ]


def test_cities_with_equal_keys_are_shown_apart_under_any_setting(database: str) -> None:
    for city, value in ((1, 10), (2, 20)):
        log = begun(city, f"city{city}")
        log.submission(f"S{city}", [("u0", 1, JANUARY, value)])
        fold_into(database, log)
    for merged in (0, 1):
        store = connect(database, do_not_merge_across_partitions_select_final=merged)
        for city, value in ((1, 10), (2, 20)):
            where = f"WHERE city = 'city{city}'"
            assert store.execute(f"SELECT value, submission FROM v_observation {where}") == [
                (Decimal(value), f"S{city}")
            ]
            assert store.execute(f"SELECT submission, stored FROM v_ledger {where}") == [
                (f"S{city}", 1)
            ]
            assert store.execute(
                f"SELECT numerator FROM v_indicator {where} AND indicator = 'output'"
                " AND measure = 'current' AND level = 'city'"
            ) == [(Decimal(value),)]


def test_a_chunk_of_a_city_without_catalogue_is_quarantined_and_still_accounted_for(
    database: str,
) -> None:
    log = Log(7)
    log.submission("A", [("u0", 1, JANUARY, 10)])
    fold_into(database, log)
    assert ask(database, f"SELECT city, {LEDGER} FROM v_ledger") == [
        ("", 1, 1, 0, 0, 0, 1, 0, 0, 1)
    ]


def test_filters_by_text_read_little_of_the_observations(database: str) -> None:
    rows = 400_000
    connect(database).execute(
        "INSERT INTO observation_current (city, source, item, period, unit, value, version)"
        f" SELECT 1, 1, 1, 202001 + intDiv(number, {rows // 10}), number, 1, 1"
        f" FROM numbers({rows})"
    )
    plan = "\n".join(
        line
        for (line,) in connect(database).execute(
            "EXPLAIN indexes = 1 SELECT count() FROM v_observation WHERE period = '2020-M05'"
        )
    )
    assert "by_period" in plan
    assert ask(database, "SELECT count() FROM v_observation WHERE period = '2020-M05'") == [
        (rows // 10,)
    ]
