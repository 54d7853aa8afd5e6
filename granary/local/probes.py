"""Whether a part is ready, as a client of it would find out. Each blocks for a second or so."""

import http.client
import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from granary.local import kafka

_TIMEOUT_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Health:
    """`last_progress_s` is None where the part has no notion of it or said nothing."""

    ready: bool
    last_progress_s: float | None = None


def probe(address: str) -> Health:
    """Ask the part at that address; never raises. An empty address is ready."""
    if address.startswith("http://"):
        return _http(address)
    if address.startswith("kafka://"):
        return Health(kafka.answers(address.removeprefix("kafka://"), _TIMEOUT_S))
    if address.startswith("clickhouse://"):
        return Health(store_answers(address))
    return Health(ready=not address)


def _http(address: str) -> Health:
    url = urlsplit(address)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", url.path)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return Health(ready=False)
    finally:
        connection.close()
    return Health(response.status == 200, _last_progress(body))


def _last_progress(body: bytes) -> float | None:
    """The least `last_progress_s` of the answer, its own or its cities': idle is no stall."""
    try:
        facts = json.loads(body)
    except ValueError:
        return None
    if not isinstance(facts, dict):
        return None
    cities = facts.get("cities")
    places = [facts, *(cities.values() if isinstance(cities, dict) else ())]
    found = [place.get("last_progress_s") for place in places if isinstance(place, dict)]
    seconds = [float(each) for each in found if isinstance(each, int | float)]
    return round(min(seconds), 3) if seconds else None


def store_answers(url: str) -> bool:
    """Whether the store lets that user in and answers a ping."""
    from storage.clickhouse import connect

    try:
        client = connect(url, patience_s=_TIMEOUT_S)
        try:
            client.connection.force_connect()
            return bool(client.connection.ping())
        finally:
            client.disconnect()
    except Exception:
        # Whatever is wrong (refused, reset in mid-hello, login), it does not serve us.
        return False
