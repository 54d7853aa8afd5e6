"""Prints every number of a paper again, from the store alone."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from clickhouse_driver import Client

from tests.reports.reading import Printed, rows_of

_ROWS = {
    "v_indicator": "SELECT * FROM v_indicator WHERE city = %(city)s AND level != 'unit'"
    " AND by_level = ''",
    "v_indicator_history": "SELECT * FROM v_indicator_history WHERE city = %(city)s"
    " AND by_level = ''",
    "v_completeness": "SELECT * FROM v_completeness WHERE city = %(city)s",
    "completeness_history": "SELECT *, period_text AS period FROM completeness_history"
    " WHERE city_code = %(city)s",
    "v_indicator_card": "SELECT * FROM v_indicator_card WHERE city = %(city)s",
    "v_anomaly": "SELECT * FROM v_anomaly WHERE city = %(city)s",
    "control_event": "SELECT type, toInt64(JSONExtractString(body, 'catalogue', 'version')) AS"
    " version FROM control_event WHERE city IN (SELECT city FROM dimension WHERE class = 'city'"
    " AND code = %(city)s)",
}


def half_up(value: Fraction, decimals: int) -> Decimal:
    scaled = value * 10**decimals
    whole = (abs(scaled) + Fraction(1, 2)).__floor__()
    return Decimal(whole if scaled >= 0 else -whole).scaleb(-decimals)


def decimals_of(client: Client, city: str) -> dict[str, int]:
    rows = client.execute(
        "SELECT code, decimals FROM v_indicator_card WHERE city = %(city)s", {"city": city}
    )
    return {code: int(decimals) for code, decimals in rows}


class Oracle:
    """Prints a traced number again, from the views alone."""

    def __init__(self, client: Client, city: str) -> None:
        self.decimals = decimals_of(client, city)
        self._rows = {view: rows_of(client, query, {"city": city}) for view, query in _ROWS.items()}
        for view in ("v_indicator_history", "completeness_history"):
            for row in self._rows[view]:
                row["known_from"] = round(row["known_from"].timestamp() * 1000)

    def stored(self, source: dict[str, str]) -> Any:
        """The traced field as the view has it; exactly one row must be the one named."""
        rows = self._rows[source["view"]]
        keys = {key: value for key, value in source.items() if key not in ("view", "field")}
        if not source["view"].endswith("_history"):
            keys.pop("known_from", None)
        if source["view"] == "v_indicator_card":  # it is of the version in force
            assert keys.pop("catalogue_version") == "1"
            keys["code"] = keys.pop("indicator")
        found = {
            row[source["field"]]
            for row in rows
            if all(str(row[key]) == value for key, value in keys.items())
        }
        assert len(found) == 1, source
        return found.pop()

    def number(self, source: dict[str, str]) -> Decimal:
        """The field rounded as published; a rate in percent."""
        value = self.stored(source)
        if source["field"] not in ("value", "yellow", "red"):
            return Decimal(str(value))
        exact = Fraction(repr(value))
        rate = "yoy" in source.get("measure", "") or source.get("measure") == "share"
        if rate:
            return half_up(exact * 100, 1)
        return half_up(exact, self.decimals[source["indicator"]])

    def agrees(self, printed: Printed) -> bool:
        shown = Decimal(printed.text.rstrip("%"))
        sources = printed.sources
        if printed.rule == "":
            return shown == self.number(sources[0])
        if printed.rule == "magnitude":
            return shown == abs(self.number(sources[0]))
        if printed.rule == "difference":
            return abs(shown) == abs(self.number(sources[0]) - self.number(sources[1]))
        if printed.rule == "rate":
            part, whole = (self.number(one) for one in sources)
            return shown == (part * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
        if printed.rule == "largest_remainder":
            exact = Fraction(repr(self.stored(sources[0]))) * 100
            return abs(Fraction(shown) - exact) < Fraction(1, 100)
        if printed.rule == "points":
            return shown == half_up(Fraction(repr(self.stored(sources[0]))) * 100, 2)
        if printed.rule == "sum":
            return shown == sum(self.number(one) for one in sources)
        if printed.rule == "remark":
            return f"={printed.text}" in str(self.stored(sources[0]))
        if printed.rule in ("count_growing", "share_growing"):
            growing = sum(self.number(one) > 0 for one in sources)
            share = half_up(Fraction(growing * 100, len(sources)), 1)
            return shown == (growing if printed.rule == "count_growing" else share)
        return printed.rule == "count"
