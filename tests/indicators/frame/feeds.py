"""A small city with thresholds and feeds, and rows of its register, for tests of the frame."""

from typing import Any

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from tests.indicators.cities import catalogue, name

FRAME: dict[str, Any] = {
    "thresholds": [
        {"sector": "工业", "size": "2000", "source": "示例"},
        {"sector": "服务业", "size": "1000.5", "source": "示例"},
    ],
    "near_share": "0.8",
    "due_days": 30,
    "feeds": [
        {"code": "tax", "name": name("税务"), "rank": 1, "whole": True},
        {"code": "power", "name": name("用电"), "rank": 2},
    ],
}


def framed(**changes: Any) -> Catalogue:
    """The small city's catalogue with a frame; `changes` are of the frame."""
    overlapping = {
        "id": 2, "code": "zone", "name": name("功能区"), "partition": False,
        "members": [{"code": code, "name": name(code)} for code in ("Z1", "Z2")],
    }  # fmt: skip
    groupings = [*catalogue().model_dump(mode="json")["groupings"], overlapping]
    return catalogue(groupings=groupings, frame={**FRAME, **changes})


def candidate(
    key: str,
    size: str,
    *,
    feed: str = "tax",
    credit_code: str | None = None,
    as_of: str = "2026-M06",
    sector: str = "工业",
    **more: str,
) -> RegisterRow:
    """One row of a feed; the credit code is the key, unless said otherwise."""
    code = key if credit_code is None else credit_code
    told = {"feed": feed, "key": key, "credit_code": code, "as_of": as_of, "sector": sector,
            "size": size, "district": "X", **more}  # fmt: skip
    attributes = tuple(sorted((field, text) for field, text in told.items() if text))
    return RegisterRow(
        "put_unit", "candidate", f"{feed}.{key}", f"公司{key}", attributes=attributes
    )


def gone(key: str, feed: str = "tax") -> RegisterRow:
    return RegisterRow("drop_unit", "candidate", f"{feed}.{key}")


def span(code: str, first: str, last: str = "") -> RegisterRow:
    """A decision that puts the unit on the list."""
    return RegisterRow(
        "put_membership", "enterprise", code, grouping=":list", member="on_list",
        valid_from=first, valid_to=last,
    )  # fmt: skip


def no_span(code: str, first: str) -> RegisterRow:
    """The decision taken back."""
    return RegisterRow(
        "drop_membership", "enterprise", code, grouping=":list", member="on_list", valid_from=first
    )
