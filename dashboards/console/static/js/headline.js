// The city's figures at a glance: value, unit, period, growth, coverage, standing.

import { el, mark, show, nothing } from "./dom.js";
import * as f from "./format.js";

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
  const key = `${card.city || ""}/${entry.indicator}/${entry.measure}`;
  const changed = drawn.has(key) && drawn.get(key) !== `${entry.period}:${entry.value}`;
  drawn.set(key, `${entry.period}:${entry.value}`);
  const current = chosen.indicator === entry.indicator && chosen.measure === entry.measure;
  const line = entry.measure === card.lines_measure ? f.passed(card, entry.value) : "";
  return el("article", {
    class: `box ${current ? "chosen" : ""} ${changed ? "changed" : ""}`,
    "data-testid": "headline", "data-indicator": entry.indicator, "data-measure": entry.measure,
    "data-period": entry.period, "data-value": entry.value ?? "", "data-unit": card.unit,
    "data-units": entry.units, "data-expected": entry.expected_units ?? "",
    "data-standing": entry.standing, "data-provisional": entry.provisional ? "1" : "0",
    "data-growth": entry.growth?.value ?? "",
  },
  el("div", { class: "box-top" },
    el("button", { class: "name", onclick: () => actions.choose(entry), "aria-pressed": String(current) },
      card.name_zh, el("small", {}, f.windowText(entry.measure, entry.period)))),
  el("p", { class: "figure" },
    entry.value === null
      ? el("span", { class: "value none", "data-testid": "value" }, f.reason(entry.reason))
      : el("button", { class: "value", "data-testid": "value", title: "查看这个数的来源",
        onclick: () => actions.trail(entry, card) }, f.number(entry.value, card.decimals)),
    el("span", { class: "unit", "data-testid": "unit" }, card.unit)),
  el("p", { class: "growth" }, growth(entry.growth), entry.month ? growth(entry.month) : null,
    entry.growth || entry.month ? null : el("span", { class: "quiet" }, noGrowth(entry)),
    el("button", { class: "about", title: "含义、单位、公式、红黄线", "aria-label": `${card.name_zh}指标卡`,
      "data-testid": "card-button", onclick: () => actions.card(card) }, "指标卡")),
  el("p", { class: "facts" },
    el("span", { "data-testid": "period" }, f.spanText(entry.period, entry.measure)),
    coverage(entry),
    entry.standing ? el("span", { class: "mark standing", "data-testid": "standing" }, entry.standing) : null,
    entry.provisional ? mark("初步", "provisional") : null,
    line ? mark(f.LINE_WORDS[line], line) : null),
  entry.others.length ? el("p", { class: "others" }, others(entry, card)) : null);
}

function coverage(entry) {
  // A published figure is quoted as it stands: there are no units of ours behind it.
  if (entry.standing === "公布数" || entry.standing === "核定数") {
    return el("span", { "data-testid": "coverage" }, "直接引用");
  }
  if (entry.expected_units === null) return el("span", { "data-testid": "coverage" }, "只按区县发布");
  return el("span", { "data-testid": "coverage" }, `覆盖 ${entry.units}/${entry.expected_units}`);
}

function growth(one) {
  if (!one) return null;
  const none = one.value === null;
  return el("span", { "data-testid": "growth" }, `${f.growthText(one.measure)} `,
    el("b", {}, none ? f.reason(one.reason) : f.percent(one.value)));
}

function noGrowth(entry) {
  return entry.reason === "no_total" ? "比率不能相加,不设全市数" : "无上年同期";
}

function others(entry, card) {
  return entry.others.map((other) => {
    const apart = entry.value !== null && other.value !== null ? entry.value - other.value : null;
    const text = `${other.standing} ${f.number(other.value, card.decimals)}`;
    return apart === null ? text : `${text},相差 ${f.number(apart, card.decimals)}`;
  }).join(";");
}
