"""Catalogues that differ from the example's in one thing each, as a reload would bring them."""

from collections.abc import Callable, Sequence
from typing import Any

from indicators.catalogue import Catalogue
from tests.indicators.cities import catalogue, name

Change = Callable[[dict[str, Any]], None]


def changed(*changes: Change, base: Catalogue | None = None) -> Catalogue:
    """A catalogue with the changes made to it, one version later."""
    plain = (base or rich()).model_dump(mode="json")
    for change in changes:
        change(plain)
    plain["version"] += 1
    return Catalogue.model_validate(plain)


def rich() -> Catalogue:
    """The example with industries crossed by district, a published total, and a due instant."""
    plain = catalogue().model_dump(mode="json")
    plain["groupings"].append(
        {
            "id": 2,
            "code": "industry",
            "name": name("行业"),
            "partition": True,
            "members": [{"code": code, "name": name(code)} for code in ("13", "14")],
        }
    )
    plain["crosses"] = [["district", "industry"]]
    plain["items"].append(
        {"id": 9, "code": "told", "name": name("公布产值"), "unit": "万元", "decimals": 4,
         "kind": "flow"}
    )  # fmt: skip
    plain["tables"].append(
        {"id": 2, "code": "P", "name": name("公布"), "frequency": "month", "source": "district",
         "unit_kind": "area", "items": ["told"], "expected": "none", "standing": "公布数",
         "purpose": "statistical", "legal_basis": "example"}
    )  # fmt: skip
    plain["reporters"][0]["tables"].append("P")
    output = plain["indicators"][0]
    output["levels"].append(["district", "industry"])
    output["quoted"] = [
        {"table": "P", "item": "told", "level": "city"},
        {"table": "P", "item": "told", "level": "district"},
    ]
    plain["calendar"] = [due(202602)]
    return Catalogue.model_validate(plain)


def due(period: int) -> dict[str, Any]:
    """A calendar entry of table T."""
    text = f"{period // 100}-M{period % 100:02d}"
    return {"table": "T", "period": text, "report_by": "2026-04-06T24:00"}


def calendar(*periods: int) -> Change:
    def change(plain: dict[str, Any]) -> None:
        plain["calendar"] = [due(period) for period in periods]

    return change


def without_indicator(code: str) -> Change:
    def change(plain: dict[str, Any]) -> None:
        plain["indicators"] = [one for one in plain["indicators"] if one["code"] != code]

    return change


def indicator(code: str, /, **fields: Any) -> Change:
    def change(plain: dict[str, Any]) -> None:
        for one in plain["indicators"]:
            if one["code"] == code:
                one.update(fields)

    return change


def table(code: str, /, **fields: Any) -> Change:
    def change(plain: dict[str, Any]) -> None:
        for one in plain["tables"]:
            if one["code"] == code:
                one.update(fields)

    return change


def without_member(grouping: str, code: str) -> Change:
    def change(plain: dict[str, Any]) -> None:
        for one in plain["groupings"]:
            if one["code"] == grouping:
                one["members"] = [m for m in one["members"] if m["code"] != code]
        plain["reporters"] = [one for one in plain["reporters"] if one["member"] != code]

    return change


def without_grouping(code: str) -> Change:
    def change(plain: dict[str, Any]) -> None:
        plain["groupings"] = [one for one in plain["groupings"] if one["code"] != code]
        plain["crosses"] = [pair for pair in plain["crosses"] if code not in pair]
        for one in plain["indicators"]:
            one["levels"] = [lv for lv in one["levels"] if lv != code and code not in lv]

    return change


def without_table(code: str) -> Change:
    def change(plain: dict[str, Any]) -> None:
        plain["tables"] = [one for one in plain["tables"] if one["code"] != code]
        plain["reporters"][0]["tables"].remove(code)
        plain["indicators"] = [one for one in plain["indicators"] if one["table"] != code]
        for one in plain["indicators"]:
            one["quoted"] = [quote for quote in one["quoted"] if quote["table"] != code]
        plain["calendar"] = [entry for entry in plain["calendar"] if entry["table"] != code]

    return change


def renamed_city(plain: dict[str, Any]) -> None:
    plain["city"]["code"] = "renamed"


#: Everything a reload may leave out or add, by what it is called in a test.
CHANGES: dict[str, Sequence[Change]] = {
    "nothing": [],
    "another due instant": [calendar(202602, 202603)],
    "no due instant": [calendar()],
    "no quote of districts": [
        indicator("output", quoted=[{"table": "P", "item": "told", "level": "city"}])
    ],
    "no measure but one": [indicator("output", measures=["current"])],
    "no level but the city": [indicator("output", levels=["city"])],
    "no indicator": [without_indicator("tax_per_mu")],
    "no member": [without_member("district", "Y")],
    "no grouping": [without_grouping("industry")],
    "no table": [without_table("P")],
    "another standing": [table("T", standing="核定数")],
    "another code": [indicator("output", code="turnover")],
    "another city code": [renamed_city],
    "fewer mandatory items": [table("T", mandatory=["tax"])],
    "more mandatory items": [table("T", mandatory=["t", "tax"])],
}
