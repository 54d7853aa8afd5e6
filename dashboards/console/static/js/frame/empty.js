// A city of whose frame nothing can be said yet: what is missing, and how it comes.

import { el } from "../dom.js";
import { chosen } from "../view.js";

/** `frame`: without a city the catalogue has no frame.yaml; else no feed has named a candidate. */
export function nothingYet(frame) {
  const known = Boolean(frame.city);
  const first = known ? null : el("li", {}, "在本市目录中写明各行业的入库门槛和候选名单的来源（frame.yaml），再载入目录：",
    el("code", {}, `granary catalog load <目录文件夹>`));
  return el("section", { class: "howto", "data-testid": "no-frame" },
    el("h2", {}, "没有应统未统线索：尚未收到候选名单"),
    el("p", {}, "应统未统由部门掌握的名单与在库名录比对得出。名单报来之前，这里不说覆盖率，也不说没有遗漏。"),
    el("ol", {}, first,
      el("li", {}, "由税务、市场监管、供电等部门报送候选名单，CSV 格式，一行一个单位；列名：",
        el("code", {}, "key,name,credit_code,address,sector,class_code,district,size,as_of"),
        "其中 size 为近12个月销售额（万元），as_of 为数据截至的月份，如 2026-06。"),
      el("li", {}, "报送命令（报送主体用自己的令牌）：",
        el("code", {}, `granary push <名单.csv> --table <候选名单的报表代码> --city ${chosen.city} --reporter <报送主体代码>`)),
      el("li", {}, "名单入库后，本页自动列出达到门槛而不在库的单位。")));
}
