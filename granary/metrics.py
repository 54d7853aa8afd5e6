"""Every metric of Granary: name, kind, unit, closed label set, meaning. A leaf; no other file may
create one.

`METRICS` is the registry that docs, boards and tests read; the upper-case names are the
instruments the rooms use: `metrics.OBSERVATIONS_FOLDED.labels(city="lishui").inc(3)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

PREFIX: Final = "granary_"


class Kind(StrEnum):
    """What Prometheus makes of it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One declared metric; `name` is what a query writes (counters end in _total)."""

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    meaning: str


METRICS: Final[dict[str, Metric]] = {}

# From receipt to store: the marks are p99 1 s, then 300 ms; the default's top of 10 s would clip a
# recovery.
_LATENCY_S: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60)
_CITY: Final = ("city",)


def _declare(name: str, kind: Kind, unit: str, labels: Sequence[str], meaning: str) -> Metric:
    metric = Metric(PREFIX + name, kind, unit, tuple(labels), meaning)
    METRICS[metric.name] = metric
    return metric


def _counter(name: str, unit: str, labels: Sequence[str], meaning: str) -> Counter:
    metric = _declare(f"{name}_total", Kind.COUNTER, unit, labels, meaning)
    return Counter(metric.name, meaning, metric.labels)


def _gauge(name: str, unit: str, labels: Sequence[str], meaning: str) -> Gauge:
    metric = _declare(name, Kind.GAUGE, unit, labels, meaning)
    return Gauge(metric.name, meaning, metric.labels)


def _histogram(
    name: str, unit: str, labels: Sequence[str], meaning: str, buckets: Sequence[float]
) -> Histogram:
    metric = _declare(name, Kind.HISTOGRAM, unit, labels, meaning)
    return Histogram(metric.name, meaning, metric.labels, buckets=buckets)


# stream
OBSERVATIONS_FOLDED: Final = _counter(
    "observations_folded", "observations", _CITY, "Observations judged, applied and stored."
)
DRAINS: Final = _counter("drains", "drains", _CITY, "Drains whose ledger rows are stored.")
DRAIN_SECONDS: Final = _histogram(
    "drain_seconds", "s", _CITY, "From taking a drain to its ledger rows stored.", _LATENCY_S
)
FIGURES_PUBLISHED: Final = _counter(
    "figures_published", "figures", _CITY, "Figures stored and published."
)
DEAD_LETTERS: Final = _counter(
    "dead_letters", "records", _CITY, "Records sent to the dead-letter topic."
)
QUARANTINED: Final = _counter(
    "quarantined", "observations", _CITY, "Observations refused by what only the stream decides."
)
LEDGER_OFFSET: Final = _gauge(
    "ledger_offset", "offset", _CITY, "Last offset of the city's log that the ledger vouches for."
)
LAG: Final = _gauge("lag", "records", _CITY, "Records of the city's log not yet in the ledger.")
LIVE_CELLS: Final = _gauge("live_cells", "cells", _CITY, "Cells of observations in memory.")
PROGRESS_SECONDS: Final = _gauge(
    "progress_seconds", "s", _CITY, "Seconds since the city's work last made progress."
)
RECOVERY_SECONDS: Final = _gauge(
    "recovery_seconds", "s", _CITY, "How long the last loading of the city's cube took."
)
STORE_RETRIES: Final = _counter(
    "store_retries", "inserts", ("table",), "Inserts tried again because the store was busy."
)

# gateway
GATEWAY_REQUESTS: Final = _counter(
    "gateway_requests", "requests", ("route", "status"), "Requests answered, by status code."
)
SUBMISSIONS: Final = _counter(
    "submissions", "submissions", ("city", "outcome"), "Submissions accepted, refused or repeated."
)
OBSERVATIONS_ACCEPTED: Final = _counter(
    "observations_accepted", "observations", _CITY, "Observations promised by a receipt."
)
OBSERVATIONS_REJECTED: Final = _counter(
    "observations_rejected", "observations", _CITY, "Cells the gateway's checks refused."
)
RECEIPT_SECONDS: Final = _histogram(
    "receipt_seconds", "s", _CITY, "From the request's arrival to its receipt.", _LATENCY_S
)
INTENTS_PENDING: Final = _gauge(
    "intents_pending", "records", (), "Register and control records not yet in the log."
)

# console
EVENTS_SENT: Final = _counter("events_sent", "events", _CITY, "Events sent to open pages.")
PAGES_OPEN: Final = _gauge("pages_open", "pages", (), "Pages that listen for events.")

# supervision
ALERTS_OPEN: Final = _gauge("alerts_open", "alerts", ("city", "kind"), "Alerts that stand.")
ALERTS_RECORDED: Final = _counter(
    "alerts_recorded", "alerts", ("city", "kind"), "Alert episodes opened."
)
OUTBOX_PENDING: Final = _gauge(
    "outbox_pending", "rows", ("topic",), "Copies and notices that wait for delivery."
)
NOTICES_SENT: Final = _counter("notices_sent", "notices", (), "Notices delivered.")
NOTICES_FAILED: Final = _counter(
    "notices_failed", "notices", (), "Attempts at a notice that failed."
)

# any part
LOOP_SECONDS: Final = _gauge(
    "loop_progress_seconds", "s", ("loop",), "Seconds since a background loop last came round."
)


def table() -> str:
    """All metrics as a Markdown table, for the docs."""
    lines = ["| metric | kind | unit | labels | meaning |", "|---|---|---|---|---|"]
    for metric in METRICS.values():
        labels = ", ".join(metric.labels)
        lines.append(
            f"| `{metric.name}` | {metric.kind} | {metric.unit} | {labels} | {metric.meaning} |"
        )
    return "\n".join(lines) + "\n"
