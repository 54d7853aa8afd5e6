"""Registered units that a candidate without a matching credit code may be, by name and address.

Proposals for a person, never a match. Scores are shares of equal signs (normalised Indel
similarity, 0 to 100) of names and addresses without what tells companies and places apart badly:
the legal form, the city, the district, brackets, full-width forms.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

#: Least score of a proposal: below it names share a sign or two by chance.
_LEAST: Final = 60.0
#: A name says more than an address, in which many units may sit; one alone can reach this much.
_NAME_SHARE: Final = 0.7
_NAME_ALONE: Final = 0.9
_ALIKE: Final = 100.0

_FORMS = re.compile(
    r"股份有限公司|有限责任公司|有限公司|股份公司|集团公司|分公司|集团|公司|股份|个体工商户"
)
_MARKS = re.compile(r"[^\w\n]|_")
#: What a place is called after its name: 武侯区 and 武侯 are one.
_PLACE = re.compile(r"(?:特别行政区|自治区|自治州|新区|省|市|区|县|州)$")
_PLACE_FORMS: Final = "(?:特别行政区|自治区|自治州|新区|省|市|区|县|州)?"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One registered unit: its position among the units, scores of 0 to 100, and why, in Chinese.

    address_score is None where one of the two addresses is not known.
    """

    unit: int
    score: float
    name_score: float
    address_score: float | None
    why: str


class Matcher:
    """The registered units' names and addresses, made comparable once for many candidates."""

    def __init__(self, names: Sequence[str], addresses: Sequence[str], places: Sequence[str]):
        """names, addresses (units,), '' for none; places: names of the city and its districts."""
        self._places = _patterns(places)
        self._names = self._plain(names, names=True)
        self._addresses = self._plain(addresses, names=False)
        self._placed = np.array([bool(one) for one in self._addresses], bool)

    def proposals(self, name: str, address: str, limit: int = 5) -> list[Proposal]:
        """The nearest units, best first; none below a score of 60.

        The score weighs the name with 70 and the address with 30 of 100; a unit that has moved may
        come by its name alone, with nine tenths of the name's score.
        """
        (own_name,) = self._plain([name], names=True)
        (own_address,) = self._plain([address], names=False)
        by_name = _scores(own_name, self._names)
        if own_address:
            by_address = np.where(self._placed, _scores(own_address, self._addresses), np.nan)
        else:
            by_address = np.full(len(self._names), np.nan)
        both = _NAME_SHARE * by_name + (1 - _NAME_SHARE) * by_address
        score = np.where(np.isnan(both), by_name, np.maximum(both, _NAME_ALONE * by_name))
        near = np.flatnonzero(score >= _LEAST)
        order = near[np.lexsort((near, -score[near]))][:limit]
        return [
            _proposal(at, float(score[at]), float(by_name[at]), float(by_address[at]))
            for at in order.tolist()
        ]

    def _plain(self, texts: Sequence[str], *, names: bool) -> list[str]:
        """The texts as they are compared. All at once, because one text at a time takes seconds."""
        whole = "\n".join(text.replace("\n", " ").replace("\r", " ") for text in texts)
        whole = unicodedata.normalize("NFKC", whole).lower()
        if self._places is not None:
            bracketed, leading = self._places
            whole = leading.sub("", _MARKS.sub("", bracketed.sub("", whole)))
        else:
            whole = _MARKS.sub("", whole)
        if names:
            whole = _FORMS.sub("", whole)
        return whole.split("\n")


def _patterns(places: Sequence[str]) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """Names of places in brackets, and those at the beginning of a line, several in a row."""
    plain = {_PLACE.sub("", unicodedata.normalize("NFKC", one).lower()) for one in places}
    kept = sorted((re.escape(one) for one in plain if len(one) > 1), key=len, reverse=True)
    if not kept:
        return None
    place = f"(?:(?:{'|'.join(kept)}){_PLACE_FORMS})+"
    return re.compile(rf"\({place}\)"), re.compile(f"^{place}", re.MULTILINE)


def _scores(text: str, others: Sequence[str]) -> NDArray[np.float64]:
    """(others,) 0 to 100; 0 for an empty text."""
    if not text or not others:
        return np.zeros(len(others))
    found = process.cdist([text], others, scorer=fuzz.ratio, dtype=np.float64, workers=1)
    scores: NDArray[np.float64] = found[0]
    return scores


def _proposal(unit: int, score: float, by_name: float, by_address: float) -> Proposal:
    placed = not np.isnan(by_address)
    why = ["名称相同" if by_name == _ALIKE else f"名称相近({by_name:.0f}%)"]
    if placed:
        why.append("地址相同" if by_address == _ALIKE else f"地址相近({by_address:.0f}%)")
    return Proposal(
        unit, round(score, 1), round(by_name, 1), round(by_address, 1) if placed else None,
        ",".join(why),
    )  # fmt: skip
