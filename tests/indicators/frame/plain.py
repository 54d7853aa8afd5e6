"""Frame coverage once more, with dictionaries and sets alone, from the words of the domain.

Candidates arrive as feeds, matched by credit code. A unit at or above its sector's threshold and
not on the list is a case: 待核实 → 拟申报 → 已入库 or 不符合. From 80 % of the threshold: 准规上.
Coverage = on list / (on list + confirmed).
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.periods import parse_period, period_end

THRESHOLDS = {"工业": Decimal(2000), "服务业": Decimal("1000.5")}
RANKS = {"tax": 1, "power": 2}
REASONS = {"非法人", "非本行业", "异地经营", "未达标", "重复"}
OPEN = ("to_verify", "to_declare")
NEVER = "9999-12-31"


@dataclass
class Plain:
    """State of a city; `cases`: code → what is remembered of the case."""

    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    units: dict[str, dict[str, str]] = field(default_factory=dict)
    members: set[tuple[str, str, str]] = field(default_factory=set)  # unit, grouping, member
    spans: dict[tuple[str, str], str] = field(default_factory=dict)
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, row: RegisterRow) -> None:
        if row.kind == "candidate" and row.action == "put_unit":
            self.rows[row.code] = dict(row.attributes)
        elif row.kind == "candidate":
            self.rows.pop(row.code, None)
        elif row.action == "put_unit":
            self.units[row.code] = dict(row.attributes)
        elif row.action == "drop_unit":
            self.units.pop(row.code, None)
        elif row.grouping == ":list" and row.action == "put_membership":
            self.spans[row.code, row.valid_from] = row.valid_to or NEVER
        elif row.grouping == ":list":
            self.spans.pop((row.code, row.valid_from), None)
        elif row.action == "put_membership":
            self.members.add((row.code, row.grouping, row.member))
        else:
            self.members.discard((row.code, row.grouping, row.member))

    def entry(self, unit: str, as_of: str) -> str:
        """First day of the span by which the unit is on the list at the period's end; ''."""
        end = last_day(as_of)
        own = [(first, last) for (code, first), last in self.spans.items() if code == unit]
        if not own and unit in self.units:
            told = self.units[unit]
            own = [(told.get("listed_from") or "0001-01-01", told.get("listed_to") or NEVER)]
        if unit not in self.units or self.units[unit].get("part_of"):
            return ""
        return min((first for first, last in own if last > end), default="")

    def candidates(self) -> dict[str, dict[str, Any]]:
        """Code → what the feeds say together."""
        joined: dict[str, list[tuple[Any, dict[str, str]]]] = {}
        for code, row in self.rows.items():
            own = row.get("credit_code") or code
            link = self.cases.get(own, {}).get("link", "")
            linked = self.units[link].get("credit_code") or link if link in self.units else ""
            for at in (own, linked):
                if at:
                    size = Decimal(row["size"]) if row.get("size") else Decimal(-1)
                    order = (RANKS[row["feed"]], -parse_period(row["as_of"]), -size,
                             unit_id("candidate", code))  # fmt: skip
                    joined.setdefault(at, []).append((order, row))
        found = {}
        for code, rows in joined.items():
            ordered = [row for _, row in sorted(rows, key=lambda one: one[0])]
            decides = next((row for row in ordered if row.get("size")), ordered[0])
            told = [row["sector"] for row in ordered if row.get("sector")]
            sector = next((one for one in told if one in THRESHOLDS), told[0] if told else "")
            size = Decimal(decides["size"]) if decides.get("size") else None
            unit = next((u for u, told in self.units.items()
                         if (told.get("credit_code") or u) == code), "")  # fmt: skip
            entry = self.entry(unit, decides["as_of"]) if unit else ""
            line = THRESHOLDS.get(sector)
            found[code] = {
                "size": size, "as_of": decides["as_of"], "unit": unit, "entry": entry,
                "qualifies": not entry and line is not None and size is not None and size >= line,
                "near": not entry and line is not None and size is not None
                and line * Decimal("0.8") <= size < line,
                "unplaced": not entry and line is None and size is not None
                and size >= min(THRESHOLDS.values()),
                "places": {name: next((row[name] for row in ordered if row.get(name)), "")
                           for name in ("district", "zone")},
                "feeds": ",".join(dict.fromkeys(row["feed"] for row in ordered)),
            }  # fmt: skip
        return found

    def follow(self) -> None:
        """Open, list, return, take up again and close cases, until nothing changes."""
        while True:
            before = {code: dict(case) for code, case in self.cases.items()}
            seen = self.candidates()
            for code in sorted({*seen, *self.cases}):
                self._follow(code, seen.get(code))
            if self.cases == before:
                return

    def _follow(self, code: str, seen: dict[str, Any] | None) -> None:
        case = self.cases.get(code)
        fresh = {"state": "to_verify", "reason": "", "link": "", "listed": "", "judged": ""}
        if case is None:
            if seen and seen["qualifies"]:
                self.cases[code] = fresh
        elif seen is None:
            if case["state"] == "to_verify" and not case["listed"] and not case["judged"]:
                del self.cases[code]
        elif seen["entry"]:
            case["listed"] = seen["entry"]
        else:
            spans = {first for unit, first in self.spans if unit == seen["unit"]}
            counted = seen["unit"] in self.units and not self.units[seen["unit"]].get("part_of")
            if case["listed"] and case["listed"] in spans and counted:
                self.cases[code] = case = fresh
            case["listed"] = ""
            again = seen["qualifies"] and seen["as_of"] > case["judged"]
            if case["state"] == "to_verify" and not seen["qualifies"]:
                del self.cases[code]
            elif (case["state"], case["reason"]) == ("not_eligible", "未达标") and again:
                case |= {"state": "to_verify", "reason": "重新达标"}

    def decide(self, code: str, state: str, reason: str, link: str) -> None:
        case = self.cases.get(code)
        if case is None or case["listed"] or (state == "not_eligible") != (reason in REASONS):
            return
        if (link and reason != "重复") or (case["state"], state) == ("not_eligible", "to_declare"):
            return
        seen = self.candidates().get(code)
        judged = seen["as_of"] if seen else case["judged"] or "0"
        case |= {"state": state, "reason": reason, "link": link, "judged": judged}

    def told(self) -> dict[str, tuple[str, str, str]]:
        """Code → (kind, state, reason) of the work list, without over-coverage."""
        found = {}
        for code, seen in self.candidates().items():
            case = self.cases.get(code)
            if case:
                listed = bool(case["listed"])
                state, reason = ("listed", "") if listed else (case["state"], case["reason"])
                found[code] = ("case", state, reason)
            elif seen["near"]:
                found[code] = ("near", "", "")
            elif seen["unplaced"]:
                found[code] = ("unplaced", "", "")
        return found

    def over(self) -> set[str]:
        """Units on the list that no feed names at its newest period; tax names everybody."""
        newest: dict[str, str] = {}
        for row in self.rows.values():
            newest[row["feed"]] = max(newest.get(row["feed"], ""), row["as_of"])
        if "tax" not in newest:
            return set()
        current = {code for code, row in self.rows.items() if row["as_of"] == newest[row["feed"]]}
        kept = Plain({c: self.rows[c] for c in current}, self.units, cases=self.cases)
        known = {seen["unit"] for seen in kept.candidates().values()}
        return {unit for unit in self.units if self.entry(unit, newest["tax"])} - known

    def coverage(self, level: str, member: str) -> tuple[Any, ...]:
        """(on list, sized among them, candidates, confirmed, near, and the sizes of three)."""
        seen, told = self.candidates(), self.told()
        newest = max((one["as_of"] for one in seen.values()), default="")
        listed = {unit for unit in self.units if newest and self.entry(unit, newest)}
        ours = {unit for unit in listed if self._in({unit}, {}, level, member)}
        theirs = {code: one for code, one in seen.items()
                  if self._in({one["unit"]}, one["places"], level, member)}  # fmt: skip
        states = {code: told[code] for code in theirs if code in told}
        opened = {code for code, (_, state, _) in states.items() if state in OPEN}
        confirmed = {code for code, (_, state, _) in states.items() if state == "to_declare"}
        near = {code for code, (kind, _, _) in states.items() if kind == "near"}
        sizes = {one["unit"]: one["size"] for one in seen.values()}
        return (
            len(ours), sum(sizes.get(unit) is not None for unit in ours),
            len(opened), len(confirmed), len(near),
            sum((sizes.get(unit) or Decimal(0) for unit in ours), Decimal(0)),
            sum((seen[code]["size"] or Decimal(0) for code in opened), Decimal(0)),
            sum((seen[code]["size"] or Decimal(0) for code in confirmed), Decimal(0)),
        )  # fmt: skip

    def _in(self, units: set[str], places: dict[str, str], level: str, member: str) -> bool:
        if level == "city":
            return True
        own = {m for unit, g, m in self.members if unit in units and g == level} or {
            places.get(level, "")
        }
        members = {"district": {"X", "Y"}, "zone": {"Z1", "Z2"}}[level]
        return bool(own & members) if member == "total" else member in own & members


def last_day(as_of: str) -> str:
    return period_end(parse_period(as_of)).isoformat()
