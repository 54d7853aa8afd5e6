"""A small city's log folded into a real store, whole or cut off as a killed worker leaves it."""

from collections.abc import Iterable

from indicators.catalogue import Catalogue
from storage.fold_reads import FoldReads
from storage.writer import Writer
from stream.fold import CityFold
from stream.outcome import Outcome
from stream.records import decode
from stream.rows import STAGES
from tests.indicators.cities import catalogue, unit
from tests.stream.logs import Log

UNITS = [row for at in range(4) for row in unit(f"u{at}", "XY"[at % 2])]
JANUARY, FEBRUARY = 202601, 202602


def begun(city: int = 1, code: str = "example", given: Catalogue | None = None) -> Log:
    """A log with catalogue and register."""
    named = {"code": code, "name": {"zh": code, "en": code}}
    indicators = [one.model_dump(mode="json") for one in catalogue().indicators]
    for indicator in indicators:
        indicator["levels"] = ["city", "district", "unit"]
    log = Log(city)
    log.catalogue(given or catalogue(city=named, indicators=indicators))
    log.register(UNITS)
    return log


def fold_into(
    url: str, log: Log, *, cut_off: Iterable[str] = (), without: Iterable[str] = ()
) -> CityFold:
    """Fold what the ledger does not have yet and store it, record by record.

    Tables in `cut_off` are left out for the last record, as if the worker died before them;
    columns in `without` for every one, for a schema that does not have them yet.
    """
    writer, reads = Writer(url), FoldReads(url)
    fold = CityFold(log.city, 0, reads, 10**9)
    missing = set(cut_off)
    for message in log.messages:
        outcome = Outcome()
        fold.apply(message, decode(message), outcome)
        last = message is log.messages[-1]
        filled = set(outcome.rows.tables())
        for table in (table for stage in STAGES for table in stage):
            if table in filled and not (last and table in missing):
                columns = outcome.rows.columns(table)
                for name in without:
                    columns.pop(name, None)
                writer.write(table, columns)
        fold.cube.release(outcome.held)
    return fold
