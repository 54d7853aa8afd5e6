"""An application is screened exactly, rule by rule, and silence never admits."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.access.results import Application, Listing, Outcome, Value, Verdict
from indicators.access.scopes import AmbiguousRuleError, Standpoint
from indicators.access.screening import screen
from tests.indicators.access.policies import AT_Z1, GOOD, MU, TYPE_OF, line, policy, results

CENT = Fraction(1, 100)
POLICY = policy()
AMOUNTS = st.integers(0, 10**7).map(lambda cents: Fraction(cents, 100))


def verdict(values: dict[str, Value]) -> Verdict:
    return screen(POLICY, Application("P1", at=AT_Z1, values=values), TYPE_OF).verdict


def test_a_project_that_keeps_every_rule_is_admitted() -> None:
    assert verdict({**GOOD}) is Verdict.ADMITTED
    assert {one.outcome for one in results(POLICY, GOOD).values()} == {Outcome.PASS}


@given(
    mu=st.integers(1, 10**6).map(lambda parts: Fraction(parts, 10**4)),
    line_at=st.integers(1, 10**5).map(lambda parts: Fraction(parts, 100)),
    step=st.integers(1, 10**6).map(lambda parts: Fraction(1, parts)),
)
@settings(max_examples=60)
def test_a_figure_on_its_line_keeps_it_and_one_below_it_by_the_least_does_not(
    mu: Fraction, line_at: Fraction, step: Fraction
) -> None:
    """Land in 亩 is 2000/3 m² each, so that a line per 亩 is met to the last part."""
    standard = POLICY.standards[0].model_copy(
        update={"lines": [POLICY.standards[0].lines[0].model_copy(update={"at": line_at})]}
    )
    exact = policy(standards=[standard.model_dump()])
    values = {**GOOD, "land": mu * MU, "invested": line_at * mu}
    assert results(exact, values)["S1"].outcome is Outcome.PASS
    missed = results(exact, {**values, "invested": line_at * mu - step})["S1"]
    assert missed.outcome is Outcome.FAIL
    assert missed.comparison is not None and missed.comparison.room < 0
    assert results(exact, {**values, "land": mu * MU + step})["S1"].outcome is Outcome.FAIL


def test_land_in_square_metres_to_the_cent_meets_150_per_mu_only_at_or_below_the_exact_mu() -> None:
    """10 亩 is 6,666.666… m²: 6,666.66 m² is within 1,500 万元 at 150, 6,666.67 m² is not."""
    for metres, outcome in (("6666.66", Outcome.PASS), ("6666.67", Outcome.FAIL)):
        found = results(POLICY, {**GOOD, "land": Fraction(metres)})["S1"]
        assert found.outcome is outcome
        assert found.comparison is not None
        assert round(float(found.comparison.value), 2) == 150.0


@given(invested=AMOUNTS, more=AMOUNTS, land=AMOUNTS.map(lambda amount: amount + CENT))
@settings(max_examples=60)
def test_more_investment_never_turns_a_pass_into_a_fail(
    invested: Fraction, more: Fraction, land: Fraction
) -> None:
    before = results(POLICY, {**GOOD, "land": land, "invested": invested})["S1"]
    after = results(POLICY, {**GOOD, "land": land, "invested": invested + more})["S1"]
    assert (before.outcome, after.outcome) != (Outcome.PASS, Outcome.FAIL)


@given(invested=AMOUNTS, land=AMOUNTS.map(lambda amount: amount + CENT))
@settings(max_examples=60)
def test_what_a_failed_line_says_is_lacking_suffices_and_a_cent_less_does_not(
    invested: Fraction, land: Fraction
) -> None:
    found = results(POLICY, {**GOOD, "land": land, "invested": invested})["S1"]
    if found.outcome is Outcome.PASS:
        assert found.short is None
        return
    assert found.short is not None and found.short.raise_it
    enough = invested + found.short.amount
    for amount, outcome in ((enough, Outcome.PASS), (enough - CENT, Outcome.FAIL)):
        again = results(POLICY, {**GOOD, "land": land, "invested": amount})["S1"]
        assert again.outcome is outcome


@given(left_out=st.sets(st.sampled_from(sorted(GOOD)), min_size=1))
@settings(max_examples=60)
def test_a_missing_operand_is_named_and_passes_no_rule_that_needs_it(
    left_out: set[str],
) -> None:
    values = {code: value for code, value in GOOD.items() if code not in left_out}
    found = results(POLICY, values)
    needs = {"S1": {"land", "invested"}, "C1": {"energy", "value_added"}, "N1": {"plan"}}
    for rule, operands in needs.items():
        missing = operands & left_out
        assert set(found[rule].missing) == missing
        assert (found[rule].outcome is Outcome.MISSING) == bool(missing)
    # The choice alone clears N2; without it, what is told of energy does not.
    assert (found["N2"].outcome is Outcome.PASS) == (
        "guidance" not in left_out or "energy" not in left_out
    )
    needed = left_out - {"guidance"} or ({"guidance", "energy"} <= left_out)
    assert verdict(values) is (Verdict.INCOMPLETE if needed else Verdict.ADMITTED)


def test_a_denominator_of_zero_is_no_pass_though_zero_is_not_above_zero() -> None:
    found = results(POLICY, {**GOOD, "energy": Fraction(0), "value_added": Fraction(0)})["C1"]
    assert (found.outcome, found.zero, found.missing) == (Outcome.MISSING, True, ("value_added",))


def test_a_fail_outweighs_what_is_missing() -> None:
    assert verdict({"land": 10 * MU, "invested": Fraction(1499)}) is Verdict.REFUSED


def test_a_project_that_no_rule_is_for_is_not_admitted() -> None:
    only = policy(
        standards=[POLICY.standards[0].model_dump() | {"lines": [line("S1", zones=["Z2"])]}],
        negative=[],
    )
    away = Standpoint("Z3", "services", "other", "6513")
    screening = screen(only, Application("P1", at=away, values=GOOD), TYPE_OF)
    assert {one.outcome for one in screening.results} == {Outcome.NOT_APPLICABLE}
    assert screening.verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    ("class_code", "listing", "outcome"),
    [
        ("3912", Listing.ENCOURAGED, Outcome.PASS),
        ("3973", Listing.ALLOWED, Outcome.PASS),
        ("3919", Listing.BARRED, Outcome.FAIL),
        ("2614", Listing.UNLISTED, Outcome.FAIL),
    ],
)
def test_the_longest_digits_of_the_directory_decide_on_a_class(
    class_code: str, listing: Listing, outcome: Outcome
) -> None:
    found = results(POLICY, GOOD, replace(AT_Z1, sector="other", class_code=class_code))["D1"]
    assert (found.listing, found.outcome) == (listing, outcome)


def test_an_unlisted_class_stands_as_the_directory_says() -> None:
    open_to_all = policy(directories=[POLICY.directories[0].model_dump() | {"unlisted": "allowed"}])
    at = replace(AT_Z1, class_code="2614")
    assert results(open_to_all, GOOD, at)["D1"].outcome is Outcome.PASS


def test_a_class_of_another_edition_cannot_be_compared() -> None:
    application = Application("P1", at=AT_Z1, class_edition="2011", values=GOOD)
    (found,) = [one for one in screen(POLICY, application, TYPE_OF).results if one.rule == "D1"]
    assert (found.outcome, found.missing) == (Outcome.MISSING, ("class_code",))


def test_a_negative_rule_is_hit_only_where_all_of_it_holds_and_names_itself() -> None:
    dirty = {**GOOD, "guidance": "淘汰", "energy": Fraction("100.01"), "value_added": Fraction(900)}
    found = results(POLICY, dirty)["N2"]
    assert (found.outcome, found.rule, found.kind) == (Outcome.FAIL, "N2", "land")
    assert found.comparison is not None and found.comparison.line == 100
    at_the_bound = results(POLICY, {**dirty, "energy": Fraction(100)})["N2"]
    assert at_the_bound.outcome is Outcome.PASS


def specific() -> list[dict[str, object]]:
    return [
        line("any", at="1"),
        line("type", at="2", zone_types=["making"]),
        line("type-sector", at="3", zone_types=["making"], sectors=["glass"]),
        line("zone", at="4", zones=["Z1"], sectors=["glass"]),
        line("class", at="5", zones=["Z1"], sectors=["glass"], classes=["3051", "3052"]),
    ]


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        (Standpoint("Z3", "services", "glass", "3051"), "any"),
        (Standpoint("Z2", "making", "other", "3912"), "type"),
        (Standpoint("Z2", "making", "glass", "3051"), "type-sector"),
        (Standpoint("Z1", "making", "glass", "3059"), "zone"),
        (Standpoint("Z1", "making", "glass", "3051"), "class"),
        # What is not said matters only where it could change the line.
        (Standpoint(None, "services", None, None), "any"),
        (Standpoint("Z2", "making", "other", None), "type"),
        (Standpoint("Z2", "making", "glass", None), "type-sector"),
    ],
)
def test_the_most_specific_line_holds(at: Standpoint, rule: str) -> None:
    given = policy(standards=[POLICY.standards[0].model_dump() | {"lines": specific()}])
    assert rule in results(given, GOOD, at)


@pytest.mark.parametrize(
    ("at", "missing"),
    [
        (Standpoint(None, "making", "glass", "3051"), ("zone",)),
        (Standpoint("Z1", "making", "glass", None), ("class_code",)),
        (Standpoint("Z2", "making", None, "3912"), ("sector",)),
        (Standpoint(None, None, "other", "3912"), ("zone_type",)),
    ],
)
def test_a_line_that_what_is_not_said_would_decide_is_waited_for(
    at: Standpoint, missing: tuple[str, ...]
) -> None:
    given = policy(standards=[POLICY.standards[0].model_dump() | {"lines": specific()}])
    found = results(given, GOOD, at)["intensity"]
    assert (found.outcome, found.missing) == (Outcome.MISSING, missing)


def test_an_exempt_line_sets_no_standard() -> None:
    lines = [line("S1"), line("free", at=None, exempt=True, sectors=["glass"])]
    given = policy(standards=[POLICY.standards[0].model_dump() | {"lines": lines}])
    found = results(given, {**GOOD, "invested": Fraction(0)})["free"]
    assert found.outcome is Outcome.NOT_APPLICABLE


def test_two_lines_that_hold_alike_are_never_decided_in_silence() -> None:
    lines = [line("A", zone_types=["making"]), line("B", sectors=["glass"])]
    given = policy(standards=[POLICY.standards[0].model_dump() | {"lines": lines}])
    with pytest.raises(AmbiguousRuleError):
        results(given, GOOD)
