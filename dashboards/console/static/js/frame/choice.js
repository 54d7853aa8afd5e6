// What the reader of the work list has chosen, kept in the address so that it can be sent on.

import { chosen } from "../view.js";

/** `list` is one of LISTS; `district` a code, or NOWHERE; `by` a column of the districts' table. */
const FRESH = { list: "open", district: "", overdue: "", text: "", sort: "size", page: "1", by: "coverage", down: "", case: "" };

export const choice = { ...FRESH };
/** The cities, and the chosen one's coverage as it was read last. */
export const known = { cities: [], frame: null };

/** The cases that name no district of the city: no code of a district begins so. */
export const NOWHERE = ":none";

/** What can be listed: the word, and the question that asks for it. */
export const LISTS = {
  open: { word: "全部待办", ask: { kind: "case", state: "to_verify,to_declare" } },
  to_verify: { word: "待核实", ask: { kind: "case", state: "to_verify" } },
  to_declare: { word: "拟申报", ask: { kind: "case", state: "to_declare" } },
  listed: { word: "已入库", ask: { kind: "case", state: "listed" } },
  not_eligible: { word: "不符合", ask: { kind: "case", state: "not_eligible" } },
  near: { word: "准规上", ask: { kind: "near" } },
  unplaced: { word: "行业待定", ask: { kind: "unplaced" } },
  over: { word: "超范围", ask: { kind: "over" } },
};

export const PAGE = 50;

let generation = 0;

/** Another choice: answers to earlier questions are not drawn, and the list begins anew. */
export function turn(wanted) {
  generation += 1;
  Object.assign(choice, { page: "1" }, wanted);
  remember();
}

export function chooseCity(code) {
  turn(chosen.city === code ? {} : FRESH);
  chosen.city = code;
  remember();
}

/** Draws the answer unless the reader has turned elsewhere since; whether it was drawn. */
export async function panel(read, draw) {
  const began = generation;
  const found = await read();
  if (began !== generation) return false;
  draw(found);
  return true;
}

export function remember() {
  const kept = Object.entries(choice).filter(([name, value]) => value !== FRESH[name]);
  history.replaceState(null, "", `#${new URLSearchParams([["city", chosen.city], ...kept])}`);
}

export function recall() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (name === "city") chosen.city = value;
    else if (name in FRESH) choice[name] = value;
  }
  if (!LISTS[choice.list]) choice.list = FRESH.list;
}

/** The question for the cases that are chosen. */
export function question() {
  const place = choice.district === NOWHERE ? { unplaced: "true" } : { district: choice.district };
  return { city: chosen.city, ...LISTS[choice.list].ask, ...place, overdue: choice.overdue, text: choice.text, sort: choice.sort };
}
