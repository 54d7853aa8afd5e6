"""Which access policy holds for a year."""

from typing import TYPE_CHECKING

from indicators.access.models import Access
from indicators.errors import GranaryError

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue


class NoAccessPolicyError(GranaryError):
    """The catalogue has no access policy of that year, or none at all."""

    code = "no_access_policy"
    next_step = "Add it to access.yaml, or name another --year."


def policy_of(catalogue: "Catalogue", year: int | None) -> Access:
    """The policy of the year; None: of the latest year that has one.

    Raises:
        NoAccessPolicyError: there is none.
    """
    years = {policy.year: policy for policy in catalogue.access}
    chosen = max(years, default=None) if year is None else year
    if chosen is None or chosen not in years:
        there = ", ".join(str(one) for one in sorted(years))
        raise NoAccessPolicyError(
            f"no access policy of {year or 'any year'}; there is {there or 'none'}"
            f" (没有{f'{year}年的' if year else ''}准入政策,现有:{there or '无'})."
        )
    return years[chosen]
