// Completeness, newest submissions, alerts and findings.

import { el, mark, show, nothing } from "./dom.js";
import * as f from "./format.js";

/** A sign before each word, so that a state is told by shape and word, not by colour. */
const SIGNS = { on_time: "✓", received: "✓", late: "△", waiting: "○", absent: "○", overdue: "✕", none_expected: "–" };
const SHORT = { on_time: "按时", received: "已报", late: "迟报", waiting: "未到期", absent: "未报", overdue: "未报", none_expected: "无应报" };

export function drawReturns(found, tables) {
  document.getElementById("returns-key").textContent = "已报/应报";
  if (!found.tables.length) {
    show("returns", nothing("还没有应报名单。"));
    return;
  }
  const several = found.tables.length > 1;
  show("returns", found.tables.map((table) => el("table", { class: "returns-table" },
    several ? el("caption", {}, tables[table.table_code] || table.table_code) : null,
    el("thead", {}, el("tr", {}, el("th", {}, "区县"),
      table.periods.map((period) => el("th", { class: "n" }, shortPeriod(period))))),
    el("tbody", {}, table.rows.filter((row) => row.cells.some(Boolean)).map((row) => el("tr", { class: row.level === "city" ? "whole" : "" },
      el("th", { scope: "row" }, row.level === "city" ? "全市" : row.name),
      row.cells.map((cell) => (cell ? returnsCell(row, cell) : el("td", { class: "n quiet" }, "—")))))))));
  const holder = document.getElementById("returns");
  holder.scrollLeft = holder.scrollWidth;
}

function returnsCell(row, cell) {
  const detail = `${row.name} ${f.periodText(cell.period)}:应报 ${cell.expected},已报 ${cell.received},`
    + `按时 ${cell.on_time},迟报 ${cell.late},未报 ${cell.missing}`
    + (cell.due_at ? `;截止 ${f.stampText(cell.due_at)}` : "");
  return el("td", {
    class: `state ${cell.state}`, title: detail, "data-testid": "returns-cell", "data-subject": row.subject,
    "data-period": cell.period, "data-state": cell.state, "data-expected": cell.expected,
    "data-received": cell.received, "data-on-time": cell.on_time, "data-late": cell.late,
    "data-missing": cell.missing,
  },
  el("span", { class: "word" }, `${SIGNS[cell.state]} ${count(cell)}`),
  el("span", { class: "ratio" }, `${cell.received}/${cell.expected}`));
}

function count(cell) {
  const word = SHORT[cell.state];
  if (cell.state === "late" && cell.late < cell.expected) return `${word}${cell.late}`;
  if (cell.state === "overdue" && cell.missing < cell.expected) return `${word}${cell.missing}`;
  return word;
}

function shortPeriod(period) {
  const [year, part] = period.split("-");
  if (!part) return `${year}年`;
  return part[0] === "M" ? `${year.slice(2)}年${Number(part.slice(1))}月` : f.periodText(period);
}

let known = new Set();
let knownCity = "";

export function drawArrivals(rows, names, city) {
  if (city !== knownCity) known = new Set(rows.map(keyOf));
  knownCity = city;
  if (!rows.length) {
    show("arrivals", nothing("还没有报送。"));
    return;
  }
  show("arrivals", el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, el("th", {}, "时间"), el("th", {}, "报送主体"), el("th", {}, "报告期"),
      el("th", { class: "n" }, "接收"), el("th", { class: "n" }, "退回"), el("th", {}, "状态"))),
    el("tbody", {}, rows.map((row) => {
      const fresh = !known.has(keyOf(row));
      known.add(keyOf(row));
      return el("tr", { class: fresh ? "changed" : "", "data-testid": "submission", "data-submission": row.submission,
        "data-period": row.period, title: `报送 ${row.submission} · ${row.table_code}` },
      el("td", { class: "when" }, f.clockText(row.arrived_at)),
      el("td", {}, names[row.reporter] || row.reporter), el("td", {}, shortPeriod(row.period)),
      el("td", { class: "n" }, f.number(row.accepted, 0)),
      el("td", { class: "n" }, row.rejected ? f.number(row.rejected, 0) : "—"),
      el("td", {}, fate(row)));
    }))));
}

function keyOf(row) {
  return `${row.submission}/${row.period}`;
}

function fate(row) {
  if (row.dead > 0) return mark(`死信 ${row.dead}`, "red");
  if (!row.settled || row.pending > 0) return mark("处理中", "provisional");
  if (row.quarantined > 0) return mark(`隔离 ${row.quarantined}`, "yellow");
  return mark("已入库", "good");
}

export function drawWatch(alerts, findings, names, cards, items) {
  const open = alerts.filter((one) => !one.closed_at).length;
  document.getElementById("watch-key").textContent = `未解除 ${open} 条 · 异常 ${findings.length} 条`;
  if (!alerts.length && !findings.length) {
    show("watch", nothing("没有预警,也没有异常数据。"));
    return;
  }
  show("watch",
    el("ul", { class: "watch-list" }, alerts.map((one) => alertItem(one, names, cards))),
    findings.length ? el("h3", {}, "待核实的数据") : null,
    el("ul", { class: "watch-list" }, findings.map((one) => findingItem(one, items))));
}

function alertItem(one, names, cards) {
  const card = cards.get(one.indicator);
  const subject = names[one.subject_level]?.[one.subject] || one.subject || "全市";
  const closed = Boolean(one.closed_at);
  const kind = closed ? "closed" : /红/.test(one.level) ? "red" : "yellow";
  return el("li", { class: closed ? "quiet" : "", "data-testid": "alert", "data-id": one.id,
    "data-level": one.level, "data-state": one.state, "data-kind": one.kind },
  mark(closed ? `${one.level}·已解除` : one.level, kind),
  el("b", {}, subject), ` ${one.kind === "overdue" ? "逾期未报" : card?.name_zh || one.indicator}`,
  one.period ? ` ${f.periodText(one.period)}` : "", el("small", {}, ` ${evidence(one, card)}`),
  el("time", {}, f.stampText(one.opened_at)));
}

/** The facts of the evidence that a reader needs; unknown ones are left to the card. */
function evidence(one, card) {
  let facts;
  try {
    facts = JSON.parse(one.evidence || "{}");
  } catch {
    return one.evidence;
  }
  if (facts.text_zh) return facts.text_zh;
  const decimals = card?.decimals ?? 0;
  const parts = [];
  const value = Number(facts.value ?? NaN);
  const line = Number(facts.line ?? facts.red ?? facts.yellow ?? NaN);
  if (!Number.isNaN(value)) parts.push(`现值 ${f.number(value, decimals)}`);
  if (!Number.isNaN(line)) parts.push(`线 ${f.number(line, decimals)}`);
  if (facts.missing) parts.push(`未报 ${facts.missing}`);
  if (!parts.length && facts.consequence_zh) parts.push(facts.consequence_zh);
  return parts.join(",");
}

function findingItem(one, items) {
  return el("li", { "data-testid": "finding", "data-unit": one.unit, "data-period": one.period,
    "data-value": one.value },
  mark("异常", "yellow"), el("b", {}, one.unit_name || one.unit), ` ${f.periodText(one.period)} ${items[one.item] || one.item} `,
  el("span", { class: "num" }, plain(one.value)),
  el("small", {}, `历史中位数 ${plain(one.median)},建议核对是否应为 ${plain(one.proposed)}`));
}

function plain(text) {
  return f.number(Number(text), (String(text).replace(/0+$/, "").split(".")[1] || "").length);
}
