// How a case is decided: the commands, ready to be copied. Deciding needs a person's name.

import { el } from "../dom.js";
import { chosen } from "../view.js";

/** What can be decided, by the state that it is decided from; the register alone lists a unit. */
const NEXT = {
  to_verify: ["confirm", "refuse", "duplicate", "assign"],
  to_declare: ["refuse", "duplicate", "back", "assign"],
  not_eligible: ["back"],
  listed: [],
};
const WAYS = {
  confirm: ["确认应统未统，拟申报入库", { state: "to_declare", by: "<姓名>", document: "<文号>" }],
  refuse: ["不符合入库条件（原因：非法人、非本行业、异地经营、未达标）", { state: "not_eligible", reason: "<原因>", by: "<姓名>", document: "<文号>" }],
  duplicate: ["就是名录中的另一单位（重复）", { state: "not_eligible", reason: "重复", link: "<名录中的单位代码>", by: "<姓名>" }],
  back: ["退回待核实", { state: "to_verify", by: "<姓名>", remark: "<说明>" }],
  assign: ["改由另一单位负责", { owner: "<责任单位代码>", by: "<姓名>" }],
};

export function decisions(row) {
  const possible = NEXT[row.state] || [];
  return el("section", { class: "part", "data-testid": "sheet-decide" }, el("h3", {}, "如何办理"),
    possible.length ? [
      el("p", { class: "caption" }, "在市监测中心的服务器上执行其中一条命令，先把尖括号中的文字换成实际内容。"),
      possible.map((name) => command(WAYS[name][0], line(row, WAYS[name][1]))),
    ] : el("p", {}, "单位入库后由系统自动办结，不需要再办理。"));
}

/** No proposal is written into a command: a person looks, and types the unit's code. */
function line(row, options) {
  const given = { city: chosen.city, state: row.state, ...options };
  return ["granary frame decide", quoted(row.case), ...Object.entries(given).map(([name, text]) => `--${name} ${quoted(text)}`)].join(" ");
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
