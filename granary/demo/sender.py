"""Sends a reporter's file to the public gateway until it has a receipt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx
import structlog

from granary.demo.errors import DemoRefusedError
from granary.demo.script import Push

log = structlog.get_logger(__name__)

#: Seconds for one answer; the history of a state takes well under one.
ANSWER_TIMEOUT_S: Final = 120.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
_TRY_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_ENDED = frozenset({"settled", "refused"})
#: A token may be refused while an instance is being started anew.
_TOKEN_ATTEMPTS: Final = 5


class Waiter(Protocol):
    """Waits on behalf of the demonstration."""

    def wait(self, seconds: float) -> bool:
        """Block so long, or until the end is asked for; True if it is."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send and with what right, as the instance says now."""

    gateway: str
    tokens: Mapping[str, Mapping[str, str]]  # city → reporter → token


class StoppedError(Exception):
    """The end was asked for before the receipt came. Not an error of anything."""


class Sender:
    """Pushes with the reporter's own token and the step's key, so that a repeat is harmless."""

    def __init__(self, client: httpx.Client, target: Callable[[], Target], waiter: Waiter) -> None:
        self._client = client
        self._target = target
        self._waiter = waiter

    def send(self, push: Push) -> dict[str, Any]:
        """Send the file until the gateway answers with a receipt; blocks while it is away.

        Raises:
            DemoRefusedError: the gateway says no for good.
            StoppedError: the end was asked for meanwhile.
        """
        pause = _FIRST_PAUSE_S
        tokens_refused = 0
        while True:
            retry_after = 0.0
            try:
                answer = self._post(push)
            except httpx.TransportError as error:
                log.warning("gateway_away", key=push.key, error=str(error))
            else:
                if answer.status_code == 202 or (answer.status_code == 422 and push.faulty):
                    return dict(answer.json())
                if answer.status_code == 401:
                    tokens_refused += 1
                if answer.status_code not in _TRY_AGAIN and not (
                    answer.status_code == 401 and tokens_refused < _TOKEN_ATTEMPTS
                ):
                    raise DemoRefusedError(
                        f"{push.key}: {answer.status_code} {answer.text[:500]}",
                        status=answer.status_code,
                    )
                log.warning("gateway_busy", key=push.key, status=answer.status_code)
                retry_after = _seconds(answer.headers.get("Retry-After", ""))
            if self._waiter.wait(max(pause, retry_after)):
                raise StoppedError
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def is_settled(self, push: Push, submission: str) -> bool:
        """Whether the store has all that was taken of it; False too while nobody answers."""
        target = self._target()
        try:
            answer = self._client.get(
                f"{target.gateway}/v1/submissions/{submission}",
                headers=_bearer(target, push),
                timeout=ANSWER_TIMEOUT_S,
            )
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and answer.json().get("status") in _ENDED

    def _post(self, push: Push) -> httpx.Response:
        target = self._target()
        query = {"table": push.table} | ({"period": push.period} if push.period else {})
        return self._client.post(
            f"{target.gateway}/v1/submissions",
            params=query,
            content=push.body,
            headers={
                **_bearer(target, push),
                "Idempotency-Key": push.key,
                "Content-Type": "text/csv",
            },
            timeout=ANSWER_TIMEOUT_S,
        )


def _bearer(target: Target, push: Push) -> dict[str, str]:
    token = target.tokens.get(push.city, {}).get(push.reporter, "")
    return {"Authorization": f"Bearer {token}"}


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 0.0
