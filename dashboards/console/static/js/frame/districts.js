// Districts by coverage; beside it, in columns of its own, response: another question.

import { el, link, show } from "../dom.js";
import * as f from "../format.js";
import { choice, NOWHERE } from "./choice.js";
import { sides } from "./words.js";

/** Columns that the table can be ordered by: what is compared, and whether it begins with the most. */
const ORDERS = {
  coverage: { of: (row) => row.coverage?.count.value, down: false },
  size: { of: (row) => row.coverage?.size.value, down: false },
  open: { of: (row) => row.open, down: true },
  overdue: { of: (row) => row.overdue, down: true },
  sales: { of: (row) => Number(row.open_size), down: true },
  response: { of: (row) => row.response?.share, down: false },
};

/** `table` of the responses that is shown, remembered while the page is open. */
let shownTable = "";

export function draw(frame, actions) {
  const panel = document.getElementById("districts-panel");
  panel.hidden = !frame.districts.length;
  if (panel.hidden) return;
  const told = frame.responses.find((one) => one.table === shownTable) || frame.responses[0];
  const rows = ranked(frame.districts.map((row) => ({ ...row, response: rate(told?.districts[row.district]) })));
  const whole = { ...frame.city, district: "", response: rate(told?.city) };
  document.getElementById("districts-key").textContent = `覆盖率＝在库 ÷（在库＋确认应统未统）；位次按家数覆盖率${told ? "；回应率＝已报 ÷ 应报，与覆盖率无关" : ""}`;
  show("districts", el("table", { class: "ranks frame-ranks" },
    el("thead", {},
      el("tr", { class: "groups" }, el("td", { colspan: 2 }), el("th", { colspan: 2, scope: "colgroup" }, "入统覆盖率"),
        el("th", { colspan: 3, scope: "colgroup" }, "待办线索"),
        told ? el("th", { class: "apart", scope: "colgroup" }, picker(frame, told, actions)) : null),
      el("tr", {}, el("th", { class: "n" }, "位次"), el("th", {}, "区市县"), head("coverage", "按家数", actions),
        head("size", "按销售额", actions), head("open", "家数", actions), head("overdue", "已逾期", actions),
        head("sales", "销售额(万元)", actions), told ? head("response", "回应率", actions, "apart") : null)),
    el("tbody", {}, line(whole, true, told, actions), rows.map((row) => line(row, false, told, actions)))));
}

function rate(one) {
  if (!one) return null;
  return { ...one, share: one.expected ? one.received / one.expected : null };
}

/** Rows in the chosen order, with their place by coverage; without a value last. */
function ranked(rows) {
  const placed = rows.map((row) => {
    const own = row.coverage?.count.value;
    const better = rows.filter((other) => (other.coverage?.count.value ?? -1) > own).length;
    return { ...row, place: own === null || own === undefined ? null : better + 1 };
  });
  const { of, down } = ORDERS[choice.by] || ORDERS.coverage;
  const sign = (choice.down ? choice.down === "1" : down) ? -1 : 1;
  const none = (value) => value === null || value === undefined;
  return placed.sort((one, other) => {
    const [a, b] = [of(one), of(other)];
    if (none(a) || none(b)) return none(a) - none(b);
    return sign * (a - b) || Number(other.open_size) - Number(one.open_size);
  });
}

function head(name, text, actions, kind = "") {
  const current = choice.by === name;
  const down = current && choice.down ? choice.down === "1" : ORDERS[name].down;
  const sorted = down ? "descending" : "ascending";
  return el("th", { class: `n ${kind}`, scope: "col", "aria-sort": current ? sorted : null },
    el("button", { title: "按此列排序", "data-testid": `order-${name}`, onclick: () => actions.order(name, current ? !down : ORDERS[name].down) },
      text, current ? (down ? " ↓" : " ↑") : ""));
}

function picker(frame, told, actions) {
  const title = (one) => `${one.name} ${f.periodText(one.period)}`;
  const due = told.due_at && new Date(told.due_at) > new Date() ? "（未到期）" : "";
  if (frame.responses.length < 2) return `报送 · ${title(told)}${due}`;
  return ["报送 · ", el("select", { "aria-label": "回应率的报表", "data-testid": "response-table", onchange: (event) => {
    shownTable = event.target.value;
    actions.redraw();
  } }, frame.responses.map((one) => el("option", { value: one.table, selected: one === told }, title(one)))), due];
}

function line(row, whole, told, actions) {
  const code = whole ? "" : row.district || NOWHERE;
  const name = whole ? "全市" : row.name || "未标明区市县";
  const chosen = !whole && choice.district === code;
  const { count, size } = row.coverage || {};
  return el("tr", { class: `${whole ? "whole" : ""} ${chosen ? "chosen" : ""}`, "data-testid": whole ? "frame-city" : "frame-district",
    "data-district": code, "data-coverage": count?.value ?? "", "data-open": row.open, "data-overdue": row.overdue, "data-sales": row.open_size },
  el("td", { class: "n place" }, row.place ?? ""),
  el("th", { scope: "row" }, link(name, () => actions.list({ district: code }), "", whole ? "看全市的线索" : `只看${name}的线索`)),
  count ? covered(count, "家") : none(), size ? covered(size, "万元") : none(),
  el("td", { class: "n", title: `待核实${row.to_verify}家，拟申报${row.to_declare}家` }, f.number(row.open, 0)),
  el("td", { class: "n" }, row.overdue ? el("span", { class: "mark red" }, `✕ ${row.overdue}`) : "0"),
  el("td", { class: "n", title: `${f.exact(row.open_size)} 万元` }, f.number(Math.round(Number(row.open_size)), 0)),
  told ? el("td", { class: "n apart" }, row.response?.expected ? [f.share(row.response.share),
    el("small", {}, ` ${row.response.received}/${row.response.expected}`)] : el("span", { class: "quiet" }, "无应报")) : null);
}

/** Both sides in whole units, exact on demand. */
function covered(one, unit) {
  if (one.value === null) return none();
  const told = [one.numerator, one.denominator].map((side) => f.number(Math.round(Number(side)), 0)).join("/");
  return el("td", { class: "n", title: sides(one, unit) }, f.share(one.value), el("small", { class: unit === "家" ? "" : "amounts" }, ` ${told}`));
}

function none() {
  return el("td", { class: "n quiet" }, f.NONE);
}
