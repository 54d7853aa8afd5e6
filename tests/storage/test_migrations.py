"""The schema goes forward and backward, once, and is what the files say."""

import re
from dataclasses import replace

import pytest

from storage import migrations
from storage.clickhouse import connect
from storage.migrations import ChangedMigrationError, Step, migrate, steps, unmigrate

pytestmark = pytest.mark.integration

DESIGNED_VIEWS = {
    "v_observation",
    "v_observation_history",
    "v_indicator",
    "v_indicator_history",
    "v_subject",
    "v_item",
    "v_indicator_card",
    "v_completeness",
    "v_ledger",
    "v_quarantine",
    "v_anomaly",
    "v_alert",
}


def names(url: str) -> set[str]:
    return {name for (name,) in connect(url).execute("SHOW TABLES")}


def created(step: Step) -> set[str]:
    return set(re.findall(r"^CREATE (?:TABLE|VIEW) (\w+)", step.up, re.MULTILINE))


def test_every_object_of_the_files_is_there_and_nothing_else(database: str) -> None:
    wanted = {name for step in steps() for name in created(step)} | {"migration"}
    assert names(database) == wanted
    assert wanted >= DESIGNED_VIEWS


def test_what_is_applied_is_not_applied_again(database: str) -> None:
    assert migrate(database) == []
    assert set(migrations.applied(connect(database))) == {step.number for step in steps()}


def test_steps_are_taken_back_last_first_and_applied_anew(database: str) -> None:
    given = steps()
    assert unmigrate(database, 1) == [given[-1].name]
    assert not names(database) & created(given[-1])
    assert unmigrate(database, 99) == [step.name for step in reversed(given[:-1])]
    assert names(database) == {"migration"}
    assert migrate(database) == [step.name for step in given]


def test_a_step_cut_short_by_a_crash_is_begun_again(database: str) -> None:
    unmigrate(database, 99)
    connect(database).execute("CREATE TABLE ledger (left_over UInt8) ENGINE = Memory")
    assert migrate(database) == [step.name for step in steps()]
    assert connect(database).execute("SELECT count() FROM ledger WHERE version = 0") == [(0,)]


def test_an_applied_step_that_was_changed_afterwards_is_refused(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = [replace(step, up=step.up + "\n-- later\n") for step in steps()]
    monkeypatch.setattr(migrations, "steps", lambda: changed)
    with pytest.raises(ChangedMigrationError, match="0001_tables"):
        migrate(database)


def test_every_table_may_be_inserted_into_again_and_keeps_cities_apart(database: str) -> None:
    for name, engine, key in connect(database).execute(
        "SELECT name, engine, sorting_key FROM system.tables"
        " WHERE database = currentDatabase() AND engine NOT IN ('View') AND name != 'migration'"
    ):
        assert engine == "ReplacingMergeTree", name
        assert key.split(", ")[0] == "city", name


def test_every_public_view_begins_with_the_city(database: str) -> None:
    found = connect(database).execute(
        "SELECT table, name FROM system.columns"
        " WHERE database = currentDatabase() AND table LIKE 'v\\\\_%' AND position = 1"
    )
    assert dict(found) == dict.fromkeys(DESIGNED_VIEWS, "city")


def test_a_semicolon_within_a_comment_does_not_end_a_statement(database: str) -> None:
    client = connect(database)
    migrations._run(client, "-- one; two\nCREATE VIEW twice AS SELECT ';' AS mark;\n\n")
    assert client.execute("SELECT mark FROM twice") == [(";",)]
