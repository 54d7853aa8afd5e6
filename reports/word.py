"""A paper as DOCX in the layout of GB/T 9704-2012: A4, 156 × 225 mm, 3号仿宋, 29 pt line pitch.

The standard's fonts are only named (w:eastAsia): a bureau's computer has them, others substitute.
Headers of tables repeat, rows do not break, pages are numbered `— 1 —`, odd right and even left.
"""

import io
from datetime import UTC, datetime
from typing import Any, Final

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from granary.clock import utc
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

SONG, FANG, HEI, LATIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "Times New Roman"
TITLE, BODY, FOUR, SMALL_FOUR, FIVE = 22.0, 16.0, 14.0, 12.0, 10.5  # 2号, 3号, 4号, 小4号, 5号
LINE_PITCH: Final = 29.0
TEXT_WIDTH_MM: Final = 156
#: 0.7 mm: Word's own 1.9 mm would break percentages in tables of ten columns.
_CELL_MARGIN_TWIPS: Final = "40"
_ALIGN: dict[str, Any] = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
}
_SHADES: Final = {"red": "F6D9D9", "yellow": "FBF0CC"}


def render_docx(document: Document) -> bytes:
    """The whole file."""
    word = docx.Document()
    _page(word)
    _properties(word, document)
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
        _outline(made, block.level)
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
    holder._p.get_or_add_pPr().append(_flag("w:snapToGrid", "0"))
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
    whole = sum(column.width for column in block.columns)
    widths = [Mm(TEXT_WIDTH_MM * column.width / whole) for column in block.columns]
    _borders(table)
    for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
        _cell(cell, column.title, "center", font=HEI)
    _repeat(table.rows[0])
    for row in block.rows:
        _row(table, row, block)
    for made in table.rows:
        _keep_whole(made)
        for cell, width in zip(made.cells, widths, strict=True):
            cell.width = width
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    if block.short:
        for made in table.rows[:-1]:
            for cell in made.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    for note in block.notes:
        _line(word, note, size=FIVE, pitch=15, align="")
    _line(word, (), size=6, pitch=6)


def _row(table: Any, row: Row, block: Table) -> None:
    cells = table.add_row().cells
    for at, (cell, column) in enumerate(zip(cells, block.columns, strict=True)):
        _cell(cell, row.cells[at], column.align, bold=row.total)
        if row.state and at == 0:
            _shade(cell, _SHADES[row.state])


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
        paragraph._p.get_or_add_pPr().append(_flag("w:snapToGrid", "0"))
    paragraph.alignment = _ALIGN.get(align, WD_ALIGN_PARAGRAPH.JUSTIFY)
    content = plain(text)
    if content:
        run = paragraph.add_run(content)
        run.font.size = Pt(size)
        run.font.bold = bold
        run.font.name = LATIN
        run.font.color.rgb = RGBColor(0, 0, 0)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _page(word: Any) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)  # the number's dash stands 7 mm below the type area
    word.settings.odd_and_even_pages_header_footer = True
    _number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(int(LINE_PITCH * 20)))
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(grid)
    normal = word.styles["Normal"]
    normal.font.name = LATIN
    normal.font.size = Pt(BODY)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FANG)


def _number(footer: Any, side: Any) -> None:
    """`— 1 —` in 4号 宋体, one character in from the edge."""
    paragraph = footer.paragraphs[0]
    paragraph.alignment = side
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(FOUR)
    for kind, content in (("", "— "), ("begin", ""), ("code", "PAGE"), ("end", ""), ("", " —")):
        run = paragraph.add_run(content if not kind else "")
        run.font.size = Pt(FOUR)
        run.font.name = "宋体"
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.text = content
            run._element.append(code)
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)


def _properties(word: Any, document: Document) -> None:
    """No author of the library's, no instant but that of the data."""
    facts = dict(document.meta)
    made = int(facts.get("made_ms") or 0)
    at = utc(made) if made else datetime(2000, 1, 1, tzinfo=UTC)
    core = word.core_properties
    core.title, core.author, core.comments = plain(document.title), "", ""
    core.last_modified_by = ""
    core.created = core.modified = at.replace(tzinfo=None)


def _outline(paragraph: Any, level: int) -> None:
    mark = OxmlElement("w:outlineLvl")
    mark.set(qn("w:val"), str(level - 1))
    paragraph._p.get_or_add_pPr().append(mark)


def _borders(table: Any) -> None:
    """Three lines: thick above and below, thin between rows, none at the sides."""
    borders = OxmlElement("w:tblBorders")
    for side, size, colour in (
        ("top", "12", "000000"),
        ("bottom", "12", "000000"),
        ("insideH", "4", "A0A0A0"),
    ):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", size), ("space", "0"), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), _CELL_MARGIN_TWIPS)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_flag("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_flag("w:cantSplit"))


def _flag(name: str, value: str = "true") -> Any:
    flag = OxmlElement(name)
    flag.set(qn("w:val"), value)
    return flag


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
