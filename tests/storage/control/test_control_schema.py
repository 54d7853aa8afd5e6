"""The schema is created once, by whoever comes first."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, insert, inspect, text

from storage.control import schema
from storage.control.errors import ControlSchemaError

NEWEST = 3


def test_creating_again_changes_nothing(control_url: str) -> None:
    schema.create(control_url)
    with schema.reading(control_url) as connection:
        assert schema.version(connection) == NEWEST
        found = set(inspect(connection).get_table_names())
    assert found >= set(schema.metadata.tables)


def test_two_creators_at_once_make_one_schema(control_url: str) -> None:
    with schema.engine(control_url).begin() as connection:
        schema.metadata.drop_all(connection)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(schema.create, [control_url] * 4))
    with schema.reading(control_url) as connection:
        assert schema.version(connection) == NEWEST


def test_a_store_of_an_older_program_is_brought_up_to_date(control_url: str) -> None:
    with schema.engine(control_url).begin() as connection:
        schema.arrival.drop(connection)
        connection.execute(delete(schema.schema_version).where(schema.schema_version.c.version > 1))
    schema.create(control_url)
    with schema.reading(control_url) as connection:
        assert schema.version(connection) == NEWEST
        assert inspect(connection).has_table("arrival")


def test_a_store_of_a_newer_program_is_refused(control_url: str) -> None:
    with schema.engine(control_url).begin() as connection:
        connection.execute(insert(schema.schema_version).values(version=99))
    with pytest.raises(ControlSchemaError):
        schema.create(control_url)


def test_sqlite_is_durable_and_readers_do_not_wait_for_a_writer(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/c.sqlite"
    schema.create(url)
    with schema.engine(url).begin() as writer:
        assert writer.scalar(text("PRAGMA journal_mode")) == "wal"
        assert writer.scalar(text("PRAGMA synchronous")) == 2
        writer.execute(insert(schema.schema_version).values(version=7))
        with schema.reading(url) as reader:
            assert schema.version(reader) == NEWEST
