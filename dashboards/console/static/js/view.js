// What is chosen, what is known of the city, and whose answers still matter.

/** Kept in the address, so that a view can be sent to a colleague. */
const KEPT = ["city", "period", "indicator", "measure", "level", "at", "subject", "view"];

export const chosen = {
  city: "", period: "", indicator: "", measure: "current", level: "", at: "city", subject: "",
  view: "level", shownPeriod: "",
};

/**
 * Of the chosen city: city and catalogue they were read by ("": none yet), cards by code, names by level,
 * and the entries of the headline.
 */
export const known = {
  cities: [], catalogue: "", cards: new Map(), names: {}, items: {}, reporters: {}, tables: {}, levels: [], entries: [],
};

let generation = 0;

/** The reader has chosen something else: answers to earlier questions are not drawn. */
export function turn(choice) {
  generation += 1;
  Object.assign(chosen, choice);
  remember();
}

/**
 * Runs `read` and hands its answer to `draw` unless the reader has turned elsewhere since. Whether
 * it was drawn; what went wrong is told to `trouble`.
 */
export async function panel(read, draw, trouble) {
  const began = generation;
  try {
    const found = await read();
    if (began !== generation) return false;
    draw(found);
    return true;
  } catch (error) {
    trouble(error);
    return false;
  }
}

export function remember() {
  const kept = KEPT.filter((key) => chosen[key]).map((key) => [key, chosen[key]]);
  history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
}

export function recall() {
  for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
    if (KEPT.includes(key)) chosen[key] = value;
  }
}

/** The headline's entry of the chosen figure. */
export function current() {
  return known.entries.find((one) => one.indicator === chosen.indicator && one.measure === chosen.measure);
}

/** Keeps the chosen figure if it is still there, else takes the first. */
export function choose() {
  const first = current() || known.entries[0];
  if (!first) return;
  Object.assign(chosen, { indicator: first.indicator, measure: first.measure, shownPeriod: first.period });
  if (chosen.at === "city" || !known.names[chosen.at]?.[chosen.subject]) {
    Object.assign(chosen, { at: "city", subject: first.subject });
  }
  remember();
}

export function nameOf(level, subject) {
  return level === "city" ? "全市" : known.names[level]?.[subject] || subject;
}
