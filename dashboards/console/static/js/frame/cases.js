// The work list: filters, the cases in pages, and the download of all of them.

import { address } from "../api.js";
import { el, link, nothing, show } from "../dom.js";
import * as f from "../format.js";
import { choice, LISTS, NOWHERE, PAGE, question } from "./choice.js";
import { dueCell, stateMark, times } from "./words.js";

const SORTS = { size: "销售额从大到小", due: "办理时限从近到远" };

/** Filters stay as they are while the reader types in them; only their values follow the choice. */
export function drawFilters(frame, actions) {
  const form = document.getElementById("filters");
  const districts = [["", "全部区市县"], ...frame.districts.map((row) => [row.district || NOWHERE, row.name || "未标明区市县"])];
  const built = JSON.stringify(districts);
  if (form.dataset.built !== built) {
    form.dataset.built = built;
    form.onsubmit = (event) => event.preventDefault();
    form.replaceChildren(
      el("div", { class: "tools", role: "group", "aria-label": "状态" }, Object.entries(LISTS).map(([name, { word }]) => el("button", {
        type: "button", "data-testid": "list", "data-list": name, onclick: () => actions.list({ list: name, overdue: "" }) }, word))),
      el("label", {}, "区市县 ", select("district", districts, (district) => actions.list({ district }))),
      el("label", { class: "tick" }, el("input", { type: "checkbox", name: "overdue", "data-testid": "overdue",
        onchange: (event) => actions.list({ overdue: event.target.checked ? "true" : "" }) }), "只看逾期"),
      el("label", {}, "排序 ", select("sort", Object.entries(SORTS), (sort) => actions.list({ sort }))),
      el("label", { class: "search" }, el("input", { type: "search", name: "text", "data-testid": "search", "aria-label": "搜索",
        placeholder: "单位名称、信用代码、地址", oninput: (event) => actions.search(event.target.value) })),
      el("a", { id: "download", class: "download", "data-testid": "download", download: "" }, "下载清单（CSV）"));
  }
  for (const button of form.querySelectorAll("[data-list]")) button.setAttribute("aria-pressed", String(button.dataset.list === choice.list));
  form.elements.district.value = choice.district;
  form.elements.sort.value = choice.sort;
  form.elements.overdue.checked = Boolean(choice.overdue);
  if (document.activeElement !== form.elements.text) form.elements.text.value = choice.text;
  document.getElementById("download").href = address("frame/cases", { ...question(), format: "csv" });
}

function select(name, options, onchosen) {
  return el("select", { name, "data-testid": name, onchange: (event) => onchosen(event.target.value) },
    options.map(([value, text]) => el("option", { value }, text)));
}

export function draw(found, actions) {
  const pages = Math.max(1, Math.ceil(found.total / PAGE));
  const page = Math.min(Number(choice.page) || 1, pages);
  document.getElementById("cases-key").textContent = found.total
    ? `共 ${f.number(found.total, 0)} 家${found.size === null ? "" : `，近12个月销售额合计 ${f.exact(found.size)} 万元`}` : "";
  document.getElementById("download").hidden = !found.total;
  if (!found.rows.length) {
    show("cases", empty(actions));
    show("pages");
    return;
  }
  // One below the other, amounts are compared by eye: as many decimals in each as one of them needs.
  const places = f.placesOf(found.rows.map((row) => row.size));
  show("cases", el("table", { class: "plain case-list" },
    el("thead", {}, el("tr", {}, ["单位名称", "统一社会信用代码", "区市县", "行业"].map((name) => el("th", { scope: "col" }, name)),
      el("th", { class: "n", scope: "col" }, "近12个月销售额／门槛(万元)"),
      ["来源", "状态", "责任单位", "办理时限"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, found.rows.map((row) => line(row, places, actions)))));
  show("pages", pages > 1 ? [
    turner("上一页", page > 1, () => actions.page(page - 1)),
    el("span", {}, ` 第 ${page} / ${pages} 页 `),
    turner("下一页", page < pages, () => actions.page(page + 1))] : []);
}

function turner(text, possible, onclick) {
  return el("button", { class: "turn", disabled: !possible, onclick }, text);
}

function line(row, places, actions) {
  return el("tr", { "data-testid": "case", "data-case": row.case, "data-state": row.state, "data-kind": row.kind,
    "data-overdue": row.overdue_days, "data-size": row.size ?? "", class: row.overdue_days ? "late" : "",
    onclick: (event) => { if (!event.target.closest("button") && !String(getSelection())) actions.open(row.case); } },
  el("th", { scope: "row" }, link(row.name || row.case, () => actions.open(row.case), "strong", "查看证据、相近单位和办理经过")),
  cell("统一社会信用代码", "code", row.credit_code || "未提供"),
  cell("区市县", "", row.district_name || "未标明"),
  cell("行业", "", [row.sector || f.NONE, row.class_code ? el("small", {}, ` ${row.class_code}`) : null]),
  cell("近12个月销售额／门槛(万元)", "n", row.size === null ? f.NONE : [f.exact(row.size, places),
    row.threshold === null ? null : el("small", {}, ` ／${f.exact(row.threshold)} ${times(row)}`)]),
  cell("来源", "", [row.feed_name || f.NONE, others(row)]),
  cell("状态", "", [stateMark(row), state(row)]),
  cell("责任单位", "", row.owner_name || "未确定"),
  cell("办理时限", "due", dueCell(row)));
}

/** The heading is repeated in each cell, for a narrow screen where a case is a card. */
function cell(head, kind, ...content) {
  return el("td", { class: kind, "data-head": head }, el("span", { class: "cell" }, ...content));
}

function others(row) {
  return row.other_feeds?.length ? el("small", {}, ` 另见${row.other_feeds.join("、")}`) : null;
}

/** What belongs to the state: why it is not eligible, the month in which it was listed. */
function state(row) {
  const told = row.state === "not_eligible" ? row.reason : row.state === "listed" && row.list_month ? f.periodText(row.list_month) : "";
  return told ? el("small", {}, ` ${told}`) : null;
}

function empty(actions) {
  const narrowed = choice.district || choice.overdue || choice.text;
  return el("div", { class: "nothing", "data-testid": "no-cases" },
    narrowed ? "没有符合条件的线索。" : `没有“${LISTS[choice.list].word}”的线索。`,
    narrowed ? link("清除筛选", () => actions.clear(), "", "区市县、逾期、搜索都不限") : null);
}
