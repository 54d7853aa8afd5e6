"""Frame coverage in the store: what makes one row, for whoever compares what stands."""

from typing import Final

from storage.standing import Kind

COVERAGE: Final = Kind(
    "frame_current",
    "frame_history",
    ("level", "subject"),
    ("as_of", "on_list", "on_list_sized", "candidates", "confirmed", "near", "on_list_size",
     "candidates_size", "confirmed_size"),
)  # fmt: skip
CASES: Final = Kind(
    "frame_case_current",
    "frame_case_history",
    ("case_code",),
    ("kind", "name", "credit_code", "address", "district", "sector", "class_code", "feed", "feeds",
     "size", "threshold", "as_of", "state", "reason", "list_month", "owner", "due", "opened_at",
     "decided_at", "decided_by", "document", "remark", "linked_unit"),
)  # fmt: skip
FRAME: Final = (COVERAGE, CASES)
