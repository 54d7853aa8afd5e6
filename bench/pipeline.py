"""`granary bench pipeline`: Kafka to stored rows, against a bare insert and an ordinary program.

One run on one machine, on the same broker and the same embedded store, one after the other:
1. the real path, every step on: a real worker folds a city's log that is already in the broker;
2. `clickhouse-driver` inserting the same observations as columns, and nothing else;
3. the ordinary Faust program on a share of the same city, at the batch size that suits it best; the
   share is folded by the worker too, and both must have stored the same observations and figures.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.chunks import LogRecord, catalogue_record, register_records, submission_records
from bench.generator import GeneratedCity, joined
from bench.measure import Meter, Run
from bench.ordinary_faust.runner import Ordinary
from bench.stage import Stage
from storage.control.cities import City

Say = Callable[[str], None]

#: Rows an INSERT of the bare run; the better of the two is the one compared with.
_BARE_BLOCKS = (100_000, 500_000)
_COLUMNS = ("city", "source", "item", "period", "unit", "value", "status", "version")
#: Tables of which each row counts as stored by the stream.
_STORED = (
    "observation_current", "observation_superseded", "unit_return", "quarantine", "ledger",
    "ledger_period", "supersession", "manifest", "manifest_chunk", "figure_current",
    "figure_history", "completeness_current", "completeness_history", "anomaly",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """What is run. Defaults are a city of 10,000 units over 26 months: 2.6 million observations."""

    units: int = 10_000
    months: int = 26
    share: int = 300
    seed: int = 1
    chunk: int = 50_000
    cores: int = 2
    ordinary: bool = True


def run(config: Config, data: Path, say: Say) -> dict[str, Any]:
    """The whole bench; returns what `granary bench pipeline --json` prints."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: config.cores])
    city = GeneratedCity(config.units, config.months, seed=config.seed)
    small = city.share(config.share, "share")
    facts: dict[str, Any] = {"cpus": len(os.sched_getaffinity(0))}
    with Stage(data) as stage:
        ours, offset, rows = _prepare(stage, city, config, say, facts)
        granary = _granary(stage, ours, offset, rows, facts)
        say(_line(granary))
        bare = _bare(stage, city, say)
        runs = [granary, bare]
        ratios = {"to_bare_insert": round(granary.rows_per_s / bare.rows_per_s, 3)}
        if config.ordinary:
            theirs = stage.assign(small.code)
            _fold_share(stage, theirs, small, config, say)
            stage.stop("worker-1")
            ordinary = Ordinary(stage, small, say)
            runs += ordinary.samples()
            best = ordinary.full()
            runs.append(best)
            say(_line(best))
            facts["ordinary_take"] = ordinary.take
            facts["ordinary_share"] = f"{config.share} of {config.units} units"
            facts["equal"] = ordinary.equal_to(theirs.id)
            ratios["to_ordinary_faust"] = round(granary.rows_per_s / best.rows_per_s, 1)
    return {
        "config": {**asdict(config), **facts},
        "runs": [each.as_json() for each in runs],
        "ratios": ratios,
    }


def _prepare(
    stage: Stage, city: GeneratedCity, config: Config, say: Say, facts: dict[str, Any]
) -> tuple[City, int, int]:
    """Fold catalogue and register first, then put the feed into the log with no worker running."""
    ours = stage.assign(city.code)
    say(f"register of {config.units:,} units")
    end, _ = stage.produce(
        ours,
        [catalogue_record(ours.id, city.catalogue), *register_records(ours.id, city.register())],
    )
    started = time.monotonic()
    stage.start("worker-1")
    stage.wait_ledger(ours.id, end)
    facts["register_s"] = round(time.monotonic() - started, 2)
    stage.stop("worker-1")
    say("feed into the broker's log")
    offset, rows = stage.produce(ours, feed_records(ours.id, city, config.chunk))
    return ours, offset, rows


def feed_records(city_id: int, city: GeneratedCity, chunk: int) -> Iterator[LogRecord]:
    """Chunks and manifests of the whole feed."""
    for number, submission in enumerate(city.feed()):
        yield from submission_records(
            city_id, f"{city.code}-{number}", submission, chunk, 1_700_000_000_000 + number
        )


def _granary(stage: Stage, ours: City, offset: int, rows: int, facts: dict[str, Any]) -> Run:
    """From the moment the worker has its cities until the ledger covers the feed."""
    spawned = time.monotonic()
    stage.start("worker-1")
    stage.wait_joined()
    begun = time.monotonic()
    pids = {name: stage.pid(name) for name in ("worker-1", "clickhouse", "kafka")}
    meter = Meter(pids)
    empty = meter.read()["worker-1"]["rss"]
    stage.wait_ledger(ours.id, offset)
    seconds = time.monotonic() - begun
    parts = meter.read()
    live = stage.worker_metric("granary_live_cells", ours.code)
    used = parts["worker-1"]["rss"] - empty
    facts |= {
        "worker_start_s": round(begun - spawned, 2),
        "live_figures": int(live),
        "bytes_per_live_figure": round(used / live, 1) if live else None,
        "rows_per_observation": stored_rows(stage, ours.id, rows),
    }
    cpu = sum(part["cpu_s"] for part in parts.values())
    return Run("granary", rows, seconds, cpu, int(parts["worker-1"]["rss"]), parts)


def stored_rows(stage: Stage, city: int, observations: int) -> dict[str, float]:
    """Rows in the store an observation, by table and in all."""
    client = stage.client()
    counts: dict[str, int] = {
        table: int(client.execute(f"SELECT count() FROM {table} WHERE city = {city}")[0][0])
        for table in _STORED
    }
    client.disconnect()
    shares = {name: round(count / observations, 4) for name, count in counts.items() if count}
    return {**shares, "all": round(sum(counts.values()) / observations, 4)}


def _bare(stage: Stage, city: GeneratedCity, say: Say) -> Run:
    """The same observations as columns into a table of the same form; the better block size."""
    rows = joined([submission.columns for submission in city.feed(revised=0.0)])
    columns: list[NDArray[Any]] = [
        np.full(len(rows), 1, np.uint16),
        np.full(len(rows), 1, np.uint16),
        rows.item,
        rows.period,
        rows.unit,
        rows.value,
        rows.status,
        np.arange(len(rows), dtype=np.uint64),
    ]
    found = []
    for block in _BARE_BLOCKS:
        client = stage.client(numpy=True)
        client.execute("DROP TABLE IF EXISTS bench_bare")
        client.execute("CREATE TABLE bench_bare AS observation_current")
        meter = Meter({"client": os.getpid(), "clickhouse": stage.pid("clickhouse")})
        begun = time.monotonic()
        for start in range(0, len(rows), block):
            client.execute(
                f"INSERT INTO bench_bare ({', '.join(_COLUMNS)}) VALUES",
                [column[start : start + block] for column in columns],
                columnar=True,
            )
        seconds = time.monotonic() - begun
        parts = meter.read()
        client.execute("DROP TABLE bench_bare")
        client.disconnect()
        cpu = sum(part["cpu_s"] for part in parts.values())
        name = f"bare insert, blocks of {block:,}"
        found.append(Run(name, len(rows), seconds, cpu, int(parts["clickhouse"]["rss"]), parts))
        say(_line(found[-1]))
    return max(found, key=lambda each: each.rows_per_s)


def _fold_share(stage: Stage, theirs: City, small: GeneratedCity, config: Config, say: Say) -> None:
    say(f"the share of {small.units:,} units through the worker, for comparison")
    stage.produce(
        theirs,
        [
            catalogue_record(theirs.id, small.catalogue),
            *register_records(theirs.id, small.register()),
        ],
    )
    offset, _ = stage.produce(theirs, feed_records(theirs.id, small, config.chunk))
    stage.wait_ledger(theirs.id, offset)


def _line(run: Run) -> str:
    return (
        f"{run.name}: {run.rows:,} rows in {run.seconds:.2f} s = {run.rows_per_s:,.0f}/s, "
        f"CPU {run.cpu_s:.2f} s, RSS {run.rss / 2**20:,.0f} MB"
    )
