// The side sheet: an indicator's card, or the rows behind one figure.

import { ask } from "./api.js";
import { el, mark, nothing } from "./dom.js";
import * as f from "./format.js";

const sheet = () => document.getElementById("drawer");

function open(title, ...content) {
  sheet().replaceChildren(
    el("div", { class: "drawer-head" }, el("h2", {}, title),
      el("button", { class: "close", "aria-label": "关闭", onclick: () => sheet().close() }, "关闭")),
    ...content.flat(2).filter(Boolean));
  if (!sheet().open) sheet().showModal();
}

export function showCard(card) {
  const lines = [["黄线", card.yellow], ["红线", card.red]].filter(([, at]) => at !== null);
  const facts = [
    ["含义", card.note || "目录未填写说明"],
    ["计量单位", card.unit],
    ["计算公式", card.denominator_text ? `${card.numerator_text} ÷ ${card.denominator_text}` : card.numerator_text],
    ["性质", `${f.ROLES[card.role]}指标,${f.DIRECTIONS[card.direction]}`],
    ["维度", f.DIMENSIONS[card.dimension]],
    ...lines.map(([name, at]) => [name, `${f.number(at, card.decimals)} ${card.unit}`]),
    card.consequence_zh ? ["触红线后果", card.consequence_zh] : null,
    lines.length ? ["线值来源", card.lines_source || "目录未注明"] : null,
    card.reward_zh ? ["激励", card.reward_zh] : null,
    ["来源报表", card.table],
    ["发布层级", card.levels.map((level) => (Array.isArray(level) ? level.map(f.levelText).join("×") : f.levelText(level))).join("、")],
    ["指标代码", card.indicator],
  ].filter(Boolean);
  open(`${card.name_zh} · 指标卡`, el("dl", { class: "card-facts", "data-testid": "card" },
    facts.map(([term, text]) => [el("dt", {}, term), el("dd", {}, text)])));
}

/** `figure`: {level, subject, name, period, measure, value, standing} of a v_indicator row. */
export async function showTrail(city, card, items, figure) {
  const title = `${figure.name} · ${card.name_zh} · ${f.spanText(figure.period, figure.measure)}`;
  const told = el("p", { class: "told" }, f.windowText(figure.measure, figure.period), " ",
    el("b", { class: "num" }, f.number(figure.value, card.decimals)), ` ${card.unit}`,
    figure.standing ? mark(figure.standing, "standing") : null);
  open(title, told, nothing("正在查找数据来源…"));
  if (figure.standing === "公布数" || figure.standing === "核定数") {
    open(title, told, nothing(`这是${figure.standing},按发布原样引用,不由单位数据汇总。`));
    return;
  }
  const question = {
    city, level: figure.level, subject: figure.subject, period: figure.period, measure: figure.measure,
  };
  try {
    const found = await ask(`indicators/${card.indicator}/rows`, question);
    open(title, told, sums(found, items), rowsTable(found, items));
  } catch (error) {
    open(title, told, nothing(`查不到:${error.message}`));
  }
}

function sums(found, items) {
  if (!found.sums.length) return nothing("没有进入合计的数据。");
  const whole = found.sums.map((sum) =>
    el("li", {}, `${f.periodText(sum.period)} ${items[sum.item] || sum.item}:${sum.units} 个单位,合计 `,
      el("b", { class: "num", "data-testid": "trail-sum", "data-period": sum.period, "data-value": sum.value },
        exact(sum.value))));
  return el("div", { class: "sums" }, el("p", {}, "计入本数的数据按指标项、报告期合计:"), el("ul", {}, whole));
}

function rowsTable(found, items) {
  const shown = found.rows.length < found.total ? `共 ${found.total} 条,显示前 ${found.rows.length} 条` : `共 ${found.total} 条`;
  return el("div", {},
    el("p", { class: "caption" }, shown),
    el("table", { class: "plain trail" },
      el("thead", {}, el("tr", {}, el("th", {}, "单位"), el("th", {}, "指标项"), el("th", {}, "报告期"),
        el("th", { class: "n" }, "数值"), el("th", {}, "状态"), el("th", {}, "计入"), el("th", {}, "报送编号"),
        el("th", {}, "到达时间"))),
      el("tbody", {}, found.rows.map((row) => el("tr", { "data-testid": "trail-row", class: row.counted ? "" : "quiet" },
        el("td", {}, row.unit_name || row.unit, row.unit_name ? el("small", {}, ` ${row.unit}`) : null),
        el("td", {}, items[row.item] || row.item), el("td", { class: "when" }, f.periodText(row.period)),
        el("td", { class: "n" }, row.value === null ? "缺报" : exact(row.value)),
        el("td", {}, f.STATUSES[row.status] || row.status),
        el("td", {}, row.counted ? "计入" : row.part_of ? "其中" : "不在库"),
        el("td", { class: "code" }, row.submission), el("td", { class: "when" }, f.stampText(row.arrived_at)))))));
}

/** An exact decimal text with separators and without idle zeros; never through a float. */
function exact(text) {
  const [whole, part = ""] = String(text).split(".");
  const tail = part.replace(/0+$/, "");
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (tail ? `.${tail}` : "");
}
