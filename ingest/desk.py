"""The desk: takes one submission from a spooled body to a receipt that is a promise.

1. The body is spooled and durable (gateway.spooled). Killed here: swept away, nobody was promised
   anything.
2. It is judged by the city's basis; department keys that have no unit are put into the log
   (`named_keys`), and its messages are spooled, durable.
3. One transaction registers it: id, key, receipt, counts (gateway.registered). From here on it will
   be finished, by this process or the next, with the very messages of step 2.
4. It is finished (`finishing`): into the log, then accepted or refused for good.

Steps 3 and 4 are serial per lane (city, reporter, table).
"""

import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from granary.clock import Clock
from granary.failpoints import failpoint
from indicators.catalogue import Reporter, Table
from ingest.arrivals import Arrival
from ingest.basis import Basis
from ingest.checks.files import Format, judge_file
from ingest.checks.judgement import Judgement
from ingest.errors import BusyError, IngestError, KeyReusedError
from ingest.finishing import Finisher
from ingest.named_keys import KeyNames
from ingest.outgoing import content_of, write_outgoing
from ingest.receipts import receipt_of
from ingest.spool import Body, Spool
from storage.control import schema, submissions
from storage.control.submissions import Submission

#: Files judged at the same time: more would only share the same cores and need more memory.
_JUDGING: Final = 2
#: Submissions inside the desk at once before senders are asked to come back.
ADMITTED: Final = 64


@dataclass(frozen=True, slots=True)
class Request:
    """What a sender asks: `key` and `period` are '' where not given.

    `arrival` is the note of the request, None for a dry run.
    """

    basis: Basis
    reporter: Reporter
    table: Table
    period: str
    key: str
    arrived_ms: int
    arrival: Arrival | None = None

    def digest(self, body: Body) -> str:
        """SHA-256 of raw body and query: what an idempotency key is bound to."""
        query = json.dumps([self.table.code, self.period], ensure_ascii=False)
        return hashlib.sha256(f"{body.sha256}\n{query}".encode()).hexdigest()


class Desk:
    """One gateway's desk. Every method may be called from any thread."""

    def __init__(
        self,
        control_url: str,
        spool: Spool,
        finisher: Finisher,
        clock: Clock,
        owner: str,
        chunk_observations: int,
        names: KeyNames,
    ) -> None:
        self._engine = schema.engine(control_url)
        self._control_url = control_url
        self._spool = spool
        self._finisher = finisher
        self._clock = clock
        self._owner = owner
        self._chunk_observations = chunk_observations
        self._names = names
        self._judging = threading.BoundedSemaphore(_JUDGING)
        self._admitted = threading.BoundedSemaphore(ADMITTED)

    def dry_run(self, request: Request, format_: Format, body: Body) -> dict[str, Any]:
        """The receipt it would get; nothing is registered, nothing produced."""
        with self._admission(), self._judging:
            judgement = _judged(request, format_, body)
        reporter, table = request.reporter.code, request.table.code
        return {
            **receipt_of(None, reporter, table, request.arrived_ms, judgement),
            "dry_run": True,
        }

    def submit(self, request: Request, format_: Format, body: Body) -> dict[str, Any]:
        """The receipt, once Kafka has acknowledged everything.

        Raises:
            KeyReusedError: the key belongs to another body.
            BusyError: too many submissions at once.
            LogUnavailableError: Kafka does not acknowledge; if registered, it is finished later.
        """
        with self._admission():
            digest = request.digest(body)
            known = self._known(request, digest)
            if known is not None:
                return known
            with self._judging:
                judgement = _judged(request, format_, body)
            new = self._new(request, digest, judgement)
            with self._finisher.lane(new.lane):
                self._finisher.finish_lane(new.lane)
                known = self._repeated(request, new)
                if known is not None:
                    return known
                keys = request.basis.keys(request.table)
                if keys is not None and judgement.unmatched:
                    self._names.put(new.city, keys, judgement.unmatched)
                path = self._spool.messages(new.id)
                try:
                    chunks = write_outgoing(
                        path,
                        new.id,
                        new.reporter,
                        new.table,
                        new.arrived_ms,
                        judgement,
                        self._chunk_observations,
                    )
                    new = replace(new, spool=self._spool.named(path), chunks=chunks)
                    known = self._register(request, new)
                except IngestError:  # after any other fault it may be registered: keep the file
                    path.unlink(missing_ok=True)
                    raise
                if known is not None:
                    path.unlink()
                    return known
                failpoint("gateway.registered")
                self._finisher.finish(new)
                return new.receipt

    def _known(self, request: Request, digest: str) -> dict[str, Any] | None:
        """The answer a key has already; waits for its submission to be finished."""
        if not request.key:
            return None
        with schema.reading(self._control_url) as connection:
            use = submissions.key_use(
                connection, request.basis.city.id, request.reporter.code, request.key
            )
            found = submissions.find(connection, use.submission) if use else None
        if use is None or found is None:
            return None
        if use.body_sha256 != digest:
            raise KeyReusedError("the key was used for another body or query.", key=request.key)
        if found.status == "receiving":
            with self._finisher.lane(found.lane):
                self._finisher.finish_lane(found.lane)
        return found.receipt | {"repeated": use.repeated}

    def _new(self, request: Request, digest: str, judgement: Judgement) -> Submission:
        accepted = {period: cells for period, cells in judgement.accepted.items() if cells}
        # Ids sort by arrival; the random part makes them unguessable and unique.
        id_ = f"s{request.arrived_ms:011x}{secrets.token_hex(6)}"
        return Submission(
            id=id_,
            city=request.basis.city.id,
            reporter=request.reporter.code,
            table=request.table.code,
            body_sha256=digest,
            period_asked=request.period,
            spool="",
            judged_at=request.basis.judged_at,
            content_hash=content_of(judgement),
            periods=tuple(sorted(accepted)),
            declared=sum(judgement.declared.values()),
            accepted=sum(accepted.values()),
            rejected=sum(judgement.rejected.values()),
            chunks=0,
            status="receiving",
            owner=self._owner,
            receipt=receipt_of(
                id_, request.reporter.code, request.table.code, request.arrived_ms, judgement
            ),
            arrived_ms=request.arrived_ms,
        )

    def _repeated(self, request: Request, new: Submission) -> dict[str, Any] | None:
        """The answer to a key or content that is known, before anything is written for it."""
        with schema.reading(self._control_url) as connection:
            use = (
                submissions.key_use(connection, new.city, new.reporter, request.key)
                if request.key
                else None
            )
            earlier = submissions.repeated_by(connection, new)
        if use is None and earlier is None:
            return None
        with self._engine.begin() as connection:
            return self._repeat_in(connection, request, new)

    def _repeat_in(
        self, connection: Connection, request: Request, new: Submission
    ) -> dict[str, Any] | None:
        if request.key:
            use = submissions.key_use(connection, new.city, new.reporter, request.key)
            if use is not None:
                if use.body_sha256 != new.body_sha256:
                    raise KeyReusedError("the key was used for another body.", key=request.key)
                first = submissions.find(connection, use.submission)
                return None if first is None else first.receipt | {"repeated": use.repeated}
        earlier = submissions.repeated_by(connection, new)
        if earlier is None:
            return None
        if request.key:
            now = self._clock.now_ms()
            submissions.use_key(
                connection, earlier, request.key, new.body_sha256, repeated=True, now_ms=now
            )
        return earlier.receipt | {"repeated": True}

    def _register(self, request: Request, new: Submission) -> dict[str, Any] | None:
        """Register it, unless another gateway made it a repeat meanwhile: then that answer."""
        try:
            with self._engine.begin() as connection:
                submissions.lock_lane(connection, new.lane)
                if submissions.receiving(connection, new.lane):
                    raise BusyError("another gateway is taking a submission of this table.")
                known = self._repeat_in(connection, request, new)
                if known is None:
                    submissions.register(connection, new, request.key, self._clock.now_ms())
                    if request.arrival is not None:
                        request.arrival.forget_in(connection)
            if known is None and request.arrival is not None:
                request.arrival.registered()
        except IntegrityError:  # the key was used in another lane at this very moment
            with self._engine.begin() as connection:
                known = self._repeat_in(connection, request, new)
            if known is None:
                raise
        return known

    @contextmanager
    def _admission(self) -> Iterator[None]:
        if not self._admitted.acquire(blocking=False):
            raise BusyError(f"{ADMITTED} submissions are being taken.")
        try:
            yield
        finally:
            self._admitted.release()


def _judged(request: Request, format_: Format, body: Body) -> Judgement:
    rights = request.basis.rights(request.table.unit_kind, request.reporter.code)
    return judge_file(
        body.path,
        format_,
        request.basis.catalogue,
        rights,
        request.table,
        request.reporter,
        request.period,
        request.basis.locks(request.table.code),
        request.basis.keys(request.table),
    )
