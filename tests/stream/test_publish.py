"""What is published: the figures of a set, and that a set came when it only ended some."""

from typing import Any

import pyarrow as pa

from stream.publish import figure_messages
from tests.stream.catalogues import calendar, changed, rich, without_indicator
from tests.stream.folded import begun, fold
from tests.stream.memory_store import MemoryStore


def published(*changes: Any) -> list[tuple[dict[str, bytes], list[dict[str, Any]]]]:
    """(headers, figures) of every message of the record that reloads a changed catalogue."""
    log, store = begun(rich()), MemoryStore()
    log.submission("a", [("u0", 1, 202601, 7), ("u0", 3, 202601, 7)])
    log.catalogue(changed(*changes), "catalogue:2")
    fold(log, store)
    last = len(log.messages) - 1
    rows = [row for row in store.tables["figure_current"] if row["version"] == last]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return [
        (dict(headers), pa.ipc.open_stream(payload).read_all().to_pylist())
        for payload, headers in figure_messages(columns)
    ]


def test_a_retired_figure_is_not_published_as_one() -> None:
    ((headers, figures),) = published(calendar(202603), without_indicator("tax_per_mu"))
    assert headers["catalogue_version"] == b"2"
    assert {figure["indicator"] for figure in figures} == {"output"}
    assert {figure["period"] for figure in figures} == {"2026-M03"}


def test_a_set_that_only_ends_figures_is_told_without_any() -> None:
    ((headers, figures),) = published(without_indicator("tax_per_mu"))
    assert (headers["catalogue_version"], headers["part"], figures) == (b"2", b"1/1", [])
