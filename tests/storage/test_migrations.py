"""The schema goes forward and backward, once, and is what the files say."""

import re
from dataclasses import replace

import pytest
from clickhouse_driver.errors import ServerException

from storage import migrations
from storage.clickhouse import connect
from storage.migrations import ChangedMigrationError, Step, migrate, steps, unmigrate
from tests.storage.filled import JANUARY, begun, fold_into

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
    "v_index",
    "v_index_component",
    "v_target",
    "v_assessment",
    "v_check",
    "v_lock",
    "v_unmatched",
    "v_keys_changed",
    "v_frame",
    "v_frame_case",
}


#: Steps from the one that brought `retired` on.
SINCE_RETIREMENT = sum(step.number >= 3 for step in steps())


def names(url: str) -> set[str]:
    return {name for (name,) in connect(url).execute("SHOW TABLES")}


def created(step: Step) -> set[str]:
    """What the step makes, less what it makes only to move rows."""
    made = re.findall(r"^CREATE (?:OR REPLACE )?(?:TABLE|VIEW) (\w+)", step.up, re.MULTILINE)
    return set(made) - set(re.findall(r"^DROP TABLE (\w+)", step.up, re.MULTILINE))


def test_every_object_of_the_files_is_there_and_nothing_else(database: str) -> None:
    wanted = {name for step in steps() for name in created(step)} | {"migration"}
    assert names(database) == wanted
    assert wanted >= DESIGNED_VIEWS


def test_what_is_applied_is_not_applied_again(database: str) -> None:
    assert migrate(database) == []
    assert set(migrations.applied(connect(database))) == {step.number for step in steps()}


def schema(url: str) -> dict[str, str]:
    """Name → statement that would make it, for all but the engine's own table."""
    client = connect(url)
    made = {name: client.execute(f"SHOW CREATE TABLE `{name}`")[0][0] for name in names(url)}
    return {name: text for name, text in made.items() if name != "migration"}


def test_steps_are_taken_back_last_first_and_applied_anew(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = steps()
    whole = schema(database)
    assert unmigrate(database, 99) == [step.name for step in reversed(given)]
    assert names(database) == {"migration"}
    grown: list[dict[str, str]] = []
    for count in range(1, len(given) + 1):
        monkeypatch.setattr(migrations, "steps", lambda count=count: given[:count])
        assert migrate(database) == [given[count - 1].name]
        grown.append(schema(database))
    assert grown[-1] == whole
    monkeypatch.setattr(migrations, "steps", lambda: given)
    for before in reversed(grown[:-1]):
        unmigrate(database, 1)
        assert schema(database) == before


@pytest.mark.parametrize("number", range(1, len(steps()) + 1))
def test_a_step_cut_short_by_a_crash_is_begun_again(
    database: str, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    whole, given = schema(database), steps()
    statements = migrations._statements
    step = given[number - 1]
    count = len(statements(step.up))
    for after in sorted({1, 2, 3, 4, count // 2, count - 1} & set(range(count))):
        unmigrate(database, len(given) - number + 1)

        def cut(text: str, after: int = after) -> list[str]:
            return [*statements(text)[:after], "cut"] if text == step.up else statements(text)

        monkeypatch.setattr(migrations, "_statements", cut)
        with pytest.raises(ServerException):
            migrate(database)
        monkeypatch.setattr(migrations, "_statements", statements)
        assert migrate(database) == [one.name for one in given[number - 1 :]]
        assert schema(database) == whole


def test_what_stood_before_retirement_stands_after_it_and_when_it_is_taken_back(
    database: str,
) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10)])
    unmigrate(database, SINCE_RETIREMENT)
    older = connect(database)
    fold_into(database, log, without={"retired"})
    tables = ("figure_current", "figure_history", "completeness_current", "dimension")
    query = "SELECT * FROM {} FINAL ORDER BY ALL"
    before = {name: repr(older.execute(query.format(name))) for name in tables}
    migrate(database)
    newer = connect(database)
    for name in tables:
        kept = query.format(name).replace("*", "* EXCEPT retired")
        assert repr(newer.execute(kept)) == before[name]
    newer.execute(
        "INSERT INTO figure_current SELECT * REPLACE (1 AS retired, version + 9 AS version)"
        " FROM figure_current WHERE level = 'city'"
    )
    unmigrate(database, SINCE_RETIREMENT)
    assert connect(database).execute(
        "SELECT countIf(level = 'city'), countIf(level = 'district') > 0 FROM figure_current"
    ) == [(0, 1)]


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
