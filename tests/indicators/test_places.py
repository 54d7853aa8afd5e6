"""Places: sums of a level made of a cross's are those made of its units, or not made so."""

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.city_catalogue import city_catalogue
from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.arrays import Flags
from indicators.places import Place, Places
from indicators.register import Register

_KIND = "enterprise"
_CATALOGUE = city_catalogue("places", districts=3, industries=2, zones=2)
_MEMBERS = st.tuples(
    st.sets(st.sampled_from(["D01", "D02", "D03"]), min_size=0, max_size=2),
    st.sets(st.sampled_from(["I01", "I02"]), min_size=0, max_size=2),
)


def _places(units: list[tuple[set[str], set[str]]]) -> Places:
    rows = [RegisterRow("put_unit", _KIND, f"U{at}") for at in range(len(units))]
    for at, memberships in enumerate(units):
        for grouping, members in zip(("district", "industry"), memberships, strict=True):
            rows += [
                RegisterRow("put_membership", _KIND, f"U{at}", grouping=grouping, member=member)
                for member in sorted(members)
            ]
    register = Register()
    register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    return Places(_CATALOGUE, register)


def _counts_agree(place: Place, flags: Flags) -> bool:
    return place.count(flags).tolist() == place.members.count(flags).tolist()


@settings(deadline=None)
@given(st.lists(_MEMBERS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_counts_of_a_level_are_those_of_its_units_whatever_units_lack(
    units: list[tuple[set[str], set[str]]], random: Random
) -> None:
    places = _places(units)
    flags = np.array([random.random() < 0.7 for _ in units])
    for level in ("city", "district", "industry", ("district", "industry")):
        assert _counts_agree(places.at(_KIND, level, 202401), flags)


def test_a_level_is_made_of_a_cross_only_where_every_unit_is_in_one_member_of_the_other() -> None:
    whole = [({"D01"}, {"I01"}), ({"D03"}, {"I02"}), ({"D01"}, {"I02"})]
    margin = _places(whole).at(_KIND, "district", 202401).margin
    assert margin is not None
    assert margin.level == ("district", "industry")
    for other in (set[str](), {"I01", "I02"}):
        units = [*whole, ({"D02"}, other)]
        assert _places(units).at(_KIND, "district", 202401).margin is None
    # One unit in no industry and one in two make as many pairs, but not the same.
    units = [*whole, ({"D02"}, set()), ({"D02"}, {"I01", "I02"})]
    assert _places(units).at(_KIND, "district", 202401).margin is None


def test_sums_of_a_level_widen_where_those_of_its_cross_are_near_the_bound() -> None:
    margin = _places([({"D01"}, {"I01"}), ({"D01"}, {"I02"})]).at(_KIND, "district", 202401).margin
    assert margin is not None
    sums = np.array([2**62, 2**62, 0, 0, -(2**62), 5], np.int64)
    assert margin.of(sums).tolist() == [2**63, 0, 5 - 2**62]
