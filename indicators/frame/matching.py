"""Candidates joined over their feeds and matched to registered units, by credit code and by link.

Pure and vectorised; sizes are integers in 10^-4. A link is a person's decision that a candidate is
a registered unit: its rows then count for that unit too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Amounts, Flags, Index
from indicators.frame.book import CANDIDATE, ENTERPRISE, UNKNOWN, FrameBook
from indicators.frame.models import Frame
from indicators.membership import Positions
from indicators.periods import period_end
from indicators.register import Register
from indicators.register_fold import SpanVectors

#: More than any size: without thresholds nobody is large.
_NO_SIZE: Final = 2**62
#: Rank of a feed that frame.yaml does not name: after all that it names.
_LAST_RANK: Final = 2**30


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Who is on the survey list: spans in order of unit and first day, days as ordinals."""

    spans: SpanVectors
    starts: Positions  # (units + 1,)
    last: Index  # (units,) the last day's successor of each unit's last span, -1 for none

    @classmethod
    def of(cls, register: Register) -> "Listing":
        spans, size = register.list_spans(ENTERPRISE), register.size(ENTERPRISE)
        starts = np.searchsorted(spans.unit, np.arange(size + 1))
        last = np.full(size, -1, np.int32)
        np.maximum.at(last, spans.unit, spans.last)
        return cls(spans, starts, last)

    def on_list(self, end: int) -> Flags:
        """(units,) whether a span is open or ends after the day `end`."""
        return self.last > end

    def entries(self, units: Index, ends: Index) -> Index:
        """(n,) first day of each unit's earliest span that ends after its day; 0 for none.

        A span that is open at its beginning has first day 1.
        """
        found = np.zeros(len(units), np.int32)
        known = np.flatnonzero(units >= 0)
        counts = self.starts[units[known] + 1] - self.starts[units[known]]
        asked = np.repeat(known, counts)
        step = np.arange(len(asked)) - np.repeat(np.cumsum(counts) - counts, counts)
        span = self.starts[units[asked]] + step
        # In order of first day, so the last one written to a place is the earliest span.
        chosen = np.flatnonzero(self.spans.last[span] > ends[asked])[::-1]
        found[asked[chosen]] = np.maximum(self.spans.first[span[chosen]], 1)
        return found

    def has_span(self, unit: int, first: int) -> bool:
        """Whether a span of the unit began on that day, as `entries` tells it."""
        if unit < 0:
            return False
        days = self.spans.first[self.starts[unit] : self.starts[unit + 1]]
        return bool((np.maximum(days, 1) == first).any())


@dataclass(frozen=True, eq=False)
class Matched:
    """Every candidate that some feed names, joined over feeds; arrays are (candidates,).

    key: identity in the book, ascending. row: the feed's row that decides the size. unit: index of
    the registered unit, -1 for none. on_list: that unit has a span that ends after the last day of
    `as_of`. entry: first day of that span. threshold: of the sector, 0 for none.
    """

    key: Index
    row: Index
    size: Amounts
    as_of: Index
    end: Index
    sector: Index
    threshold: Amounts
    near_from: Amounts
    unit: Index
    entry: Index
    rows: Index  # rows of the feeds in order of candidate, then of rank
    starts: Positions  # (candidates + 1,) into `rows`
    listing: Listing
    least: int  # the lowest threshold of any sector

    @property
    def on_list(self) -> Flags:
        return self.entry > 0

    @cached_property
    def qualifies(self) -> Flags:
        """At the threshold or above, and not on the list."""
        return (self.threshold > 0) & (self.size >= self.threshold) & ~self.on_list

    @cached_property
    def near(self) -> Flags:
        """准规上: nearly at the threshold, and not on the list."""
        known = (self.threshold > 0) & ~self.on_list
        return known & (self.size >= self.near_from) & (self.size < self.threshold)

    @cached_property
    def unplaced(self) -> Flags:
        """行业待定: of a size that belongs on the list in some sector, but of none that has a
        threshold, and not on the list."""
        large: Flags = (self.threshold == 0) & (self.size >= self.least)
        return large & ~self.on_list

    @property
    def newest(self) -> int:
        """The newest period of any candidate, 0 where there is none."""
        return int(self.as_of.max()) if len(self.as_of) else 0

    def place(self, key: int) -> int:
        """Position of the candidate of that key, -1 for none."""
        at = int(np.searchsorted(self.key, key))
        return at if at < len(self.key) and self.key[at] == key else -1


def matched(book: FrameBook, register: Register, frame: Frame, links: Mapping[int, str]) -> Matched:
    """Join and match; `links`: key of a candidate → code of the registered unit that it is.

    Where several feeds know a candidate, the first in rank that has a size decides it, of one
    feed's several rows the newest, then the largest; the sector is the first that has a threshold,
    where none has the first that is filled in.
    A row without a period is left out.
    """
    rows, key, unit_key = _rows(book, register, links)
    size = np.frombuffer(book.size, np.int64)[rows] if len(rows) else np.zeros(0, np.int64)
    as_of, feed, sector = (
        np.frombuffer(column, np.int32)[rows] if len(rows) else np.zeros(0, np.int32)
        for column in (book.as_of, book.feed, book.sector)
    )
    rank = _ranks(book, frame)[feed]
    ids = register.ids(CANDIDATE)[rows]  # so that nothing depends on who came first
    order = np.lexsort((ids, -size, -as_of, rank, key))
    starts = _starts(key[order])
    rank, as_of, size = rank[order], as_of[order], size[order]
    rows, key, sector = rows[order], key[order], sector[order]
    sized = _first(key, size == UNKNOWN)
    threshold, near_from = _thresholds(book, frame)
    said = _first(key, np.where(threshold[sector] > 0, 0, np.where(sector == book.blank, 2, 1)))
    ends = _ends(as_of[sized])
    listing = Listing.of(register)
    unit = _unit_of_key(book, listing, unit_key)[key[sized]]
    return Matched(
        key=key[sized],
        row=rows[sized],
        size=size[sized],
        as_of=as_of[sized],
        end=ends,
        sector=sector[said],
        threshold=threshold[sector[said]],
        near_from=near_from[sector[said]],
        unit=unit,
        entry=listing.entries(unit, ends),
        rows=rows,
        starts=starts,
        listing=listing,
        least=min((one.amount for one in frame.thresholds), default=_NO_SIZE),
    )


def known_units(
    book: FrameBook, register: Register, frame: Frame, seen: Matched
) -> tuple[Flags, int]:
    """(units,) whether some feed names the unit at its newest period, and the whole feeds' newest.

    0 where no feed that names every unit has sent anything: then nothing is over-covered.
    """
    feed = np.frombuffer(book.feed, np.int32)[seen.rows] if len(seen.rows) else seen.rows
    as_of = np.frombuffer(book.as_of, np.int32)[seen.rows] if len(seen.rows) else seen.rows
    newest = np.zeros(len(book.texts.texts), np.int32)
    np.maximum.at(newest, feed, as_of)
    whole = [book.texts.known(one.code) for one in frame.feeds if one.whole]
    latest = max((int(newest[number]) for number in whole if number >= 0), default=0)
    known = np.zeros(register.size(ENTERPRISE), bool)
    candidate = np.repeat(np.arange(len(seen.key)), np.diff(seen.starts))
    unit = seen.unit[candidate[as_of == newest[feed]]]
    known[unit[unit >= 0]] = True
    return known, latest


def _rows(
    book: FrameBook, register: Register, links: Mapping[int, str]
) -> tuple[Index, Index, Index]:
    """(rows in force, key of each, key of each registered unit or -1); linked rows come twice."""
    active = np.array(book.active, bool)
    if active.size:
        active &= np.frombuffer(book.as_of, np.int32) > 0
    rows = np.flatnonzero(active).astype(np.int32)
    key = np.frombuffer(book.key, np.int32)[rows] if len(rows) else np.zeros(0, np.int32)
    unit_key = np.array(book.unit_key, np.int32)
    ids = register.ids(ENTERPRISE)[: len(unit_key)]
    unit_key[register.index_of(ENTERPRISE, ids) < 0] = -1  # dropped
    by_key = np.argsort(key, kind="stable")
    parts = [(rows, key)]
    for linked, code in links.items():
        at = register.place(ENTERPRISE, code)
        if 0 <= at < len(unit_key) and unit_key[at] >= 0:
            low, high = (np.searchsorted(key, linked, side, by_key) for side in ("left", "right"))
            own = rows[by_key[low:high]]
            parts.append((own, np.full(len(own), unit_key[at], np.int32)))
    rows, key = (np.concatenate(pieces) for pieces in zip(*parts, strict=True))
    return rows, key, unit_key


def _unit_of_key(book: FrameBook, listing: Listing, unit_key: Index) -> Index:
    """(keys,) index of the unit known by the key: the one on the list longest, of several."""
    found = np.full(len(book.keys.texts), -1, np.int32)
    put = np.flatnonzero(unit_key >= 0)
    put = put[np.argsort(listing.last[put], kind="stable")]
    found[unit_key[put]] = put
    return found


def _ranks(book: FrameBook, frame: Frame) -> Index:
    """(texts,) rank of the feed of that text."""
    ranks = np.full(len(book.texts.texts), _LAST_RANK, np.int32)
    for feed in frame.feeds:
        number = book.texts.known(feed.code)
        if number >= 0:
            ranks[number] = feed.rank
    return ranks


def _thresholds(book: FrameBook, frame: Frame) -> tuple[Amounts, Amounts]:
    """(texts,) threshold of the sector of that text and where nearness begins, 0 for none."""
    at, near = (np.zeros(len(book.texts.texts), np.int64) for _ in range(2))
    for threshold in frame.thresholds:
        number = book.texts.known(threshold.sector)
        if number >= 0:
            at[number], near[number] = threshold.amount, frame.near_from(threshold)
    return at, near


def _ends(periods: Index) -> Index:
    """(n,) ordinal of each period's last day."""
    known, place = np.unique(periods, return_inverse=True)
    days = np.array([period_end(int(one)).toordinal() for one in known], np.int32)
    return days[place] if len(known) else np.zeros(0, np.int32)


def _starts(key: Index) -> Positions:
    """(groups + 1,) where each key begins in sorted keys, and their end."""
    begins = np.flatnonzero(np.diff(key, prepend=key[:1] - 1))
    return np.concatenate([begins, [len(key)]]).astype(np.intp)


def _first(key: Index, lacking: NDArray[Any]) -> Positions:
    """(groups,) the first place of each key among those that lack least."""
    order = np.lexsort((lacking, key))
    return order[_starts(key[order])[:-1]]
