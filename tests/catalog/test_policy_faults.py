"""Policy that would go quietly wrong is refused, each fault at its place."""

from typing import Any

import pytest

from catalog.policy_faults import policy_problems
from indicators.catalogue import Catalogue
from tests.indicators.cities import name
from tests.stream.test_appraisal import with_policies


def problems(**changes: Any) -> list[str]:
    """The English sentences, each behind its place."""
    given = with_policies(**changes)
    return [f"{'.'.join(map(str, place))}: {en}" for place, en, _ in policy_problems(given)]


def index(given: Catalogue, **changes: Any) -> list[dict[str, Any]]:
    """The second index, changed."""
    return [given.indices[1].model_dump() | changes]


def components(given: Catalogue, at: int, **changes: Any) -> list[dict[str, Any]]:
    """The components of the second index, one of them changed."""
    made = [one.model_dump() for one in given.indices[1].components]
    made[at] |= changes
    return made


def test_sound_policies_have_no_fault() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("at", "changes", "said"),
    [
        (0, {"weight": 60}, "indices.0.components: weights add to 90, not to 100"),
        (1, {"scoring": {"kind": "ratio", "baseline": 1}}, "growth is never scored by ratio"),
        (1, {"scoring": {"kind": "efficacy", "least": 1, "most": 0}}, "would score less"),
        (0, {"scoring": {"kind": "bands", "bands": [{"starts": 0, "score": 1},
            {"starts": 1, "score": 0}]}}, "would score less"),
        (0, {"measure": "rolling12"}, "measure 'rolling12' is not among those of 'profit'"),
        (2, {"weight": 5}, "a constraint indicator earns nothing"),
        (0, {"scoring": None}, "a component that earns has a weight above 0 and a scoring"),
        (1, {"measure": "ytd"}, "this component is here twice"),
        (0, {"indicator": "gone"}, "no indicator 'gone'"),
    ],
)  # fmt: skip
def test_a_component_that_cannot_be_scored_soundly_is_refused(
    at: int, changes: dict[str, Any], said: str
) -> None:
    given = with_policies()
    found = problems(indices=index(given, components=components(given, at, **changes)))
    assert any(said in one for one in found), found


def test_zones_of_different_types_are_never_ranked_together() -> None:
    zones = {
        "id": 2, "code": "zone", "name": name("功能区"), "partition": True,
        "members": [{"code": "Z1", "name": name("Z1")}],
    }  # fmt: skip
    given = with_policies()
    groupings = [*(one.model_dump() for one in given.groupings), zones]
    found = problems(groupings=groupings, indices=index(given, level="zone"), assessments=[])
    assert any("ranks across zone types are refused" in one for one in found)


def test_a_ratio_of_a_flow_and_a_stock_is_scored_over_a_whole_year_only() -> None:
    given = with_policies()
    per_area = given.indicators[0].model_dump() | {
        "id": 4, "code": "per_area", "denominator": {"area": 1},
        "measures": ["current", "rolling12"],
    }  # fmt: skip
    indicators = [*(one.model_dump() for one in given.indicators), per_area]
    for measure, refused in (("current", True), ("rolling12", False)):
        changed = components(given, 0, indicator="per_area", measure=measure)
        found = problems(indicators=indicators, indices=index(given, components=changed))
        assert any("over the closed year" in one for one in found) is refused


def test_targets_are_held_against_figures_that_fit_their_kind() -> None:
    given = with_policies()
    target = given.targets[0].model_dump()
    for changes, said in (
        ({"kind": "growth", "value": "0.1"}, "does not go with a target of kind 'growth'"),
        ({"measure": "ytd_yoy_same"}, "does not go with a target of kind 'amount'"),
        ({"subject": "gone"}, "no member 'gone' of 'district'"),
    ):
        found = problems(targets=[target | changes, given.targets[1].model_dump()])
        assert any(said in one for one in found), found
    twice = [target, target, given.targets[1].model_dump()]
    assert any("this target is here twice" in one for one in problems(targets=twice))


def test_an_assessment_counts_what_can_be_attained() -> None:
    given = with_policies()
    ceilings = [one.model_dump() | {"kind": "ceiling"} for one in given.targets]
    assert any("has no targets of that level" in one for one in problems(targets=ceilings))
    other = given.assessments[0].model_dump() | {"year": 2025}
    assert any("is of another level or year" in one for one in problems(assessments=[other]))
