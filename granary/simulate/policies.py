"""What the simulated city's catalogue says by period and body: due times, targets, indices.

Each is that of catalog/zones, moved to the city's months and zones.
"""

from calendar import monthrange
from collections.abc import Mapping
from typing import Any, Final

from granary.simulate.places import DISTRICTS, Places
from granary.simulate.plan import Plan
from indicators.periods import format_period, parse_period, shift

Content = dict[str, Any]
Entry = dict[str, Any]
EXAMPLE: Final = "示例值 (example values, no source)"


def calendar(plan: Plan, zones: Content) -> list[Entry]:
    """Due times of the live periods, so many days after the period's end as in catalog/zones."""
    rules = {one["table"]: one for one in zones.get("calendar", [])}
    frequency = {one["code"]: one["frequency"] for one in zones["tables"]}
    found = []
    for table, rule in rules.items():
        for period in live_periods(plan, frequency[table]):
            entry = {"table": table, "period": period}
            for key in ("report_by", "accept_by"):
                if rule.get(key):
                    entry[key] = _moved(rule[key], rule["period"], period)
            found.append(entry)
    return found


def live_periods(plan: Plan, frequency: str) -> list[str]:
    """Periods that come as files of their own: of the frequency, due within the live months."""
    if frequency == "month":
        return [format_period(month) for month in plan.live_months]
    first = plan.live_months[0]
    if frequency == "quarter":
        return [format_period(one) for one in plan.quarters if shift(_last_month(one), 1) >= first]
    return [str(year) for year in plan.years if (year + 1) * 100 + 3 >= first]


def _last_month(period: int) -> int:
    year, part = divmod(period, 100)
    return year * 100 + (12 if part == 0 else (part - 20) * 3 if part > 20 else part)


def _moved(instant: str, period: str, to: str) -> str:
    """The instant as long after the period `to` as it was after `period`; days that are not there
    become the month's last.
    """
    day, clock = instant.split("T")
    year, month, number = map(int, day.split("-"))
    last = _last_month(parse_period(period))
    ahead = (year * 12 + month) - (last // 100 * 12 + last % 100)
    there = shift(_last_month(parse_period(to)), ahead)
    most = monthrange(there // 100, there % 100)[1]
    return f"{there // 100}-{there % 100:02d}-{min(number, most):02d}T{clock}"


def deflator(plan: Plan, entry: Entry) -> Entry:
    """The entry's indices, over and over, for all reported months that have one."""
    months = [month for month in plan.lived if month >= plan.first and month % 100 > 1]
    found = {**entry}
    for series in ("current", "ytd"):
        if values := list((entry.get(series) or {}).values()):
            found[series] = {
                f"{month // 100}-M{month % 100:02d}": values[at % len(values)]
                for at, month in enumerate(months)
            }
    return found


def index(places: Places, entry: Entry, years: int) -> Entry:
    members = [places.zones[at].code for at in places.current
               if places.zones[at].type == entry.get("zone_type")]  # fmt: skip
    return {**entry, "year": str(int(entry["year"]) + years), "members": members}


def targets(
    plan: Plan, places: Places, zones: Content, years: int, taxes: Mapping[str, float]
) -> list[Entry]:
    """Those of catalog/zones, and of each zone one for its taxes of the year."""
    old_city, kept = zones["city"]["code"], []
    for one in zones.get("targets", []):
        if one["level"] == "zone" and one["indicator"] == "tax_paid":
            continue
        moved = {key: str(int(one[key]) + years) for key in ("year", "since", "ends") if key in one}
        subject = plan.code if one.get("subject") == old_city else one.get("subject")
        kept.append({**one, **moved, **({"subject": subject} if subject else {})})
    for at in places.current:
        zone = places.zones[at]
        if zone.type == "advanced_manufacturing":
            kept.append({
                "level": "zone", "subject": zone.code, "indicator": "tax_paid", "measure": "ytd",
                "year": str(plan.year), "kind": "amount",
                "value": str(max(1, round(taxes.get(zone.code, 0.0) * 1.06))),
                "tolerance": "3", "progress": "elapsed", "source": EXAMPLE,
            })  # fmt: skip
    return kept


def assessment(places: Places, zones: Content, entry: Entry, years: int) -> Entry:
    """Zones roll up to their lead districts."""
    types = {one["code"]: one.get("zone_type") for one in zones["indices"]}
    wanted = next((types[part["index"]] for part in entry["parts"] if "index" in part), None)
    of: dict[str, list[str]] = {}
    for at in places.current:
        zone = places.zones[at]
        if zone.type == wanted:
            of.setdefault(zone.districts[0], []).append(zone.code)
    names = {one["code"]: one["name"]
             for group in zones["groupings"] if group["code"] == "district"
             for one in group["members"]}  # fmt: skip
    bodies = [{"code": one.code, "name": names[one.code], "subjects": of[one.code]}
              for one in DISTRICTS if one.code in of]  # fmt: skip
    return {**entry, "year": str(int(entry["year"]) + years), "bodies": bodies}
