// Whether every unit that ought to be in the survey is in it: one line, leading to the work list.

import { el } from "./dom.js";
import * as f from "./format.js";

/** Hidden for a city whose catalogue names no feed. */
export function draw(frame, city) {
  const line = document.getElementById("frame-line");
  const whole = frame.city;
  const href = `/frame#city=${encodeURIComponent(city)}`;
  document.getElementById("frame-link").href = href;
  line.hidden = !whole && !frame.feeds.length;
  if (!whole) {
    line.replaceChildren(el("a", { href }, "应统未统：尚未收到候选名单"));
    return;
  }
  const { value } = whole.coverage.count;
  line.replaceChildren(el("a", { href }, `入统覆盖率 ${f.share(value)}`,
    `（${whole.to_declare}家确认应统未统，${whole.to_verify}家待核实）`),
  whole.overdue ? el("span", { class: "mark red" }, `✕ ${whole.overdue}家已逾期`) : "");
}
