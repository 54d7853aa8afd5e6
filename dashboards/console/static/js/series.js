// A figure over time, this year's solid and last year's lighter; or its growth as bars.

import { el, mark, show } from "./dom.js";
import * as f from "./format.js";

const INK = "#12436D";
const BEFORE = "#8096A8";
const AXIS = "#4A5560";
const GRID = "#E3E7EB";
let chart = null;

/**
 * rows: [{period, value, provisional}] oldest first, of the plain measure; growths the same of its
 * growth. Fewer than three periods make no line: the subject's other figures are told instead.
 */
export function draw(rows, growths, card, state, name, profile) {
  const title = `${name} · ${card.name_zh} · ${f.windowText(state.measure, state.shownPeriod)}`;
  const unit = state.view === "growth" ? "%" : card.unit;
  document.getElementById("series-title").replaceChildren(title, el("small", {}, ` 单位:${unit}`));
  const there = rows.filter((row) => row.value !== null);
  if (there.length < 3) {
    dispose();
    show("series", few(there, profile));
    return;
  }
  if (!chart) {
    const holder = el("div", { class: "chart" });
    show("series", holder);
    chart = window.echarts.init(holder);
  }
  chart.setOption(state.view === "growth" ? growthOption(growths, card) : levelOption(rows, card), true);
  const holder = document.getElementById("series");
  holder.dataset.points = String(there.length);
  holder.dataset.last = there.at(-1).period;
}

export function resize() {
  if (chart) chart.resize();
}

function dispose() {
  if (chart) chart.dispose();
  chart = null;
}

function few(there, profile) {
  const told = there.length
    ? `目前只有${there.map((row) => f.periodText(row.period)).join("、")}的数据,满三期后显示走势。`
    : "这里还没有数据。";
  return el("div", { class: "few" }, el("p", { class: "caption" }, `${told}下面是同一对象的各项指标。`),
    el("table", { class: "plain profile" },
      el("thead", {}, el("tr", {}, el("th", {}, "指标"), el("th", { class: "n" }, "数值"), el("th", {}, "单位"),
        el("th", { class: "n" }, "位次"), el("th", {}, "黄线/红线"), el("th", {}, "性质"))),
      el("tbody", {}, profile.map(({ row, card }) => {
        const past = f.passed(card, row.value);
        return el("tr", { "data-testid": "profile-row", "data-indicator": row.indicator, "data-value": row.value ?? "" },
          el("th", { scope: "row" }, card.name_zh),
          el("td", { class: "n" }, row.value === null
            ? el("span", { class: "absent" }, f.reason(row.reason)) : f.number(row.value, card.decimals)),
          el("td", { class: "quiet" }, card.unit),
          el("td", { class: "n" }, row.place ? `${row.place}/${row.of}` : row.standing || "—"),
          el("td", {}, card.red === null && card.yellow === null ? "—"
            : `${f.number(card.yellow, card.decimals)} / ${f.number(card.red, card.decimals)} `,
          past ? mark(f.LINE_WORDS[past], past) : null),
          el("td", { class: "quiet" }, f.ROLES[card.role]));
      }))));
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

function levelOption(rows, card) {
  const byPeriod = new Map(rows.map((row) => [row.period, row.value]));
  const before = rows.map((row) => byPeriod.get(`${Number(row.period.slice(0, 4)) - 1}${row.period.slice(4)}`) ?? null);
  const formatter = (value) => f.number(value, card.decimals);
  return {
    ...base(rows.map((row) => row.period), formatter),
    series: [
      {
        name: "本期", type: "line", color: INK, lineStyle: { width: 2 }, symbol: "circle",
        symbolSize: 5, showSymbol: rows.length <= 60, z: 3,
        data: rows.map((row) => (row.provisional
          ? { value: row.value, symbol: "emptyCircle", symbolSize: 9, label: { show: true, formatter: "初步", color: AXIS, position: "top" } }
          : row.value)),
      },
      {
        name: "上年同期", type: "line", color: BEFORE, lineStyle: { width: 1.5, type: [4, 3] },
        symbol: "none", data: before,
      },
    ],
  };
}

function growthOption(growths, card) {
  const formatter = (value) => f.percent(value);
  const option = base(growths.map((row) => row.period), formatter);
  option.yAxis.axisLabel.formatter = (value) => `${Math.round(value * 1000) / 10}`;
  option.yAxis.scale = false;
  return {
    ...option,
    series: [{
      name: f.growthText(growths[0]?.measure || ""), type: "bar", color: INK, barMaxWidth: 14,
      data: growths.map((row) => row.value),
    }],
  };
}
