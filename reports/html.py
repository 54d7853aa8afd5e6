"""A paper as one HTML file: A4 when printed, readable on a screen, every number with its source.

A figure is `<data data-view data-field data-indicator …>`; a derived one names its rule and, as
JSON, the rows it follows from. Nothing is loaded from anywhere: the chart and the style are inside.
"""

import base64
import json
from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from reports.document import (
    Block,
    Document,
    Figure,
    Heading,
    Inline,
    Moment,
    Ordinal,
    PageBreak,
    Paragraph,
    Picture,
    Quote,
    Table,
    Text,
    Trace,
    plain,
)
from reports.widths import widths


def render_html(document: Document) -> str:
    """The whole page. The same document gives the same bytes."""
    body = Markup("\n").join(_blocks(document))
    return _template("meeting.html").render(
        title=plain(document.title),
        meta=document.meta,
        style=Markup(_read("meeting.css")),
        body=body,
    )


def _blocks(document: Document) -> list[Markup]:
    """The title stands below the marks that come first."""
    blocks = list(document.blocks)
    lead = 0
    while lead < len(blocks) and _leads(blocks[lead]):
        lead += 1
    title = Markup("<h1>{}</h1>").format(_text(document.title))
    return [*map(_block, blocks[:lead]), title, *map(_block, blocks[lead:])]


def _leads(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.role == "mark"


def _block(block: Block) -> Markup:
    if isinstance(block, Heading):
        return Markup("<h{0}>{1}</h{0}>").format(block.level + 1, _text(block.text))
    if isinstance(block, Paragraph):
        return Markup('<p class="{}">{}</p>').format(block.role, _text(block.text))
    if isinstance(block, Picture):
        source = base64.b64encode(block.png).decode()
        return Markup(
            '<figure><img alt="{}" src="data:image/png;base64,{}">'
            "<figcaption>{}</figcaption></figure>"
        ).format(block.description, source, _text(block.caption))
    if isinstance(block, PageBreak):
        return Markup('<div class="page-break"></div>')
    return _table(block)


def _table(table: Table) -> Markup:
    columns = Markup("").join(
        Markup('<col style="width:{}%">').format(f"{100 * share:.2f}") for share in widths(table)
    )
    head = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format(
            "right" if column.align == "right" else "center", _text(column.title)
        )
        for column in table.columns
    )
    rows = Markup("\n").join(
        Markup('<tr class="{}">{}</tr>').format(
            " ".join(filter(None, ("total" if row.total else "", row.state))),
            Markup("").join(
                Markup('<td class="{}">{}</td>').format(column.align, _text(cell))
                for column, cell in zip(table.columns, row.cells, strict=True)
            ),
        )
        for row in table.rows
    )
    notes = Markup("").join(
        Markup('<p class="under">{}</p>').format(_text(note)) for note in table.notes
    )
    lead = Markup("").join(
        Markup('<p class="{}">{}</p>').format(role, _text(text))
        for role, text in (("caption", table.caption), ("unit", table.unit))
        if text
    )
    return Markup(
        '<section class="table{}" data-table="{}">{}<div class="scroll"><table>'
        "<colgroup>{}</colgroup><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>{}"
        "</section>"
    ).format(" short" if table.short else "", table.name, lead, columns, head, rows, notes)


def _text(text: Text) -> Markup:
    return Markup("").join(_inline(inline) for inline in text)


def _inline(inline: Inline) -> Markup:
    if isinstance(inline, str):
        return Markup("<br>").join(map(escape, inline.split("\n")))
    if isinstance(inline, Figure):
        return _figure(inline)
    if isinstance(inline, Moment):
        return Markup("<time>{}</time>").format(inline.text)
    if isinstance(inline, Ordinal):
        return Markup('<span class="ordinal">{}</span>').format(inline.text)
    return _quote(inline)


def _quote(quote: Quote) -> Markup:
    return Markup('<span class="quote" data-view="{}" data-key="{}">{}</span>').format(
        quote.view, quote.key, quote.text
    )


def _figure(figure: Figure) -> Markup:
    if not figure.rule and len(figure.traces) == 1:
        one = figure.traces[0]
        pairs = {"view": one.view, "field": one.field, **dict(one.key)}
        attributes = Markup(" ").join(
            Markup('data-{}="{}"').format(name.replace("_", "-"), value)
            for name, value in pairs.items()
        )
        return Markup("<data {}>{}</data>").format(attributes, figure.text)
    of = json.dumps([_row(one) for one in figure.traces], ensure_ascii=False)
    return Markup('<data data-rule="{}" data-of="{}">{}</data>').format(
        figure.rule, of, figure.text
    )


def _row(one: Trace) -> dict[str, str]:
    return {"view": one.view, "field": one.field, **dict(one.key)}


@cache
def _template(name: str) -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_read(name))


def _read(name: str) -> str:
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")
