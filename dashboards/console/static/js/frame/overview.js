// What matters at a glance: coverage by count and by sales, and what waits for somebody.

import { el, show } from "../dom.js";
import * as f from "../format.js";
import { choice } from "./choice.js";
import { sides } from "./words.js";

export function draw(frame, actions) {
  const whole = frame.city;
  const { count, size } = whole.coverage;
  show("overview",
    rate("coverage-count", "入统覆盖率", "按单位数", count, "家"),
    rate("coverage-size", "入统覆盖率", "按近12个月销售额", size, "万元", unsized(whole)),
    tally("to_verify", "待核实", whole.to_verify, "达到门槛、不在库，尚未核实", actions),
    tally("to_declare", "拟申报", whole.to_declare, "已确认应统未统，等待入库", actions),
    tally("overdue", "逾期", whole.overdue, "待办线索中已过办理时限", actions),
    tally("near", "准规上", whole.near, "接近门槛，提前关注，不计入覆盖率", actions));
}

/** Units on the list that no feed tells the sales of are in no coverage by sales. */
function unsized(whole) {
  const without = whole.on_list - whole.on_list_sized;
  return without > 0 ? `${f.number(without, 0)}家在库单位没有来源销售额，不计入` : "";
}

function rate(testid, name, window, one, unit, remark = "") {
  return el("article", { class: "box", "data-testid": testid, "data-value": one.value ?? "" },
    el("p", { class: "name" }, name, el("small", {}, window)),
    el("p", { class: "figure" }, el("span", { class: `value ${one.value === null ? "none" : ""}` },
      one.value === null ? "尚无在库单位" : f.share(one.value))),
    el("p", { class: "facts" }, el("span", {}, sides(one, unit)),
      remark ? el("span", {}, remark) : null));
}

/** `name` is a list of the cases, or "overdue" of the open ones. */
function tally(name, word, count, meaning, actions) {
  const overdue = name === "overdue";
  const current = overdue ? Boolean(choice.overdue) : choice.list === name && !choice.overdue;
  return el("article", { class: `box ${current ? "chosen" : ""} ${overdue && count ? "late" : ""}`, "data-testid": `tally-${name}`, "data-count": count },
    el("button", { class: "name", "aria-pressed": String(current), title: "只看这些线索",
      onclick: () => actions.list(overdue ? { list: "open", overdue: "true" } : { list: name, overdue: "" }) },
    overdue && count ? `✕ ${word}` : word),
    el("p", { class: "figure" }, el("span", { class: "value" }, f.number(count, 0)), el("span", { class: "unit" }, "家")),
    el("p", { class: "facts" }, el("span", {}, meaning)));
}
