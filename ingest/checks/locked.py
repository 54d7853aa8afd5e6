"""Locked periods as a sender is told of them: since when, by whom, why."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from granary.clock import utc
from granary.lock_records import Decision


@dataclass(frozen=True, slots=True)
class LockNotice:
    """What a finding says of a lock; `since` is in the city's time."""

    since: str
    by: str
    reason: str


#: Locked periods of one table, by id.
LockNotices = Mapping[int, LockNotice]
NO_LOCKS: Final[LockNotices] = MappingProxyType({})


def notice_of(lock: Decision, zone: ZoneInfo) -> LockNotice:
    """What is said of a lock."""
    since = utc(lock.decided_ms).astimezone(zone)
    return LockNotice(f"{since:%Y-%m-%d %H:%M}", lock.by, lock.reason)
