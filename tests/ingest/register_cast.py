"""The river city with register tables, and the shops that files speak of."""

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from indicators.register_tables import RegisterTable
from tests.ingest.cast import catalogue

#: A credit code with the right check digit, and the same with a wrong one.
RIGHT, WRONG = "91350100M000100Y43", "91350100M000100Y44"
SENT = ["units", "places", "listed", "keys", "tax_feed"]


def _table(code: str, holds: str, **more: object) -> dict[str, object]:
    return {
        "code": code, "name": {"zh": code, "en": code}, "holds": holds, "unit_kind": "shop",
        "source": "district", "purpose": "statistical", "legal_basis": "example", **more,
    }  # fmt: skip


def registering(version: int = 2, **changes: object) -> Catalogue:
    """The river city, in which every reporter may send every kind of register file."""
    plain = catalogue()
    name = {"zh": "税务", "en": "Tax"}
    given: dict[str, object] = {
        "version": version,
        "correspondences": [{"code": "meter", "name": name, "unit_kind": "shop", "source": "tax"}],
        "frame": {
            "thresholds": [{"sector": "零售业", "size": "500", "source": "example"}],
            "near_share": "0.8",
            "due_days": 30,
            "feeds": [{"code": "tax", "name": name, "rank": 1}],
        },
        "register_tables": [
            _table("units", "units"),
            _table("places", "memberships"),
            _table("listed", "list_decisions"),
            _table("keys", "correspondences", scheme="meter"),
            _table("tax_feed", "candidates", feed="tax", unit_kind="enterprise"),
        ],
        "reporters": [
            reporter.model_dump() | {"tables": [*reporter.tables, *SENT]}
            for reporter in plain.reporters
        ],
    }
    return catalogue(**(given | changes))


def tables() -> dict[str, RegisterTable]:
    return registering().register_table


#: Beside the cast's shops: a key of A's, and C on the list since 2024.
MORE = [
    RegisterRow("put_unit", "shop", "A", "Shop A", attributes=(("sector", "零售业"),)),
    RegisterRow("put_membership", "shop", "A", "", ":key.meter", "M1", "2025-01-01"),
    RegisterRow(
        "put_membership", "shop", "C", "", ":list", "on_list", "2024-01-01",
        attributes=(("reason", "年度升规"),),
    ),
]  # fmt: skip
