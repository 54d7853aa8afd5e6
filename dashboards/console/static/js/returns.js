// Completeness: who has reported, table by table, period by period.

import { el, show, nothing } from "./dom.js";
import * as f from "./format.js";

/** A sign before each word, so that a state is told by shape and word, not by colour. */
const SIGNS = { on_time: "✓", received: "✓", late: "△", waiting: "○", absent: "○", overdue: "✕", none_expected: "–" };
const SHORT = { on_time: "按时", received: "已报", late: "迟报", waiting: "未到期", absent: "未报", overdue: "未报", none_expected: "无应报" };

export function draw(found, tables, level) {
  document.getElementById("returns-key").textContent = "已报／应报";
  if (!found.tables.length) {
    show("returns", nothing("还没有应报名单。"));
    return;
  }
  const several = found.tables.length > 1;
  show("returns", found.tables.map((table) => el("table", { class: "returns-table" },
    several ? el("caption", {}, tables[table.table_code] || table.table_code) : null,
    el("thead", {}, el("tr", {}, el("th", {}, f.levelText(level)),
      table.periods.map((period) => el("th", { class: "n" }, f.shortPeriod(period))))),
    el("tbody", {}, table.rows.filter((row) => row.cells.some(Boolean)).map((row) => el("tr", { class: row.level === "city" ? "whole" : "" },
      el("th", { scope: "row", title: row.name }, row.level === "city" ? "全市" : row.name),
      row.cells.map((one) => (one ? cell(row, one) : el("td", { class: "n quiet" }, f.NONE)))))))));
  const holder = document.getElementById("returns");
  holder.scrollLeft = holder.scrollWidth;
}

function cell(row, one) {
  return el("td", {
    class: `state ${one.state}`, title: detail(row, one), "data-testid": "returns-cell", "data-subject": row.subject,
    "data-period": one.period, "data-state": one.state, "data-expected": one.expected,
    "data-received": one.received, "data-on-time": one.on_time, "data-late": one.late,
    "data-missing": one.missing,
  },
  el("span", { class: "word" }, `${SIGNS[one.state]} ${count(one)}`),
  el("span", { class: "ratio" }, `${one.received}/${one.expected}`));
}

function detail(row, one) {
  const counts = [["应报", one.expected], ["已报", one.received], ["按时", one.due_at ? one.on_time : null],
    ["迟报", one.due_at ? one.late : null], ["未报", one.missing], ["免报", one.exempt || null], ["延期", one.extended || null]];
  const told = counts.filter(([, n]) => n !== null && n !== undefined).map(([word, n]) => `${word}${n}`).join("，");
  const due = one.due_at ? `；上报时限${f.stampText(one.due_at)}` : "；未设上报时限";
  return `${row.name}${f.periodText(one.period)}：${told}${due}`;
}

function count(one) {
  const word = SHORT[one.state];
  if (one.state === "late" && one.late < one.expected) return `${word}${one.late}`;
  if (one.state === "overdue" && one.missing < one.expected) return `${word}${one.missing}`;
  return word;
}
