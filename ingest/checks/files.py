"""A whole file, from its bytes on disk to a judgement."""

from pathlib import Path
from typing import Literal

from indicators.catalogue import Catalogue, Reporter, Table
from indicators.correspondence import Correspondence
from ingest.checks.batches import UnreadableFileError
from ingest.checks.csv_reader import read_csv
from ingest.checks.encoding import UndecodableError, as_utf8
from ingest.checks.judge import judge
from ingest.checks.judgement import Judgement, nothing_of
from ingest.checks.locked import NO_LOCKS, LockNotices
from ingest.checks.ndjson_reader import read_ndjson
from ingest.checks.rights import Rights

Format = Literal["csv", "ndjson"]


def judge_file(
    path: Path,
    format_: Format,
    catalogue: Catalogue,
    rights: Rights,
    table: Table,
    reporter: Reporter,
    period: str,
    locks: LockNotices = NO_LOCKS,
    keys: Correspondence | None = None,
) -> Judgement:
    """Judge the file at `path`; a re-encoded copy beside it is made and removed where needed.

    Whatever the bytes are, the answer is a judgement: a file nobody can read has findings only.
    `locks` are the table's, `keys` too where it names units by a department's.
    """
    scratch = path.with_suffix(".utf8")
    try:
        readable, mark = as_utf8(path, scratch)
        batches = (
            read_csv(readable, table) if format_ == "csv" else read_ndjson(readable, mark, table)
        )
        return judge(batches, catalogue, rights, table, reporter, period, locks, keys)
    except UndecodableError as error:
        return nothing_of("mixed_encoding" if error.mixed else "encoding", {"line": error.line})
    except UnreadableFileError as error:
        return nothing_of(error.rule, error.facts)
    finally:
        scratch.unlink(missing_ok=True)
