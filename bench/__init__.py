"""Honest measurements and the seeded generator of register and feed."""
