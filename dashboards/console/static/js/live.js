// How fresh the page is, said truthfully: the stream of events, and a look at the store beside it.

import { ask } from "./api.js";
import * as f from "./format.js";
import { chosen } from "./view.js";

/** Records that wait this long without the store moving are told: a worker starts anew within seconds. */
const STANDING_MS = 5000;

/** What the line at the top is told from. `last`: the newest answer of /v1/state. */
const now = { stream: "connecting", error: "", last: null, movedAt: 0 };
/** Questions of /v1/state: an answer that a later one has overtaken says nothing. */
let asked = 0;
let answered = 0;
/** The store's version that the figures on the page were read at, or later; "" for none. */
let drawnAt = "";
let events = null;

export function trouble(error) {
  console.warn(error);
  now.error = error.message;
  tell();
}

/** One stream a city; the browser reconnects by itself, and then everything is read anew. */
export function listen(onSet, onGap) {
  if (events) events.close();
  Object.assign(now, { stream: "connecting", error: "", last: null });
  drawnAt = "";
  events = new EventSource(`/v1/events?city=${encodeURIComponent(chosen.city)}`);
  events.addEventListener("open", () => {
    const again = now.stream === "lost";
    now.stream = "open";
    tell();
    if (again) onGap();
  });
  events.addEventListener("figures", (message) => onSet(JSON.parse(message.data)));
  events.addEventListener("resync", onGap);
  events.onerror = () => {
    now.stream = "lost";
    tell();
  };
}

/**
 * Reads everything, and remembers up to which record of the log it was read. The version is asked
 * first: what is stored while the panels are read makes the next look differ, never go unseen.
 */
export async function readAt(read) {
  const city = chosen.city;
  try {
    const found = await state(city);
    const whole = await read(found);
    if (city !== chosen.city || !whole) return;
    drawnAt = found.version;
    now.error = "";
    tell();
  } catch (error) {
    trouble(error);
  }
}

/**
 * A look at the store: whatever was lost between ledger and page, the figures are read again when
 * the store has moved on from what is drawn.
 */
export async function look(refresh) {
  const city = chosen.city;
  try {
    const found = await state(city);
    if (city !== chosen.city) return;
    if (found.version !== drawnAt || now.error) refresh();
  } catch (error) {
    trouble(error);
  }
}

async function state(city) {
  const question = ++asked;
  const found = await ask("state", { city });
  if (city === chosen.city && question > answered) {
    answered = question;
    if (!found.waiting || found.version !== now.last?.version) now.movedAt = performance.now();
    now.last = found;
    tell();
  }
  return found;
}

function tell() {
  const { last } = now;
  const until = last?.known_from ? `数据截至${f.whenText(last.known_from)}` : "尚无数据";
  const standing = last?.waiting > 0 && performance.now() - now.movedAt >= STANDING_MS;
  const [name, text] = now.error ? ["trouble", `${now.error}稍后自动重试 · ${until}`]
    : now.stream === "lost" ? ["lost", `连接中断，正在重连 · ${until}`]
      : now.stream === "connecting" || !last ? ["connecting", "正在连接"]
        : standing ? ["behind", `数据未更新：${last.waiting}条记录待入库 · ${until}`]
          : last.waiting === null ? ["lost", `消息服务没有应答，改为定时查询 · ${until}`]
            : ["live", `实时 · ${until}`];
  const line = document.getElementById("live");
  line.dataset.state = name;
  line.textContent = text;
}
