"""The report's chart: a monthly indicator's two years, or districts against the lines.

Colours are the UK Analysis Function's; two series are dark blue and orange, a line is named where
it stands, nothing is told by colour alone. The picture is drawn from the same values as the tables.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from indicators.periods import year_before, year_to_date
from reports.behind import district_level, growth_kind
from reports.facts import Card, MeetingFacts
from reports.numbers import percent
from reports.phrases import GROWTH_KINDS, line_text, period_words

DARK, ORANGE, TEAL, GREY = "#12436D", "#F46A25", "#28A197", "#A6A6A6"
RED, YELLOW = "#B10E1E", "#B58900"
_FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Micro Hei", "SimHei")
_DPI = 200


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as PNG, its title and what it shows in words."""

    title: str
    description: str
    png: bytes


def chart(facts: MeetingFacts) -> Drawn | None:
    """The most telling chart the facts allow; None where there is nothing to draw."""
    available = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [name for name in _FONTS if name in available] or ["sans-serif"]
    style: Any = {"font.family": fonts, "axes.unicode_minus": False, "font.size": 8.5}
    with matplotlib.rc_context(style):
        return _choose(facts)


def _choose(facts: MeetingFacts) -> Drawn | None:
    for card in facts.cards:
        if card.yellow is not None and _ranked(facts, card, "current"):
            return _against_lines(facts, card)
    for card in facts.cards:
        if len(_series(facts, card, year_to_date(facts.period))) > 1:
            return _two_years(facts, card)
    for card in facts.cards:
        if len(_ranked(facts, card, "current")) > 1:
            return _against_lines(facts, card)
    return None


def _series(facts: MeetingFacts, card: Card, periods: Sequence[int]) -> dict[int, float]:
    found = {period: facts.whole(card, "current", period) for period in periods}
    return {p: v.value for p, v in found.items() if v is not None and v.value is not None}


def _ranked(facts: MeetingFacts, card: Card, measure: str) -> list[tuple[str, float]]:
    """(name, value) of the districts that have one, the largest first."""
    level = district_level(card)
    pairs = []
    for member in facts.members(level):
        value = facts.value(card, level, member.code, measure)
        if value is not None and value.value is not None:
            pairs.append((member.name, value.value))
    return sorted(pairs, key=lambda pair: -pair[1])


def _two_years(facts: MeetingFacts, card: Card) -> Drawn:
    periods = year_to_date(facts.period)
    now = _series(facts, card, periods)
    before = _series(facts, card, [year_before(period) for period in periods])
    kind = growth_kind(facts, card)
    growth = _ranked(facts, card, kind) if kind else []
    canvas, axes = _canvas(2 if growth else 1)
    left = axes[0]
    word = "季" if facts.period % 100 > 20 else "月"
    labels = [str(period % 100 - (20 if period % 100 > 20 else 0)) for period in periods]
    at = range(len(periods))
    old = [before.get(year_before(period), float("nan")) for period in periods]
    new = [now.get(period, float("nan")) for period in periods]
    year = facts.period // 100
    left.plot(at, old, color=ORANGE, marker="s", markersize=3.5, lw=1.4, ls="--")
    left.plot(at, new, color=DARK, marker="o", markersize=4, lw=2)
    _end_labels(
        left, len(periods) - 1, [(new[-1], f"{year}年", DARK), (old[-1], f"{year - 1}年", ORANGE)]
    )
    left.set_xticks(list(at), labels)
    left.ticklabel_format(axis="y", style="plain", useOffset=False)
    left.set_xlim(-0.3, len(periods) + 0.6)
    left.set_title(f"全市{card.name}（{card.unit}），按{word}", loc="left", fontsize=9.5)
    left.grid(axis="y", color="#E3E3E3", lw=0.6)
    if growth:
        _bars(axes[1], [(n, float(percent(v))) for n, v in growth], "{:.1f}%")
        axes[1].set_title(
            f"{period_words(facts.period)}各地区{GROWTH_KINDS[kind]}增速", loc="left", fontsize=9.5
        )
    title = f"{card.name}走势{'与各地区增速' if growth else ''}"
    compared = "与上年同期对比" if before else ""
    words = f"{period_words(periods[0])}至{period_words(periods[-1])}全市{card.name}{compared}"
    return Drawn(title, words, _png(canvas))


def _against_lines(facts: MeetingFacts, card: Card) -> Drawn:
    pairs = _ranked(facts, card, "current")
    canvas, (axes,) = _canvas(1)
    worse = 1 if card.direction == "lower" else -1
    colours = [_bar_colour(card, value, worse) for _, value in pairs]
    _bars(axes, pairs, f"{{:.{card.decimals}f}}", colours)
    top = len(pairs) - 0.35
    for line, colour, word in ((card.yellow, YELLOW, "黄线"), (card.red, RED, "红线")):
        if line is not None:
            axes.axvline(line, color=colour, lw=1.2, ls="--" if word == "黄线" else "-")
            left = word == "红线" and card.direction == "higher"
            axes.text(
                line, top, f" {word}{line_text(card, line)} ", color=colour, fontsize=8,
                ha="right" if left else "left", va="bottom",
            )  # fmt: skip
    whole = facts.whole(card, "current")
    if whole is not None and whole.value is not None:
        axes.axvline(whole.value, color=GREY, lw=1.2, ls=":")
        axes.text(
            whole.value, -0.75, f"全市{whole.value:.{card.decimals}f}（{whole.standing}）",
            color="#555555", fontsize=8, ha="center", va="top",
        )  # fmt: skip
    axes.set_title(
        f"{period_words(facts.period)}各地区{card.name}（{card.unit}）", loc="left", fontsize=9.5,
        pad=16,
    )  # fmt: skip
    lines = "与红线、黄线" if card.red is not None else ""
    return Drawn(f"各地区{card.name}{lines}", f"各地区{card.name}由高到低排列", _png(canvas))


def _bar_colour(card: Card, value: float, worse: int) -> str:
    if card.red is not None and (value - card.red) * worse >= 0:
        return RED
    if card.yellow is not None and (value - card.yellow) * worse >= 0:
        return YELLOW
    return DARK


def _bars(
    axes: Axes,
    pairs: Sequence[tuple[str, float]],
    form: str,
    colours: Sequence[str] | None = None,
) -> None:
    names = [name for name, _ in pairs][::-1]
    values = [value for _, value in pairs][::-1]
    shades = list(colours)[::-1] if colours else [DARK if v >= 0 else ORANGE for v in values]
    drawn = axes.barh(range(len(names)), values, color=shades, height=0.62)
    labels = axes.bar_label(drawn, [form.format(v) for v in values], padding=3, fontsize=8)
    for label in labels:  # readable where a line runs through it
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6})
        label.set_zorder(5)
    axes.set_yticks(range(len(names)), names)
    low, high = min(0.0, *values), max(0.0, *values)
    room = 0.26 * (high - low or 1.0)  # for the numbers at the ends of the bars
    axes.set_xlim(low - (room if low < 0 else 0.0), high + (room if high > 0 else 0.0))
    axes.axvline(0, color="#444444", lw=0.8)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])


def _end_labels(axes: Axes, at: int, ends: Sequence[tuple[float, str, str]]) -> None:
    """Names at the ends of the series, kept apart where they would meet."""
    known = [end for end in ends if end[0] == end[0]]
    low, high = axes.get_ylim()
    apart = (high - low) * 0.07
    placed: list[float] = []
    for value, text, colour in sorted(known):
        y = max(value, placed[-1] + apart) if placed else value
        placed.append(y)
        axes.text(at + 0.2, y, text, color=colour, fontsize=8.5, va="center")


def _canvas(panels: int) -> tuple[Canvas, Sequence[Axes]]:
    canvas = Canvas(figsize=(6.2, 2.9), dpi=_DPI, layout="constrained")
    widths = [1.25, 1] if panels == 2 else [1]
    axes = list(canvas.subplots(1, panels, width_ratios=widths, squeeze=False)[0])
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
        one.tick_params(length=2)
    return canvas, axes


def _png(canvas: Canvas) -> bytes:
    """The same bytes for the same values: no date, no program name inside."""
    sink = io.BytesIO()
    canvas.savefig(sink, format="png", metadata={"Software": None})
    return sink.getvalue()
