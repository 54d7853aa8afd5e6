// A city of whose frame nothing can be said yet: what is missing, and how it comes.

import { el } from "../dom.js";

/** Where the catalogue names no feed, frame.yaml comes first; else no feed has named a candidate. */
export function nothingYet(frame) {
  const sent = frame.feeds.filter((feed) => feed.table);
  return el("section", { class: "howto", "data-testid": "no-frame" },
    el("h2", {}, "没有应统未统线索：尚未收到候选名单"),
    el("p", {}, "应统未统由部门掌握的名单与在库名录比对得出。名单报来之前，这里不说覆盖率，也不说没有遗漏。"),
    el("ol", {}, sent.length ? null : el("li", {},
      "在本市目录中写明各行业的入库门槛和候选名单的来源（frame.yaml）、报送所用的报表（register_tables.yaml）和报送主体（reporters.yaml），再载入目录：",
      el("code", {}, "granary catalog load <目录文件夹>")),
    el("li", {}, "由税务、市场监管、供电等部门报送候选名单，CSV 格式，一行一个单位，表头：",
      el("code", {}, "主键,单位名称,统一社会信用代码,地址,行业门类,行业代码,区市县,近12个月销售额,截至"),
      "销售额以万元计；“截至”为数据截至的月份，如 2026年6月。没有的列可以不填。"),
    el("li", {}, "报送主体用自己的令牌报送；加 --dry-run 先试，不写入：",
      sent.length ? sent.map((feed) => [el("span", { class: "feed" }, who(feed)), push(feed.table)]) : push("<报表代码>")),
    el("li", {}, "名单入库后，本页自动列出达到门槛而不在库的单位。")));
}

function who(feed) {
  const names = Object.values(feed.reporters);
  return `${feed.name}（${names.length ? names.join("、") : "目录中还没有报送主体"}）`;
}

function push(table) {
  return el("code", {}, `granary push <名单.csv> --table ${table} --gateway <网关地址> --token @<令牌文件>`);
}
