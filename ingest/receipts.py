"""Receipts (回执): what a sender is told of a submission, the same words every time it is asked."""

from datetime import UTC
from typing import Any

from granary.clock import utc
from indicators.periods import format_period
from ingest.checks.judgement import NO_PERIOD, Judgement


def receipt_of(
    submission: str | None, reporter: str, table: str, arrived_ms: int, judgement: Judgement
) -> dict[str, Any]:
    """The receipt of a finished submission; None as id for a dry run.

    Counts are in cells; `findings` is cut at a thousand, `findings_by_rule` counts the cells
    refused by each rule, all of them.
    """
    accepted = sum(judgement.accepted.values())
    return {
        "submission": submission,
        "status": "accepted" if accepted else "refused",
        "reporter": reporter,
        "table": table,
        "arrived_at": utc(arrived_ms).astimezone(UTC).isoformat(timespec="milliseconds"),
        "declared": sum(judgement.declared.values()),
        "accepted": accepted,
        "rejected": sum(judgement.rejected.values()),
        "periods": [
            {
                "period": format_period(period) if period != NO_PERIOD else None,
                "declared": judgement.declared[period],
                "accepted": judgement.accepted[period],
                "rejected": judgement.rejected[period],
            }
            for period in sorted(judgement.declared)
        ],
        "findings": [finding.as_json() for finding in judgement.findings.listed],
        "findings_by_rule": dict(sorted(judgement.findings.cells.items())),
        "findings_not_listed": judgement.findings.unlisted,
        "repeated": False,
    }
