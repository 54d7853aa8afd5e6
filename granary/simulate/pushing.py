"""Pushes a simulated city's files through the public gateway, in the order of its manifest."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import httpx

from granary.simulate.plan import SimulationError
from granary.simulate.writing import MANIFEST
from indicators.periods import parse_period, period_end
from ingest.client import Answer, Keys, Order, push

#: Reporters who send at once; the gateway keeps the order of one reporter's one table.
AT_ONCE: Final = 4
Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Pushed:
    """What became of the files. `refused`: files of which nothing or not all was taken."""

    files: int = 0
    cells: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, int, int]] = field(default_factory=list)  # file, status, rejected


@dataclass(frozen=True, slots=True)
class Sending:
    """One file and who sends it."""

    file: str
    reporter: str
    table: str


def sendings(folder: Path, until: str = "") -> list[list[Sending]]:
    """The files in turns: those of a turn may be sent together, but in order for each reporter.

    History comes first, a turn a year, then a turn a day of arrival, at last the candidate feeds.
    `until`: a period; of the live ones only those that end with it or before.

    Raises:
        SimulationError: the folder is no simulated city.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise SimulationError(f"{folder} has no {MANIFEST}: it is no simulated city.")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = manifest["files"]
    end = period_end(parse_period(until)) if until else None
    wanted = [
        one for one in entries
        if one["period"] is None or end is None or period_end(parse_period(one["period"])) <= end
    ]  # fmt: skip

    def turn(one: dict[str, Any]) -> str:
        return str(one["day"] or Path(one["file"]).stem.rsplit(".", 1)[-1])

    feeds = [one for one in manifest["candidates"]
             if end is None or period_end(parse_period(one["as_of"])) <= end]  # fmt: skip
    return [
        [Sending(one["file"], one["reporter"], one["table"]) for one in group]
        for group in (*(list(found) for _, found in groupby(wanted, key=turn)), feeds)
    ]


def push_city(
    folder: Path,
    turns: Sequence[Sequence[Sending]],
    gateway: str,
    tokens: dict[str, str],
    spool: Path,
    progress: Progress = lambda *_: None,
    transport: httpx.BaseTransport | None = None,
) -> Pushed:
    """Send every file, turn by turn; a file that is refused does not stop the rest.

    `tokens`: reporter → token. `progress` gets files sent, files in all, and the file. `transport`:
    how HTTP is spoken, by default over the network.

    Raises:
        SimulationError: a reporter has no token.
        GatewayUnreachableError: the gateway did not answer in time.
    """
    every = [one for turn in turns for one in turn]
    lacking = sorted({one.reporter for one in every} - tokens.keys())
    if lacking:
        raise SimulationError(f"no token of {', '.join(lacking[:5])}; is this city's catalogue up?")
    found, keys = Pushed(), Keys(spool)

    def send(queue: list[Sending], client: httpx.Client) -> list[tuple[Sending, Answer]]:
        return [
            (one, push(folder / one.file, Order(gateway, tokens[one.reporter], one.table), keys,
                       client=client))
            for one in queue
        ]  # fmt: skip

    with (
        httpx.Client(timeout=120.0, transport=transport) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        for turn in turns:
            waiting = [pool.submit(send, queue, client) for queue in _queues(turn)]
            for answers in (one.result() for one in waiting):
                for one, answer in answers:
                    _count(found, one, answer)
                    progress(found.files, len(every), one.file)
    return found


def _queues(turn: Sequence[Sending]) -> Iterator[list[Sending]]:
    """The turn's files by reporter, each in order."""
    by_reporter: dict[str, list[Sending]] = {}
    for one in turn:
        by_reporter.setdefault(one.reporter, []).append(one)
    yield from by_reporter.values()


def _count(found: Pushed, one: Sending, answer: Answer) -> None:
    found.files += 1
    for part in ("declared", "accepted", "rejected"):
        found.cells[part] += int(answer.body.get(part) or 0)
    if not answer.clean:
        rejected = int(answer.body.get("rejected") or 0)
        found.refused.append((one.file, answer.status, rejected))
