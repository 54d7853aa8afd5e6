// The city's figures at a glance: value, unit, period, growth by its kind, coverage, standing.

import { el, link, mark, show, nothing } from "./dom.js";
import * as f from "./format.js";
import { lineMark, lineOf } from "./lines.js";

/** Last value drawn of each card, so that a change can be pointed at. */
const drawn = new Map();

export function draw(entries, cards, chosen, actions) {
  if (!entries.length) {
    show("headline", nothing("还没有指标数据。数据报送后会自动出现在这里。"));
    return;
  }
  show("headline", entries.map((entry) => box(entry, cards.get(entry.indicator), chosen, actions)));
}

function box(entry, card, chosen, actions) {
  const key = `${chosen.city}/${entry.indicator}/${entry.measure}`;
  const now = `${entry.period}:${entry.value}`;
  const changed = drawn.has(key) && drawn.get(key) !== now;
  drawn.set(key, now);
  const current = chosen.indicator === entry.indicator && chosen.measure === entry.measure;
  return el("article", {
    class: `box ${current ? "chosen" : ""} ${changed ? "changed" : ""}`,
    "data-testid": "headline", "data-indicator": entry.indicator, "data-measure": entry.measure,
    "data-period": entry.period, "data-value": entry.value ?? "", "data-unit": card.unit,
    "data-units": entry.units, "data-expected": entry.expected_units ?? "",
    "data-standing": entry.standing, "data-provisional": entry.provisional ? "1" : "0",
    "data-growth": entry.growth?.value ?? "",
  },
  el("button", { class: "name", onclick: () => actions.choose(entry), "aria-pressed": String(current) },
    card.name_zh, el("small", {}, f.windowText(entry.measure, entry.period))),
  el("p", { class: "figure" },
    entry.value === null
      ? el("span", { class: "value none", "data-testid": "value" }, f.reason(entry.reason, entry.expected_units))
      : el("button", { class: "value", "data-testid": "value", title: "查看这个数的来源",
        onclick: () => actions.trail(entry, card) }, f.number(entry.value, card.decimals)),
    el("span", { class: "unit", "data-testid": "unit" }, card.unit)),
  el("p", { class: "growth" }, growth(entry, entry.growth, card, actions), growth(entry, entry.month, card, actions),
    entry.growth || entry.month ? null : el("span", { class: "quiet" }, noGrowth(entry, card)),
    el("button", { class: "about", title: "含义、单位、公式、红黄线", "aria-label": `${card.name_zh}指标卡`,
      "data-testid": "card-button", onclick: () => actions.card(card) }, "指标卡")),
  el("p", { class: "facts" },
    el("span", { "data-testid": "period" }, f.spanText(entry.period, entry.measure)),
    el("span", { "data-testid": "coverage",
      title: ["进入这个数的单位／应报单位", f.remarks(entry.reason)].filter(Boolean).join("；") }, coverage(entry)),
    entry.standing ? el("span", { class: "mark standing", "data-testid": "standing" }, entry.standing) : null,
    entry.provisional ? mark("初步", "provisional") : null,
    entry.measure === card.lines_measure ? lineMark(lineOf(card, entry)) : null),
  entry.others.map((other) => el("p", { class: "others", title: covered(other) }, beside(entry, other, card))));
}

function coverage(entry) {
  return entry.standing ? covered(entry) : "只按区县发布";
}

function covered(row) {
  return f.isQuoted(row.standing) ? f.coverageText(row) : `覆盖 ${f.coverageText(row)}`;
}

function growth(entry, one, card, actions) {
  if (!one) return null;
  // A growth of our own figures beside a quoted value says whose growth it is.
  const whose = one.standing && one.standing !== entry.standing ? `，${one.standing}` : "";
  return el("span", { "data-testid": "growth", title: f.remarks(one.reason) }, `${f.growthText(one.measure)}${whose} `,
    one.value === null ? el("b", {}, f.reason(one.reason))
      : link(f.percent(one.value), () => actions.trail({ ...entry, ...one }, card), "rate"));
}

function noGrowth(entry, card) {
  if (entry.reason === "no_total") return "比率不能相加，不设全市数";
  const set = card.measures.some((measure) => measure === f.growthOf(entry.measure, f.growthKind(measure)));
  return set ? "无上年同期" : "未设同比";
}

/** A figure of another standing and the difference, printed below the one that is shown. */
function beside(entry, other, card) {
  const text = `${other.standing} ${f.number(other.value, card.decimals)}`;
  if (entry.value === null || other.value === null) return text;
  return `${text}，相差 ${f.number(entry.value - other.value, card.decimals)}`;
}
