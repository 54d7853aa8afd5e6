// Departments' keys without a unit: what waits behind each, and how a key is given its unit.

import { address } from "../api.js";
import { el, mark, show } from "../dom.js";
import * as f from "../format.js";
import { chosen } from "../view.js";

/** Rows asked for; the download has all. */
export const SHOWN = 20;

export function draw(found) {
  const panel = document.getElementById("unmatched-panel");
  panel.hidden = !found.rows.length;
  if (panel.hidden) return;
  document.getElementById("unmatched-key").textContent = `${f.number(found.keys, 0)} 个主键，${f.number(found.cells, 0)} 笔数据等待对应`;
  show("unmatched",
    el("p", { class: "caption" }, "部门报来的户号等主键还没有对应到单位，其数据暂不计入任何指标。先对应，再请部门重新报送。"),
    el("div", { class: "wide" }, el("table", { class: "plain unmatched" },
      el("thead", {}, el("tr", {}, ["主键", "部门登记的名称", "报送主体", "报表", "报告期"].map((name) => el("th", { scope: "col" }, name)),
        el("th", { class: "n", scope: "col" }, "等待数据(笔)"), ["等待自", "状态"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, found.rows.map(line)))),
    el("p", { class: "caption" }, found.keys > SHOWN ? `显示等待最久的 ${SHOWN} 个；` : "",
      el("a", { href: address("frame/unmatched", { city: chosen.city, format: "csv" }), download: "" }, "下载全部（CSV）"),
      "；列出可能的单位，以及对应一个主键："),
    el("div", { class: "howto-line" }, el("code", {}, `granary unmatched list --city ${chosen.city}`),
      el("code", {}, `granary unmatched link <主键> <单位代码> --city ${chosen.city} --from <起始日期> --by <姓名> --reason <依据>`)));
}

function line(row) {
  const waits = row.linked < row.cells;
  const span = row.first === row.last ? f.periodText(row.first) : `${f.periodText(row.first)}至${f.periodText(row.last)}`;
  return el("tr", { "data-testid": "unmatched-key-row", "data-key": row.key },
    el("th", { scope: "row" }, `${row.scheme_name} `, el("b", {}, row.key)), el("td", {}, row.name || f.NONE),
    el("td", {}, row.reporter_name), el("td", {}, row.table_name), el("td", {}, span), el("td", { class: "n" }, f.number(row.cells, 0)),
    el("td", { class: "when" }, f.datedText(row.since)),
    el("td", {}, mark(waits ? "○ 待对应" : "◐ 待重新报送", waits ? "yellow" : ""),
      row.units.length ? el("small", {}, ` 已对应 ${row.units.join("、")}`) : null));
}
