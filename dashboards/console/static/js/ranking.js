// Districts (or another level) ranked by one figure, with last year's mark and the lines.

import { el, mark, show, nothing } from "./dom.js";
import * as f from "./format.js";

export function draw(rows, city, card, state, actions) {
  document.getElementById("ranking-title").textContent =
    `分${f.levelText(state.level)} · ${card.name_zh}`;
  if (!rows.length) {
    show("ranking", nothing("这一级没有数据。"));
    return;
  }
  const lines = card.lines_measure === state.measure
    ? [["yellow", card.yellow], ["red", card.red]].filter(([, at]) => at !== null) : [];
  const top = Math.max(...rows.flatMap((row) => [row.value, row.before]), ...lines.map(([, at]) => at), 0);
  const shown = city && city.value !== null && city.value <= top * 1.25 ? Math.max(top, city.value) : top;
  const scale = (value) => (shown > 0 ? Math.max(0, (value / shown) * 100) : 0);
  const period = f.spanText(rows[0].period || state.shownPeriod, state.measure);
  const anyBefore = rows.some((row) => row.before !== null);
  const anyGrowth = rows.some((row) => row.growth);
  show("ranking",
    el("p", { class: "caption" }, `${period} · ${f.windowText(state.measure, state.shownPeriod)} · 单位:${card.unit}`),
    lines.length ? el("p", { class: "caption lines" },
      lines.map(([name, at]) => mark(`${name === "red" ? "红线" : "黄线"} ${f.number(at, card.decimals)}`, name)),
      card.consequence_zh ? `触红线:${card.consequence_zh}` : null) : null,
    el("table", { class: `ranks ${anyGrowth ? "" : "no-growth"}` },
      el("thead", {}, el("tr", {},
        el("th", { class: "n" }, "位次"), el("th", {}, f.levelText(state.level)),
        el("th", { class: "bar-head" }, legend(anyBefore)),
        el("th", { class: "n" }, "数值"), anyGrowth ? el("th", { class: "n" }, "同比") : null,
        el("th", { class: "n" }, "覆盖"))),
      el("tbody", {},
        city ? line(city, null, card, state, lines, scale, city.value !== null && city.value <= shown, actions, anyGrowth) : null,
        rows.map((row, at) => line(row, at + 1, card, state, lines, scale, true, actions, anyGrowth)))));
}

/** A silent subject is told once, in its value; here only why there is no rate though there is one. */
function growthText(growth) {
  if (!growth || growth.reason.startsWith("no_units")) return "—";
  return growth.value === null ? f.reason(growth.reason) : f.percent(growth.value);
}

function legend(anyBefore) {
  return el("span", { class: "legend" }, el("i", { class: "swatch now" }), "本期",
    anyBefore ? [el("i", { class: "swatch before" }), "上年同期"] : null);
}

function line(row, place, card, state, lines, scale, drawBar, actions, anyGrowth) {
  const whole = place === null;
  const none = row.value === null;
  const past = lines.length ? f.passed(card, row.value) : "";
  return el("tr", {
    class: `${whole ? "whole" : ""} ${state.subject === row.subject && state.at === (whole ? "city" : state.level) ? "chosen" : ""}`,
    "data-testid": whole ? "rank-city" : "rank-row", "data-subject": row.subject,
    "data-value": row.value ?? "", "data-growth": row.growth?.value ?? "",
  },
  el("td", { class: "n place" }, whole || none ? "" : place),
  el("th", { scope: "row" }, el("button", { class: "link", onclick: () => actions.subject(row, whole) },
    whole ? `全市` : row.name), whole ? el("small", {}, row.standing) : null),
  el("td", { class: "bar-cell" }, el("div", { class: "track" },
    !none && drawBar ? el("div", { class: `fill ${row.provisional ? "hatched" : ""} ${past}`, style: { width: `${scale(row.value)}%` } }) : null,
    row.before !== null && row.before !== undefined && !whole
      ? el("div", { class: "before", style: { left: `${scale(row.before)}%` }, title: `上年同期 ${f.number(row.before, card.decimals)}` }) : null,
    lines.map(([name, at]) => el("div", { class: `limit ${name}`, style: { left: `${scale(at)}%` } })))),
  el("td", { class: "n" }, none ? el("span", { class: "absent" }, f.reason(row.reason))
    : el("button", { class: "link num", title: "查看这个数的来源", onclick: () => actions.trail(row, card, whole) },
      f.number(row.value, card.decimals)),
  past ? mark(f.LINE_WORDS[past], past) : null),
  anyGrowth ? el("td", { class: "n" }, growthText(row.growth)) : null,
  el("td", { class: "n quiet" }, whole && row.standing === "公布数" ? "引用" : `${row.units}/${row.expected_units ?? "—"}`,
    row.provisional ? mark("初步", "provisional") : null));
}
