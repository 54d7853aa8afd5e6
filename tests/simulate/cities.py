"""The plan of the cities that the tests look at: small, with a fault of every kind."""

from typing import Final

from granary.simulate.plan import Plan

PLAN: Final = Plan(units=200, months=17, seed=7)
