// Numbers, periods and codes as a reader of Chinese statistics expects them.

export const NONE = "—";

/** Measures by window: what stands before the figure's name. A rolling year has as many periods as a year. */
const ROLLING = { month: "近12个月", quarter: "近4个季度", year: "全年" };
const CURRENT = { month: "当月", quarter: "当季", year: "全年" };
/** Growth carries its kind in its name, everywhere. */
const KINDS = { yoy_same: "同口径", yoy_matched: "可比匹配", yoy_nominal: "名义", two_year_same: "两年平均", mom: "" };
/** What a contribution is of: the growth it is part of, and the line of it. */
const CONTRIBUTIONS = /(?:^|_)contribution(_nominal)?(?:_(continuing|entries|exits))?$/;
const LINES_OF = { continuing: "在库单位", entries: "新入库单位", exits: "退库单位" };
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
  registered: "在册",
};
const STANDINGS = ["监测数", "上报数", "核定数", "公布数"];

/** Why a figure has no value: the first of the reason's codes, joined by ";", with "=n" or ":word". */
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
  const shown = Number((value * 100).toFixed(decimals));
  const sign = shown > 0 ? "+" : shown < 0 ? "−" : "";
  return `${sign}${Math.abs(shown).toFixed(decimals)}%`;
}

/** A share as per cent; it reads 100 % only where nothing is missing. */
export function share(value) {
  if (value === null || value === undefined) return NONE;
  const shown = (value * 100).toFixed(1);
  return `${value < 1 && shown === "100.0" ? "99.9" : shown}%`;
}

/** An exact decimal text with separators and without idle zeros beyond `places`; never through a float. */
export function exact(text, places = 0) {
  const [whole, part = ""] = String(text).replace("-", "−").split(".");
  const tail = part.replace(/0+$/, "").padEnd(places, "0");
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (tail ? `.${tail}` : "");
}

/** The most decimals that one of the exact texts needs. */
export function placesOf(texts) {
  return Math.max(0, ...texts.map((text) => (String(text ?? "").split(".")[1] || "").replace(/0+$/, "").length));
}

/** `expected`: units that ought to be behind the figure; where there is none, nobody is silent. */
export function reason(text, expected) {
  const first = (text || "").split(";")[0];
  const [code, word] = first.split(":");
  if (code === "no_units" && expected === 0) return "无应报";
  if (code === "no_rate" || code === "base_not_positive") return word;
  return REASONS[first.split(/[=:]/)[0]] || NONE;
}

/** What must be known of a figure beside its value, by the labels of its reason's remarks. */
const REMARKS = {
  units_without_base: (count) => `${count}家无基数`,
  zero_denominators: (count) => `${count}家分母为零`,
  short_window: (count) => `${count}家只含其在库期间`,
  short_base: (count) => `${count}家的基数期间不全`,
  prior_adjustment: (count) => `${count}家含前期调整`,
  held_stock: (count, oldest) => `${count}家的时点数沿用前期，最早为${periodText(oldest)}`,
  overlap_units: (count) => `${count}家属于多个成员，合计只计一次`,
};

/** The remarks of a reason in words: "2家无基数；1家含前期调整"; "" for none. */
export function remarks(text) {
  const told = (text || "").split(";").map((part) => {
    const [, label, count, rest] = /^(\w+)=(\d+):?(.*)$/.exec(part) || [];
    return REMARKS[label]?.(count, rest);
  });
  return told.filter(Boolean).join("；");
}

/** The subject that holds each unit of overlapping members once. */
export const TOTAL = "total";

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

/** A period in a narrow column: 18年12月. */
export function shortPeriod(period) {
  return frequency(period) === "month" ? periodText(period).slice(2) : periodText(period);
}

/** "1—12月" for a year-to-date figure, else the plain period. */
export function spanText(period, measure) {
  const year = period.slice(0, 4);
  const part = Number(period.slice(6));
  if (!measure.startsWith("ytd") || part < 2) return periodText(period);
  return frequency(period) === "month" ? `${year}年1—${part}月` : `${year}年1—${part}季度`;
}

export function windowText(measure, period) {
  if (measure.startsWith("ytd")) return "本年累计";
  const often = frequency(period || "");
  return measure.startsWith("rolling12") ? ROLLING[often] : CURRENT[often];
}

export function growthText(measure) {
  const kind = growthKind(measure);
  if (!kind) return "";
  if (kind === "two_year_same") return "两年平均同比（同口径）";
  return KINDS[kind] ? `同比（${KINDS[kind]}）` : "环比";
}

/** Share and contributions: "占比", "拉动（同口径）", "新入库单位拉动（名义）"; "" of another measure. */
export function partText(measure) {
  if (/(^|_)share$/.test(measure)) return "占比";
  const found = CONTRIBUTIONS.exec(measure);
  return found ? `${LINES_OF[found[2]] || ""}拉动（${KINDS[found[1] ? "yoy_nominal" : "yoy_same"]}）` : "";
}

/** 同口径, 可比匹配, 名义, 两年平均: beside the word 同比. */
export function kindText(measure) {
  return KINDS[growthKind(measure)] || "";
}

/** "yoy_same" of "ytd_yoy_same"; "" of a measure that is no growth. */
export function growthKind(measure) {
  return Object.keys(KINDS).find((name) => measure === name || measure.endsWith(`_${name}`)) || "";
}

/** The measure that tells a window's growth of a kind. */
export function growthOf(window, kind) {
  return window === "current" ? kind : `${window}_${kind}`;
}

/** Names of the catalogue's levels, for those that have no word of the page's own. */
let levelNames = {};

export function useLevels(names) {
  levelNames = names;
}

export function levelText(level) {
  return LEVELS[level] || (levelNames[level] || level).replace(/[(（].*$/, "");
}

/** Figures that are quoted as they stand: no units of ours are behind them. */
export function isQuoted(standing) {
  return standing === "公布数" || standing === "核定数";
}

/** Of several standings the highest that has a value; one without hides none that has one. */
export function highest(rows) {
  const rank = (row) => (row.value === null ? 0 : 10) + STANDINGS.indexOf(row.standing);
  return rows.reduce((best, row) => (best === null || rank(row) >= rank(best) ? row : best), null);
}

/** Units behind a figure against those expected. */
export function coverageText(row) {
  if (isQuoted(row.standing)) return "直接引用";
  if (row.expected_units === null || row.expected_units === undefined) return NONE;
  return row.expected_units ? `${row.units}/${row.expected_units}` : `${row.units}家`;
}

/** Instants are told in the city's time, wherever the reader sits. */
let zone;

export function useZone(name) {
  zone = name || undefined;
}

function parts(iso) {
  const told = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(iso ? new Date(iso) : new Date());
  return Object.fromEntries(told.map((part) => [part.type, part.value]));
}

export function stampText(iso) {
  if (!iso) return NONE;
  const at = parts(iso);
  return `${at.month}月${at.day}日 ${at.hour}:${at.minute}`;
}

/** With the year, for what may be long past: 2026-08-11 11:00. */
export function datedText(iso) {
  if (!iso) return NONE;
  const at = parts(iso);
  return `${at.year}-${at.month.padStart(2, "0")}-${at.day.padStart(2, "0")} ${at.hour}:${at.minute}`;
}

/** The time to the second for what is of today, else the date and time. */
export function whenText(iso) {
  if (!iso) return NONE;
  const [at, now] = [parts(iso), parts()];
  const today = ["year", "month", "day"].every((name) => at[name] === now[name]);
  return today ? `${at.hour}:${at.minute}:${at.second}` : stampText(iso);
}
