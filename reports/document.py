"""A paper as blocks, before it is HTML or DOCX: both formats print the same blocks.

Sentences say nothing data do not: a plain string holds no digit, every number is a `Figure` that
names the row it comes from, an instant or period, an ordinal of the paper itself, or a quotation.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from reports.errors import UntracedNumberError

#: Rows of a table that is not broken over pages: less than half a page.
_SHORT = 14
_DIGIT = re.compile(r"\d")
Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Trace:
    """A row and field of a public view: (column, value) pairs that find it."""

    view: str
    field: str
    key: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed number. `rule` '' means the traced field itself, else how it follows from them."""

    text: str
    traces: tuple[Trace, ...]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A period, date or instant."""

    text: str


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A number of the paper itself: of a table, a row, an item of a list."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the store or the catalogue: a name, a definition, a sentence of evidence."""

    text: str
    view: str
    key: str = ""


Inline = str | Figure | Moment | Ordinal | Quote
Text = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    text: Text
    level: Literal[1, 2] = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`role`: body (indented), note (small), mark (above the title), date (below it)."""

    text: Text
    role: Literal["body", "note", "mark", "date"] = "body"


@dataclass(frozen=True, slots=True)
class Column:
    title: Text  # a line ends where it says so
    align: Align = "right"


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Text, ...]
    total: bool = False
    state: str = ""  # red | yellow | '' : how grave it is, beside the word in a cell


@dataclass(frozen=True, slots=True)
class Table:
    """`unit` stands at the upper right, notes below. `name` is for tests and links."""

    name: str
    caption: Text
    unit: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Text, ...] = ()

    @property
    def short(self) -> bool:
        """Whether it is kept on one page."""
        return len(self.rows) <= _SHORT


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as PNG, with what it shows in words."""

    caption: Text
    png: bytes
    description: str


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


Block = Heading | Paragraph | Table | Picture | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """A whole paper.

    Raises:
        UntracedNumberError: a plain string anywhere holds a digit.
    """

    title: Text
    blocks: tuple[Block, ...]
    meta: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for text in texts(self):
            for inline in text:
                if isinstance(inline, str) and _DIGIT.search(inline):
                    raise UntracedNumberError(f"{inline!r} holds a digit.", text=inline)


def texts(document: Document) -> Iterator[Text]:
    """Every text of the paper in reading order."""
    yield document.title
    for block in document.blocks:
        if isinstance(block, Heading | Paragraph):
            yield block.text
        elif isinstance(block, Picture):
            yield block.caption
        elif isinstance(block, Table):
            yield block.caption
            yield block.unit
            for column in block.columns:
                yield column.title
            for row in block.rows:
                yield from row.cells
            yield from block.notes


def plain(text: Sequence[Inline]) -> str:
    """The text as read."""
    return "".join(inline if isinstance(inline, str) else inline.text for inline in text)


def figures(document: Document) -> Iterator[Figure]:
    """Every figure of the paper in reading order."""
    for text in texts(document):
        yield from (inline for inline in text if isinstance(inline, Figure))
