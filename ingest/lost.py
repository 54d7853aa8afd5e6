"""A registered submission whose spooled messages are gone (暂存丢失): ended as the log has it.

What was promised to nobody may be withdrawn, what may be in the log may not: its cells are in force
already, and without a manifest they would belong to nothing the audit can account for. So the log
itself is asked, from the time the submission arrived:

- the manifest is there: so is everything before it, and only the final status was missing;
- some chunks are there: it ends with them. The manifest lists them and counts every other cell as
  refused (rule spool_lost), and so does the receipt; its content is no longer that of the file,
  so the file sent again is a submission of its own;
- nothing is there: the same with no chunk, which makes it refused.

The manifest that ends it is spooled like any other before the control store is changed, so a crash
in between leaves either the old state or the new one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from granary.records import Manifest, ManifestChunk, decode_record
from granary.wire import Headers, decode_observations, kind_of, read_chunk_header
from ingest.receipts import declared_in, ended_receipt
from storage.control.submissions import Submission


class Remains:
    """What the log has of a submission."""

    def __init__(self, of: Submission, messages: Iterable[tuple[Headers, bytes]]) -> None:
        self.whole = False  # its manifest is there
        self._of = of
        self._chunks: dict[int, tuple[str, bytes]] = {}  # number → (hash, payload)
        for headers, payload in messages:
            named = dict(headers)
            kind = kind_of(named)
            if kind == "manifest":
                self.whole |= Manifest.of(decode_record(payload)).submission == of.id
            elif kind == "observations":
                header = read_chunk_header(named)
                if header.submission == of.id:
                    self._chunks.setdefault(header.chunk, (header.hash, payload))

    def messages(self) -> tuple[Manifest, list[bytes]]:
        """The manifest that ends it, and the payloads of its chunks."""
        chunks = [
            ManifestChunk(number, digest, _by_period(payload))
            for number, (digest, payload) in sorted(self._chunks.items())
        ]
        accepted: Counter[int] = Counter()
        for chunk in chunks:
            accepted.update(chunk.periods)
        declared = declared_in(self._of.receipt)
        manifest = Manifest(
            submission=self._of.id,
            reporter=self._of.reporter,
            table=self._of.table,
            arrived_ms=self._of.arrived_ms,
            declared=declared,
            accepted={period: accepted[period] for period in declared},
            rejected={period: cells - accepted[period] for period, cells in declared.items()},
            chunks=chunks,
        )
        return manifest, [payload for _, (_, payload) in sorted(self._chunks.items())]


def ended(of: Submission, manifest: Manifest, spool: str) -> Submission:
    """The submission as its new manifest tells it."""
    accepted = sum(manifest.accepted.values())
    return replace(
        of,
        spool=spool,
        content_hash=of.content_hash if accepted == of.accepted else "",
        periods=tuple(sorted(period for period, cells in manifest.accepted.items() if cells)),
        accepted=accepted,
        rejected=of.declared - accepted,
        chunks=len(manifest.chunks),
        receipt=ended_receipt(of.receipt, manifest),
    )


def _by_period(payload: bytes) -> dict[int, int]:
    periods, counts = np.unique(decode_observations(payload).period, return_counts=True)
    return dict(zip(periods.tolist(), counts.tolist(), strict=True))
