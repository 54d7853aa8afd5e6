"""Takes a register file from a spooled body to a receipt that is a promise.

1. The file is judged by the register as last asked for. Killed here: nobody was promised anything.
2. One transaction, serial per city, asks for its records and registers the submission with its key
   and receipt; if another changed the register since step 1, that step is done again.
3. The relay brings the records into the log; the answer waits for that. Killed or timed out here:
   the records go on by themselves, and the same key finds the submission.
"""

import hashlib
import json
import secrets
import threading
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from catalog.changes import row_fields
from granary.clock import utc
from granary.loads import register_records
from granary.records import encode_register
from granary.register_effects import preview_json, preview_states
from indicators.catalogue import Reporter
from indicators.register_tables import RegisterTable
from ingest.awaiting import Relaying, in_log_soon
from ingest.basis import Basis
from ingest.errors import BusyError, KeyReusedError, LogUnavailableError
from ingest.register.in_force import InForce
from ingest.register.judging import RegisterJudgement, judge_register_file
from ingest.register.receipts import receipt_of
from ingest.spool import Body
from storage.control import intents, register_submissions, schema
from storage.control.register_submissions import RegisterSubmission

#: Times a file is judged anew because somebody else changed the register meanwhile.
_ATTEMPTS: Final = 5
#: Seconds a file waits for those before it.
_LANE_SECONDS: Final = 120.0
#: Differences of a dry run or receipt that are told one by one.
SHOWN: Final = 50


class RegisterKeyReusedError(KeyReusedError):
    """The Idempotency-Key belongs to another register file."""

    status = 409


@dataclass(frozen=True, slots=True)
class RegisterRequest:
    """What a sender asks; `key` is '' where not given."""

    basis: Basis
    reporter: Reporter
    table: RegisterTable
    key: str
    arrived_ms: int

    def digest(self, body: Body) -> str:
        """SHA-256 of raw body and query: what an idempotency key is bound to."""
        query = json.dumps([self.table.code], ensure_ascii=False)
        return hashlib.sha256(f"{body.sha256}\n{query}".encode()).hexdigest()

    @property
    def today(self) -> str:
        """ISO date of arrival in the city."""
        zone = ZoneInfo(self.basis.catalogue.city.time_zone)
        return utc(self.arrived_ms).astimezone(zone).date().isoformat()


class RegisterDesk:
    """One gateway's desk for register files. Every method may be called from any thread."""

    def __init__(self, control_url: str, relay: Relaying) -> None:
        self._control_url = control_url
        self._engine = schema.engine(control_url)
        self._relay = relay
        self._guard = threading.Lock()
        self._lanes: dict[int, threading.Lock] = {}
        self._kept: dict[int, InForce] = {}

    def dry_run(self, request: RegisterRequest, body: Body) -> dict[str, Any]:
        """The receipt it would get, with what changes and which figures that touches."""
        city = request.basis.city.id
        with self._lane(city), schema.reading(self._control_url) as connection:
            judgement = self._judged(connection, request, body)
            receipt = _receipt(connection, None, request, judgement)
        return {**receipt, "dry_run": True}

    def submit(self, request: RegisterRequest, body: Body) -> dict[str, Any]:
        """The receipt, once the log has acknowledged every record.

        Raises:
            RegisterKeyReusedError: the key belongs to another body.
            LogUnavailableError: the log does not have them yet; the same key resumes.
            BusyError: others keep changing the register.
        """
        digest = request.digest(body)
        with self._lane(request.basis.city.id):
            taken = self._taken(request, body, digest)
        self._wait(taken)
        return taken.receipt

    def _taken(self, request: RegisterRequest, body: Body, digest: str) -> RegisterSubmission:
        for _ in range(_ATTEMPTS):
            with schema.reading(self._control_url) as connection:
                known = _known(connection, request, digest)
                if known is not None:
                    return known
                judgement = self._judged(connection, request, body)
                # Ids sort by arrival; the random part makes them unguessable and unique.
                id_ = f"r{request.arrived_ms:011x}{secrets.token_hex(6)}"
                receipt = _receipt(connection, id_, request, judgement)
            try:
                new = self._register(request, digest, judgement, receipt)
            except IntegrityError:  # the key was used at another gateway at this very moment
                continue
            if new is not None:
                return new
        raise BusyError("the register keeps changing.", city=request.basis.city.id)

    def _judged(
        self, connection: Connection, request: RegisterRequest, body: Body
    ) -> RegisterJudgement:
        in_force = self._kept.setdefault(request.basis.city.id, InForce())
        in_force.follow(connection, request.basis.city.id)
        return judge_register_file(
            body.path,
            request.table,
            request.basis.catalogue,
            request.reporter,
            in_force,
            request.today,
        )

    def _register(
        self,
        request: RegisterRequest,
        digest: str,
        judgement: RegisterJudgement,
        receipt: dict[str, Any],
    ) -> RegisterSubmission | None:
        """Ask for the records; None where the register is no longer the one judged by."""
        city, id_ = request.basis.city.id, str(receipt["submission"])
        records = list(register_records(judgement.changes()))
        payloads = {}
        for number, record in enumerate(records, start=1):
            told = hashlib.sha256(repr([row_fields(row) for row in record]).encode()).hexdigest()
            name = f"register:{id_}:{number}/{len(records)}:{told[:16]}"
            payloads[name] = encode_register(name, record)
        new = RegisterSubmission(
            id_, city, request.reporter.code, request.table.code, request.key, digest,
            tuple(payloads), receipt, request.arrived_ms,
        )  # fmt: skip
        in_force = self._kept[city]
        with self._engine.begin() as connection:
            register_submissions.lock_city(connection, city)
            if intents.register_asked(connection, city, after=in_force.newest) or (
                intents.count_register(connection, city, in_force.newest) != in_force.records
            ):
                return None
            register_submissions.register(connection, new)
            for name, payload in payloads.items():
                intents.submit(connection, city, "register", name, payload)
        return new

    def _wait(self, taken: RegisterSubmission) -> None:
        if not in_log_soon(self._control_url, self._relay, taken.city, taken.records):
            raise LogUnavailableError("the register's records are not in the log yet.")

    def _lane(self, city: int) -> "_Held":
        with self._guard:
            return _Held(self._lanes.setdefault(city, threading.Lock()))


class _Held:
    """A lock waited for no longer than a sender would."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=_LANE_SECONDS):
            raise BusyError("the register files before this one are not taken yet.")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _known(
    connection: Connection, request: RegisterRequest, digest: str
) -> RegisterSubmission | None:
    if not request.key:
        return None
    found = register_submissions.by_key(
        connection, request.basis.city.id, request.reporter.code, request.key
    )
    if found is not None and found.body_sha256 != digest:
        raise RegisterKeyReusedError("the key was used for another body.", key=request.key)
    return found


def _receipt(
    connection: Connection,
    submission: str | None,
    request: RegisterRequest,
    judgement: RegisterJudgement,
) -> dict[str, Any]:
    """The receipt with what changes: counts, the first differences, figures that it touches."""
    city, catalogue = request.basis.city.id, request.basis.catalogue
    # Candidates are in no figure, and to look for it takes a fold of the whole register.
    figures = request.table.holds != "candidates" and judgement.accepted > 0
    preview = preview_states(
        connection,
        city,
        catalogue if figures else None,
        intents.register_rows(connection, city) if figures else (),
        judgement.was,
        judgement.becomes,
    )
    changes = preview_json(preview, SHOWN)
    changes["not_shown"] = max(0, len(preview.differences) - SHOWN)
    told = receipt_of(
        submission, request.reporter.code, request.table, request.arrived_ms, judgement
    )
    return {**told, "changes": changes}


def answer_of(connection: Connection, found: RegisterSubmission) -> dict[str, Any]:
    """Receipt and state: receiving until the log has every record, then as the receipt says."""
    if intents.are_produced(connection, found.city, found.records):
        return found.receipt
    return found.receipt | {"status": "receiving"}
