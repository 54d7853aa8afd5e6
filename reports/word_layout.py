"""Word's own marks for the layout of GB/T 9704-2012: the page, its number, borders, repetition.

python-docx has no words for these, so the elements of the format are written out. The standard's
fonts are only named (w:eastAsia): a bureau's computer has them, others substitute.
"""

from datetime import UTC, datetime
from typing import Any, Final

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from granary.clock import utc
from reports.document import Document, plain

SONG, FANG, HEI, LATIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "Times New Roman"
TITLE, BODY, FOUR, SMALL_FOUR, FIVE = 22.0, 16.0, 14.0, 12.0, 10.5  # 2号, 3号, 4号, 小4号, 5号
LINE_PITCH: Final = 29.0
TEXT_WIDTH_MM: Final = 156
#: 0.7 mm: Word's own 1.9 mm would break percentages in tables of ten columns.
_CELL_MARGIN_TWIPS: Final = "40"


def page(word: Any) -> None:
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


def properties(word: Any, document: Document) -> None:
    """No author of the library's, no instant but that of the data."""
    facts = dict(document.meta)
    made = int(facts.get("made_ms") or 0)
    at = utc(made) if made else datetime(2000, 1, 1, tzinfo=UTC)
    core = word.core_properties
    core.title, core.author, core.comments = plain(document.title), "", ""
    core.last_modified_by = ""
    core.created = core.modified = at.replace(tzinfo=None)


def outline(paragraph: Any, level: int) -> None:
    mark = OxmlElement("w:outlineLvl")
    mark.set(qn("w:val"), str(level - 1))
    paragraph._p.get_or_add_pPr().append(mark)


def borders(table: Any) -> None:
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


def repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(flag("w:tblHeader"))


def keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(flag("w:cantSplit"))


def flag(name: str, value: str = "true") -> Any:
    flag = OxmlElement(name)
    flag.set(qn("w:val"), value)
    return flag


def shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
