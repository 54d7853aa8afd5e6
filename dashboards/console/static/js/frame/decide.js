// How a case is decided: the commands, ready to be copied. Deciding needs a person's name.

import { el } from "../dom.js";
import { chosen } from "../view.js";

/** What can be decided in each state, in the order in which it usually is. */
const NEXT = {
  to_verify: ["to_declare", "not_eligible", "duplicate"],
  to_declare: ["not_eligible", "to_verify"],
  listed: [],
  not_eligible: ["to_verify"],
};
const WORDS = {
  to_declare: "确认应统未统，拟申报入库", to_verify: "退回待核实", not_eligible: "不符合入库条件",
  duplicate: "就是名录中的另一单位（重复）",
};
const REASONS = "非法人、非本行业、异地经营、未达标";

export function decisions(row) {
  const possible = NEXT[row.state] || [];
  return el("section", { class: "part", "data-testid": "sheet-decide" }, el("h3", {}, "如何办理"),
    possible.length ? [
      el("p", { class: "caption" }, `在市监测中心的服务器上执行命令；把尖括号中的文字换成实际内容。不符合的原因为：${REASONS}。`),
      possible.map((name) => command(WORDS[name], line(row.case, name))),
    ] : el("p", {}, "单位入库后由系统自动办结，不需要再办理。"));
}

function line(code, name) {
  const parts = ["granary frame decide", quoted(code), "--city", quoted(chosen.city)];
  return `${parts.join(" ")} --state ${name}`;
}

function quoted(text) {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function command(word, text) {
  const code = el("code", { "data-testid": "command" }, text);
  const button = el("button", { class: "copy", onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "已复制";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "已选中，请按 Ctrl+C";
    }
  } }, "复制");
  return el("div", { class: "command" }, el("p", {}, word, button), code);
}
