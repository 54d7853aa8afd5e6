// The rows behind one figure, and whether they add up to it.

import { ask } from "./api.js";
import { el, mark, nothing } from "./dom.js";
import { open } from "./drawer.js";
import * as f from "./format.js";

/** What the two sides of a measure are called. */
const SIDES = {
  level: { numerator: "合计", denominator: "" },
  ratio: { numerator: "分子", denominator: "分母" },
  growth: { numerator: "本期", denominator: "基期" },
  ratioGrowth: { numerator: "本期", denominator: "基期" },
  part: { numerator: "部分", denominator: "整体" },
  contribution: { numerator: "增量", denominator: "整体基期" },
};
/** What is added up for each side; the growth of a ratio has four sums. */
const INTO = {
  ratioGrowth: { numerator: "本期分子", numerator_below: "本期分母", denominator: "基期分子", denominator_below: "基期分母" },
};
const ORDER = ["numerator", "numerator_below", "denominator", "denominator_below"];
const WHY = {
  part: "其中项", dropped: "已注销", not_listed: "不在库", no_base: "无基数", cancels: "前后抵消", incomplete: "期内缺报",
  other_table: "以另一报送渠道为准", replaced: "已有更新的时点数", condition: "不符合所计条件", beside: "只作对照",
};

/** Which words a measure's sheet uses. */
export function sheetOf(measure, ratio) {
  if (f.growthKind(measure)) return ratio ? "ratioGrowth" : "growth";
  const part = f.partText(measure);
  if (part) return part === "占比" ? "part" : "contribution";
  return ratio ? "ratio" : "level";
}

/** `figure`: {level, subject, name, period, measure, value, standing} of a v_indicator row. */
export async function showTrail(city, card, items, figure) {
  const grows = f.growthKind(figure.measure) || f.partText(figure.measure);
  const span = f.spanText(figure.period, figure.measure);
  const title = `${figure.name} · ${card.name_zh} · ${span}`;
  const told = el("p", { class: "told" },
    `${f.windowText(figure.measure, figure.period)}${f.growthText(figure.measure)}${f.partText(figure.measure)} `,
    el("b", { class: "num" }, grows ? f.percent(figure.value) : f.number(figure.value, card.decimals)),
    grows ? null : ` ${card.unit}`, figure.standing ? mark(figure.standing, "standing") : null);
  open(title, told, nothing("正在查找数据来源…"));
  const question = {
    city, level: figure.level, subject: figure.subject, period: figure.period, measure: figure.measure,
    standing: figure.standing,
  };
  try {
    const found = await ask(`indicators/${card.indicator}/rows`, question);
    const quoted = f.isQuoted(figure.standing);
    const sheet = sheetOf(figure.measure, Boolean(card.denominator_text) && !quoted);
    const sides = { ...SIDES[sheet], into: INTO[sheet] || SIDES[sheet] };
    const remarks = f.remarks(found.figure?.reason);
    open(title, told, quoted ? el("p", { class: "caption" }, `这是${figure.standing}，按发布原样引用，不由单位数据汇总。`) : null,
      verdict(found, sides), remarks ? el("p", { class: "caption", "data-testid": "trail-remarks" }, `注：${remarks}。`) : null,
      quoted ? null : sums(found, items, sides), rowsTable(found, items, sides, quoted ? figure.name : ""));
  } catch (error) {
    open(title, told, nothing(`查不到：${error.message}`));
  }
}

function verdict(found, sides) {
  const told = (one) => (sides.denominator
    ? `${sides.numerator}${f.exact(one.numerator)}，${sides.denominator}${f.exact(one.denominator)}`
    : f.exact(one.numerator));
  const [text, kind] = {
    true: [`✓ 与指标数一致：${told(found)}`, "good"],
    false: [`✕ 与指标数不一致：下列数据合计${told(found)}，指标数为${found.figure ? told(found.figure) : ""}。`
      + "可能正在入库，请稍后再看；仍不一致的请告知市监测中心。", "red"],
    null: ["指标库中没有这个数，只列出相关数据。", ""],
  }[String(found.agrees)];
  return el("p", { class: `verdict ${kind}`, "data-testid": "verdict", "data-agrees": String(found.agrees) }, text);
}

function sums(found, items, sides) {
  if (!found.sums.length) return nothing("没有计入的数据。");
  const bySide = [...found.sums].sort((one, other) => ORDER.indexOf(one.into) - ORDER.indexOf(other.into));
  const whole = bySide.map((sum) => el("li", {},
    sides.denominator ? mark(sides.into[sum.into]) : null,
    `${f.periodText(sum.period)} ${sum.name || items[sum.item] || sum.item}：${sum.units}个单位，`,
    sum.name ? "各计1，" : null, sum.units > 1 ? "合计 " : "数值 ",
    el("b", { class: "num", "data-testid": "trail-sum", "data-period": sum.period, "data-value": sum.value,
      "data-into": sum.into, "data-factor": sum.factor }, f.exact(sum.value)),
    sum.factor === "1" ? null : ` × ${f.exact(sum.factor)}`));
  return el("div", { class: "sums" }, el("p", {}, "计入的数据，按指标项和报告期合计："), el("ul", {}, whole));
}

/** `whose`: the name of a quoted figure's subject, which is no unit of the register. */
function rowsTable(found, items, sides, whose) {
  const shown = found.rows.length < found.total ? `相关数据共${found.total}条，显示前${found.rows.length}条` : `相关数据共${found.total}条`;
  return el("div", { class: "wide" },
    el("p", { class: "caption" }, shown),
    el("table", { class: "plain trail" },
      el("thead", {}, el("tr", {}, el("th", {}, "统计单位"), el("th", {}, "指标项"), el("th", {}, "报告期"),
        el("th", { class: "n" }, "数值"), el("th", {}, "状态"), el("th", {}, "计入"), el("th", {}, "报送编号"),
        el("th", {}, "到达时间"))),
      el("tbody", {}, found.rows.map((row) => el("tr", { "data-testid": "trail-row", class: row.counted ? "" : "quiet",
        "data-unit": row.unit, "data-item": row.item, "data-counted": row.counted ? "1" : "0" },
      el("td", {}, whose || row.unit_name || row.unit, row.unit_name && row.unit_name !== row.unit ? el("small", {}, ` ${row.unit}`) : null),
      el("td", {}, items[row.item] || row.counts[0]?.name || row.item), el("td", { class: "when" }, f.periodText(row.period)),
      el("td", { class: "n" }, row.value === null ? f.NONE : f.exact(row.value)),
      el("td", {}, f.STATUSES[row.status] || row.status),
      el("td", { class: "when" }, part(row, items, sides)),
      el("td", { class: "code" }, row.submission), el("td", { class: "when" }, f.stampText(row.arrived_at)))))));
}

/** How a row counts, or why it does not. */
function part(row, items, sides) {
  if (!row.counted) {
    if (row.why === "no_value") return `不计：${f.STATUSES[row.status] || row.status}`;
    if (row.lacks.length) return `不计：缺${row.lacks.map((code) => items[code] || code).join("、")}`;
    return `不计：${WHY[row.why] || row.why}`;
  }
  const said = (factor, side) => `${factor.startsWith("-") ? "减自" : "计入"}${sides.denominator ? sides.into[side] : ""}`;
  const told = ORDER.filter((side) => row[side]).map((side) => said(row[side], side));
  const counted = (row.counts || []).map((one) => `作为${one.name}${said(one.factor, one.into)}，计1`);
  return [...told, ...counted].join("，").replace(/^减自$/, "减去");
}
