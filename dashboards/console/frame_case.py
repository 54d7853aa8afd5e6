"""One frame case: its facts, what each feed says of the unit, and who decided what and why."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from dashboards.console.cards import city_id
from dashboards.console.errors import UnknownCaseError
from dashboards.console.frame import OTHER_WORDS, feed_names
from dashboards.console.frame_cases import named
from dashboards.console.frame_matches import linked, proposals
from dashboards.console.store import Row, Store
from indicators.frame.words import STATE_WORDS

_EVIDENCE = """
SELECT r.code AS code, r.action AS action, r.name AS name, r.attributes AS attributes,
    l.known_from AS known_from
FROM (
    SELECT version, ordinal, code, action, name, attributes FROM register_event FINAL
    WHERE city = %(city_id)s AND kind = 'candidate' AND action IN ('put_unit', 'drop_unit')
        AND code IN (
            SELECT code FROM register_event WHERE city = %(city_id)s AND kind = 'candidate'
                AND action = 'put_unit' AND (code = %(case)s OR (%(credit_code)s != ''
                    AND upperUTF8(trimBoth(JSONExtractString(attributes, 'credit_code')))
                        = %(credit_code)s)))
) AS r
INNER JOIN (SELECT version, known_from FROM ledger FINAL WHERE city = %(city_id)s) AS l
    ON l.version = r.version
ORDER BY r.version, r.ordinal
"""
#: What a candidate's row is read for; further columns are shown as they come.
_READ: Final = (
    "feed", "key", "credit_code", "address", "sector", "class_code", "district", "size", "as_of",
)  # fmt: skip

_HISTORY = """
SELECT kind, state, reason, list_month, owner, due, decided_at, decided_by, document, remark,
    linked_unit, retired, known_from
FROM (
    SELECT version, kind, state, reason, list_month, owner, if(due = 0, NULL, toDate(due)) AS due,
        nullIf(decided_at, toDateTime64(0, 3, 'UTC')) AS decided_at, decided_by, document, remark,
        linked_unit, retired, known_from
    FROM frame_case_history FINAL WHERE city = %(city_id)s AND case_code = %(case)s
) ORDER BY version, retired DESC
"""


def case(store: Store, city: str, code: str, today: date) -> dict[str, Any]:
    """{case, evidence, linked, proposals, history} of one case.

    `case` is its row of the work list. `evidence`: one entry per feed, key and `as_of`, the newest
    first, as it was last told, with `known_from`; `withdrawn` where the feed has taken it back.
    `linked`: the registered unit that the candidate is, or None. `proposals`: for a case,
    registered units of a like name or address. `history`: the states in order, each with who
    decided, why, on which document, and when.

    Raises:
        UnknownCityError: there is no such city.
        UnknownCaseError: it has no such case.
    """
    number = city_id(store, city)
    rows = store.query(
        "SELECT * FROM v_frame_case WHERE city = %(city)s AND `case` = %(case)s",
        {"city": city, "case": code},
    )
    if not rows:
        raise UnknownCaseError(f"{city} has no frame case {code!r}.", case=code)
    (row,) = named(store, city, rows, today)
    asked = {"city_id": number, "case": code, "credit_code": row["credit_code"]}
    told = store.query(_EVIDENCE, asked)
    return {
        "case": row,
        "evidence": _evidence(told, feed_names(store, city)),
        "linked": linked(store, city, row["linked_unit"], row["as_of"]),
        "proposals": proposals(store, city, row) if row["kind"] == "case" else [],
        "history": _states(store.query(_HISTORY, asked)),
    }


def _evidence(rows: Iterable[Row], feeds: dict[str, str]) -> list[dict[str, Any]]:
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    last: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["action"] == "drop_unit":
            if row["code"] in last:
                last[row["code"]]["withdrawn"] = row["known_from"]
            continue
        facts: dict[str, str] = json.loads(row["attributes"])
        feed = facts.get("feed", "")
        entry = {
            "code": row["code"],
            "name": row["name"],
            **{name: facts.pop(name, "") for name in _READ},
            "feed_name": feeds.get(feed, feed),
            "further": facts,
            "known_from": row["known_from"],
            "withdrawn": None,
        }
        latest[row["code"], entry["as_of"]] = last[row["code"]] = entry
    return sorted(latest.values(), key=lambda one: (one["as_of"], one["code"]), reverse=True)


def _states(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The versions of a case in which its state changed, or somebody decided it again."""
    told: list[dict[str, Any]] = []
    before: tuple[Any, ...] = ()
    for row in rows:
        gone = bool(row["retired"])
        state = "" if gone else (row["state"] or row["kind"])
        now = (state, row["reason"], row["decided_at"], row["linked_unit"]) if not gone else (gone,)
        if now == before:
            continue
        before = now
        told.append(
            {
                "state": state,
                "word": "不再达到" if gone else {**STATE_WORDS, **OTHER_WORDS}.get(state, state),
                **{name: row[name] for name in _DECISION},
                "known_from": row["known_from"],
            }
        )
    return told


_DECISION = (
    "reason", "list_month", "owner", "due", "decided_at", "decided_by", "document", "remark",
    "linked_unit",
)  # fmt: skip
