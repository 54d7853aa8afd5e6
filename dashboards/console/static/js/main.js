// The page: which city, and when its panels are asked again.

import { ask, throttled } from "./api.js";
import { firstCities, wantedCity } from "./cities.js";
import { useZone } from "./format.js";
import { listen, look, readAt, trouble } from "./live.js";
import { drawCities, drawHeadline, loadFigures, loadLists, loadNames, loadPeriods } from "./panels.js";
import * as series from "./series.js";
import { chosen, known, recall, turn } from "./view.js";

/** Figures are read again at most this often while sets stream in; a reader sees no more. */
const FIGURES_PAUSE_MS = 400;
/** Alerts, due instants, and what no event told of, are looked at this often. */
const LOOK_EVERY_MS = 4000;

const refresh = throttled(() => readAt(async (state) => {
  const catalogue = `${state.city}/${state.catalogue}`;
  if (catalogue !== known.catalogue) {
    await loadNames();
    known.catalogue = catalogue;
  }
  const figures = await loadFigures();
  const lists = await loadLists();
  return figures && lists;
}), FIGURES_PAUSE_MS);
const refreshPeriods = throttled(() => loadPeriods().catch(trouble), LOOK_EVERY_MS);

function chooseCity(code) {
  const afresh = { period: "", indicator: "", measure: "current", level: "", at: "city", subject: "", view: "level" };
  turn(chosen.city === code ? {} : { city: code, ...afresh });
  Object.assign(known, { catalogue: "", cards: new Map(), entries: [] });
  useZone(known.cities.find((city) => city.city === code)?.time_zone);
  drawCities(chooseCity);
  listen(onSet, refresh);
  refresh();
}

function onSet(set) {
  document.getElementById("live").dataset.offset = set.offset;
  if (apply(set)) drawHeadline();
  refresh();
  refreshPeriods();
}

/**
 * Puts the set's city figures into the headline that is shown, before the store is asked: the
 * reader sees them at once. What is new in other ways comes with the refresh that follows.
 */
function apply(set) {
  const fields = ["value", "units", "expected_units", "reason", "provisional", "known_from"];
  let changed = false;
  for (const row of set.figures) {
    for (const entry of known.entries) {
      if (row.indicator !== entry.indicator || row.period !== entry.period) continue;
      if (row.measure === entry.measure && row.standing === entry.standing) {
        changed = fields.some((field) => entry[field] !== row[field]) || changed;
        fields.forEach((field) => { entry[field] = row[field]; });
      }
      for (const growth of [entry.growth, entry.month]) {
        if (growth && row.measure === growth.measure) Object.assign(growth, { value: row.value, reason: row.reason });
      }
    }
  }
  return changed;
}

/** Another city may come while the page is open. */
async function loadCities() {
  const found = await ask("cities");
  if (found.length === known.cities.length) return;
  known.cities = found;
  drawCities(chooseCity);
}

async function start() {
  recall();
  document.getElementById("period").addEventListener("change", (event) => {
    turn({ period: event.target.value });
    refresh();
  });
  document.getElementById("drawer").addEventListener("click", (event) => {
    if (event.target === event.currentTarget) event.currentTarget.close();
  });
  new ResizeObserver(() => series.resize()).observe(document.getElementById("series"));
  setInterval(() => {
    if (!chosen.city) return;
    look(refresh);
    loadLists();
    loadCities().catch(trouble);
  }, LOOK_EVERY_MS);
  await findCities();
}

async function findCities() {
  known.cities = await firstCities();
  chooseCity(wantedCity(known.cities));
}

start();
