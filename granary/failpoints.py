"""Named points between two steps of a process's work at which a test may kill it.

Production cost is one dictionary look-up. `GRANARY_FAILPOINTS` arms them: a comma-separated list of
`name` or `name:n` (die at the n-th passage). `GRANARY_FAILPOINT_LOG` names a file to which each
point appends its name when it is first passed, so that a test can tell a point that was never hit.
Death is SIGKILL: no handler, no flush, exactly what a power cut of the process looks like.
"""

import os
import signal
from pathlib import Path

#: Every fail point of the product: name → what has just been done when it is passed.
FAILPOINTS: dict[str, str] = {
    "gateway.spooled": "the body is on disk, nothing is registered",
    "gateway.registered": "the submission has its id, nothing is produced",
    "gateway.chunk_produced": "one more chunk is acknowledged by Kafka, the manifest is not sent",
    "gateway.manifest_produced": "the manifest is acknowledged, the receipt is not recorded",
    "gateway.accepted": "the receipt is recorded, the answer is not sent",
    "relay.intent_produced": "an intent is in the log, the outbox does not know it",
    "worker.assigned": "a city is assigned, its cube is not loaded",
    "worker.recovered": "the cube is loaded, the next offset is not committed",
    "worker.drained": "records are taken from Kafka, nothing is judged",
    "worker.applied": "the cube is changed, nothing is stored",
    "worker.table_stored": "one more table is stored, others of its stage may not be",
    "worker.superseded_stored": "superseded rows are stored, current rows are not",
    "worker.observations_stored": "observations and figures are stored, the ledger is not",
    "worker.ledger_stored": "the ledger is stored, figures are not published",
    "worker.published": "figures are published, the records are not acknowledged",
    "worker.acknowledged": "the records are acknowledged",
    "worker.dead_letter_sent": "a dead letter is acknowledged, its ledger row is not stored",
    "clickhouse.insert_received": "an insert is complete on the wire, the engine has not got it",
    "clickhouse.insert_done": "the engine has the insert, the client is not told",
    "supervision.recorded": "an alert is recorded, no notice is sent",
    "supervision.sending": "a notice is marked as being tried, it is not sent",
    "supervision.sent": "a notice is delivered, the delivery is not recorded",
    "supervision.copied": "alert rows are copied to ClickHouse, the outbox does not know it",
}


def _armed(text: str) -> dict[str, int]:
    points: dict[str, int] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, count = part.partition(":")
        points[name] = int(count or 1)
    return points


_remaining = _armed(os.environ.get("GRANARY_FAILPOINTS", ""))
_log = os.environ.get("GRANARY_FAILPOINT_LOG")
_passed: set[str] = set()


def failpoint(name: str) -> None:
    """Mark that the step described by `FAILPOINTS[name]` is done; die here if a test asked so."""
    if not _remaining and _log is None:
        return
    if _log is not None and name not in _passed:
        _passed.add(name)
        with Path(_log).open("a", encoding="utf-8") as log:
            log.write(f"{name}\n")
    left = _remaining.get(name)
    if left is None:
        return
    if left > 1:
        _remaining[name] = left - 1
        return
    os.kill(os.getpid(), signal.SIGKILL)
