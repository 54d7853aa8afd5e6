"""The two steps of a start that are not parts: making the stores ready, and waiting until what the
cities were loaded with is in force. Run by the supervisor as `python -m granary.local.prepare`.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from granary.local.kafka import create_topics, wait_until_answering
from granary.local.probes import store_answers
from granary.settings import Settings, read_settings
from granary.topics import LogAwayError, end_offsets
from indicators.errors import GranaryError

_STORES_TIMEOUT_S: Final = 300.0
_APPLIED_TIMEOUT_S: Final = 600.0


class StoreUnreachableError(GranaryError):
    """The observation store does not answer, or lets this login not in."""

    code = "store_unreachable"
    next_step = "See logs/clickhouse.log in the data folder, or the URL in GRANARY_CLICKHOUSE."


class LogForgottenError(GranaryError):
    """The log is shorter than what was written to it: it is another one, or was lost.

    Nothing would be folded until the new log is as long as the old one, and its records up to
    there would be skipped as known.
    """

    code = "log_forgotten"
    next_step = (
        "Start with the data folder or broker that has this log; or, for a new log, with an empty"
        " control store and an empty ClickHouse database (GRANARY_CONTROL, GRANARY_CLICKHOUSE)."
    )


class NotAppliedError(GranaryError):
    """A city's catalogue or register is not in force yet."""

    code = "not_applied"
    next_step = "See logs/gateway.log and logs/worker-1.log in the data folder."


def make_stores(settings: Settings, catalogs: Sequence[Path]) -> None:
    """Create control store, topics and tables as far as they are missing, and install the cities.

    Reads the catalogues while Kafka and ClickHouse are still starting.

    Raises:
        GranaryError: a catalogue has faults, a store does not answer or refuses, the stores know
            more of a city's log than there is.
    """
    from granary.local.cities import install, read_city
    from granary.local.instance import changing
    from storage.control import schema
    from storage.migrations import migrate

    schema.create(settings.control_url)
    folders = [read_city(directory) for directory in catalogs]
    wait_until_answering(settings.kafka, _STORES_TIMEOUT_S)
    create_topics(settings.kafka)
    url = settings.clickhouse.get_secret_value()
    _wait_for_store(url)
    migrate(url)
    _require_log(settings)
    warnings = [warning for folder in folders if (warning := install(settings, folder))]
    for warning in warnings:
        print(warning, file=sys.stderr)
    with changing(settings.data) as instance:
        instance.warnings = warnings
    _require_log(settings)  # of new cities as well: the store may know their numbers


def _wait_for_store(url: str) -> None:
    deadline = time.monotonic() + _STORES_TIMEOUT_S
    while not store_answers(url):
        if time.monotonic() > deadline:
            raise StoreUnreachableError("the observation store does not answer.")
        time.sleep(0.1)


def _require_log(settings: Settings) -> None:
    """
    Raises:
        LogForgottenError: a city's log ends before what control store or ledger have of it.
    """
    from granary.topics import LOG_TOPIC
    from storage.control import cities, intents, schema
    from storage.fold_reads import FoldReads

    ends = end_offsets(settings.kafka, LOG_TOPIC)
    reads = FoldReads(settings.clickhouse.get_secret_value())
    with schema.reading(settings.control_url) as connection:
        known = [
            (city, intents.last_produced(connection, city.id)) for city in cities.every(connection)
        ]
    for city, produced in known:
        end = ends.get(city.partition, 0)
        folded = reads.next_offset(city.id, city.generation)
        if max(produced + 1, folded) > end:
            raise LogForgottenError(
                f"the log of {city.code} (partition {city.partition}) ends at offset {end}, but the"
                f" control store has seen {produced + 1} and the ledger {folded} records of it."
            )


def wait_until_applied(settings: Settings) -> None:
    """Block until each city's ledger has passed the last catalogue and register asked for.

    Calendars and deadlines are not waited for: they stand among submissions, and a city that
    resumes with a long backlog is usable before it has caught up.

    Raises:
        NotAppliedError: it took too long.
    """
    from storage.control import cities, intents, schema
    from storage.fold_reads import FoldReads

    reads = FoldReads(settings.clickhouse.get_secret_value())
    deadline = time.monotonic() + _APPLIED_TIMEOUT_S
    waiting = {""}
    while waiting:
        with schema.reading(settings.control_url) as connection:
            wanted = {
                city: intents.loaded_at(connection, city.id) for city in cities.every(connection)
            }
        waiting = {
            city.code
            for city, offset in wanted.items()
            if offset is None or reads.next_offset(city.id, city.generation) <= offset
        }
        if time.monotonic() > deadline:
            raise NotAppliedError(f"not in force yet: {', '.join(sorted(waiting))}.")
        if waiting:
            time.sleep(0.1)


def main() -> int:
    settings, step = read_settings(), sys.argv[1]
    try:
        if step == "store":
            make_stores(settings, [Path(each) for each in sys.argv[2:]])
        else:
            wait_until_applied(settings)
    except GranaryError as error:
        print(error, file=sys.stderr)
        # 2 tells the supervisor that trying again cannot help.
        return 1 if isinstance(error, StoreUnreachableError | NotAppliedError | LogAwayError) else 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
