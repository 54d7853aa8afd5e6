"""Frame rows of the retail city as the stream writes them, in the tables of frame coverage.

Written by hand, because the example city has no feeds. `TODAY` is the console's day in the city.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from clickhouse_driver import Client

from granary.keys import unit_id
from granary.records import RegisterRow

CITY, NUMBER = "aus_retail", 2
TODAY = date(2023, 11, 15)
KNOWN = datetime(2023, 10, 1, 2, tzinfo=UTC)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
DIGITS = "915101007000000001"
FORMULA = '=HYPERLINK("http://x","y")'

_CASE: dict[str, Any] = {
    "city": NUMBER, "city_code": CITY, "kind": "case", "credit_code": "", "address": "",
    "district": "NSW", "sector": "工业", "class_code": "3919", "feed": "tax", "feeds": "tax",
    "threshold": 2000, "as_of": 202306, "state": "to_verify", "reason": "", "list_month": 0,
    "owner": "NSW", "due": None, "opened_at": KNOWN, "decided_at": NEVER, "decided_by": "",
    "document": "", "remark": "", "linked_unit": "", "version": 1, "known_from": KNOWN,
    "catalogue_version": 1, "retired": 0,
}  # fmt: skip
_DECIDED = {"decided_at": datetime(2023, 10, 9, 2, tzinfo=UTC), "decided_by": "张统"}

#: code, name, size and what differs from `_CASE`.
CASES: list[dict[str, Any]] = [
    {"case_code": DIGITS, "name": "南威锅炉厂", "credit_code": DIGITS, "size": 9000.5,
     "feeds": "tax,power", "address": "悉尼路8号", "due": date(2023, 11, 10)},
    {"case_code": "91510100MA6000002X", "name": "南威Steel有限公司", "size": 3000,
     "credit_code": "91510100MA6000002X", "state": "to_declare", "due": TODAY,
     "document": "统函3号", **_DECIDED},
    {"case_code": "power.77", "name": FORMULA, "feed": "power", "feeds": "power", "size": 2500,
     "district": "VIC", "owner": "VIC", "due": date(2023, 11, 14), "remark": "-1"},
    {"case_code": "power.78", "name": "100%纯棉厂", "feed": "power", "feeds": "power",
     "size": 2500, "district": "nowhere", "owner": ""},
    {"case_code": "power.79", "name": "已入库厂", "size": 4000, "state": "listed",
     "list_month": 202309, "district": "QLD", "due": date(2023, 10, 1)},
    {"case_code": "power.80", "name": "外地厂", "size": 4100, "state": "not_eligible",
     "reason": "重复", "linked_unit": "U1", "district": "QLD", "due": date(2023, 10, 1),
     **_DECIDED},
    {"case_code": "power.81", "name": "准规上厂", "size": 1800, "kind": "near", "state": "",
     "owner": "", "district": "VIC"},
    {"case_code": "over:U1", "name": "无来源厂", "size": 0, "kind": "over", "state": "",
     "owner": "", "feed": "", "feeds": "", "district": "VIC"},
]  # fmt: skip

#: subject: on list, of these sized, candidates, confirmed, near, and three sizes.
SUBJECTS = {
    CITY: (39, 37, 4, 1, 1, 300_000, 17_000.5, 3_000),
    "NSW": (9, 9, 2, 1, 0, 97_000, 12_000.5, 3_000),
    "VIC": (23, 21, 1, 0, 1, 180_000, 2_500, 0),
    "NT": (7, 7, 0, 0, 0, 23_000, 0, 0),
    "ACT": (0, 0, 0, 0, 0, 0, 0, 0),
}


def fill(owner: Client) -> None:
    """Write the frame of the retail city; no other city has one."""
    for row in CASES:
        _insert(owner, "frame_case_current", [_stored({**_CASE, **row})])
    history = [
        {**_CASE, **CASES[1], "state": "to_verify", "decided_by": "", "decided_at": NEVER,
         "document": "", "version": 1},
        # Another size at a later period: a version, but no step of the case.
        {**_CASE, **CASES[1], "state": "to_verify", "decided_by": "", "decided_at": NEVER,
         "document": "", "version": 2, "size": 2900},
        {**_CASE, **CASES[1], "version": 3},
    ]  # fmt: skip
    _insert(owner, "frame_case_history", [_stored(row) for row in history])
    at = (1, KNOWN, 1, 0)
    names = (
        "city", "city_code", "level", "subject", "as_of", "on_list", "on_list_sized",
        "candidates", "confirmed", "near", "on_list_size", "candidates_size", "confirmed_size",
        "version", "known_from", "catalogue_version", "retired",
    )  # fmt: skip
    rows = [
        (NUMBER, CITY, "city" if code == CITY else "district", code, 202306, *counts,
         *(int(size * 10_000) for size in sizes), *at)
        for code, (*counts, a, b, c) in SUBJECTS.items()
        for sizes in [(a, b, c)]
    ]  # fmt: skip
    _insert(owner, "frame_current", [dict(zip(names, row, strict=True)) for row in rows])
    _evidence(owner)


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    due = row["due"]
    return {
        **row,
        "size": int(row["size"] * 10_000),
        "threshold": row["threshold"] * 10_000,
        "due": (due - date(1970, 1, 1)).days if due else 0,
    }


def _evidence(owner: Client) -> None:
    """Two feeds on the first case, tax at two periods; the power feed has taken its row back."""
    version = owner.execute(f"SELECT max(version) FROM ledger WHERE city = {NUMBER}")[0][0]
    told = [
        ("put_unit", "tax", "T1", "2023-M03", "8000"),
        ("put_unit", "tax", "T1", "2023-M06", "9000"),
        ("put_unit", "power", "P1", "2023-M06", "9000.5"),
        ("drop_unit", "power", "P1", "", ""),
    ]  # fmt: skip
    rows = [
        RegisterRow(action, "candidate", f"{feed}.{key}", "南威锅炉厂", attributes=tuple(
            {"feed": feed, "key": key, "credit_code": DIGITS, "as_of": as_of, "size": size,
             "telephone": "028-1"}.items()
        ))
        for action, feed, key, as_of, size in told
    ]  # fmt: skip
    listed = (("address", "昆士兰路1号"), ("listed_from", "2020-01-01"))
    rows.append(RegisterRow("put_unit", "enterprise", "U1", "昆州外地厂", attributes=listed))
    alike = (("address", "新南威尔士州悉尼路8号"),)
    rows.append(RegisterRow("put_unit", "enterprise", "U2", "南威锅炉有限公司", attributes=alike))
    # The candidate itself, registered though not listed, and a unit that is no more.
    own = (("listed_to", "2020-01-01"),)
    rows.append(RegisterRow("put_unit", "enterprise", DIGITS, "南威锅炉厂", attributes=own))
    rows.append(RegisterRow("put_unit", "enterprise", "U3", "南威锅炉厂"))
    rows.append(RegisterRow("drop_unit", "enterprise", "U3"))
    _insert(
        owner,
        "register_event",
        [
            {
                **{name: getattr(row, name) for name in _NAMES},
                "city": NUMBER, "version": version, "ordinal": 900_000 + at,
                "unit": unit_id(row.kind, row.code), "attributes": row.attributes_text,
            }
            for at, row in enumerate(rows)
        ],
    )  # fmt: skip


_NAMES = ("action", "kind", "code", "name", "grouping", "member", "valid_from", "valid_to")


def _insert(owner: Client, table: str, rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        owner.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES", [tuple(row.values())])
