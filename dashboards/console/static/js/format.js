// Numbers, periods and codes as a reader of Chinese statistics expects them.

const NONE = "—";

/** Measures by window: what stands before the figure's name. */
const WINDOWS = { ytd: "本年累计", rolling12: "近12个月" };
const CURRENT = { month: "当月", quarter: "当季", year: "全年" };
const GROWTH = {
  yoy_same: "同比(同口径)", yoy_matched: "同比(可比匹配)", yoy_nominal: "同比(名义)", mom: "环比",
};
const LEVELS = {
  city: "全市", district: "区县", industry: "行业", zone: "功能区", ecosystem: "产业生态圈",
  park: "园区", department: "部门", unit: "单位",
};
export const ROLES = { monitor: "监测性", incentive: "激励性", constraint: "约束性" };
export const DIMENSIONS = {
  investment_output: "投资产出", innovation: "创新能力", green: "绿色发展",
  construction: "建设推进", operation: "经济运行",
};
export const DIRECTIONS = { higher: "越高越好", lower: "越低越好", none: "不评优劣" };
export const STATUSES = {
  reported: "已报", missing: "缺报", not_applicable: "不适用", estimated: "推算", withdrawn: "已撤销",
};

/** Why a figure has no value. The reason's codes are joined by ";", each may carry "=n" or ":text". */
const REASONS = {
  no_units: "缺报", no_total: "不合计", zero_denominator: "分母为零", no_base: "无基数",
  not_quoted: "未公布",
};

export function number(value, decimals) {
  if (value === null || value === undefined) return NONE;
  return value.toLocaleString("zh-CN", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A growth fraction as per cent, always with its sign. */
export function percent(value, decimals = 1) {
  if (value === null || value === undefined) return NONE;
  const shown = (value * 100).toFixed(decimals);
  const sign = Number(shown) > 0 ? "+" : "";
  return `${sign}${shown.replace("-", "−")}%`;
}

export function reason(text) {
  const first = (text || "").split(";")[0];
  if (first.startsWith("no_rate:")) return first.split(":")[1];
  return REASONS[first.split("=")[0]] || NONE;
}

export function frequency(period) {
  if (period.includes("-Q")) return "quarter";
  return period.includes("-M") ? "month" : "year";
}

export function periodText(period) {
  if (!period) return NONE;
  const [year, part] = period.split("-");
  if (!part) return `${year}年`;
  if (part[0] === "Q") return `${year}年${"一二三四"[Number(part[1]) - 1]}季度`;
  return `${year}年${Number(part.slice(1))}月`;
}

/** "1—12月" for a year-to-date figure, else the plain period. */
export function spanText(period, measure) {
  const month = Number((period.split("-M")[1]) || 0);
  if (measure.startsWith("ytd") && month > 1) return `${period.slice(0, 4)}年1—${month}月`;
  return periodText(period);
}

export function windowText(measure, period) {
  for (const window of Object.keys(WINDOWS)) {
    if (measure === window || measure.startsWith(`${window}_`)) return WINDOWS[window];
  }
  return CURRENT[frequency(period || "")];
}

export function growthText(measure) {
  const kind = Object.keys(GROWTH).find((name) => measure === name || measure.endsWith(`_${name}`));
  return kind ? GROWTH[kind] : "";
}

export function levelText(level) {
  return LEVELS[level] || level;
}

export function clockText(iso) {
  return iso ? new Date(iso).toLocaleTimeString("zh-CN", { hour12: false }) : NONE;
}

export function stampText(iso) {
  if (!iso) return NONE;
  const at = new Date(iso);
  const two = (n) => String(n).padStart(2, "0");
  return `${at.getMonth() + 1}月${at.getDate()}日 ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Which line a value has passed: "red", "yellow" or "". */
export function passed(card, value) {
  if (value === null || value === undefined || !card) return "";
  const beyond = (line) => line !== null && line !== undefined &&
    (card.direction === "lower" ? value > line : value < line);
  if (beyond(card.red)) return "red";
  return beyond(card.yellow) ? "yellow" : "";
}

export const LINE_WORDS = { red: "触红线", yellow: "触黄线" };
