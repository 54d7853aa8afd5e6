// Alerts and findings: what stands first, what is over with its state.

import { el, link, mark, show, nothing } from "./dom.js";
import * as f from "./format.js";

const KINDS = { overdue: "逾期未报", notice_failed: "通知发送失败" };
const FINDING_STATES = { open: "待核实", corrected: "已更正", explained: "已说明", dismissed: "已排除" };

export function draw(alerts, findings, { names, cards, items }, actions) {
  const standing = alerts.filter((one) => !one.closed_at).length;
  const open = findings.filter((one) => one.state === "open");
  const over = findings.filter((one) => one.state !== "open");
  document.getElementById("watch-key").textContent = `未解除${standing}条 · 待核实${open.length}条`;
  if (!alerts.length && !findings.length) {
    show("watch", nothing("没有预警，也没有异常数据。"));
    return;
  }
  show("watch",
    alerts.length ? el("ul", { class: "watch-list" }, alerts.map((one) => alertItem(one, names, cards, actions))) : null,
    ...list("待核实的异常数据", open, items), ...list("已处理的异常数据", over, items));
}

function list(title, findings, items) {
  if (!findings.length) return [];
  return [el("h3", {}, title), el("ul", { class: "watch-list" }, findings.map((one) => findingItem(one, items)))];
}

function alertItem(one, names, cards, actions) {
  const card = cards.get(one.indicator);
  const subject = names[one.subject_level]?.[one.subject] || one.subject || "全市";
  const closed = Boolean(one.closed_at);
  const kind = closed ? "closed" : /红/.test(one.level) ? "red" : "yellow";
  const what = KINDS[one.kind] || card?.name_zh || one.indicator;
  return el("li", { class: closed ? "quiet" : "", "data-testid": "alert", "data-id": one.id,
    "data-level": one.level, "data-state": one.state, "data-kind": one.kind },
  mark(closed ? `${one.level}·已解除` : one.level, kind),
  card ? link(subject, () => actions.look(one), "strong", "查看这一对象的指标") : el("b", {}, subject), ` ${what}`,
  one.period ? ` ${f.periodText(one.period)}` : "", el("small", {}, evidence(one, card)),
  el("time", {}, closed ? `${f.stampText(one.opened_at)}发生，${f.stampText(one.closed_at)}解除` : `${f.stampText(one.opened_at)}发生`));
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
  if (!Number.isNaN(value)) parts.push(`现值${f.number(value, decimals)}`);
  if (!Number.isNaN(line)) parts.push(`线${f.number(line, decimals)}`);
  if (facts.missing) parts.push(`未报${facts.missing}`);
  if (!parts.length && facts.consequence_zh) parts.push(facts.consequence_zh);
  return parts.join("，");
}

function findingItem(one, items) {
  const open = one.state === "open";
  return el("li", { class: open ? "" : "quiet", "data-testid": "finding", "data-unit": one.unit, "data-period": one.period,
    "data-value": one.value, "data-state": one.state },
  mark(FINDING_STATES[one.state] || one.state, open ? "yellow" : "closed"),
  el("b", {}, one.unit_name || one.unit), ` ${f.periodText(one.period)} ${items[one.item] || one.item} `,
  el("span", { class: "num" }, f.exact(one.value)),
  el("small", {}, `历史中位数${f.exact(one.median)}${open ? `，请核对是否应为${f.exact(one.proposed)}` : ""}`));
}
