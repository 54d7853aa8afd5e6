"""What the gateway's routes need: who asks, what they may, and the desk."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from granary.clock import Clock
from indicators.catalogue import Catalogue, Reporter, Table
from indicators.periods import format_period
from indicators.register_tables import RegisterTable
from ingest.arrivals import Arrivals
from ingest.basis import Bases, Basis
from ingest.checks.files import Format
from ingest.checks.judgement import NO_PERIOD
from ingest.desk import Desk
from ingest.errors import (
    NoRightError,
    NoTokenError,
    QueryError,
    UnknownSubmissionError,
    UnknownTableError,
    UnsupportedFormatError,
)
from ingest.findings import quoted
from ingest.register.desk import RegisterDesk, answer_of
from ingest.register.reading import COLUMNS
from ingest.settlement import Ledger, settled
from ingest.spool import Spool
from storage.control import cities, register_submissions, schema, submissions, tokens
from storage.control.tokens import Holder

_CSV_TYPES = frozenset({"text/csv", "text/tab-separated-values"})
_NDJSON_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
#: Kinds of body that are told by name and are none of ours, rather than guessed at.
_FOREIGN_TYPES = ("multipart/", "application/vnd.", "application/zip", "application/pdf", "image/")


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one gateway."""

    control_url: str
    bases: Bases
    desk: Desk
    register: RegisterDesk
    spool: Spool
    arrivals: Arrivals
    ledger: Ledger
    clock: Clock
    max_body: int

    def holder(self, authorization: str | None) -> Holder:
        """Whose token the header carries.

        Raises:
            NoTokenError: none, or worthless.
        """
        scheme, _, secret = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise NoTokenError("no bearer token.")
        with schema.reading(self.control_url) as connection:
            found = tokens.verify(connection, secret.strip())
        if found is None:
            raise NoTokenError("the token is not valid.")
        return found

    def right_on(self, basis: Basis, holder: Holder, code: str | None) -> tuple[Reporter, Table]:
        """The token's reporter and the table it wants to fill in.

        Raises:
            QueryError, UnknownTableError, NoRightError.
        """
        if not code:
            raise QueryError("the query names no table.", zh="请求中没有指明报表(table)。")
        table = basis.catalogue.table.get(code)
        if table is None:
            raise UnknownTableError(f"no table {code!r}.", zh=f"目录中没有报表“{quoted(code)}”。")
        reporter = basis.catalogue.reporter.get(holder.reporter)
        if not holder.may_push or reporter is None or code not in reporter.tables:
            raise NoRightError(
                f"{holder.reporter!r} does not report {code!r}.",
                zh=f"该令牌无权填报《{table.name.zh}》。",
            )
        return reporter, table

    def register_table(
        self, basis: Basis, holder: Holder, code: str | None
    ) -> tuple[Reporter, RegisterTable] | None:
        """The token's reporter and the register table it wants to send; None for other tables.

        Raises:
            NoRightError: it is one, and the reporter does not send it.
        """
        table = basis.catalogue.register_table.get(code or "")
        if table is None:
            return None
        reporter = basis.catalogue.reporter.get(holder.reporter)
        if not holder.may_push or reporter is None or table.code not in reporter.tables:
            raise NoRightError(
                f"{holder.reporter!r} does not report {table.code!r}.",
                zh=f"该令牌无权填报《{table.name.zh}》。",
            )
        return reporter, table

    def submission(self, holder: Holder, submission_id: str) -> dict[str, Any]:
        """Receipt and state of a submission of the holder's, or of its city for the reader.

        Raises:
            UnknownSubmissionError: none such that the holder may see.
        """
        if not (submission_id.isascii() and submission_id.isalnum()):
            raise UnknownSubmissionError(f"no submission {submission_id!r}.")
        with schema.reading(self.control_url) as connection:
            file = register_submissions.find(connection, submission_id)
            if (
                file is not None
                and file.city == holder.city
                and holder.reporter in (file.reporter, tokens.READER)
            ):
                shown = answer_of(connection, file)
                if shown["status"] == "accepted" and self.ledger.folded(file.city, file.records):
                    shown = shown | {"status": "settled"}
                return shown
            found = submissions.find(connection, submission_id)
            if (
                found is None
                or found.city != holder.city
                or holder.reporter not in (found.reporter, tokens.READER)
            ):
                raise UnknownSubmissionError(f"no submission {submission_id!r}.")
            city = cities.by_id(connection, found.city)
        shown = found.receipt | {"status": found.status}
        if found.status == "receiving":
            return shown
        rows = self.ledger.rows(city.code, found.id)
        if rows is not None:
            shown["ledger"] = [_ledger_json(row) for row in rows]
        if found.status == "accepted" and settled(rows):
            shown["status"] = "settled"
        return shown

    def tables(self, holder: Holder) -> list[dict[str, Any]]:
        """The tables the holder fills in; all of them for the reader."""
        catalogue = self.bases.of(holder.city).catalogue
        reporter = catalogue.reporter.get(holder.reporter)
        codes = reporter.tables if reporter is not None else []
        if holder.reporter == tokens.READER:
            codes = [*catalogue.table, *catalogue.register_table]
        return [
            _table_json(catalogue, catalogue.table[code])
            if code in catalogue.table
            else _register_table_json(catalogue.register_table[code])
            for code in codes
        ]

    def units(
        self, holder: Holder, table_code: str | None, period: int, after: str, limit: int
    ) -> dict[str, Any]:
        """Units of the table's kind that the holder may report at the period, by code."""
        basis = self.bases.of(holder.city)
        if holder.reporter == tokens.READER:
            table = basis.catalogue.table.get(table_code or "")
            if table is None:
                raise UnknownTableError(f"no table {table_code!r}.")
            inside = None
        else:
            reporter, table = self.right_on(basis, holder, table_code)
            inside = basis.rights(table.unit_kind, reporter.code).inside(period)
        register, kind = basis.register, table.unit_kind
        units = register.units(kind)
        listed = register.listed(kind, period).tolist() if units else []
        found = []
        for at, code in enumerate(register.codes(kind)):
            if code > after and code in units and (inside is None or inside[at]):
                found.append({"code": code, "name": units[code][0], "listed": listed[at]})
        found.sort(key=lambda unit: str(unit["code"]))
        more = found[limit - 1]["code"] if len(found) > limit else None
        return {
            "kind": kind,
            "period": format_period(period),
            "units": found[:limit],
            "after": more,
        }


def format_of(content_type: str | None, start: bytes) -> Format:
    """CSV or NDJSON: by the media type where it is one of theirs, else by the first characters.

    Raises:
        UnsupportedFormatError: a workbook, an archive, a form, a JSON array.
    """
    media = (content_type or "").partition(";")[0].strip().lower()
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")):
        raise UnsupportedFormatError(
            "the body is a workbook, a PDF or an archive.",
            zh="这是Excel工作簿、PDF或压缩文件;请在Excel中另存为“CSV UTF-8(逗号分隔)”后再报送。",
        )
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"\[\s*[\[{]", text) or (text.startswith(b"[") and media not in _CSV_TYPES):
        raise UnsupportedFormatError(
            "a JSON array; send one object a line.", zh="这是JSON数组;请改为每行一个JSON对象。"
        )
    if media in _CSV_TYPES:
        return "csv"
    if media in _NDJSON_TYPES:
        return "ndjson"
    if media.startswith(_FOREIGN_TYPES):
        raise UnsupportedFormatError(f"media type {media}.")
    return "ndjson" if text.startswith(b"{") else "csv"


def key_of(headers: Mapping[str, str]) -> str:
    """The Idempotency-Key, '' where there is none.

    Raises:
        QueryError: longer than 255 characters or not printable ASCII.
    """
    key = headers.get("idempotency-key", "").strip()
    if len(key) > 255 or not key.isascii() or not key.isprintable():
        raise QueryError(
            "an Idempotency-Key has at most 255 printable ASCII characters.",
            zh="幂等键(Idempotency-Key)最多255个字符,且只能用可打印的ASCII字符。",
        )
    return key


def _ledger_json(row: dict[str, Any]) -> dict[str, Any]:
    """Cells whose period could not be read stand under no period, as in the receipt."""
    period = None if row["period"] == str(NO_PERIOD) else row["period"]
    return row | {"period": period, "settled": bool(row["settled"])}


def _register_table_json(table: RegisterTable) -> dict[str, Any]:
    columns = COLUMNS[table.holds]
    return {
        "code": table.code,
        "name": table.name.model_dump(),
        "holds": table.holds,
        "unit_kind": table.unit_kind,
        "feed": table.feed,
        "scheme": table.scheme,
        "purpose": table.purpose,
        "legal_basis": table.legal_basis,
        "own_columns": columns.own != "none",
        "columns": [
            {
                "code": code,
                "mandatory": code in columns.needed,
                "also": _also(columns.aliases, code),
            }
            for code in columns.known
        ],
    }


def _also(aliases: Mapping[str, str], code: str) -> list[str]:
    return [name for name, meant in aliases.items() if meant == code]


def _table_json(catalogue: Catalogue, table: Table) -> dict[str, Any]:
    return {
        "code": table.code,
        "name": table.name.model_dump(),
        "frequency": table.frequency.value,
        "unit_kind": table.unit_kind,
        "keys": table.keys,
        "purpose": table.purpose,
        "legal_basis": table.legal_basis,
        "mixed_file": table.mixed_file,
        "tokens": dict(table.tokens),
        "items": [
            {
                "code": code,
                "name": catalogue.item[code].name.model_dump(),
                "unit": catalogue.item[code].unit,
                "decimals": catalogue.item[code].decimals,
                "mandatory": code in (table.mandatory or table.items),
            }
            for code in table.items
        ],
    }
