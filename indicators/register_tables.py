"""Register files as submitted tables (名录报表), and candidate feeds: who may send what."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from indicators.modelling import Code, Model, Name

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue

Held = Literal["units", "memberships", "list_decisions", "correspondences", "candidates"]


class RegisterTable(Model):
    """register_tables.yaml: a file that a reporter sends to change the register.

    `holds` says which file of a register it is like; `candidates` name units that might have to be
    on the survey list (frame.yaml has the feeds).
    """

    code: Code
    name: Name
    holds: Held
    unit_kind: Code = "enterprise"
    feed: Code | None = Field(None, description="candidates: the feed of frame.yaml")
    scheme: Code | None = Field(None, description="correspondences: the scheme of keys")
    source: Code
    purpose: Literal["statistical", "administrative"]
    legal_basis: str


def register_table_faults(catalogue: "Catalogue") -> Iterator[str]:
    """What no entry can know by itself: `register_tables.position.field: sentence`."""
    feeds = {feed.code for feed in catalogue.frame.feeds} if catalogue.frame else set()
    named: dict[str, str] = {}
    kinds = {table.unit_kind for table in catalogue.tables}
    kinds |= {kind for grouping in catalogue.groupings for kind in grouping.unit_kinds}
    for position, table in enumerate(catalogue.register_tables):
        at = f"register_tables.{position}"
        if table.code in catalogue.table:
            yield f"{at}.code: {table.code!r} is a table of figures already"
        if table.source not in catalogue.source:
            yield f"{at}.source: no source {table.source!r}"
        if table.holds != "candidates" and table.unit_kind not in kinds:
            yield f"{at}.unit_kind: no table or grouping is about units of kind {table.unit_kind!r}"
        if (table.feed is not None) != (table.holds == "candidates"):
            yield f"{at}.feed: candidates have a feed, and nothing else has one"
        elif table.feed is not None and table.feed not in feeds:
            yield f"{at}.feed: frame.yaml has no feed {table.feed!r}"
        elif table.feed is not None and (other := named.setdefault(table.feed, table.code)) != (
            table.code
        ):
            yield f"{at}.feed: {table.feed!r} is sent by table {other!r} already"
        if (table.scheme is not None) != (table.holds == "correspondences"):
            yield f"{at}.scheme: correspondences have a scheme of keys, and nothing else has one"
        elif table.scheme is not None and table.scheme not in catalogue.scheme:
            yield f"{at}.scheme: no scheme of keys {table.scheme!r}"
        elif table.scheme is not None and (
            catalogue.scheme[table.scheme].unit_kind != table.unit_kind
        ):
            yield f"{at}.unit_kind: keys of {table.scheme!r} are those of another kind of unit"
