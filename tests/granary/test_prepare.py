"""A start makes the stores ready, or says why they cannot belong together."""

from pathlib import Path

import pytest

from granary.local.prepare import LogForgottenError, make_stores
from granary.records import Record, encode_record
from granary.settings import Settings, read_settings
from granary.topics import PARTITIONS
from storage.clickhouse import connect
from storage.control import cities, intents, schema
from tests.partitions import EMPTY

pytestmark = pytest.mark.integration
#: Id of the city whose log is empty: they are counted from 1, partitions from 0.
FORGOTTEN = EMPTY + 1


@pytest.fixture
def settings(tmp_path: Path, kafka: str, database: str) -> Settings:
    """A control store with a city for each partition; the log of one is empty."""
    settings = read_settings(data=tmp_path, kafka=kafka, clickhouse=database)
    schema.create(settings.control_url)
    with schema.engine(settings.control_url).begin() as connection:
        for number in range(PARTITIONS):
            cities.assign(connection, f"city{number}")
    return settings


def produced(settings: Settings, offset: int) -> None:
    """The control store believes that the log of that city has a record there."""
    payload = encode_record(Record("deadline:1", "deadline", {}))
    with schema.engine(settings.control_url).begin() as connection:
        intents.submit(connection, FORGOTTEN, "control", "deadline:1", payload)
        (intent,) = intents.pending(connection)
        intents.mark_produced(connection, intent.id, offset)


def test_stores_that_know_nothing_of_a_log_fit_an_empty_one(settings: Settings) -> None:
    make_stores(settings, [])


def test_a_control_store_that_knows_more_than_the_log_has_is_refused(settings: Settings) -> None:
    produced(settings, 0)
    with pytest.raises(
        LogForgottenError, match=rf"log of city{EMPTY} .* ends at offset 0, .* seen 1"
    ):
        make_stores(settings, [])


def test_a_ledger_that_knows_more_than_the_log_has_is_refused(settings: Settings) -> None:
    connect(settings.clickhouse.get_secret_value()).execute(
        "INSERT INTO ledger (city, version, kind) VALUES", [(FORGOTTEN, 0, "control")]
    )
    with pytest.raises(LogForgottenError, match="the ledger 1 records"):
        make_stores(settings, [])
