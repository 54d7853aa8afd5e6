"""A paper as of an instant is only made once everything known by then is folded."""

import json
from pathlib import Path

import pytest

from granary.clock import ManualClock
from granary.topics import LOG_TOPIC
from reports.errors import FutureInstantError, UnsealedInstantError
from reports.sealing import parse_instant, require_sealed
from storage.control import cities, schema
from tests.folded_city import START_MS, lishui
from tests.partitions import SEALING
from tests.reports.test_command import run

NOW = 1_000_000


class Log:
    """A log of `end` records; each read of its end lets `arriving` more come in."""

    def __init__(self, end: int, folded: int, arriving: int = 0) -> None:
        self.end, self.folded, self.arriving = end, folded, arriving

    def log_end(self, city: str) -> int:
        end = self.end
        self.end += self.arriving
        return end

    def ledger_next(self, city: str) -> int:
        return self.folded


def test_an_instant_is_sealed_once_the_ledger_is_where_the_log_ended_after_it() -> None:
    require_sealed("river", NOW - 1, ManualClock(NOW), Log(7, 7))
    require_sealed("river", NOW - 1, ManualClock(NOW), Log(7, 7, arriving=3))


def test_a_record_that_is_not_folded_yet_may_have_been_known_by_then() -> None:
    with pytest.raises(UnsealedInstantError) as refused:
        require_sealed("river", NOW - 1, ManualClock(NOW), Log(7, 6))
    assert (refused.value.facts["ledger_next"], refused.value.facts["log_end"]) == (6, 7)
    assert "granary status" in str(refused.value)


@pytest.mark.parametrize("later_ms", [0, 1, 86_400_000])
def test_what_is_known_by_now_or_later_is_still_to_come(later_ms: int) -> None:
    with pytest.raises(FutureInstantError):
        require_sealed("river", NOW + later_ms, ManualClock(NOW), Log(7, 7))


def test_an_instant_without_a_zone_is_utc() -> None:
    assert parse_instant("1970-01-01T00:16:40") == NOW
    assert parse_instant("1970-01-01T08:16:40+08:00") == NOW


@pytest.mark.integration
@pytest.mark.slow
def test_the_command_refuses_an_instant_the_fold_has_not_passed_and_says_what_to_do(
    kafka: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kafka import KafkaProducer

    url = f"sqlite:///{tmp_path}/control.sqlite"
    schema.create(url)
    with schema.engine(url).begin() as connection:
        for other in range(SEALING):
            cities.assign(connection, f"other{other}")
        place = cities.assign(connection, "lishui")
    city = lishui(database, place.id)
    producer = KafkaProducer(bootstrap_servers=kafka)

    def send(records: int) -> None:
        for _ in range(records):
            producer.send(LOG_TOPIC, b"x", partition=place.partition)
        producer.flush()

    monkeypatch.setenv("GRANARY_KAFKA", kafka)
    command = ["report", "meeting", "--period", "2019", "--out", str(tmp_path), "--json"]
    early = [*command, "--as-of", "2023-11-14T22:13:40Z"]
    assert parse_instant(early[-1]) == START_MS + 20_000
    send(city.fold.next_offset)
    done = run(monkeypatch, database, tmp_path, *early)
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["as_of_ms"] == str(START_MS + 20_000)
    send(1)
    refused = run(monkeypatch, database, tmp_path, *early)
    assert refused.exit_code == 1
    assert "unsealed_instant" in refused.output
    assert "granary status" in refused.output
    future = run(monkeypatch, database, tmp_path, *command, "--as-of", "2999-01-01T00:00:00Z")
    assert isinstance(future.exception, FutureInstantError)
    producer.close()
