"""The demonstration's third city: a small simulated Chengdu, written beside the instance's data.

Its candidate feeds are sent at once; its history file by file, so that the real series beside it go
on; its last months come in as those of retail do, the late files after the due instant. Due
instants are set as the months are released: the catalogue written here has no calendar of its own.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from granary.demo.script import AT_ONCE, Pace, Push, SetDue, Step

FOLDER: Final = "simulated"
STATE_FILE: Final = "demo-simulated.json"
UNITS: Final = 120
MONTHS: Final = 14
SEED: Final = 7
#: Seconds before the first file of the history, while retail's is taken, and between two.
_HISTORY_AFTER: Final = 15.0
_HISTORY_EVERY: Final = 0.8
#: Part of the time to the due instant in which the punctual come: a slow machine has the rest.
_PUNCTUAL: Final = 0.6
_DAYS_OF_A_MONTH: Final = 30


def write_city(data: Path) -> Path:
    """The city's catalogue folder in the data folder, written if it is not there.

    Raises:
        granary.simulate.plan.SimulationError: the catalogue it is derived from does not fit.
    """
    from granary.simulate.city import make_city
    from granary.simulate.plan import Plan

    folder = data / FOLDER
    if folder.is_dir():
        return folder
    unfinished = data / f"{FOLDER}.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        make_city(Plan(UNITS, MONTHS, SEED), unfinished)
        (unfinished / "calendar.yaml").unlink(missing_ok=True)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def steps(folder: Path, pace: Pace) -> list[Step]:
    """What is sent of the city in `folder`, and when."""
    manifest = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    city = str(manifest["city"])
    found: list[Step] = []
    for feed in manifest["candidates"]:
        body = (folder / feed["file"]).read_bytes()
        found.append(_push(AT_ONCE, city, feed["file"], feed["reporter"], feed["table"], "", body))
    files = manifest["files"]
    found += _history(folder, city, [file for file in files if not _is_live(file)])
    begin = max((step.at for step in found), default=0.0) + pace.every
    found += _live(folder, city, [file for file in files if _is_live(file)], pace, begin)
    return sorted(found, key=lambda step: step.at)


def _history(folder: Path, city: str, files: Sequence[Mapping[str, Any]]) -> Iterator[Step]:
    """A file a reporter and table: all their history, whose rows say their period."""
    together: dict[tuple[str, str, bytes], list[bytes]] = {}
    first: dict[tuple[str, str, bytes], str] = {}
    for file in files:
        header, rows = (folder / file["file"]).read_bytes().split(b"\n", 1)
        alike = (file["reporter"], file["table"], header)
        together.setdefault(alike, []).append(rows)
        first.setdefault(alike, file["file"])
    for number, ((reporter, table, header), rows_of) in enumerate(together.items()):
        body = b"\n".join([header, b"".join(rows_of)])
        key = f"{first[reporter, table, header]}:history"
        at = _HISTORY_AFTER + number * _HISTORY_EVERY
        yield _push(at, city, key, reporter, table, "", body)


def _live(
    folder: Path, city: str, files: Sequence[Mapping[str, Any]], pace: Pace, begin: float
) -> Iterator[Step]:
    periods = sorted({file["period"] for file in files})
    release = {period: begin + number * pace.every for number, period in enumerate(periods)}
    for period, table in sorted({(file["period"], file["table"]) for file in files}):
        key = f"demo:{city}:{table}:{period}"
        yield SetDue(release[period], key, city, table, period, pace.due)
    for period in periods:
        of_period = [file for file in files if file["period"] == period]
        punctual = [file["file"] for file in of_period if file["arrives"] <= 0]
        for file in of_period:
            if file["arrives"] <= 0:
                share = (punctual.index(file["file"]) + 1) / len(punctual)
                at = release[period] + _PUNCTUAL * pace.due * share
            else:
                late = min(file["arrives"] / _DAYS_OF_A_MONTH, 1.0)
                at = release[period] + pace.due + late * pace.every
            body = (folder / file["file"]).read_bytes()
            yield _push(at, city, file["file"], file["reporter"], file["table"], period, body)


def _is_live(file: Mapping[str, Any]) -> bool:
    """Whether the file comes month by month, with a due instant."""
    return file["due"] is not None and "-M" in (file["period"] or "")


def _push(
    at: float, city: str, key: str, reporter: str, table: str, period: str, body: bytes
) -> Push:
    return Push(at, f"demo:{city}:{key}", city, reporter, table, period, body, faulty=True)
