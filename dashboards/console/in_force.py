"""What the city's log has put in force, read back from the store: its catalogue and its register.

Both are folds. They are folded here by the core's own models, as the stream does it, so that a
trace judges listing and membership by what the figure was judged by.
"""

import json
from collections.abc import Sequence
from functools import lru_cache

from dashboards.console.cards import city_id
from dashboards.console.errors import UnknownCityError
from dashboards.console.store import Store
from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from indicators.register import LIST_GROUPING, Register

_CATALOGUES = "FROM control_event FINAL WHERE city = %(city_id)s AND type = 'catalogue'"

_EVENTS = """
SELECT action, kind, code, name, grouping, member, valid_from, valid_to, attributes
FROM register_event FINAL
WHERE city = %(city_id)s AND version <= %(version)s AND kind = %(kind)s
  AND (action IN ('put_unit', 'drop_unit') OR grouping IN %(groupings)s)
"""
#: Only the events of units that were ever put into a member.
_ONCE_IN = """ AND unit IN (
    SELECT unit FROM register_event WHERE city = %(city_id)s AND kind = %(kind)s
      AND action = 'put_membership' AND grouping = %(level)s AND member = %(subject)s)
"""


def catalogue(store: Store, city: str) -> Catalogue:
    """The city's catalogue in force.

    Raises:
        UnknownCityError: there is no such city, or none was ever loaded for it.
    """
    number = city_id(store, city)
    newest = store.query(
        f"SELECT version {_CATALOGUES} ORDER BY version DESC LIMIT 1", {"city_id": number}
    )
    if not newest:
        raise UnknownCityError(f"{city} has no catalogue.", city=city)
    return _catalogue(store, number, int(newest[0]["version"]))


@lru_cache(maxsize=64)
def _catalogue(store: Store, number: int, version: int) -> Catalogue:
    """A record of the log never changes, so it is read and validated once."""
    (row,) = store.query(
        f"SELECT body {_CATALOGUES} AND version = %(version)s",
        {"city_id": number, "version": version},
    )
    return Catalogue.model_validate(json.loads(row["body"])["catalogue"])


def register(
    store: Store, city: str, kind: str, groupings: Sequence[str], within: tuple[str, str] | None
) -> Register:
    """Units of a kind with their list decisions and memberships in these groupings; `within`
    (grouping, member): only units that were ever in that member. To be asked, not changed."""
    number = city_id(store, city)
    (newest,) = store.query(
        "SELECT max(version) AS version FROM register_event WHERE city = %(city_id)s",
        {"city_id": number},
    )
    return _register(store, number, kind, tuple(groupings), within, int(newest["version"]))


@lru_cache(maxsize=2)
def _register(
    store: Store,
    number: int,
    kind: str,
    groupings: tuple[str, ...],
    within: tuple[str, str] | None,
    version: int,
) -> Register:
    """Kept from click to click: a register of 100,000 units takes two seconds to read and fold."""
    level, subject = within or ("", "")
    events = store.query(
        f"{_EVENTS}{_ONCE_IN if within else ''} ORDER BY version, ordinal",
        {
            "city_id": number,
            "version": version,
            "kind": kind,
            "groupings": (LIST_GROUPING, *groupings),
            "level": level,
            "subject": subject,
        },
    )
    rows = [RegisterRow.stored(*event.values()) for event in events]
    folded = Register(unit_id)
    folded.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    return folded
