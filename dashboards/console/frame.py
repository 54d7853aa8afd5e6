"""Frame coverage (应统尽统) of the city and its districts, with response (回应率) apart from it.

Coverage says which units that ought to be in the survey are in it, response which of those in it
have reported; a district may be good at one and behind in the other, so they are never one number.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from dashboards.console.cards import city_id, names
from dashboards.console.figures import subject_names
from dashboards.console.in_force import catalogue
from dashboards.console.store import Row, Store
from indicators.catalogue import Catalogue
from indicators.frame.words import CASE, KIND_WORDS

#: A case in one of these waits for somebody, and has a due date.
OPEN: Final = ("to_verify", "to_declare")
#: Rows of the work list that are no case: below the threshold, large and of no sector that has one,
#: on the list and unknown to any feed.
OTHER_WORDS: Final = {kind: word for kind, word in KIND_WORDS.items() if kind != CASE}

_SUBJECTS = (
    "SELECT level, subject, as_of, on_list, candidates, confirmed, near, on_list_size,"
    " candidates_size, confirmed_size, known_from, on_list_sized FROM v_frame"
    " WHERE city = %(city)s AND level IN ('city', 'district')"
)
_CASES = """
SELECT district, countIf(state = 'to_verify') AS to_verify, countIf(state = 'to_declare')
    AS to_declare, countIf(state IN %(open)s AND due < %(today)s) AS overdue,
    sumIf(ifNull(size, 0), state IN %(open)s) AS open_size
FROM v_frame_case WHERE city = %(city)s AND kind = 'case' GROUP BY district
"""
_RESPONSE = """
SELECT table_code, period, period_end, level, subject, expected, received, due_at
FROM v_completeness
WHERE city = %(city)s AND level IN ('city', 'district') AND table_code IN %(tables)s
    AND (table_code, period_end) IN (
        SELECT table_code, max(period_end) FROM v_completeness
        WHERE city = %(city)s AND level = 'city' AND expected > 0
            AND (received > 0 OR due_at IS NULL OR due_at <= %(now)s)
        GROUP BY table_code)
"""


def coverage(store: Store, city: str, now: datetime, today: date) -> dict[str, Any]:
    """{as_of, known_from, city, districts, responses, feeds}; `feeds` as `feeds_of`.

    `city` is None while no feed has named a candidate: nobody can say then that nobody is missing.

    A subject: on_list, confirmed, candidates, near, to_verify, to_declare, overdue, open, open_size
    and `coverage` {count, size}, each {numerator, denominator, value}, value None where nobody
    ought to be on the list. The city has `on_list_sized` besides: units on the list whose size a
    feed tells; those without one are in no coverage by size. Districts come in the order of their
    codes; cases that name none of them are in one of code '' behind them, so that the districts'
    cases add up to the city's. `today` (the day of `now` in the city) decides what is overdue.

    Raises:
        UnknownCityError: there is no such city.
    """
    city_id(store, city)
    rows = store.query(_SUBJECTS, {"city": city})
    whole = next((row for row in rows if row["level"] == "city"), None)
    if whole is None:
        return {
            "as_of": "", "known_from": None, "city": None, "districts": [], "responses": [],
            "feeds": feeds_of(catalogue(store, city)),
        }  # fmt: skip
    cases = store.query(_CASES, {"city": city, "open": OPEN, "today": today})
    named = subject_names(store, city).get("district", {})
    of_cases: dict[str, Row] = {}
    of_city: dict[str, Row] = {}
    for row in cases:
        _add(of_cases, row["district"] if row["district"] in named else "", row)
        _add(of_city, city, row)
    of_frame = {row["subject"]: row for row in rows if row["level"] == "district"}
    districts = [
        {"district": code, "name": name, **_subject(of_frame.get(code), of_cases.get(code))}
        for code, name in named.items()
        if code in of_frame or code in of_cases
    ]
    if "" in of_cases:
        districts.append({"district": "", "name": "", **_subject(None, of_cases[""])})
    return {
        "as_of": whole["as_of"],
        "known_from": whole["known_from"],
        "city": {
            **_subject(whole, of_city.get(city)),
            "on_list_sized": whole["on_list_sized"],
        },
        "districts": districts,
        "responses": responses(store, city, now),
        "feeds": feeds_of(catalogue(store, city)),
    }


def responses(store: Store, city: str, now: datetime) -> list[dict[str, Any]]:
    """Response (回应率) of each table that units on the list fill in, at its newest period of which
    something has come, or ought to have come by `now`.

    [{table, name, period, period_end, due_at, city, districts: {code: {received, expected}}}], that
    of the newest period first, of several the one with the most expected units.
    """
    known = catalogue(store, city)
    tables = [table.code for table in known.tables if table.expected == "listed"]
    if not tables:
        return []
    found: dict[str, dict[str, Any]] = {}
    titles = names(store, city, "table")
    for row in store.query(_RESPONSE, {"city": city, "tables": tables, "now": now}):
        code = row["table_code"]
        table = found.setdefault(
            code,
            {"table": code, "name": titles.get(code, code),
             **{name: row[name] for name in ("period", "period_end", "due_at")},
             "city": None, "districts": {}},
        )  # fmt: skip
        told = {"received": row["received"], "expected": row["expected"]}
        if row["level"] == "city":
            table["city"] = told
        else:
            table["districts"][row["subject"]] = told
    whole = [table for table in found.values() if table["city"]]
    whole.sort(key=lambda table: (-table["city"]["expected"], table["table"]))
    return sorted(whole, key=lambda table: table["period_end"], reverse=True)


def feeds_of(known: Catalogue) -> list[dict[str, Any]]:
    """Whence candidates come: [{feed, name, table, reporters}] in order of rank; `table` is the
    register table that brings the feed, '' for none, `reporters` {code: name} who may send it."""
    if known.frame is None:
        return []
    tables = {one.feed: one.code for one in known.register_tables if one.feed}
    return [
        {
            "feed": feed.code,
            "name": feed.name.zh,
            "table": (table := tables.get(feed.code, "")),
            "reporters": {
                one.code: one.name.zh for one in known.reporters if table and table in one.tables
            },
        }
        for feed in sorted(known.frame.feeds, key=lambda feed: feed.rank)
    ]


def feed_names(store: Store, city: str) -> dict[str, str]:
    """{code: Chinese name} of the city's candidate feeds."""
    frame = catalogue(store, city).frame
    return {feed.code: feed.name.zh for feed in frame.feeds} if frame else {}


def _add(sums: dict[str, Row], code: str, row: Row) -> None:
    one = sums.setdefault(code, dict.fromkeys(_SUMMED, 0))
    for name in _SUMMED:
        one[name] += row[name]


_SUMMED = ("to_verify", "to_declare", "overdue", "open_size")


def _subject(frame: Row | None, cases: Row | None) -> dict[str, Any]:
    counted = cases or dict.fromkeys(_SUMMED, 0)
    subject = {
        **{name: frame[name] if frame else None for name in _COUNTS},
        **counted,
        "open": counted["to_verify"] + counted["to_declare"],
        "coverage": None,
    }
    if frame:
        subject["coverage"] = {
            "count": _share(frame["on_list"], frame["confirmed"]),
            "size": _share(frame["on_list_size"], frame["confirmed_size"]),
        }
    return subject


_COUNTS = ("on_list", "confirmed", "candidates", "near")


def _share(on_list: Any, confirmed: Any) -> dict[str, Any]:
    """在库 / (在库 + 确认应统未统), exact sides and the nearest float."""
    whole = on_list + confirmed
    value = float(Decimal(on_list) / Decimal(whole)) if whole else None
    return {"numerator": on_list, "denominator": whole, "value": value}
