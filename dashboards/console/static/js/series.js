// A figure over time, this year's solid and last year's lighter; or its growth as bars.

import { el, show } from "./dom.js";
import * as f from "./format.js";
import { LINE_NAMES, linesOf } from "./lines.js";
import * as profile from "./profile.js";

const INK = "#12436D";
const BEFORE = "#8096A8";
const AXIS = "#4A5560";
const GRID = "#E3E7EB";
const LINE_COLOURS = { yellow: "#C27B12", red: "#801650" };
/** A bar of a figure that is not final yet. */
const HOLLOW = { color: "#fff", borderColor: INK, borderType: "dashed", borderWidth: 1.5 };
let chart = null;

/**
 * rows: [{period, value, provisional}] oldest first, of the plain measure; growths the same of the
 * growth in view. Fewer than three periods make no line: the subject's other figures are told.
 */
export function draw(rows, growths, card, state, name, figures) {
  const growth = growths.length ? f.growthText(growths[0].measure) : "";
  const told = state.view === "level" ? f.windowText(state.measure, state.shownPeriod)
    : `${f.windowText(state.measure, state.shownPeriod)}${growth}`;
  document.getElementById("series-title").replaceChildren(`${name} · ${card.name_zh} · ${told}`,
    el("small", {}, `单位：${state.view === "level" ? card.unit : "%"}`));
  const holder = document.getElementById("series");
  const there = (state.view === "level" ? rows : growths).filter((row) => row.value !== null);
  holder.dataset.points = String(there.length);
  if (there.length < 3) {
    dispose();
    show("series", profile.few(there, figures));
    return;
  }
  if (!chart) {
    const box = el("div", { class: "chart", role: "img" });
    show("series", box);
    chart = window.echarts.init(box);
  }
  chart.getDom().setAttribute("aria-label", `${name}${card.name_zh}${told}走势图`);
  chart.setOption(state.view === "level" ? levelOption(rows, card, state) : growthOption(growths, growth), true);
  holder.dataset.last = there.at(-1).period;
}

export function resize() {
  if (chart) chart.resize();
}

function dispose() {
  if (chart) chart.dispose();
  chart = null;
}

function base(periods, formatter) {
  return {
    animation: false,
    textStyle: { fontFamily: "inherit", color: AXIS, fontSize: 12 },
    grid: { left: 4, right: 24, top: 34, bottom: 34, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { top: 0, left: 0, itemWidth: 20, itemHeight: 8, textStyle: { color: AXIS } },
    tooltip: { trigger: "axis", valueFormatter: formatter, confine: true },
    xAxis: {
      type: "category", data: periods.map(f.periodText), axisTick: { show: false },
      axisLine: { lineStyle: { color: "#9AA5B0" } }, axisLabel: { color: AXIS, hideOverlap: true },
    },
    yAxis: {
      type: "value", scale: true,
      splitLine: { lineStyle: { color: GRID } }, axisLabel: { color: AXIS },
    },
    dataZoom: [{
      type: "slider", height: 16, bottom: 8, startValue: Math.max(0, periods.length - 36),
      endValue: periods.length - 1, brushSelect: false, borderColor: GRID, fillerColor: "rgba(18,67,109,.12)",
      handleSize: "120%", showDetail: false, showDataShadow: false,
    }],
  };
}

function levelOption(rows, card, state) {
  const byPeriod = new Map(rows.map((row) => [row.period, row.value]));
  const before = rows.map((row) => byPeriod.get(`${Number(row.period.slice(0, 4)) - 1}${row.period.slice(4)}`) ?? null);
  return {
    ...base(rows.map((row) => row.period), (value) => f.number(value, card.decimals)),
    series: [
      {
        name: "本期", type: "line", color: INK, lineStyle: { width: 2 }, symbol: "circle",
        symbolSize: 5, showSymbol: rows.length <= 60, z: 3,
        data: rows.map((row) => (row.provisional ? null : row.value)),
        markLine: limits(card, state),
      },
      // Apart from the line: half a month's reports would look like a collapse.
      ...(rows.some((row) => row.provisional && row.value !== null) ? [{
        name: "本期（初步）", type: "line", color: INK, lineStyle: { width: 0 }, symbol: "emptyCircle", symbolSize: 9, z: 4,
        label: { show: rows.filter((row) => row.provisional).length <= 3, formatter: "初步", color: AXIS, position: "top" },
        data: rows.map((row) => (row.provisional ? row.value : null)),
      }] : []),
      {
        name: "上年同期", type: "line", color: BEFORE, lineStyle: { width: 1.5, type: [4, 3] },
        symbol: "none", data: before,
      },
    ],
  };
}

function limits(card, state) {
  return {
    silent: true, symbol: "none",
    data: linesOf(card, state.measure).map(([name, at]) => ({
      yAxis: at, lineStyle: { color: LINE_COLOURS[name], type: name === "red" ? "solid" : "dashed" },
      label: { formatter: `${LINE_NAMES[name]} ${f.number(at, card.decimals)}`, position: "insideEndTop", color: LINE_COLOURS[name] },
    })),
  };
}

function growthOption(growths, name) {
  const option = base(growths.map((row) => row.period), (value) => f.percent(value));
  option.yAxis.axisLabel.formatter = (value) => `${Math.round(value * 1000) / 10}`;
  option.yAxis.scale = false;
  return {
    ...option,
    series: [{
      name, type: "bar", color: INK, barMaxWidth: 14,
      data: growths.map((row) => (row.provisional ? { value: row.value, itemStyle: HOLLOW } : row.value)),
    }],
  };
}
