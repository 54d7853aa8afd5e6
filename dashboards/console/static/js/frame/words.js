// The frame's words: states with their signs, shares, amounts, dates.

import { el } from "../dom.js";
import * as f from "../format.js";

/** A sign before each word, so that a state is told by shape and word, not by colour. */
const SIGNS = { to_verify: "○", to_declare: "◐", listed: "●", not_eligible: "✕", near: "◇", unplaced: "？", over: "□" };
const KINDS = { to_verify: "", to_declare: "yellow", listed: "good", not_eligible: "closed", near: "", unplaced: "yellow", over: "" };

export function stateMark(row) {
  const state = row.state || row.kind;
  return el("span", { class: `mark ${KINDS[state] || ""}` }, `${SIGNS[state] || ""} ${row.state_word || state}`);
}

/** "在库 1,204 家 /（在库 1,204 + 确认应统未统 31）": both sides of a coverage, in its unit. */
export function sides(one, unit) {
  const on = f.exact(one.numerator);
  return `在库 ${on} ${unit} /（在库 ${on} + 确认应统未统 ${f.exact(less(one.denominator, one.numerator))}）`;
}

/** a − b of two exact decimal texts or whole numbers. */
export function less(a, b) {
  const places = Math.max(decimals(a), decimals(b));
  const rest = scaled(a, places) - scaled(b, places);
  const sign = rest < 0n ? "-" : "";
  const digits = String(rest < 0n ? -rest : rest).padStart(places + 1, "0");
  return places ? `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}` : sign + digits;
}

function decimals(value) {
  return String(value).split(".")[1]?.length || 0;
}

function scaled(value, places) {
  const [whole, part = ""] = String(value).split(".");
  return BigInt(whole + part.padEnd(places, "0"));
}

export function dateText(iso) {
  if (!iso) return f.NONE;
  const [year, month, day] = iso.split("-").map(Number);
  return `${year}年${month}月${day}日`;
}

/** "2026-07-15", and in words and sign how long it is past. */
export function dueCell(row) {
  if (!row.due) return f.NONE;
  return [row.due, row.overdue_days ? el("span", { class: "mark red" }, `✕ 已逾期 ${row.overdue_days} 天`) : null];
}

/** How many times the threshold a size is: "1.56倍". */
export function times(row) {
  const threshold = Number(row.threshold);
  return threshold > 0 ? `${(Math.floor((Number(row.size) / threshold) * 100) / 100).toFixed(2)}倍` : "";
}
