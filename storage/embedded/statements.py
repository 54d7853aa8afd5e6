"""Just enough of ClickHouse's SQL: what kind of statement, where inline data begins, FORMAT.

The engine parses; this lexer only decides how a statement is run and what a listener must not let
through (several statements, files). Comments and quoted texts are honoured.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

from storage.embedded import faults
from storage.embedded.faults import ServerError

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*|\#[!\ ][^\n]*|/\*.*?(?:\*/|\Z))
  | (?P<text>'(?:[^'\\]|\\.|'')*(?:'|\Z)|\u2018[^\u2019]*(?:\u2019|\Z))
  | (?P<heredoc>(?P<tag>\$\w*\$).*?(?:(?P=tag)|\Z))
  | (?P<quoted>`(?:[^`\\]|\\.|``)*(?:`|\Z)
      |"(?:[^"\\]|\\.|"")*(?:"|\Z)|\u201c[^\u201d]*(?:\u201d|\Z))
  | (?P<word>[^\W\d]\w*)
  | (?P<number>\d\w*)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # text, quoted, word, number, sign
    value: str  # unquoted for identifiers
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """In upper case if it can be a keyword, else empty."""
        return self.value.upper() if self.kind == "word" else ""

    @property
    def identifier(self) -> str:
        """In lower case if it names something, else empty."""
        return self.value.lower() if self.kind in ("word", "quoted") else ""


def tokens(sql: str, start: int = 0) -> Iterator[Token]:
    """Tokens of `sql` from `start`, without space and comments; lazy, since inserts may be long."""
    for found in _TOKEN.finditer(sql, start):
        kind = found.lastgroup if found.lastgroup != "tag" else "heredoc"
        if kind == "space" or kind is None:
            continue
        value = found[0]
        if kind == "quoted":
            quote = value[0]
            value = re.sub(r"\\(.)", r"\1", value[1:-1].replace(quote * 2, quote))
        yield Token("text" if kind == "heredoc" else kind, value, found.start(), found.end())


class Kind(Enum):
    """How a statement is run."""

    STREAM = "stream"  # rows, as many as there are
    ROWS = "rows"  # rows of the catalogue, few
    SET = "set"
    USE = "use"
    INSERT = "insert"  # the client sends the rows
    COMMAND = "command"  # no rows


_ROWS: Final = {"SHOW", "DESC", "DESCRIBE", "EXPLAIN", "EXISTS", "CHECK", "KILL", "VALUES"}
_STREAM: Final = {"SELECT", "WITH", "FROM"}


@dataclass(frozen=True, slots=True)
class Statement:
    """`sql` as the engine gets it: one statement, no FORMAT of a result, no data of an insert."""

    kind: Kind
    verb: str
    sql: str
    tokens: tuple[Token, ...]
    target: str = ""  # of an insert: the table as written
    columns: str = ""  # of an insert: the column list as written, without parentheses
    settings: str = ""  # of an insert: its SETTINGS clause, which `sql` leaves out


def parse(sql: str) -> Statement:
    """Classify one statement.

    Raises:
        ServerError: empty, several statements, or one that writes or reads a file of the server.
    """
    stream = tokens(sql)
    first = next((token for token in stream if token.value != "("), None)
    if first is None or first.value == ";":
        raise ServerError(faults.SYNTAX_ERROR, "DB::Exception: Empty query")
    verb = first.keyword
    if verb == "INSERT":
        return _parse_insert(sql)
    return _parse_plain(sql, verb)


def _parse_plain(sql: str, verb: str) -> Statement:
    found = list(tokens(sql))
    while found and found[-1].value == ";" and found[-1].kind == "sign":
        found.pop()
    _refuse_several(found)
    _refuse_files(found)
    body = sql[: found[-1].end]
    kind = Kind.COMMAND
    if verb in _STREAM:
        kind = Kind.STREAM
    elif verb in _ROWS:
        kind = Kind.ROWS
    elif verb == "SET" and not (len(found) > 1 and found[1].keyword in ("ROLE", "DEFAULT")):
        kind = Kind.SET
    elif verb == "USE":
        kind = Kind.USE
    if kind in (Kind.STREAM, Kind.ROWS) and (span := _format_clause(found)) is not None:
        body = sql[: span[0]] + " " + sql[span[1] : found[-1].end]
        found = [token for token in found if not span[0] <= token.start < span[1]]
    return Statement(kind, verb, body, tuple(found))


def _refuse_several(found: list[Token]) -> None:
    if any(token.kind == "sign" and token.value == ";" for token in found):
        raise ServerError(
            faults.SYNTAX_ERROR,
            "DB::Exception: Syntax error (Multi-statements are not allowed)",
        )


def _refuse_files(found: list[Token]) -> None:
    for token, after in pairwise(found):
        if (token.keyword, after.keyword) in (("INTO", "OUTFILE"), ("FROM", "INFILE")):
            raise ServerError(
                faults.OUTFILE_NOT_ALLOWED,
                f"DB::Exception: {token.keyword} {after.keyword} is not allowed: "
                "the client, not the server, reads and writes files",
            )


def _format_clause(found: list[Token]) -> tuple[int, int] | None:
    """Where a `FORMAT name` that ends the statement (or precedes its SETTINGS) stands."""
    for index in range(len(found) - 2, 0, -1):
        token, name = found[index], found[index + 1]
        after = found[index + 2].keyword if index + 2 < len(found) else "SETTINGS"
        before = found[index - 1]
        if (
            token.keyword == "FORMAT"
            and name.kind == "word"
            and after == "SETTINGS"
            and before.keyword not in ("FROM", "JOIN", "AS", "SELECT")
            and before.value not in (",", ".")
        ):
            return token.start, name.end
    return None


def _parse_insert(sql: str) -> Statement:
    """INSERT INTO [TABLE] table [(columns)] [SETTINGS …] and its data.

    The data come from the client unless they stand behind VALUES or FORMAT, or are a query's.
    """
    stream = _Peekable(sql)
    stream.next()
    stream.skip_keyword("INTO")
    stream.skip_keyword("TABLE")
    if stream.peek.keyword == "FUNCTION":
        return _parse_command(sql)
    start = stream.peek.start
    end = stream.next().end
    while stream.peek.value == ".":
        stream.next()
        end = stream.next().end
    target, columns = sql[start:end], ""
    if stream.peek.value == "(":
        opened = stream.next().end
        if stream.peek.keyword in _STREAM:
            return _parse_command(sql)
        depth = 1
        while depth and stream.peek.kind != "end":
            closing = stream.next()
            depth += (closing.value == "(") - (closing.value == ")")
        columns = sql[opened : closing.start] if not depth else ""
    settings = -1
    while (token := stream.next()).kind != "end":
        if token.keyword == "SETTINGS":
            settings = token.start
        if token.keyword in ("VALUES", "FORMAT"):
            if token.keyword == "FORMAT":
                stream.next()
            stream.skip_semicolons()
            if stream.peek.kind != "end":
                return Statement(Kind.COMMAND, "INSERT", sql, tuple(stream.seen))
            break
        if token.value == "(" or token.keyword in ("SELECT", "WITH", "FROM", "WATCH"):
            return _parse_command(sql)
        if token.value == ";":
            break
    stream.skip_semicolons()
    if stream.peek.kind != "end":
        _refuse_several([*stream.seen, Token("sign", ";", 0, 0)])
    head = token.start if settings < 0 else settings
    return Statement(
        Kind.INSERT, "INSERT", sql[:head], tuple(stream.seen), target, columns.strip(),
        sql[head : token.start],
    )  # fmt: skip


def _parse_command(sql: str) -> Statement:
    return _parse_plain(sql, "INSERT")


class _Peekable:
    """Tokens with one of look-ahead; the end is a token of kind `end`."""

    def __init__(self, sql: str) -> None:
        self._stream = tokens(sql)
        self._end = Token("end", "", len(sql), len(sql))
        self.seen: list[Token] = []
        self.peek = next(self._stream, self._end)

    def next(self) -> Token:
        token = self.peek
        if token.kind != "end":
            self.seen.append(token)
        self.peek = next(self._stream, self._end)
        return token

    def skip_keyword(self, keyword: str) -> None:
        if self.peek.keyword == keyword:
            self.next()

    def skip_semicolons(self) -> None:
        while self.peek.value == ";" and self.peek.kind == "sign":
            self.next()
