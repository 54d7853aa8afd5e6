// The page: what is chosen, what is asked of the store, and when it is asked again.

import { ask, throttled } from "./api.js";
import { el, show } from "./dom.js";
import { showCard, showTrail } from "./drawer.js";
import * as f from "./format.js";
import * as headline from "./headline.js";
import { drawArrivals, drawReturns, drawWatch } from "./lists.js";
import * as ranking from "./ranking.js";
import * as series from "./series.js";

/** Figures are read again at most this often while sets stream in; a reader sees no more. */
const FIGURES_PAUSE_MS = 400;
/** Alerts and due instants change without a figure: looked at on a clock as well. */
const WATCH_EVERY_MS = 4000;

const chosen = {
  city: "", period: "", indicator: "", measure: "current", level: "", at: "city", subject: "",
  view: "level", shownPeriod: "",
};
let cities = [];
let cards = new Map();
let names = {};
let items = {};
let reporters = {};
let tables = {};
let levels = [];
let entries = [];
let generation = 0;
let events = null;

function remember() {
  const kept = ["city", "period", "indicator", "measure", "level", "at", "subject", "view"];
  history.replaceState(null, "", `#${new URLSearchParams(kept.filter((key) => chosen[key]).map((key) => [key, chosen[key]]))}`);
}

function recall() {
  for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
    if (key in chosen) chosen[key] = value;
  }
}

/** Runs `read` and hands its answer to `draw` unless the reader has chosen something else since. */
async function panel(read, draw) {
  const began = generation;
  try {
    const found = await read();
    if (began === generation) draw(found);
  } catch (error) {
    trouble(error);
  }
}

function trouble(error) {
  console.warn(error);
  live("trouble", `读取数据出错:${error.message},稍后自动重试`);
}

async function chooseCity(code) {
  generation += 1;
  if (chosen.city !== code) Object.assign(chosen, { city: code, period: "", indicator: "", measure: "current", level: "", at: "city", subject: "" });
  drawCities();
  await loadNames();
  await loadFigures();
  await loadLists();
  listen();
}

async function loadNames() {
  const city = chosen.city;
  const [found, named] = await Promise.all([ask("indicators", { city }), ask("names", { city })]);
  cards = new Map(found.map((card) => [card.indicator, card]));
  ({ levels: names, items, reporters, tables } = named);
  levels = Object.keys(names).filter((level) => level !== "city");
  if (!levels.includes(chosen.level)) chosen.level = levels.includes("district") ? "district" : levels[0] || "";
  await loadPeriods();
}

async function loadPeriods() {
  const city = chosen.city;
  const periods = await ask("periods", { city });
  if (city !== chosen.city) return;
  const picker = document.getElementById("period");
  const options = periods.slice(0, 120).map((row) => el("option", { value: row.period }, f.periodText(row.period)));
  picker.replaceChildren(el("option", { value: "" }, "最新"), ...options);
  picker.value = chosen.period;
}

async function loadFigures() {
  await panel(async () => {
    const found = await ask("headline", { city: chosen.city, period: chosen.period });
    // A catalogue loaded meanwhile may have brought indicators that have no card here yet.
    if (found.some((entry) => !cards.has(entry.indicator))) await loadNames();
    return found;
  }, (found) => {
    entries = found.filter((entry) => cards.has(entry.indicator));
    choose();
    headline.draw(entries, cards, chosen, actions);
  });
  await Promise.all([loadRanking(), loadSeries()]);
}

/** Keeps the chosen figure if it is still there, else takes the first. */
function choose() {
  const same = entries.find((entry) => entry.indicator === chosen.indicator && entry.measure === chosen.measure);
  const first = same || entries[0];
  if (!first) return;
  Object.assign(chosen, { indicator: first.indicator, measure: first.measure, shownPeriod: first.period });
  if (chosen.at === "city" || !names[chosen.at]?.[chosen.subject]) {
    Object.assign(chosen, { at: "city", subject: first.subject });
  }
  remember();
}

function current() {
  return entries.find((entry) => entry.indicator === chosen.indicator && entry.measure === chosen.measure);
}

async function loadRanking() {
  const card = cards.get(chosen.indicator);
  if (!card || !chosen.level) return;
  drawRankingTools();
  const question = { city: chosen.city, period: chosen.shownPeriod, level: chosen.level, measure: chosen.measure };
  await panel(() => ask(`indicators/${card.indicator}/ranking`, question), (rows) => {
    const whole = current();
    ranking.draw(rows, whole && whole.standing ? whole : null, card, chosen, actions);
  });
}

async function loadSeries() {
  const card = cards.get(chosen.indicator);
  if (!card) return;
  drawSeriesTools();
  const subject = chosen.at === "city" ? "" : chosen.subject;
  const growths = ["yoy_same", "yoy_matched", "yoy_nominal"]
    .map((kind) => (chosen.measure === "current" ? kind : `${chosen.measure}_${kind}`))
    .filter((measure) => card.measures.includes(measure));
  const question = {
    city: chosen.city, level: chosen.at, subject, measure: [chosen.measure, growths[0]].filter(Boolean).join(","),
    last: chosen.shownPeriod,
  };
  const at = { city: chosen.city, level: chosen.at, subject, period: chosen.shownPeriod };
  await panel(() => Promise.all([ask(`indicators/${card.indicator}/values`, question), ask("profile", at)]), ([rows, profile]) => {
    const level = highest(rows.filter((row) => row.measure === chosen.measure));
    const growth = highest(rows.filter((row) => row.measure === growths[0]));
    const name = chosen.at === "city" ? "全市" : names[chosen.at]?.[chosen.subject] || chosen.subject;
    const known = profile.filter((row) => cards.has(row.indicator))
      .map((row) => ({ row, card: cards.get(row.indicator) }));
    series.draw(level, growth, card, chosen, name, known);
  });
}

/** One row a period: of several standings the row that comes last, which the headline shows too. */
function highest(rows) {
  const order = ["监测数", "上报数", "核定数", "公布数"];
  const best = new Map();
  for (const row of rows) {
    const held = best.get(row.period);
    if (!held || order.indexOf(row.standing) >= order.indexOf(held.standing)) best.set(row.period, row);
  }
  return [...best.values()];
}

async function loadLists() {
  const city = chosen.city;
  const level = chosen.level || "district";
  await Promise.all([
    panel(() => ask("completeness", { city, level, periods: 5, last: chosen.period }), (found) => drawReturns(found, tables)),
    panel(() => ask("submissions/recent", { city, limit: 12 }), (rows) => drawArrivals(rows, reporters, city)),
    panel(() => Promise.all([ask("alerts", { city, limit: 20 }), ask("findings", { city, limit: 10 })]),
      ([alerts, findings]) => drawWatch(alerts, findings, names, cards, items)),
  ]);
}

const actions = {
  choose(entry) {
    generation += 1;
    Object.assign(chosen, { indicator: entry.indicator, measure: entry.measure });
    choose();
    headline.draw(entries, cards, chosen, actions);
    loadRanking();
    loadSeries();
  },
  card: showCard,
  trail(row, card, whole = true) {
    const level = row.level || (whole ? "city" : chosen.level);
    showTrail(chosen.city, card, items, {
      ...row, level, name: level === "city" ? "全市" : row.name,
      period: row.period || chosen.shownPeriod, measure: row.measure || chosen.measure,
    });
  },
  subject(row, whole) {
    generation += 1;
    Object.assign(chosen, { at: whole ? "city" : chosen.level, subject: row.subject });
    remember();
    loadRanking();
    loadSeries();
  },
};

function drawCities() {
  show("cities", cities.map((city) => el("button", {
    "data-testid": "city", "data-city": city.city, "aria-pressed": String(city.city === chosen.city),
    onclick: () => chooseCity(city.city).catch(trouble),
  }, city.name)));
}

function drawRankingTools() {
  const several = levels.length > 1;
  show("ranking-tools", several ? levels.map((level) => el("button", {
    "aria-pressed": String(level === chosen.level), "data-testid": "level", "data-level": level,
    onclick: () => { generation += 1; chosen.level = level; remember(); loadRanking(); loadLists(); },
  }, f.levelText(level))) : []);
}

/** Another city may come while the page is open. */
async function loadCities() {
  const found = await ask("cities");
  if (found.length === cities.length) return;
  cities = found;
  drawCities();
}

function drawSeriesTools() {
  const card = cards.get(chosen.indicator);
  const grows = card.measures.some((measure) => measure.includes("yoy"));
  if (!grows) chosen.view = "level";
  show("series-tools", grows ? [["level", "水平"], ["growth", "同比"]].map(([view, text]) => el("button", {
    "aria-pressed": String(view === chosen.view), "data-testid": "view", "data-view": view,
    onclick: () => { chosen.view = view; remember(); loadSeries(); },
  }, text)) : []);
}

function live(state, text) {
  const line = document.getElementById("live");
  line.dataset.state = state;
  line.textContent = text;
}

/**
 * Puts the set's city figures into the headline that is shown, before the store is asked: the
 * reader sees them at once. What is new in other ways comes with the refresh that follows.
 */
function apply(set) {
  const fields = ["value", "units", "expected_units", "reason", "provisional", "known_from"];
  let changed = false;
  for (const row of set.figures) {
    for (const entry of entries) {
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

const refresh = throttled(async () => {
  await loadFigures();
  await loadLists();
}, FIGURES_PAUSE_MS);
const refreshPeriods = throttled(() => loadPeriods().catch(trouble), WATCH_EVERY_MS);

/** One stream a city; the browser reconnects by itself, and then everything is read anew. */
function listen() {
  if (events) events.close();
  events = new EventSource(`/v1/events?city=${encodeURIComponent(chosen.city)}`);
  events.addEventListener("open", () => live("live", `实时 · 已连接 ${f.clockText(new Date().toISOString())}`));
  events.addEventListener("figures", (message) => {
    const set = JSON.parse(message.data);
    const line = document.getElementById("live");
    line.dataset.offset = set.offset;
    live("live", `实时 · 更新于 ${f.clockText(new Date(set.received_ms).toISOString())}`);
    if (apply(set)) headline.draw(entries, cards, chosen, actions);
    refresh();
    refreshPeriods();
  });
  events.addEventListener("resync", () => refresh());
  events.onerror = () => live("lost", "连接中断,正在重连");
}

async function start() {
  recall();
  document.getElementById("period").addEventListener("change", (event) => {
    generation += 1;
    chosen.period = event.target.value;
    remember();
    refresh();
  });
  document.getElementById("drawer").addEventListener("click", (event) => {
    if (event.target === event.currentTarget) event.currentTarget.close();
  });
  new ResizeObserver(() => series.resize()).observe(document.getElementById("series"));
  setInterval(() => {
    if (!chosen.city) return;
    loadLists();
    loadCities().catch(trouble);
  }, WATCH_EVERY_MS);
  await findCities();
}

/** Until a first city is in the store there is nothing to choose: ask again. */
async function findCities() {
  try {
    cities = await ask("cities");
  } catch (error) {
    trouble(error);
  }
  if (!cities.length) {
    setTimeout(findCities, 1000);
    return;
  }
  const wanted = cities.find((city) => city.city === chosen.city)
    || cities[0];
  await chooseCity(wanted.city).catch(trouble);
}

start();
