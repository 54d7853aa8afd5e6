// Asking the store for each panel and drawing the answers.

import { actions } from "./actions.js";
import { ask } from "./api.js";
import * as arrivals from "./arrivals.js";
import { el, show } from "./dom.js";
import * as f from "./format.js";
import * as frameline from "./frameline.js";
import * as headline from "./headline.js";
import { trouble } from "./live.js";
import * as ranking from "./ranking.js";
import * as returns from "./returns.js";
import * as series from "./series.js";
import { choose, chosen, current, known, nameOf, panel, turn } from "./view.js";
import * as watch from "./watch.js";

const GROWTH_KINDS = ["yoy_same", "yoy_matched", "yoy_nominal", "two_year_same"];
const FREQUENCIES = { month: "月度", quarter: "季度", year: "年度" };
/** Periods of one frequency that can be chosen. */
const MOST_PERIODS = 120;

export function drawCities(choose) {
  show("cities", known.cities.map((city) => el("button", {
    "data-testid": "city", "data-city": city.city, "aria-pressed": String(city.city === chosen.city),
    onclick: () => choose(city.city),
  }, city.name)));
}

/** Cards and names; a catalogue loaded meanwhile may have brought others. */
export async function loadNames() {
  const city = chosen.city;
  const [found, named] = await Promise.all([ask("indicators", { city }), ask("names", { city })]);
  if (city !== chosen.city) return;
  known.cards = new Map(found.map((card) => [card.indicator, card]));
  ({ levels: known.names, items: known.items, reporters: known.reporters, tables: known.tables } = named);
  f.useLevels(named.level_names);
  known.levels = Object.keys(known.names).filter((level) => level !== "city");
  if (!known.levels.includes(chosen.level)) {
    chosen.level = known.levels.includes("district") ? "district" : known.levels[0] || "";
  }
  await loadPeriods();
}

export async function loadPeriods() {
  const city = chosen.city;
  const periods = await ask("periods", { city });
  if (city !== chosen.city) return;
  const picker = document.getElementById("period");
  picker.replaceChildren(el("option", { value: "" }, "最新"), ...periodChoice(periods.map((row) => row.period)));
  picker.value = chosen.period;
}

/** Options of the periods, newest first; months, quarters and years apart where there are several. */
export function periodChoice(periods) {
  const groups = Object.entries(FREQUENCIES).map(([often, label]) => {
    const own = periods.filter((period) => f.frequency(period) === often).slice(0, MOST_PERIODS);
    return [label, own.map((period) => el("option", { value: period }, f.periodText(period)))];
  }).filter(([, options]) => options.length);
  return groups.length > 1 ? groups.map(([label, options]) => el("optgroup", { label }, options)) : groups.flatMap(([, options]) => options);
}

/** Headline, ranking and series; whether all of them were drawn. */
export async function loadFigures() {
  const drawn = await panel(async () => {
    const found = await ask("headline", { city: chosen.city, period: chosen.period });
    if (found.some((entry) => !known.cards.has(entry.indicator))) await loadNames();
    return found;
  }, (found) => {
    known.entries = found.filter((entry) => known.cards.has(entry.indicator));
    choose();
    drawHeadline();
  }, trouble);
  const rest = await Promise.all([loadRanking(), loadSeries()]);
  return drawn && rest.every(Boolean);
}

export function drawHeadline() {
  headline.draw(known.entries, known.cards, chosen, actions);
}

export async function loadRanking() {
  const card = known.cards.get(chosen.indicator);
  if (!card || !chosen.level) return true;
  drawRankingTools();
  const question = { city: chosen.city, period: chosen.shownPeriod, level: chosen.level, measure: chosen.measure };
  return panel(() => ask(`indicators/${card.indicator}/ranking`, question), (rows) => {
    const whole = current();
    ranking.draw(rows, whole && whole.standing ? whole : null, card, chosen, actions);
  }, trouble);
}

export async function loadSeries() {
  const card = known.cards.get(chosen.indicator);
  if (!card) return true;
  const kinds = GROWTH_KINDS.filter((kind) => card.measures.includes(f.growthOf(chosen.measure, kind)));
  if (!kinds.includes(chosen.view)) chosen.view = "level";
  drawSeriesTools(kinds);
  const at = { city: chosen.city, level: chosen.at, subject: chosen.at === "city" ? "" : chosen.subject };
  const growth = chosen.view === "level" ? "" : f.growthOf(chosen.measure, chosen.view);
  const measure = [chosen.measure, growth].filter(Boolean).join(",");
  return panel(() => Promise.all([
    ask(`indicators/${card.indicator}/values`, { ...at, measure, last: chosen.shownPeriod }),
    ask("profile", { ...at, period: chosen.shownPeriod }),
  ]), ([rows, profile]) => {
    const figures = profile.filter((row) => known.cards.has(row.indicator))
      .map((row) => ({ row, card: known.cards.get(row.indicator) }));
    const often = f.frequency(chosen.shownPeriod);
    series.draw(onePerPeriod(rows, chosen.measure, often), onePerPeriod(rows, growth, often), card, chosen,
      nameOf(chosen.at, chosen.subject), figures);
  }, trouble);
}

/** The rows of a measure, of the frequency that is shown: a quarter is no month's neighbour. */
export function onePerPeriod(rows, measure, often) {
  const byPeriod = new Map();
  for (const row of rows.filter((one) => one.measure === measure && f.frequency(one.period) === often)) {
    byPeriod.set(row.period, f.highest([byPeriod.get(row.period), row].filter(Boolean)));
  }
  return [...byPeriod.values()];
}

/** Frame coverage, completeness, submissions, alerts and findings; whether all of them were drawn. */
export async function loadLists() {
  const city = chosen.city;
  const level = chosen.level || "district";
  const drawn = await Promise.all([
    panel(() => ask("frame", { city }), (frame) => frameline.draw(frame, city), trouble),
    panel(() => ask("completeness", { city, level, periods: 5, last: chosen.period }),
      (found) => returns.draw(found, known.tables, level), trouble),
    panel(() => ask("submissions/recent", { city, limit: 12 }),
      (rows) => arrivals.draw(rows, known.reporters, city, actions), trouble),
    panel(() => Promise.all([ask("alerts", { city, limit: 20 }), ask("findings", { city, limit: 10 })]),
      ([alerts, findings]) => watch.draw(alerts, findings, known, actions), trouble),
  ]);
  return drawn.every(Boolean);
}

function drawRankingTools() {
  const several = known.levels.length > 1;
  show("ranking-tools", several ? known.levels.map((level) => el("button", {
    "aria-pressed": String(level === chosen.level), "data-testid": "level", "data-level": level,
    onclick: () => { turn({ level }); loadRanking(); loadLists(); },
  }, f.levelText(level))) : []);
}

function drawSeriesTools(kinds) {
  const button = (view, text) => el("button", {
    "aria-pressed": String(view === chosen.view), "data-testid": "view", "data-view": view,
    title: view === "level" ? "各期数值" : f.growthText(view),
    onclick: () => { turn({ view }); loadSeries(); },
  }, text);
  show("series-tools", kinds.length ? [button("level", "水平"), el("span", { class: "tools-name" }, "同比"),
    ...kinds.map((kind) => button(kind, f.kindText(kind)))] : []);
}
