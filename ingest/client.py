"""The sender's side: a file to the gateway, resumed until there is a receipt.

A key is drawn for each file and invocation and written down before the first byte is sent; it is
used again only to resume, so that a broken connection never makes two submissions of one, and a
deliberate second push is one of its own.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from indicators.errors import GranaryError

_BLOCK: Final = 256 * 1024
#: Seconds of reading: as long as the gateway may hold a submission for those before it.
_TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0, read=300.0)
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 10.0
#: After a 500 the submission may be registered all the same; only the key finds it again.
_AGAIN: Final = (429, 500, 502, 503, 504)
_TYPES: Final = {
    ".csv": "text/csv",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
}


class GatewayUnreachableError(GranaryError):
    """No answer within the time given; the key is kept for resuming."""

    code = "gateway_unreachable"
    next_step = "Repeat the command with --resume."


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent where. `period` is '' where the file says it."""

    gateway: str
    token: str
    table: str
    period: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The gateway's last word: the receipt, or a problem."""

    status: int
    body: dict[str, Any]

    @property
    def clean(self) -> bool:
        """Everything declared was taken."""
        return self.status in (200, 202) and self.body.get("rejected") == 0


class Keys:
    """Keys of unfinished pushes, a small file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def draw(self, file: Path, order: Order) -> tuple[str, Path]:
        """A new key, and where it is written down."""
        self._folder.mkdir(parents=True, exist_ok=True)
        key = secrets.token_urlsafe(24)
        note = self._folder / f"{secrets.token_hex(8)}.json"
        note.write_text(json.dumps({"key": key, **_facts(file, order)}, ensure_ascii=False))
        return key, note

    def resume(self, file: Path, order: Order) -> tuple[str, Path] | None:
        """The newest key drawn for the same bytes and order and never answered."""
        wanted = _facts(file, order)
        notes = sorted(self._folder.glob("*.json"), key=lambda note: note.stat().st_mtime_ns)
        for note in reversed(notes):
            try:
                found = json.loads(note.read_text())
            except ValueError:  # cut short by a kill: no byte was sent under it
                continue
            if wanted.items() <= found.items():
                return str(found["key"]), note
        return None


def push(
    file: Path,
    order: Order,
    keys: Keys,
    *,
    resume: bool = False,
    patience_s: float = 120.0,
    progress: Callable[[int, int], None] = lambda sent, size: None,
    pause: Callable[[float], None] = time.sleep,
    client: httpx.Client | None = None,
) -> Answer:
    """Send the file until the gateway gives its last word.

    `progress` gets bytes sent and the file's size. A broken connection, 429 and 5xx are tried again
    under the same key for `patience_s` seconds from the beginning.

    Raises:
        GatewayUnreachableError: patience ran out.
        OSError: the file cannot be read.
    """
    known = keys.resume(file, order) if resume else None
    key, note = known or keys.draw(file, order)
    opened = client or httpx.Client(timeout=_TIMEOUT)
    wait = _FIRST_PAUSE
    give_up = time.monotonic() + patience_s
    try:
        while True:
            reason = ""
            after = wait
            try:
                response = _send(opened, file, order, key, progress)
                if response.status_code not in _AGAIN:
                    note.unlink(missing_ok=True)
                    return Answer(response.status_code, _body_of(response))
                reason = f"HTTP {response.status_code}"
                after = _retry_after(response, wait)
            except (httpx.UnsupportedProtocol, httpx.LocalProtocolError):
                note.unlink(missing_ok=True)  # no address or header to try again with
                raise
            except httpx.TransportError as error:
                reason = f"{type(error).__name__} {error}".strip()
            if time.monotonic() + after > give_up:
                raise GatewayUnreachableError(
                    f"{order.gateway}: {reason.rstrip('.')}.", gateway=order.gateway, reason=reason
                )
            pause(after)
            wait = min(wait * 2, _LONGEST_PAUSE)
    finally:
        if client is None:
            opened.close()


def _send(
    client: httpx.Client,
    file: Path,
    order: Order,
    key: str,
    progress: Callable[[int, int], None],
) -> httpx.Response:
    size = file.stat().st_size

    def blocks() -> Iterator[bytes]:
        sent = 0
        with file.open("rb") as opened:
            while block := opened.read(_BLOCK):
                yield block
                sent += len(block)
                progress(sent, size)

    query = {"table": order.table}
    if order.period:
        query["period"] = order.period
    if order.dry_run:
        query["dry_run"] = "true"
    return client.post(
        f"{order.gateway.rstrip('/')}/v1/submissions",
        params=query,
        content=blocks(),
        headers={
            "Authorization": f"Bearer {order.token}",
            "Content-Type": _TYPES.get(file.suffix.lower(), "application/octet-stream"),
            "Content-Length": str(size),
            "Idempotency-Key": key,
        },
    )


def _retry_after(response: httpx.Response, wait: float) -> float:
    text = response.headers.get("retry-after", "")
    return min(max(float(text), wait), _LONGEST_PAUSE) if text.isdecimal() else wait


def _body_of(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    return {"title": response.reason_phrase, "status": response.status_code, "findings": []}


def _facts(file: Path, order: Order) -> dict[str, Any]:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    facts = asdict(order)
    # A token is a secret and belongs in no note; its hash tells one reporter from another.
    facts["token"] = hashlib.sha256(order.token.encode()).hexdigest()
    return {"file": str(file.absolute()), "sha256": digest.hexdigest(), **facts}
