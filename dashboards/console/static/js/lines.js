// Yellow and red lines: where a figure stands. 触红即警示: a figure that touches a line is past it.

import { mark } from "./dom.js";

const WORDS = { red: "触红线", yellow: "触黄线", wait: "暂不判线" };
const WAITS = "初步数：报齐或到期后再判红黄线";

/**
 * "red", "yellow", "wait" or "" for a row of the lines' own measure. A provisional figure is past
 * no line: the rule waits for it, and so does the page.
 */
export function lineOf(card, row) {
  if (!card || row.value === null || row.value === undefined) return "";
  const touches = (line) => line !== null && line !== undefined &&
    (card.direction === "lower" ? row.value >= line : row.value <= line);
  const found = touches(card.red) ? "red" : touches(card.yellow) ? "yellow" : "";
  return found && row.provisional ? "wait" : found;
}

/** The mark of a line that is touched; null for none. */
export function lineMark(line) {
  if (!line) return null;
  const made = mark(WORDS[line], line === "wait" ? "provisional" : line);
  if (line === "wait") made.title = WAITS;
  return made;
}

/** [[kind, value]] of the lines that a card has for a measure. */
export function linesOf(card, measure) {
  if (card.lines_measure !== measure) return [];
  return [["yellow", card.yellow], ["red", card.red]].filter(([, at]) => at !== null && at !== undefined);
}

export const LINE_NAMES = { yellow: "黄线", red: "红线" };
