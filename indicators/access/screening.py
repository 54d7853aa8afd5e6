"""Screens an application (准入审查) by the access policy of a year: pass or fail, rule by rule.

Pure and exact: numbers are fractions, ratios are compared by cross-multiplication, a figure equal
to its line keeps it. 1 亩 is 2000/3 m², so 亩 and m² give one answer. A missing operand is named
and passes nothing. Source: domain rules on access (准入) and lawful use; docs/access.md.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from indicators.access.models import Access, Condition, Directory, Negative, Standard
from indicators.access.results import (
    Application,
    Comparison,
    Listing,
    Outcome,
    Part,
    RuleResult,
    Screening,
    short_of,
)
from indicators.access.scopes import (
    CLASS,
    SECTOR,
    ZONE,
    ZONE_TYPE,
    Standpoint,
    held,
    longest_prefix,
    match,
)
from indicators.modelling import Name

#: Order in which missing operands are named: what places the project comes first.
_PLACING = (ZONE, ZONE_TYPE, SECTOR, CLASS)
#: What stands for the rule where no one directory is found.
_ANY_DIRECTORY = "directory"
_DIRECTORY = Name(zh="产业目录", en="Industry directory")


def screen(policy: Access, application: Application, type_of: Mapping[str, str]) -> Screening:
    """Every rule of the policy on one application, in the policy's order.

    type_of: zone → zone type, as far as zones have one. A class code of another edition than the
    policy's cannot be compared and counts as missing.

    Raises:
        AmbiguousRuleError: two lines hold alike; a policy that the loader passed has none.
    """
    standpoint = _comparable(policy, application)
    results = [_standard(policy, one, application, standpoint, type_of) for one in policy.standards]
    if policy.directories:
        results.append(_directory(policy.directories, standpoint, type_of))
    results += [_negative(policy, one, application, standpoint, type_of) for one in policy.negative]
    return Screening(application, tuple(results))


def _comparable(policy: Access, application: Application) -> Standpoint:
    at = application.at
    if application.class_edition in (None, policy.edition):
        return at
    return Standpoint(at.zone, at.zone_type, at.sector, None)


def _standard(
    policy: Access,
    standard: Standard,
    application: Application,
    standpoint: Standpoint,
    type_of: Mapping[str, str],
) -> RuleResult:
    found = held(standard.lines, standpoint, type_of)
    line = found.line
    part = (Part.STANDARD, standard.code, standard.name)
    if line is None:
        outcome = Outcome.MISSING if found.missing else Outcome.NOT_APPLICABLE
        return RuleResult(standard.code, *part, outcome, "", _ordered(policy, found.missing))
    if line.at is None:
        return RuleResult(line.id, *part, Outcome.NOT_APPLICABLE, line.basis)
    sides = _sides(standard.numerator, standard.denominator, application)
    if isinstance(sides, frozenset):
        missing = _ordered(policy, sides)
        return RuleResult(line.id, *part, Outcome.MISSING, line.basis, missing)
    numerator, denominator = sides
    if denominator <= 0:
        missing = _ordered(policy, standard.denominator)
        return RuleResult(line.id, *part, Outcome.MISSING, line.basis, missing, zero=True)
    comparison = Comparison(
        numerator, denominator, standard.relation, line.at, True, standard.unit, standard.decimals
    )
    decimals = {code: policy.input[code].decimals for code in standard.numerator}
    return RuleResult(
        line.id,
        *part,
        Outcome.PASS if comparison.kept else Outcome.FAIL,
        line.basis,
        comparison=comparison,
        short=short_of(comparison, standard.numerator, decimals),
    )


def _directory(
    directories: Iterable[Directory], standpoint: Standpoint, type_of: Mapping[str, str]
) -> RuleResult:
    found = held(directories, standpoint, type_of)
    directory = found.line
    if directory is None:
        outcome = Outcome.MISSING if found.missing else Outcome.NOT_APPLICABLE
        missing = tuple(one for one in _PLACING if one in found.missing)
        return RuleResult(_ANY_DIRECTORY, Part.DIRECTORY, "", _DIRECTORY, outcome, "", missing)
    head = (directory.id, Part.DIRECTORY, "", directory.name)
    if standpoint.class_code is None:
        return RuleResult(*head, Outcome.MISSING, directory.basis, (CLASS,))
    listing = listed(directory, standpoint.class_code)
    barred = listing is Listing.BARRED or (
        listing is Listing.UNLISTED and directory.unlisted == "barred"
    )
    outcome = Outcome.FAIL if barred else Outcome.PASS
    return RuleResult(*head, outcome, directory.basis, listing=listing)


def listed(directory: Directory, class_code: str) -> Listing:
    """Where the class stands: the list with the longest first digits of it decides."""
    lists = (
        (Listing.ENCOURAGED, directory.encouraged),
        (Listing.ALLOWED, directory.allowed),
        (Listing.BARRED, directory.barred),
    )
    digits, listing = max(
        ((longest_prefix(codes, class_code), listing) for listing, codes in lists),
        key=lambda one: one[0],
    )
    return listing if digits else Listing.UNLISTED


def _negative(
    policy: Access,
    rule: Negative,
    application: Application,
    standpoint: Standpoint,
    type_of: Mapping[str, str],
) -> RuleResult:
    """Hit where the rule is for the project and every condition holds; one that does not, clears.

    Whether the rule is for the project and whether a condition holds may both depend on what is
    missing: then only a condition that fails for certain clears it.
    """
    head = (rule.id, Part.NEGATIVE, rule.kind, rule.name)
    scope = match(rule, standpoint, type_of)
    if scope.holds is False:
        return RuleResult(*head, Outcome.NOT_APPLICABLE, rule.basis)
    missing: set[str] = set(scope.missing)
    comparison: Comparison | None = None
    cleared = zero = False
    for condition in rule.when:
        found = _holds(condition, application, standpoint)
        if isinstance(found, frozenset):
            missing |= found
            zero |= bool(found) and not _absent(found, application, standpoint)
            continue
        so, compared = found
        comparison = comparison or compared
        cleared |= not so
    outcome = Outcome.PASS if cleared else Outcome.MISSING if missing else Outcome.FAIL
    if outcome is not Outcome.MISSING:
        missing, zero = set(), False
    return RuleResult(
        *head, outcome, rule.basis, _ordered(policy, missing), zero=zero, comparison=comparison
    )


def _holds(
    condition: Condition, application: Application, standpoint: Standpoint
) -> tuple[bool, Comparison | None] | frozenset[str]:
    """Whether it holds, with the figures compared; or what is missing."""
    if condition.classes:
        if standpoint.class_code is None:
            return frozenset({CLASS})
        return longest_prefix(condition.classes, standpoint.class_code) > 0, None
    if condition.input is not None:
        value = application.values.get(condition.input)
        if value is None:
            return frozenset({condition.input})
        if condition.holds is not None:
            return value is condition.holds, None
        return value in condition.one_of, None
    sides = _sides(condition.numerator, condition.denominator, application)
    if isinstance(sides, frozenset):
        return sides
    numerator, denominator = sides
    if denominator <= 0:
        return frozenset(condition.denominator)
    # Not to be hit is to stay within the bound, which itself is within.
    above = condition.above is not None
    bound = condition.above if condition.above is not None else condition.below
    comparison = Comparison(
        numerator,
        denominator,
        "at_most" if above else "at_least",
        bound or Fraction(0),
        True,
        condition.unit,
        condition.decimals,
    )
    return not comparison.kept, comparison


def _absent(codes: Iterable[str], application: Application, standpoint: Standpoint) -> bool:
    """Whether one of these operands was not given at all."""
    return any(
        standpoint.class_code is None if code == CLASS else code not in application.values
        for code in codes
    )


def _sides(
    numerator: Mapping[str, Fraction], denominator: Mapping[str, Fraction], application: Application
) -> tuple[Fraction, Fraction] | frozenset[str]:
    """Both sides of the ratio; 1 below a figure that is none. Or the inputs that are missing."""
    missing = frozenset(
        code for code in (*numerator, *denominator) if code not in application.values
    )
    if missing:
        return missing
    below = _combined(denominator, application) if denominator else Fraction(1)
    return _combined(numerator, application), below


def _combined(factors: Mapping[str, Fraction], application: Application) -> Fraction:
    total = Fraction(0)
    for code, factor in factors.items():
        value = application.values[code]
        if not isinstance(value, Fraction):
            raise TypeError(f"{code} is no number")
        total += factor * value
    return total


def _ordered(policy: Access, codes: Iterable[str]) -> tuple[str, ...]:
    wanted = set(codes)
    return tuple(one for one in (*_PLACING, *policy.input) if one in wanted)
