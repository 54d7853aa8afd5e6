"""A part's own little server tells the truth about it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from granary import metrics
from granary.health import serve_health

State = dict[str, Any]


@pytest.fixture
def part() -> Iterator[tuple[str, State]]:
    """Address of a server, and the state its readiness is read from."""
    state: State = {"ready": True, "error": None}

    def ready() -> tuple[bool, Mapping[str, Any]]:
        if state["error"]:
            raise state["error"]
        return state["ready"], {"last_progress_s": 0.5}

    server = serve_health("127.0.0.1", 0, ready)
    yield f"http://127.0.0.1:{server.server_port}", state
    server.shutdown()
    server.server_close()


def test_a_part_that_makes_progress_is_ready_and_says_what_it_knows(
    part: tuple[str, State],
) -> None:
    answer = httpx.get(f"{part[0]}/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "last_progress_s": 0.5})


def test_a_part_that_stalls_is_alive_but_not_ready(part: tuple[str, State]) -> None:
    part[1]["ready"] = False
    assert httpx.get(f"{part[0]}/readyz").status_code == 503
    assert httpx.get(f"{part[0]}/healthz").status_code == 200


def test_a_readiness_that_breaks_is_not_ready(part: tuple[str, State]) -> None:
    part[1]["error"] = RuntimeError("no store")
    answer = httpx.get(f"{part[0]}/readyz")
    assert answer.status_code == 503
    assert "no store" in json.dumps(answer.json())


def test_declared_metrics_are_what_a_scrape_shows(part: tuple[str, State]) -> None:
    metrics.DRAINS.labels(city="test").inc(2)
    text = httpx.get(f"{part[0]}/metrics").text
    assert 'granary_drains_total{city="test"} 2.0' in text
    shown = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE granary_")}
    shown = {name for name in shown if not name.endswith("_created")}
    assert shown == set(metrics.METRICS)
