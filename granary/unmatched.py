"""The work list of unmatched department keys (未匹配主键): what may be meant, and linking a key.

A link is a span of the register: put into the city's log through the control store, like every
change of the register. One that is there already asks for nothing, so a link may be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rapidfuzz import fuzz, process

from granary.keys import unit_id
from granary.loads import catalogue_in_force
from granary.one_line import NAME_LENGTH, TEXT_LENGTH, not_one_line
from granary.records import RegisterRow, encode_register
from indicators.correspondence import CANDIDATE, KeyScheme
from indicators.errors import GranaryError
from indicators.register import Register
from indicators.register_fold import KEY_PREFIX, Span
from storage.control import cities, intents
from storage.control.schema import engine, reading

#: Names less alike than this (0 to 100) are no proposal; the best are told.
_ALIKE: Final = 75.0
_PROPOSED: Final = 3
#: Keys whose names are compared with every unit's: 100,000 names take 50 ms a key.
_COMPARED: Final = 200


class LinkRefusedError(GranaryError):
    """The key cannot be given to that unit from that day."""

    code = "link_refused"
    next_step = "Name a key that is listed, a unit of the register, a day, and who decides why."


@dataclass(frozen=True, slots=True)
class Link:
    """That a key belongs to a unit from a day on (ISO, '' = always) until another, exclusive."""

    scheme: str
    key: str
    unit: str
    valid_from: str
    valid_to: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit that may be meant: a person decides. `alike`: 100 the same credit code or name."""

    code: str
    name: str
    alike: int


def link_key(control_url: str, city_id: int, link: Link) -> bool:
    """Ask for the link; False where the register has it already.

    Raises:
        LinkRefusedError: no such scheme, key or unit, the days are none, nobody decides, or the key
            is another unit's in that time.
    """
    _require_told(link)
    with engine(control_url).begin() as connection:
        cities.by_id(connection, city_id)
        catalogue = catalogue_in_force(connection, city_id)
        scheme = None if catalogue is None else catalogue.scheme.get(link.scheme)
        if scheme is None:
            known = ", ".join(catalogue.scheme) if catalogue else ""
            raise LinkRefusedError(f"the city has no scheme of keys {link.scheme!r} ({known}).")
        rows = intents.register_rows(connection, city_id)
        register = Register(unit_id)
        register.apply(rows, (unit_id(row.kind, row.code) for row in rows))
        if link.unit not in register.units(scheme.unit_kind):
            raise LinkRefusedError(f"the register has no {scheme.unit_kind} {link.unit!r}.")
        spans = [
            span
            for span in register.spans(scheme.unit_kind, KEY_PREFIX + scheme.code)
            if span.member == link.key
        ]
        if not spans and link.key not in register.units(scheme.code):
            raise LinkRefusedError(f"nobody reported a key {link.key!r} of {scheme.code!r}.")
        for span in spans:
            if (span.code, span.valid_from, span.valid_to) == (
                link.unit, link.valid_from, link.valid_to,
            ):  # fmt: skip
                return False
            if _overlap(span, link):
                raise LinkRefusedError(
                    f"{link.key!r} is {span.code!r}'s from {span.valid_from or 'always'}"
                    f" to {span.valid_to or 'today and on'}; a key is one unit's at a time."
                )
        row = RegisterRow(
            "put_membership", scheme.unit_kind, link.unit, "", KEY_PREFIX + scheme.code, link.key,
            link.valid_from, link.valid_to, (("by", link.by), ("reason", link.reason)),
        )  # fmt: skip
        # The length of the history makes the id differ each time the same link comes again.
        record = f"link:{scheme.code}:{link.key}:{len(rows)}"
        return intents.submit(
            connection, city_id, "register", record, encode_register(record, [row])
        )


def proposals(
    control_url: str, city_id: int, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[Proposal]]:
    """(scheme, key) → units that may be meant, the likeliest first; only of keys with a name.

    A key's name is what the register calls it, or what its department's feed calls the candidate of
    that key; a candidate's credit code decides before any name. Names are compared for the first
    keys only: whoever has matched these asks again.
    """
    with reading(control_url) as connection:
        catalogue = catalogue_in_force(connection, city_id)
        rows = intents.register_rows(connection, city_id)
    if catalogue is None:
        return {}
    register = Register(unit_id)
    register.apply(rows, (unit_id(row.kind, row.code) for row in rows))
    schemes = {
        code: _Names(register, catalogue.scheme[code])
        for code in {code for code, _ in keys} & catalogue.scheme.keys()
    }
    found: dict[tuple[str, str], list[Proposal]] = {}
    left = _COMPARED
    for code, key in keys:
        names = schemes.get(code)
        if names is None:
            continue
        proposed = names.same_credit_code(key)
        if not proposed and left and (name := names.name_of(key)):
            left -= 1
            proposed = names.alike(name)
        if proposed:
            found[code, key] = proposed
    return found


class _Names:
    """Names of one scheme's keys, and of the units that they may be."""

    def __init__(self, register: Register, scheme: KeyScheme) -> None:
        self._units = {
            code: name for code, (name, _) in register.units(scheme.unit_kind).items() if name
        }
        self._keys = {key: name for key, (name, _) in register.units(scheme.code).items()}
        self._candidates = {
            facts["key"]: (name, facts.get("credit_code", ""))
            for name, facts in register.units(CANDIDATE).values()
            if "key" in facts and facts.get("feed") in (scheme.source, scheme.code)
        }

    def same_credit_code(self, key: str) -> list[Proposal]:
        """The unit of the credit code that the key's candidate has."""
        code = self._candidates.get(key, ("", ""))[1]
        return [Proposal(code, self._units[code], 100)] if code in self._units else []

    def name_of(self, key: str) -> str:
        """What the key is called, '' where nobody said."""
        name = self._keys.get(key, key)
        return name if name != key else self._candidates.get(key, ("", ""))[0]

    def alike(self, name: str) -> list[Proposal]:
        """Units whose names are much alike."""
        best = process.extract(
            name, self._units, scorer=fuzz.ratio, limit=_PROPOSED, score_cutoff=_ALIKE
        )
        return [Proposal(code, known, round(alike)) for known, alike, code in best]


def _overlap(span: Span, link: Link) -> bool:
    return (not span.valid_to or link.valid_from < span.valid_to) and (
        not link.valid_to or span.valid_from < link.valid_to
    )


def _require_told(link: Link) -> None:
    fault = not_one_line((("by", link.by, NAME_LENGTH), ("reason", link.reason, TEXT_LENGTH)))
    if fault:
        raise LinkRefusedError(fault)
    for day in (link.valid_from, link.valid_to):
        try:
            if day and date.fromisoformat(day).isoformat() != day:
                raise ValueError
        except ValueError:
            raise LinkRefusedError(f"{day!r} is no date such as 2026-03-01.") from None
    if link.valid_to and link.valid_to <= link.valid_from:
        raise LinkRefusedError(f"{link.valid_to} is not after {link.valid_from}.")
