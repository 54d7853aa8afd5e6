"""Receipts of register files: counts of rows, and findings."""

from datetime import UTC
from typing import Any

from granary.clock import utc
from indicators.register_tables import RegisterTable
from ingest.register.judging import RegisterJudgement


def receipt_of(
    submission: str | None,
    reporter: str,
    table: RegisterTable,
    arrived_ms: int,
    judgement: RegisterJudgement,
) -> dict[str, Any]:
    """The receipt, less `changes`; None as id for a dry run. Counts are of rows.

    `findings` is cut at a thousand, `findings_by_rule` counts the rows refused by each rule.
    """
    findings = judgement.findings
    return {
        "submission": submission,
        "status": "accepted" if judgement.accepted else "refused",
        "reporter": reporter,
        "table": table.code,
        "holds": table.holds,
        "arrived_at": utc(arrived_ms).astimezone(UTC).isoformat(timespec="milliseconds"),
        "declared": judgement.declared,
        "accepted": judgement.accepted,
        "rejected": judgement.declared - judgement.accepted,
        "findings": [finding.as_json() for finding in findings.listed],
        "findings_by_rule": dict(sorted(findings.cells.items())),
        "findings_not_listed": findings.unlisted,
        "repeated": False,
    }
