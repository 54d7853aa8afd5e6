// One case on the side sheet: facts, evidence, like units side by side, history, and how to decide.

import { ask } from "../api.js";
import { el, mark, nothing } from "../dom.js";
import { open as openSheet } from "../drawer.js";
import * as f from "../format.js";
import { chosen } from "../view.js";
import { decisions } from "./decide.js";
import { dateText, dueCell, stateMark, times } from "./words.js";

export async function open(code) {
  openSheet("线索", nothing("正在查找…"));
  try {
    const found = await ask(`frame/cases/${code.split("/").map(encodeURIComponent).join("/")}`, { city: chosen.city });
    const row = found.case;
    openSheet(row.name || row.case,
      el("p", { class: "told", "data-testid": "sheet-state" }, stateMark(row), row.reason ? ` ${row.reason}` : "",
        row.overdue_days ? [" ", mark(`✕ 已逾期 ${row.overdue_days} 天`, "red")] : null),
      facts(row), linked(found), evidence(found.evidence), alike(row, found.proposals), history(found.history),
      row.kind === "case" ? decisions(row) : null);
  } catch (error) {
    openSheet("线索", nothing(`查不到：${error.message}`));
  }
}

function section(title, testid, ...content) {
  return el("section", { class: "part", "data-testid": testid }, el("h3", {}, title), ...content);
}

function facts(row) {
  const pairs = [
    ["统一社会信用代码", row.credit_code || "未提供"],
    ["地址", row.address || "未提供"],
    ["区市县", row.district_name || "未标明"],
    ["行业", [row.sector, row.class_code].filter(Boolean).join(" ") || "未提供"],
    ["近12个月销售额", row.size === null ? f.NONE : `${f.exact(row.size)} 万元`],
    ["入库门槛", row.threshold === null ? "本行业未设门槛" : `${f.exact(row.threshold)} 万元（${times(row)}）`],
    ["数据截至", `${f.periodText(row.as_of)}${row.feed_name ? `，按${row.feed_name}` : ""}`],
    ["首次发现", f.datedText(row.opened_at)],
    ["责任单位", row.owner_name || "未确定"],
    ["办理时限", row.due ? [dateText(row.due), " ", dueCell(row)[1]] : "不设时限"],
    row.list_month ? ["入库月份", f.periodText(row.list_month)] : null,
    ["线索编号", row.case],
  ];
  return el("dl", { class: "card-facts", "data-testid": "sheet-facts" },
    pairs.filter(Boolean).map(([term, told]) => [el("dt", {}, term), el("dd", {}, told)]));
}

function linked({ linked: unit }) {
  if (!unit) return null;
  return section("已关联的在册单位", "sheet-linked", el("p", {}, el("b", {}, unit.name || unit.unit), ` ${unit.unit} `,
    unit.address ? el("small", {}, `${unit.address} `) : null, mark(unit.on_list ? "● 在库" : "○ 不在库")));
}

function evidence(rows) {
  return section("来源证据", "sheet-evidence", rows.length ? el("div", { class: "wide" }, el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, ["来源", "数据截至", "单位名称", "地址"].map((name) => el("th", {}, name)),
      el("th", { class: "n" }, "近12个月(万元)"), ["记录号", "收到时间"].map((name) => el("th", {}, name)))),
    el("tbody", {}, rows.map((row) => el("tr", { "data-testid": "evidence", "data-feed": row.feed, "data-as-of": row.as_of },
      el("td", {}, row.feed_name), el("td", { class: "when" }, f.periodText(row.as_of)),
      el("td", {}, row.name, further(row)), el("td", {}, row.address || f.NONE),
      el("td", { class: "n" }, row.size ? f.exact(row.size) : f.NONE), el("td", { class: "code" }, row.key || row.code),
      el("td", { class: "when" }, f.datedText(row.known_from), row.withdrawn ? mark(`已撤回 ${f.datedText(row.withdrawn)}`, "closed") : null))))))
    : nothing("没有来源记录。"));
}

/** What a feed tells beyond the columns that every feed has. */
function further(row) {
  const told = Object.entries(row.further).filter(([, text]) => text).map(([name, text]) => `${name}：${text}`);
  return told.length ? el("small", { class: "further" }, told.join("；")) : null;
}

function alike(row, units) {
  if (row.kind !== "case") return null;
  return section("名录中相近的单位", "sheet-alike",
    el("p", { class: "caption warning" }, "仅供人工核对，系统不会自动合并"),
    units.length ? el("div", { class: "wide" }, el("table", { class: "plain pairs" },
      el("thead", {}, el("tr", {}, ["", "单位名称", "地址", "统一社会信用代码", "名称相似", "地址相似"].map((name, at) => el("th", { class: at > 3 ? "n" : "" }, name)))),
      el("tbody", {}, el("tr", { class: "whole" }, el("td", {}, "本线索"), el("td", {}, row.name), el("td", {}, row.address || "未提供"),
        el("td", { class: "code" }, row.credit_code || "未提供"), el("td", {}), el("td", {})),
      units.map((one) => el("tr", { "data-testid": "proposal", "data-unit": one.unit },
        el("td", {}, mark(one.on_list ? "● 在库" : "○ 在册不在库", one.on_list ? "good" : "")), el("td", {}, one.name), el("td", {}, one.address || "未登记"),
        el("td", { class: "code" }, one.unit), el("td", { class: "n" }, score(one.name_score)), el("td", { class: "n" }, score(one.address_score)))))))
      : nothing("没有名称或地址相近的在册单位。"));
}

function score(value) {
  return value === null || value === undefined ? f.NONE : `${Math.round(value)}分`;
}

function history(rows) {
  return section("办理经过", "sheet-history", rows.length ? el("ol", { class: "history" }, rows.map((row) => el("li", { "data-testid": "history", "data-state": row.state },
    el("b", {}, row.word), row.reason ? ` ${row.reason}` : "", row.list_month ? ` ${f.periodText(row.list_month)}` : "",
    el("small", {}, [
      row.decided_at ? `${f.datedText(row.decided_at)} ${row.decided_by}决定` : `${f.datedText(row.known_from)} 系统比对得出`,
      row.document ? `文件：${row.document}` : "", row.remark ? `备注：${row.remark}` : "",
      row.linked_unit ? `关联单位：${row.linked_unit}` : "", row.due ? `时限：${row.due}` : "",
    ].filter(Boolean).join("；"))))) : nothing("还没有办理记录。"));
}
