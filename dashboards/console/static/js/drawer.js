// The side sheet: an indicator's card, or what became of a submission. `trail.js` opens it too.

import { fate } from "./arrivals.js";
import { el } from "./dom.js";
import * as f from "./format.js";

const sheet = () => document.getElementById("drawer");

export function open(title, ...content) {
  sheet().replaceChildren(
    el("div", { class: "drawer-head" }, el("h2", {}, title),
      el("button", { class: "close", "aria-label": "关闭", onclick: () => sheet().close() }, "关闭 ✕")),
    ...content.flat(2).filter(Boolean));
  if (!sheet().open) sheet().showModal();
}

function facts(pairs, testid) {
  return el("dl", { class: "card-facts", "data-testid": testid },
    pairs.filter(Boolean).map(([term, text]) => [el("dt", {}, term), el("dd", {}, text)]));
}

export function showCard(card, tables) {
  const lines = [["黄线", card.yellow], ["红线", card.red]].filter(([, at]) => at !== null);
  const level = (one) => (Array.isArray(one) ? one.map(f.levelText).join("×") : f.levelText(one));
  const grows = card.measures.filter((measure) => f.growthKind(measure) && !measure.startsWith("ytd"));
  open(`${card.name_zh} · 指标卡`, facts([
    ["含义", card.note || "目录未填写说明"],
    ["计量单位", card.unit],
    ["计算公式", card.denominator_text ? `${card.numerator_text} ÷ ${card.denominator_text}` : card.numerator_text],
    ["性质", `${f.ROLES[card.role]}指标，${f.DIRECTIONS[card.direction]}`],
    ["维度", f.DIMENSIONS[card.dimension]],
    grows.length ? ["增长口径", grows.map(f.growthText).join("、")] : null,
    ...lines.map(([name, at]) => [name, `${f.number(at, card.decimals)} ${card.unit}`]),
    card.consequence_zh ? ["触红线后果", card.consequence_zh] : null,
    lines.length ? ["线值来源", card.lines_source || "目录未注明"] : null,
    card.reward_zh ? ["激励", card.reward_zh] : null,
    ["来源报表", tables[card.table] || card.table],
    ["发布层级", card.levels.map(level).join("、")],
    ["指标代码", card.indicator],
  ], "card"));
}

/** A row of v_ledger: accepted = stored + superseded + quarantined + dead + pending. */
export function showSubmission(row, reporters, tables) {
  const count = (name) => f.number(row[name], 0);
  open(`报送 · ${reporters[row.reporter] || row.reporter} · ${f.periodText(row.period)}`, facts([
    ["报送编号", row.submission],
    ["报表", tables[row.table_code] || row.table_code],
    ["到达时间", f.stampText(row.arrived_at)],
    ["状态", fate(row)],
    ["申报", `${count("declared")}笔 = 接收${count("accepted")} + 退回${count("rejected")}`],
    ["接收", `${count("accepted")}笔 = 现行${count("stored")} + 被更正${count("superseded")} + 隔离${count("quarantined")}`
      + ` + 死信${count("dead")} + 在途${count("pending")}`],
  ], "submission-facts"),
  el("p", { class: "caption" }, "现行：现在有效；被更正：已被后来的报送替换，保留历史；隔离：入库时被审核拦下；死信：无法解读；在途：尚未入库。"));
}
