"""A paper as DOCX in the layout of GB/T 9704-2012: A4, 156 × 225 mm, 3号仿宋, 29 pt line pitch.

Headers of tables repeat, rows do not break, pages are numbered `— 1 —`, odd right and even left.
"""

import io
from typing import Any, Final

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from reports.document import (
    Align,
    Block,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Picture,
    Row,
    Table,
    Text,
    plain,
)
from reports.widths import widths
from reports.word_layout import (
    BODY,
    FANG,
    FIVE,
    FOUR,
    HEI,
    LATIN,
    LINE_PITCH,
    SMALL_FOUR,
    SONG,
    TEXT_WIDTH_MM,
    TITLE,
    borders,
    flag,
    keep_whole,
    outline,
    page,
    properties,
    repeat,
    shade,
)

_ALIGN: dict[str, Any] = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
}
_SHADES: Final = {"red": "F6D9D9", "yellow": "FBF0CC"}


def render_docx(document: Document) -> bytes:
    """The whole file."""
    word = docx.Document()
    page(word)
    properties(word, document)
    blocks = list(document.blocks)
    lead = 0
    while lead < len(blocks) and _leads(blocks[lead]):
        _block(word, blocks[lead])
        lead += 1
    _line(word, document.title, size=TITLE, font=SONG, align="center", pitch=34, before=4, after=2)
    for block in blocks[lead:]:
        _block(word, block)
    sink = io.BytesIO()
    word.save(sink)
    return sink.getvalue()


def _leads(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.role == "mark"


def _block(word: Any, block: Block) -> None:
    if isinstance(block, Heading):
        made = _line(word, block.text, size=BODY, font=HEI, indent=2)
        made.paragraph_format.keep_with_next = True
        outline(made, block.level)
    elif isinstance(block, Paragraph):
        _paragraph(word, block)
    elif isinstance(block, Picture):
        _picture(word, block)
    elif isinstance(block, Table):
        _table(word, block)
    elif isinstance(block, PageBreak):
        word.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)


def _paragraph(word: Any, block: Paragraph) -> None:
    if block.role == "body":
        _line(word, block.text, size=BODY, indent=2, align="")
    elif block.role == "note":
        _line(word, block.text, size=SMALL_FOUR, indent=2, pitch=20, align="")
    elif block.role == "mark":
        _line(word, block.text, size=BODY, font=HEI)
    else:
        _line(word, block.text, size=FOUR, align="center", pitch=24, after=4)


def _picture(word: Any, block: Picture) -> None:
    holder = word.add_paragraph()
    holder.alignment = WD_ALIGN_PARAGRAPH.CENTER
    holder.paragraph_format.keep_with_next = True
    holder.paragraph_format.space_after = Pt(0)
    holder._p.get_or_add_pPr().append(flag("w:snapToGrid", "0"))
    shape = holder.add_run().add_picture(io.BytesIO(block.png), width=Mm(TEXT_WIDTH_MM))
    shape._inline.docPr.set("descr", block.description)
    _line(word, block.caption, size=SMALL_FOUR, font=HEI, align="center", pitch=20, after=8)


def _table(word: Any, block: Table) -> None:
    if block.caption:
        caption = _line(
            word, block.caption, size=SMALL_FOUR, font=HEI, align="center", pitch=20, before=6
        )
        caption.paragraph_format.keep_with_next = True
    if block.unit:
        unit = _line(word, block.unit, size=FIVE, align="right", pitch=16)
        unit.paragraph_format.keep_with_next = True
    table = word.add_table(rows=1, cols=len(block.columns))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    shares = [Mm(TEXT_WIDTH_MM * share) for share in widths(block)]
    borders(table)
    for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
        _cell(cell, column.title, "right" if column.align == "right" else "center", font=HEI)
    repeat(table.rows[0])
    for row in block.rows:
        _row(table, row, block)
    for made in table.rows:
        keep_whole(made)
        for cell, width in zip(made.cells, shares, strict=True):
            cell.width = width
    for column, width in zip(table.columns, shares, strict=True):
        column.width = width
    last = len(table.rows) - 1 if block.short else 0
    for made in [*table.rows[:last], *(table.rows[-1:] if block.notes else ())]:
        for cell in made.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    for at, note in enumerate(block.notes, 1):
        line = _line(word, note, size=FIVE, pitch=15, align="")
        line.paragraph_format.keep_with_next = at < len(block.notes)
    _line(word, (), size=6, pitch=6)


def _row(table: Any, row: Row, block: Table) -> None:
    cells = table.add_row().cells
    for at, (cell, column) in enumerate(zip(cells, block.columns, strict=True)):
        _cell(cell, row.cells[at], column.align, bold=row.total)
        if row.state and at == 0:
            shade(cell, _SHADES[row.state])


def _cell(cell: Any, text: Text, align: Align, *, font: str = FANG, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    _set(paragraph, text, size=FIVE, font=font, align=align, pitch=14.5, bold=bold)
    vertical = OxmlElement("w:vAlign")
    vertical.set(qn("w:val"), "center")
    cell._tc.get_or_add_tcPr().append(vertical)


def _line(
    word: Any,
    text: Text,
    *,
    size: float,
    font: str = FANG,
    align: Align | str = "left",
    indent: int = 0,
    pitch: float = LINE_PITCH,
    before: float = 0,
    after: float = 0,
) -> Any:
    paragraph = word.add_paragraph()
    _set(paragraph, text, size=size, font=font, align=align, pitch=pitch)
    paragraph.paragraph_format.first_line_indent = Pt(size * indent)
    paragraph.paragraph_format.space_before = Pt(before)
    paragraph.paragraph_format.space_after = Pt(after)
    return paragraph


def _set(
    paragraph: Any,
    text: Text,
    *,
    size: float,
    font: str,
    align: Align | str,
    pitch: float,
    bold: bool = False,
) -> None:
    shape = paragraph.paragraph_format
    shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    shape.line_spacing = Pt(pitch)
    shape.space_before = shape.space_after = Pt(0)
    if pitch != LINE_PITCH:
        paragraph._p.get_or_add_pPr().append(flag("w:snapToGrid", "0"))
    paragraph.alignment = _ALIGN.get(align, WD_ALIGN_PARAGRAPH.JUSTIFY)
    content = plain(text)
    if content:
        run = paragraph.add_run(content)
        run.font.size = Pt(size)
        run.font.bold = bold
        run.font.name = LATIN
        run.font.color.rgb = RGBColor(0, 0, 0)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
