// Districts (or another level) ranked by one figure, with last year's mark and the lines.

import { el, link, mark, show, nothing } from "./dom.js";
import * as f from "./format.js";
import { LINE_NAMES, lineMark, lineOf, linesOf } from "./lines.js";

/** The total of members that overlap is no member: it has no place and no bar. */
export function draw(all, city, card, state, actions) {
  const rows = all.filter((row) => row.subject !== f.TOTAL);
  const total = all.find((row) => row.subject === f.TOTAL);
  document.getElementById("ranking-title").textContent = `分${f.levelText(state.level)} · ${card.name_zh}`;
  if (!rows.length) {
    show("ranking", nothing("这一级没有数据。"));
    return;
  }
  const table = told(rows, city, card, state);
  show("ranking",
    el("p", { class: "caption" }, caption(rows, card, state, table)),
    table.lines.length ? el("p", { class: "caption lines" },
      table.lines.map(([name, at]) => mark(`${LINE_NAMES[name]} ${f.number(at, card.decimals)}`, name)),
      card.consequence_zh ? `触红线：${card.consequence_zh}` : null) : null,
    el("table", { class: `ranks ${table.kind ? "" : "no-growth"}` },
      el("thead", {}, el("tr", {},
        el("th", { class: "n" }, "位次"), el("th", {}, f.levelText(state.level)),
        el("th", { class: "bar-head" }, legend(rows, table.whole ? city : null)),
        el("th", { class: "n" }, "数值"),
        table.kind ? el("th", { class: "n growth-head" }, "同比", el("wbr"), `（${f.kindText(table.kind)}）`) : null,
        el("th", { class: "n" }, "覆盖"))),
      el("tbody", {},
        city ? line(city, "city", card, state, table, actions) : null,
        total ? line(total, "total", card, state, table, actions) : null,
        rows.map((row) => line(row, "", card, state, table, actions)))));
}

/** What every line of the table needs: scale of the bars, lines, the kind of growth, standing. */
function told(rows, city, card, state) {
  const lines = linesOf(card, state.measure);
  const top = Math.max(...rows.flatMap((row) => [row.value, row.before]), ...lines.map(([, at]) => at), 0);
  // The city's sum would flatten its districts' bars; its ratio is of their size.
  const whole = city && city.value !== null && city.value <= top * 1.25;
  const most = whole ? Math.max(top, city.value) : top;
  const standings = new Set(rows.filter((row) => row.value !== null).map((row) => row.standing));
  return {
    lines, whole,
    scale: (value) => `${most > 0 ? Math.max(0, (value / most) * 100) : 0}%`,
    kind: rows.find((row) => row.growth)?.growth.measure || "",
    standing: standings.size === 1 ? [...standings][0] : "",
  };
}

function caption(rows, card, state, table) {
  const parts = [f.spanText(state.shownPeriod, state.measure), f.windowText(state.measure, state.shownPeriod),
    `单位：${card.unit}`, table.standing, card.direction === "none" ? "不评优劣，不排位次" : ""];
  return parts.filter(Boolean).join(" · ");
}

function legend(rows, city) {
  const keys = [["now", "本期"],
    [city, ...rows].some((row) => row?.provisional && row.value !== null) ? ["hatched", "初步"] : null,
    rows.some((row) => row.before !== null) ? ["before", "上年同期"] : null].filter(Boolean);
  return keys.map(([kind, text]) => el("span", { class: "legend" }, el("i", { class: `swatch ${kind}` }), text));
}

/** `role`: "city", "total", or "" for a member. */
function line(row, role, card, state, table, actions) {
  const none = row.value === null;
  const whole = role === "city";
  const past = table.lines.length ? lineOf(card, row) : "";
  const chosen = state.subject === row.subject && state.at === (whole ? "city" : state.level);
  const own = whole || !table.standing ? row.standing : "";
  return el("tr", {
    class: `${role ? "whole" : ""} ${chosen ? "chosen" : ""}`,
    "data-testid": role ? `rank-${role}` : "rank-row", "data-subject": row.subject,
    "data-value": row.value ?? "", "data-growth": row.growth?.value ?? "", "data-line": past,
  },
  el("td", { class: "n place" }, row.place ?? ""),
  el("th", { scope: "row", title: { city: "", total: "成员有重叠，每个单位只计一次" }[role] ?? row.name }, link(whole ? "全市" : row.name, () => actions.subject(row, whole), "", "查看走势"),
    own ? el("small", {}, own) : null),
  el("td", { class: "bar-cell" }, el("div", { class: "track" },
    none || role === "total" || (whole && !table.whole) ? null
      : el("div", { class: `fill ${row.provisional ? "hatched" : ""} ${past}`, style: { width: table.scale(row.value) } }),
    role || row.before === null || row.before === undefined ? null
      : el("div", { class: "before", style: { left: table.scale(row.before) }, title: `上年同期 ${f.number(row.before, card.decimals)}` }),
    table.lines.map(([name, at]) => el("div", { class: `limit ${name}`, style: { left: table.scale(at) } })))),
  el("td", { class: "n" }, none
    ? el("span", { class: row.provisional ? "quiet" : "absent" }, f.reason(row.reason, row.expected_units))
    : link(f.number(row.value, card.decimals), () => actions.trail(row, card, whole), "num"),
  lineMark(past)),
  table.kind ? el("td", { class: "n" }, growth(row, card, whole, actions)) : null,
  el("td", { class: "n quiet", title: f.remarks(row.reason) || undefined }, whole && f.isQuoted(row.standing) ? "引用" : f.coverageText(row),
    row.provisional ? mark("初步", "provisional") : null));
}

/** A silent subject is told once, in its value; here only why there is no rate though there is one. */
function growth(row, card, whole, actions) {
  const one = row.growth;
  if (!one || one.reason.startsWith("no_units")) return f.NONE;
  if (one.value === null) return f.reason(one.reason);
  return link(f.percent(one.value), () => actions.trail({ ...row, ...one }, card, whole), "rate",
    f.remarks(one.reason) || undefined);
}
