// How fresh the page is, said truthfully: the stream of events, and a look at the store beside it.

import { ask } from "./api.js";
import * as f from "./format.js";
import { chosen } from "./view.js";

/** What the line at the top is told from. `looks`: the last two answers of /v1/state. */
const now = { stream: "connecting", error: "", looks: [] };
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
  Object.assign(now, { stream: "connecting", error: "", looks: [] });
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
    const found = await ask("state", { city });
    const whole = await read(found);
    if (city !== chosen.city || !whole) return;
    drawnAt = found.version;
    now.error = "";
    seen(found);
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
    const found = await ask("state", { city });
    if (city !== chosen.city) return;
    seen(found);
    if (found.version !== drawnAt || now.error) refresh();
  } catch (error) {
    trouble(error);
  }
}

function seen(found) {
  now.looks = [now.looks.at(-1), found].filter(Boolean);
  tell();
}

/** Records wait, and the store has not moved between two looks. */
function stands([before, last]) {
  return Boolean(before && last) && before.version === last.version && before.waiting > 0 && last.waiting > 0;
}

function blind([before, last]) {
  return Boolean(before && last) && before.waiting === null && last.waiting === null;
}

function tell() {
  const last = now.looks.at(-1);
  const until = last?.known_from ? `数据截至${f.whenText(last.known_from)}` : "尚无数据";
  const [state, text] = now.error ? ["trouble", `${now.error}稍后自动重试 · ${until}`]
    : now.stream === "connecting" ? ["connecting", "正在连接"]
      : now.stream === "lost" ? ["lost", `连接中断，正在重连 · ${until}`]
        : stands(now.looks) ? ["behind", `数据未更新：${last.waiting}条记录待入库 · ${until}`]
          : blind(now.looks) ? ["lost", `消息服务没有应答，改为定时查询 · ${until}`]
            : ["live", `实时 · ${until}`];
  const line = document.getElementById("live");
  line.dataset.state = state;
  line.textContent = text;
}
