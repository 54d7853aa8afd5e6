// The page of the frame's work list: which city, what is asked, and what a click does.

import { ask, throttled } from "../api.js";
import { firstCities, wantedCity } from "../cities.js";
import { el, show } from "../dom.js";
import { useZone } from "../format.js";
import { listen, look, readAt, trouble } from "../live.js";
import { chosen } from "../view.js";
import * as cases from "./cases.js";
import { choice, chooseCity, known, PAGE, panel, question, recall, remember, turn } from "./choice.js";
import * as districts from "./districts.js";
import { nothingYet } from "./empty.js";
import * as overview from "./overview.js";
import * as sheet from "./sheet.js";
import * as unmatched from "./unmatched.js";

/** Records arrive that no event told of. */
const LOOK_EVERY_MS = 4000;
/** Due dates pass though nothing arrives. */
const DAY_MAY_TURN_MS = 60_000;
/** A question for every letter typed would only be thrown away. */
const TYPING_MS = 250;
let typing = 0;
/** The answers that are drawn: what has not changed is left alone under the reader's hand. */
const drawn = new Map();

const actions = {
  list(wanted) {
    turn(wanted);
    redraw();
    loadCases();
  },
  search(text) {
    clearTimeout(typing);
    typing = setTimeout(() => actions.list({ text: text.trim() }), TYPING_MS);
  },
  clear() {
    document.getElementById("filters").elements.text.value = "";
    actions.list({ district: "", overdue: "", text: "" });
  },
  page(number) {
    turn({ page: String(number) });
    loadCases();
    document.getElementById("cases-panel").scrollIntoView();
  },
  order(by, down) {
    Object.assign(choice, { by, down: down ? "1" : "0" });
    remember();
    redraw();
  },
  open(code) {
    choice.case = code;
    remember();
    sheet.open(code).catch(trouble);
  },
  redraw,
};

function redraw() {
  const { frame } = known;
  if (!frame) return;
  const whole = Boolean(frame.city);
  document.getElementById("cases-panel").hidden = !whole;
  if (!whole) {
    show("overview", nothingYet(frame));
    document.getElementById("districts-panel").hidden = true;
    return;
  }
  overview.draw(frame, actions);
  districts.draw(frame, actions);
  cases.drawFilters(frame, actions);
}

/** Coverage, districts, keys without a unit, and list; whether all of them were drawn. */
const refresh = throttled(() => readAt(async () => {
  const city = chosen.city;
  const whole = await panel(() => ask("frame", { city }), (frame) => {
    known.frame = frame;
    once("frame", frame, redraw);
  });
  const keys = await panel(() => ask("frame/unmatched", { city, limit: unmatched.SHOWN }),
    (found) => once("unmatched", found, () => unmatched.draw(found)));
  return whole && keys && (!known.frame.city || await readCases());
}), 400);

function readCases() {
  const offset = (Math.max(1, Number(choice.page) || 1) - 1) * PAGE;
  return panel(() => ask("frame/cases", { ...question(), limit: PAGE, offset }), (found) => {
    if (!found.rows.length && found.total) {
      choice.page = "1";
      loadCases();
    } else once("cases", [choice, found], () => cases.draw(found, actions));
  });
}

function loadCases() {
  readCases().catch(trouble);
}

function once(name, answer, draw) {
  const text = JSON.stringify(answer);
  if (drawn.get(name) === text) return;
  drawn.set(name, text);
  draw();
}

function drawCities() {
  show("cities", known.cities.map((city) => el("button", {
    "data-testid": "city", "data-city": city.city, "aria-pressed": String(city.city === chosen.city),
    onclick: () => enter(city.city),
  }, city.name)));
}

function enter(code) {
  chooseCity(code);
  drawn.clear();
  known.frame = null;
  useZone(known.cities.find((city) => city.city === code)?.time_zone);
  document.getElementById("home").href = `/#city=${encodeURIComponent(code)}`;
  drawCities();
  listen(refresh, refresh);
  refresh();
  if (choice.case) actions.open(choice.case);
}

async function start() {
  recall();
  const drawer = document.getElementById("drawer");
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer) drawer.close();
  });
  drawer.addEventListener("close", () => {
    choice.case = "";
    remember();
  });
  setInterval(() => { if (chosen.city) look(refresh); }, LOOK_EVERY_MS);
  setInterval(() => { if (chosen.city) refresh(); }, DAY_MAY_TURN_MS);
  await findCities();
}

async function findCities() {
  known.cities = await firstCities();
  enter(wantedCity(known.cities));
}

start();
