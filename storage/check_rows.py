"""Findings of checks in the store: what makes one row, for whoever compares what stands."""

from typing import Final

from storage.standing import Kind

CHECKS: Final = Kind(
    "check_current",
    "check_history",
    ("rule", "period", "unit"),
    ("left_value", "right_value", "influence", "tier", "district", "message_zh", "message_en"),
)
