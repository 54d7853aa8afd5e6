// A subject's indicators side by side, where one of them over time would be no line yet.

import { el } from "./dom.js";
import * as f from "./format.js";
import { lineMark, lineOf, linesOf } from "./lines.js";

/** there: the periods that have a value; figures: [{row, card}] of one subject and period. */
export function few(there, figures) {
  const told = there.length
    ? `目前只有${there.map((row) => f.periodText(row.period)).join("、")}的数据，满三期后显示走势。`
    : "这里还没有数据。";
  return el("div", { class: "few" }, el("p", { class: "caption" }, `${told}下面是同一对象的各项指标。`),
    el("table", { class: "plain profile" },
      el("thead", {}, el("tr", {}, el("th", {}, "指标"), el("th", { class: "n" }, "数值"), el("th", {}, "单位"),
        el("th", { class: "n" }, "位次"), el("th", {}, "属性"), el("th", {}, "黄线／红线"), el("th", {}, "性质"))),
      el("tbody", {}, figures.map(line))));
}

function line({ row, card }) {
  const lines = linesOf(card, "current");
  return el("tr", { "data-testid": "profile-row", "data-indicator": row.indicator, "data-value": row.value ?? "" },
    el("th", { scope: "row" }, card.name_zh),
    el("td", { class: "n" }, row.value === null
      ? el("span", { class: "absent" }, f.reason(row.reason, row.expected_units)) : f.number(row.value, card.decimals)),
    el("td", { class: "quiet" }, card.unit),
    el("td", { class: "n" }, row.place ? `${row.place}/${row.of}` : f.NONE),
    el("td", { class: "quiet" }, row.standing || f.NONE),
    el("td", {}, lines.length ? `${lines.map(([, at]) => f.number(at, card.decimals)).join("／")} ` : f.NONE,
      lines.length ? lineMark(lineOf(card, row)) : null),
    el("td", { class: "quiet" }, f.ROLES[card.role]));
}
