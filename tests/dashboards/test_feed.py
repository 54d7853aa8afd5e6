"""From a published set to every open page, and what happens when something is lost between."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np

from dashboards.console.feed import Feed, describe
from dashboards.console.hub import BACKLOG, Event, Hub
from granary.clock import ManualClock
from stream.publish import figure_messages
from tests.dashboards.console_server import Message, QueueSource

KNOWN_MS = 1_700_000_000_000


def rows(*levels: str) -> dict[str, Any]:
    """Columns of figure_current for one set: a figure at each level."""
    count = len(levels)
    return {
        "city": np.full(count, 1),
        "city_code": ["aus_retail"] * count,
        "indicator_code": ["turnover"] * count,
        "period": np.full(count, 201812),
        "measure": ["current"] * count,
        "scope": ["all"] * count,
        "standing": ["监测数"] * count,
        "level": list(levels),
        "subject": ["aus_retail" if level == "city" else "NSW" for level in levels],
        "by_level": [""] * count,
        "by_subject": [""] * count,
        "value": np.full(count, 34234.3),
        "numerator": [342343 * 10**9] * count,
        "denominator": [10**10] * count,
        "units": np.full(count, 50),
        "expected_units": np.full(count, 50),
        "reason": [""] * count,
        "provisional": np.zeros(count, np.int64),
        "version": np.full(count, 77),
        "known_from": np.full(count, KNOWN_MS),
        "catalogue_version": np.full(count, 3),
    }


def message(*levels: str) -> Message:
    ((payload, headers),) = figure_messages(rows(*levels))
    return dict(headers), payload


def test_an_event_names_what_the_set_touched_and_carries_the_city_figures() -> None:
    event = describe(*message("city", "district"), KNOWN_MS)
    assert (event["city"], event["offset"], event["set_id"]) == ("aus_retail", 77, "77")
    assert (event["count"], event["catalogue_version"]) == (2, 3)
    assert (event["indicators"], event["levels"]) == (["turnover"], ["city", "district"])
    assert event["periods"] == ["2018-M12"]
    assert [figure["value"] for figure in event["figures"]] == [34234.3]


async def first(events: AsyncIterator[Event | None], wanted: Callable[[Event], bool]) -> Event:
    async with asyncio.timeout(5):
        async for event in events:
            if event is not None and wanted(event):
                return event
    raise AssertionError


def of(kind: str) -> Callable[[Event], bool]:
    return lambda event: event["type"] == kind


def feed_of(source: QueueSource, hub: Hub) -> Feed:
    return Feed(source.open, hub, ManualClock(KNOWN_MS))


def test_a_set_reaches_the_pages_of_its_city_and_no_other() -> None:
    async def scene() -> tuple[Event, bool]:
        hub, source = Hub(), QueueSource()
        feed = feed_of(source, hub)
        here, elsewhere = hub.events("aus_retail", 5), hub.events("lishui", 0.05)
        await first(here, of("open"))
        await first(elsewhere, of("open"))
        feed.start()
        await first(elsewhere, of("resync"))
        source.messages.put(message("city"))
        found = await first(here, of("figures"))
        silent = await anext(elsewhere) is None
        feed.stop()
        return found, silent

    event, silent = asyncio.run(scene())
    assert event["offset"] == 77
    assert silent


def test_after_a_lost_broker_the_pages_read_the_store_anew() -> None:
    async def scene() -> int:
        hub, source = Hub(), QueueSource()
        feed = feed_of(source, hub)
        events = hub.events("", 5)
        await first(events, of("open"))
        feed.start()
        await first(events, of("resync"))
        source.lose()
        await first(events, of("resync"))
        source.messages.put(message("city"))
        await first(events, of("figures"))
        feed.stop()
        return source.opened

    assert asyncio.run(scene()) == 2


def test_a_message_that_cannot_be_read_stops_nothing_and_sends_pages_to_the_store() -> None:
    async def scene() -> int:
        hub, source = Hub(), QueueSource()
        feed = feed_of(source, hub)
        events = hub.events("", 5)
        await first(events, of("open"))
        feed.start()
        await first(events, of("resync"))
        source.messages.put(({"city": b"x"}, b"no arrow"))
        await first(events, of("resync"))
        source.messages.put(message("city"))
        await first(events, of("figures"))
        feed.stop()
        return feed.unreadable

    assert asyncio.run(scene()) == 1


def test_a_page_too_slow_for_its_backlog_is_told_to_read_everything() -> None:
    async def scene() -> list[str]:
        hub = Hub()
        events = hub.events("c", 0.05)
        await first(events, of("open"))

        def publish_all() -> None:
            for _ in range(BACKLOG + 3):
                hub.publish("c", {"type": "figures"})

        flood = threading.Thread(target=publish_all)
        flood.start()
        flood.join()
        found = []
        async for event in events:
            if event is None:
                break
            found.append(str(event["type"]))
        return found

    assert asyncio.run(scene()) == ["resync", "figures", "figures"]


def test_a_closed_page_is_forgotten() -> None:
    async def scene() -> tuple[int, int]:
        hub = Hub()
        events = hub.events("c", 5)
        await anext(events)
        open_pages = hub.readers
        await events.aclose()  # type: ignore[attr-defined]
        return open_pages, hub.readers

    assert asyncio.run(scene()) == (1, 0)
