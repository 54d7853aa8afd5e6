"""The meeting report from the store to files: gather, compose, print."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clickhouse_driver import Client

from granary.clock import Clock
from indicators.periods import format_period
from reports.compose import meeting_report
from reports.document import Document
from reports.errors import UnknownFormatError
from reports.gather import choose_city, gather
from reports.html import render_html
from reports.sealing import Progress, require_sealed
from reports.word import render_docx

FORMATS: Final = ("html", "docx")


def compose_meeting(
    client: Client,
    period: int,
    clock: Clock,
    progress: Progress,
    *,
    city: str | None,
    as_of_ms: int | None,
) -> Document:
    """The paper of one city and period; `progress` is asked only about an instant.

    Raises:
        CityChoiceError, NothingToReportError: see `reports.gather`.
        FutureInstantError, UnsealedInstantError: see `reports.sealing`.
    """
    chosen = choose_city(client, period, city)
    if as_of_ms is not None:
        require_sealed(chosen, as_of_ms, clock, progress)
    return meeting_report(gather(client, chosen, period, made_ms=clock.now_ms(), as_of_ms=as_of_ms))


def write_meeting(document: Document, out: Path, formats: Sequence[str]) -> list[Path]:
    """Write `meeting-<city>-<period>.<format>` into `out`; the files written.

    Raises:
        UnknownFormatError: a format is neither html nor docx; nothing is written.
    """
    wrong = [one for one in formats if one not in FORMATS]
    if wrong or not formats:
        raise UnknownFormatError(f"{','.join(wrong) or 'no format'} is not one of the formats.")
    meta = dict(document.meta)
    out.mkdir(parents=True, exist_ok=True)
    stem = f"meeting-{meta['city']}-{format_period(int(meta['period']))}"
    written = []
    for one in dict.fromkeys(formats):
        path = out / f"{stem}.{one}"
        if one == "html":
            path.write_text(render_html(document), encoding="utf-8")
        else:
            path.write_bytes(render_docx(document))
        written.append(path)
    return written
