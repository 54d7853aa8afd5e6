"""Receipts (回执): what a sender is told of a submission, the same words every time it is asked."""

from datetime import UTC
from typing import Any

from granary.clock import utc
from granary.records import Manifest
from indicators.periods import format_period, parse_period
from ingest.checks.judgement import NO_PERIOD, Judgement
from ingest.findings import Findings


def receipt_of(
    submission: str | None, reporter: str, table: str, arrived_ms: int, judgement: Judgement
) -> dict[str, Any]:
    """The receipt of a finished submission; None as id for a dry run.

    Counts are in observations: a cell each, but where a unit has several keys of a department the
    cells of its keys are one; `combined` is how many cells more the file had. `findings` is cut at
    a thousand, `findings_by_rule` counts the cells refused by each rule, all of them.
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
        "combined": sum(judgement.combined.values()),
        "periods": _by_period(judgement),
        "findings": [finding.as_json() for finding in judgement.findings.listed],
        "findings_by_rule": dict(sorted(judgement.findings.cells.items())),
        "findings_not_listed": judgement.findings.unlisted,
        "repeated": False,
    }


def ended_receipt(receipt: dict[str, Any], manifest: Manifest) -> dict[str, Any]:
    """The receipt of a submission that ended with fewer cells than it was registered with."""
    accepted = sum(manifest.accepted.values())
    lost = receipt["accepted"] - accepted
    if not lost:
        return receipt
    findings = Findings()
    findings.add("spool_lost", cells=lost, facts={"cells": lost})
    return receipt | {
        "status": "accepted" if accepted else "refused",
        "accepted": accepted,
        "rejected": receipt["declared"] - accepted,
        "periods": _by_period(manifest),
        "findings": [*(one.as_json() for one in findings.listed), *receipt["findings"]],
        "findings_by_rule": dict(sorted({**receipt["findings_by_rule"], **findings.cells}.items())),
    }


def declared_in(receipt: dict[str, Any]) -> dict[int, int]:
    """Cells declared by period id."""
    return {
        NO_PERIOD if told["period"] is None else parse_period(told["period"]): told["declared"]
        for told in receipt["periods"]
    }


def _by_period(counts: Judgement | Manifest) -> list[dict[str, Any]]:
    return [
        {
            "period": format_period(period) if period != NO_PERIOD else None,
            "declared": counts.declared[period],
            "accepted": counts.accepted[period],
            "rejected": counts.rejected[period],
        }
        for period in sorted(counts.declared)
    ]
