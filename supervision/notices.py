"""Delivers notices to the webhook: at least once, under one key, a possible repeat marked so.

A notice in steps, with what a crash after each leaves:
1. mark it `sending` with a row for the attempt; afterwards it is tried again, 可能重复;
2. POST it with `Idempotency-Key`; afterwards as after 1, the receiver has it;
3. record the outcome: `sent`; or `pending` with a later instant; or `failed` after a day;
4. open, update or close the alert; afterwards a later attempt does, or the next take-up.
An error of the control store is such a crash too: the next delivery takes up before it sends.
A notice that fails several times is an alert itself, open until nothing is left undelivered.
"""

from collections.abc import Callable, Sequence
from typing import Final

import httpx

from granary import metrics
from granary.clock import Clock
from granary.failpoints import failpoint
from indicators.vocabulary import CITY_LEVEL
from storage.control import cities, outbox, schema
from storage.control.alerts import RESOLVED, NewAlert
from storage.control.outbox import NOT_DELIVERED, Queued
from supervision import wording
from supervision.decisions import NOTICE_FAILED, YELLOW_WORD, Action, Change, Open
from supervision.recording import Recorder

#: Attempts after which a failing notice is an alert: some four seconds of trying.
ALERT_AFTER: Final = 4
FIRST_PAUSE_MS: Final = 500
LONGEST_PAUSE_MS: Final = 300_000
#: Attempts after which a notice is given up: a day at the longest pause.
GIVE_UP_AFTER: Final = 288
#: Seconds a receiver may take; far below the day a notice is kept for.
TIMEOUT_SECONDS: Final = 10.0
_EPISODE: Final = "notice_failed/webhook"


def pause_ms(attempts: int) -> int:
    """Time to wait after that many failed attempts, doubling up to a limit."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << doublings)


class Notices:
    """Sends what the outbox holds for the webhook. One thread uses it."""

    def __init__(
        self,
        control_url: str,
        webhook: str,
        recorder: Recorder,
        clock: Clock,
        city_code: Callable[[int], str],
    ) -> None:
        self._url = control_url
        self._webhook = webhook
        self._recorder = recorder
        self._clock = clock
        self._city_code = city_code
        self._cut_off = False
        # A proxy of the machine is for its user's browser, not for a receiver named in settings.
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def take_up(self) -> int:
        """After taking the lease, or an error: what was cut off is due again; how many."""
        with schema.engine(self._url).begin() as connection:
            if not self._recorder.holds(connection):
                return 0
            found = outbox.take_up(connection, outbox.WEBHOOK, self._clock.now_ms())
            known = cities.every(connection)
        for city in known:
            self._judge(city.id)
        self._cut_off = False
        return found

    def deliver(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Try every notice that is due, in order; how many arrived.

        Raises what the control store raises; the next call makes up for it.
        """
        if self._cut_off:
            self.take_up()
        with schema.reading(self._url) as connection:
            queued = outbox.due(connection, outbox.WEBHOOK, self._clock.now_ms())
        arrived = 0
        for one in queued:
            if stopped():
                break
            try:
                arrived += self._try(one)
            except BaseException:
                self._cut_off = True
                raise
        return arrived

    def _try(self, queued: Queued) -> bool:
        with schema.engine(self._url).begin() as connection:
            if not self._recorder.holds(connection):
                return False
            attempt, may_repeat = outbox.begin(connection, queued, self._clock.now_ms())
        failpoint("supervision.sending")
        status, error = self._post(queued, may_repeat=may_repeat)
        failpoint("supervision.sent")
        now = self._clock.now_ms()
        tries = queued.attempts + 1
        good = not error
        given_up = not good and tries >= GIVE_UP_AFTER
        with schema.engine(self._url).begin() as connection:
            outbox.end(
                connection,
                queued,
                attempt,
                now,
                status=status,
                error=error,
                state="sent" if good else "failed" if given_up else "pending",
                next_at_ms=now if good else now + pause_ms(tries),
            )
        (metrics.NOTICES_SENT if good else metrics.NOTICES_FAILED).inc()
        if good or tries >= ALERT_AFTER:
            self._judge(queued.city, "" if good else self._cause(status, error))
        return good

    def _post(self, queued: Queued, *, may_repeat: bool) -> tuple[int | None, str]:
        """(HTTP status, error); the error is empty when the receiver took it."""
        body = {**queued.payload, "key": queued.key, "possible_repeat": may_repeat}
        if may_repeat:
            body["text_zh"] = f"（可能重复）{body.get('text_zh', '')}"
        headers = {"Idempotency-Key": queued.key}
        try:
            answer = self._client.post(self._webhook, json=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol):
            return None, NOT_DELIVERED
        except (httpx.InvalidURL, ValueError):  # ValueError: a host that no name can be made of
            return None, NOT_DELIVERED
        except httpx.HTTPError as error:
            return None, type(error).__name__
        return answer.status_code, "" if answer.is_success else f"HTTP {answer.status_code}"

    @staticmethod
    def _cause(status: int | None, error: str) -> str:
        return (
            "无法连接" if error == NOT_DELIVERED else error if status is None else f"HTTP {status}"
        )

    def _judge(self, city: int, cause: str = "") -> None:
        """Open or update the city's alert about undelivered notices; without a cause only close."""
        with schema.reading(self._url) as connection:
            keys = outbox.troubled(connection, city, outbox.WEBHOOK, ALERT_AFTER)
        live = [one for one in self._recorder.live(city) if one.kind == NOTICE_FAILED]
        code = self._city_code(city)
        actions: list[Action] = []
        if keys and cause:
            evidence = self._evidence(keys, cause)
            if not live:
                new = NewAlert(
                    kind=NOTICE_FAILED,
                    level=YELLOW_WORD,
                    subject_level=CITY_LEVEL,
                    subject=code,
                    indicator="",
                    period="",
                    episode=_EPISODE,
                    evidence=evidence,
                    note=str(evidence["text_zh"]),
                )
                actions.append(Open(new))
            elif live[0].evidence.get("keys") != keys:
                actions.append(Change(live[0], {"evidence": {**live[0].evidence, **evidence}}))
        elif not keys and live:
            note = "通知已全部送达。"
            changed = {"state": RESOLVED, "evidence": {**live[0].evidence, "outcome": note}}
            actions.append(Change(live[0], changed, note, closes=True))
        self._recorder.record(city, code, actions)

    def _evidence(self, keys: Sequence[str], cause: str) -> dict[str, object]:
        return {
            "webhook": _without_secrets(self._webhook),
            "keys": list(keys),
            "error": cause,
            "text_zh": wording.notice_failed_zh(_without_secrets(self._webhook), keys, cause),
            "text_en": wording.notice_failed_en(_without_secrets(self._webhook), keys, cause),
        }


def _without_secrets(url: str) -> str:
    """Scheme, host and port: paths and queries of webhooks are often secrets."""
    try:
        parsed = httpx.URL(url)
        host, port = parsed.host, f":{parsed.port}" if parsed.port else ""
    except (httpx.InvalidURL, ValueError):
        return "GRANARY_WEBHOOK"
    return f"{parsed.scheme}://{host}{port}"
