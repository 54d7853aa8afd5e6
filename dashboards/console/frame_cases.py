"""The work list of frame cases (应统未统线索): filtered, sorted, in pages, and as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final, Literal

from dashboards.console.cards import city_id, names
from dashboards.console.figures import subject_names
from dashboards.console.frame import OPEN, OTHER_WORDS, feed_names
from dashboards.console.store import Row, Store
from indicators.frame.words import STATE_WORDS

Sort = Literal["size", "due"]

#: The case's code last: an order that leaves ties open would repeat rows from page to page.
_ORDERS: Final = {
    "size": "size DESC, `case`",
    "due": "due IS NULL, due, size DESC, `case`",
}


@dataclass(frozen=True, slots=True)
class CasesAsked:
    """Which cases are asked for; an empty filter lets everything through.

    `unplaced` asks for the cases that name no district of the city. `today` is the city's
    date, by which a case is overdue from the day after its due date.
    """

    today: date
    states: Sequence[str] = ()
    districts: Sequence[str] = ()
    unplaced: bool = False
    kind: str = ""
    overdue: bool = False
    text: str = ""
    sort: Sort = "size"


def cases(
    store: Store, city: str, asked: CasesAsked, limit: int | None = None, offset: int = 0
) -> dict[str, Any]:
    """{total, size, rows}: how many cases match, their sales, and this page of them.

    A row is one of v_frame_case with the names of its codes, its state's word and `overdue_days`
    (0 while it is not overdue). `limit` None: all.

    Raises:
        UnknownCityError: there is no such city.
    """
    city_id(store, city)
    known = subject_names(store, city).get("district", {})
    where, parameters = _where(city, asked, known)
    (sums,) = store.query(
        f"SELECT count() AS total, sum(size) AS size FROM v_frame_case WHERE {where}", parameters
    )
    page = "" if limit is None else " LIMIT %(limit)s OFFSET %(offset)s"
    rows = store.query(
        f"SELECT * FROM v_frame_case WHERE {where} ORDER BY {_ORDERS[asked.sort]}{page}",
        {**parameters, "limit": limit, "offset": offset},
    )
    return {**sums, "rows": named(store, city, rows, asked.today)}


def named(store: Store, city: str, rows: Iterable[Row], today: date) -> list[Row]:
    """Rows of v_frame_case with names beside their codes, the state's word, and days overdue."""
    districts = subject_names(store, city).get("district", {})
    bodies = {**names(store, city, "reporter"), **districts}
    feeds = feed_names(store, city)
    return [
        {
            **{name: value for name, value in row.items() if name != "city"},
            "size": None if row["size"] is None or row["size"] < 0 else row["size"],
            "district_name": districts.get(row["district"], ""),
            "owner_name": bodies.get(row["owner"], row["owner"]),
            "feed_name": feeds.get(row["feed"], row["feed"]),
            "other_feeds": [feeds.get(one, one) for one in _others(row)],
            "state_word": OTHER_WORDS.get(row["kind"]) or STATE_WORDS.get(row["state"], ""),
            "overdue_days": _overdue(row, today),
        }
        for row in rows
    ]


def _others(row: Row) -> list[str]:
    return [one for one in row["feeds"].split(",") if one and one != row["feed"]]


def _overdue(row: Row, today: date) -> int:
    due: date | None = row["due"]
    if due is None or row["state"] not in OPEN:
        return 0
    return max(0, (today - due).days)


def _where(city: str, asked: CasesAsked, known: Iterable[str]) -> tuple[str, dict[str, Any]]:
    parts = ["city = %(city)s"]
    if asked.states:
        parts.append("state IN %(states)s")
    if asked.kind:
        parts.append("kind = %(kind)s")
    if asked.districts:
        parts.append("district IN %(districts)s")
    if asked.unplaced:
        parts.append("district NOT IN %(known)s")
    if asked.overdue:
        parts.append("state IN %(open)s AND due < %(today)s")
    for at, _ in enumerate(words := asked.text.split()):
        parts.append(f"positionCaseInsensitiveUTF8({_SEARCHED}, %(word_{at})s) > 0")
    return " AND ".join(parts), {
        "city": city, "states": tuple(asked.states), "kind": asked.kind,
        "districts": tuple(asked.districts), "known": tuple(known) or ("",),
        "open": OPEN, "today": asked.today, **{f"word_{at}": one for at, one in enumerate(words)},
    }  # fmt: skip


_SEARCHED = "concat(name, '\\n', credit_code, '\\n', `case`, '\\n', address)"


def printed(rows: Iterable[Row], zone: tzinfo) -> list[Row]:
    """The rows as a table for people: Chinese headings in the order of the page, names for codes,
    instants in `zone`, the city's.

    A code of more than fifteen digits and no letter has an apostrophe before it, because
    spreadsheet programs keep fifteen.
    """
    return [{head: _text(row[name], zone) for head, name in PRINTED.items()} for row in rows]


#: Heading → column.
PRINTED: Final = {
    "单位名称": "name", "统一社会信用代码": "credit_code", "区市县": "district_name",
    "地址": "address", "行业": "sector", "行业代码": "class_code", "近12个月销售额(万元)": "size",
    "入库门槛(万元)": "threshold", "销售额来源": "feed_name", "数据截至": "as_of",
    "状态": "state_word", "不符合原因": "reason", "入库月份": "list_month",
    "责任单位": "owner_name", "办理时限": "due", "逾期天数": "overdue_days",
    "决定人": "decided_by", "决定时间": "decided_at", "文件": "document", "备注": "remark",
    "线索编号": "case",
}  # fmt: skip

_KEPT_DIGITS = 15


def _text(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, str) and value.isdigit() and len(value) > _KEPT_DIGITS:
        return f"'{value}"
    return value
