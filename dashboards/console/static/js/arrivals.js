// The newest submissions, and where every observation of each has come to.

import { el, link, mark, show, nothing } from "./dom.js";
import * as f from "./format.js";

let known = new Set();
let knownCity = "";

const keyOf = (row) => `${row.submission}/${row.period}`;

export function draw(rows, names, city, actions) {
  if (city !== knownCity) known = new Set(rows.map(keyOf));
  knownCity = city;
  if (!rows.length) {
    show("arrivals", nothing("还没有报送。"));
    return;
  }
  show("arrivals", el("table", { class: "plain" },
    el("thead", {}, el("tr", {}, el("th", {}, "到达时间"), el("th", {}, "报送主体"), el("th", {}, "报告期"),
      el("th", { class: "n" }, "接收"), el("th", { class: "n" }, "退回"), el("th", {}, "状态"))),
    el("tbody", {}, rows.map((row) => {
      const fresh = !known.has(keyOf(row));
      known.add(keyOf(row));
      return el("tr", { class: fresh ? "changed" : "", "data-testid": "submission", "data-submission": row.submission,
        "data-period": row.period },
      el("td", { class: "when" }, f.whenText(row.arrived_at)),
      el("td", {}, link(names[row.reporter] || row.reporter, () => actions.submission(row), "", "查看每一笔数据的去向")),
      el("td", {}, f.shortPeriod(row.period)),
      el("td", { class: "n" }, f.number(row.accepted, 0)),
      el("td", { class: "n" }, row.rejected ? f.number(row.rejected, 0) : f.NONE),
      el("td", {}, fate(row)));
    }))));
}

export function fate(row) {
  if (row.dead > 0) return mark(`死信${row.dead}`, "red");
  if (!row.settled || row.pending > 0) return mark("处理中", "provisional");
  if (row.quarantined > 0) return mark(`隔离${row.quarantined}`, "yellow");
  return mark("已入库", "good");
}
