// What a click does.

import { showCard, showSubmission } from "./drawer.js";
import { drawHeadline, loadRanking, loadSeries } from "./panels.js";
import { showTrail } from "./trail.js";
import { choose, chosen, known, nameOf, turn } from "./view.js";

function redraw() {
  choose();
  drawHeadline();
  loadRanking();
  loadSeries();
}

export const actions = {
  /** Another figure of the headline. */
  choose(entry) {
    turn({ indicator: entry.indicator, measure: entry.measure });
    redraw();
  },
  /** The subject and figure that an alert is about. */
  look(alert) {
    const city = alert.subject_level === "city";
    const card = known.cards.get(alert.indicator);
    turn({ indicator: alert.indicator, measure: card.lines_measure, at: alert.subject_level, subject: alert.subject,
      level: city ? chosen.level : alert.subject_level });
    redraw();
  },
  /** A member of the ranking, or the city. */
  subject(row, whole) {
    turn({ at: whole ? "city" : chosen.level, subject: row.subject });
    loadRanking();
    loadSeries();
  },
  card(card) {
    showCard(card, known.tables);
  },
  submission(row) {
    showSubmission(row, known.reporters, known.tables);
  },
  /** The rows behind a figure of the headline (its own level) or of the ranking. */
  trail(row, card, whole = true) {
    const level = row.level || (whole ? "city" : chosen.level);
    showTrail(chosen.city, card, known.items, {
      ...row, level, name: nameOf(level, row.subject),
      period: row.period || chosen.shownPeriod, measure: row.measure || chosen.measure,
    });
  },
};
