"""Power accounts (户号): most enterprises have one, large ones several; some change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from granary.simulate.enterprises import Enterprises, Flags, Floats, Ints
from granary.simulate.life import NEVER
from granary.simulate.plan import Plan

_MOST: Final = 4
_CHANGES_A_YEAR: Final = 0.01


@dataclass(frozen=True, eq=False)
class Accounts:
    """(accounts,) sorted by owner. An account is in use in months [begins, ends) of life.

    share: of its owner's electricity. A renewed account takes over the share of the one before it.
    """

    keys: NDArray[np.str_]
    owner: Ints
    share: Floats
    begins: Ints
    ends: Ints

    def in_use(self, month: int) -> Flags:
        return (self.begins <= month) & (month < self.ends)

    def split(self, amount: Ints, month: int) -> tuple[Ints, Ints]:
        """(rows,) position of each account in use, and its part of the owner's amount.

        Parts are whole numbers and add up to the amount: the last account takes what is left.
        """
        used = np.flatnonzero(self.in_use(month))
        owner = self.owner[used]
        part = np.floor(amount[owner] * self.share[used]).astype(np.int64)
        sums = np.zeros(len(amount), np.int64)
        np.add.at(sums, owner, part)
        last = np.append(owner[1:] != owner[:-1], True)
        part[last] += (amount - sums)[owner[last]]
        return used, part


def accounts(plan: Plan, firms: Enterprises) -> Accounts:
    """Accounts of every enterprise, more of larger ones."""
    chance = plan.chance("accounts")
    larger = np.log10(np.maximum(firms.size, 1.0)) - 2.5
    number = 1 + np.minimum(chance.poisson(np.maximum(larger, 0.05) * 0.35), _MOST - 1)
    owner = np.repeat(np.arange(firms.count), number)
    raw = chance.uniform(0.4, 1.6, len(owner))
    share = raw / np.bincount(owner, raw)[owner]
    begins, ends = np.zeros(len(owner), np.int64), np.full(len(owner), NEVER)
    months = len(plan.lived)
    renewed = np.flatnonzero(chance.random(len(owner)) < _CHANGES_A_YEAR * months / 12)
    when = chance.integers(6, months - 1, len(renewed))
    ends[renewed] = when
    order = np.argsort(np.append(owner, owner[renewed]), kind="stable")
    whole = [
        np.append(one, other)[order]
        for one, other in (
            (owner, owner[renewed]),
            (share, share[renewed]),
            (begins, when),
            (ends, np.full(len(renewed), NEVER)),
        )
    ]
    return Accounts(_keys(plan, len(order)), *whole)


def _keys(plan: Plan, count: int) -> NDArray[np.str_]:
    """Distinct numbers of ten digits that begin with 51."""
    span = 10**8 - 3  # prime to the step
    first = int(plan.chance("account keys").integers(span))
    numbers = (first + 48_271 * np.arange(count, dtype=np.int64)) % span
    return np.array([f"51{number:08d}" for number in numbers.tolist()])


def account_of(found: Accounts, owners: Sequence[int], month: int) -> dict[int, int]:
    """Owner → position of one of its accounts in use in that month."""
    used = found.in_use(month)
    wanted = set(owners)
    return {
        int(owner): at for at, owner in enumerate(found.owner) if used[at] and int(owner) in wanted
    }
