"""Frame coverage as it stands in the store, for whoever lists, decides or proposes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol


class NamedQueries(Protocol):
    """Runs one SELECT; with `with_column_types` it returns (rows, [(column, type)])."""

    def execute(
        self,
        query: str,
        params: Mapping[str, Any] | None = None,
        *,
        with_column_types: bool = False,
    ) -> Any: ...


Row = dict[str, Any]

#: Decisions on a case that the city's log has, by the ledger.
_FOLDED: Final = """
SELECT uniqExact(e.id) FROM control_event AS e
INNER JOIN (SELECT id FROM dimension FINAL WHERE class = 'city' AND code = %(city)s) AS c
    ON c.id = e.city
WHERE e.type = 'frame_decision' AND JSONExtractString(e.body, 'case') = %(case)s
    AND (e.city, e.version) IN (SELECT city, version FROM ledger)
"""


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case as somebody saw it. `decisions`: how many on it the log had then."""

    case: str
    kind: str
    state: str
    reason: str
    name: str
    address: str
    decisions: int


def seen_case(queries: NamedQueries, city: str, case: str) -> SeenCase | None:
    """The row of the work list as it stands; None where there is none."""
    given = {"city": city, "case": case}
    # Decisions are counted first: one that comes in between is then missed, and refuses ours.
    ((decisions,),) = queries.execute(_FOLDED, given)
    rows = _named(
        queries, "SELECT * FROM v_frame_case WHERE city = %(city)s AND `case` = %(case)s", given
    )
    if not rows:
        return None
    row = rows[0]
    return SeenCase(
        case=row["case"],
        kind=row["kind"],
        state=row["state"],
        reason=row["reason"],
        name=row["name"],
        address=row["address"],
        decisions=int(decisions),
    )


def case_list(
    queries: NamedQueries, *, city: str | None, state: str | None, district: str | None
) -> list[Row]:
    """Rows of the work list, cases first, the largest first within a state."""
    given = {"city": city, "state": state, "district": district}
    where = _where(given)
    return _named(
        queries,
        f"SELECT * FROM v_frame_case {where}"
        "ORDER BY city, kind != 'case', kind, state, ifNull(size, 0) DESC, `case`",
        given,
    )


def coverage(queries: NamedQueries, *, city: str | None) -> list[Row]:
    """Rows of v_frame, with how many units on the list have a size; cities before their parts."""
    given = {"city": city}
    return _named(
        queries,
        f"SELECT * FROM v_frame {_where(given)}ORDER BY city, level != 'city', level, subject",
        given,
    )


def registered(queries: NamedQueries, city: str, kind: str) -> list[Row]:
    """code, name, address of every unit of the kind that ever was in the register."""
    return _named(
        queries,
        "SELECT code, name, JSONExtractString(attributes, 'address') AS address FROM v_subject"
        " WHERE city = %(city)s AND level = %(kind)s ORDER BY code",
        {"city": city, "kind": kind},
    )


def places(queries: NamedQueries, city: str) -> list[str]:
    """Names of the city and its districts."""
    found = queries.execute(
        "SELECT name FROM v_subject WHERE city = %(city)s AND level IN ('city', 'district')",
        {"city": city},
    )
    return [str(name) for (name,) in found]


def list_rows(queries: NamedQueries, city_id: int, kind: str) -> list[tuple[Any, ...]]:
    """(version, record id, known from, action, kind, code, name, grouping, member, valid_from,
    valid_to, attributes as JSON), in log order, of units of the kind and who is on the list."""
    return list(
        queries.execute(
            "SELECT r.version, l.submission, l.known_from, action, r.kind, code, name, grouping,"
            " member, valid_from, valid_to, attributes"
            " FROM (SELECT * FROM register_event FINAL WHERE city = %(city)s AND kind = %(kind)s"
            " AND (grouping = ':list' OR action IN ('put_unit', 'drop_unit'))) AS r"
            " INNER JOIN (SELECT version, submission, known_from FROM ledger FINAL"
            " WHERE city = %(city)s) AS l ON l.version = r.version ORDER BY r.version, ordinal",
            {"city": city_id, "kind": kind},
        )
    )


def _where(given: Mapping[str, Any]) -> str:
    named = [f"{name} = %({name})s" for name, value in given.items() if value is not None]
    return f"WHERE {' AND '.join(named)} " if named else ""


def _named(queries: NamedQueries, query: str, given: Mapping[str, Any]) -> list[Row]:
    rows, columns = queries.execute(query, given, with_column_types=True)
    names = [name for name, _ in columns]
    return [dict(zip(names, row, strict=True)) for row in rows]
