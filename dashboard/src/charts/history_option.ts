// The objective history as ECharts reads it: a series of points per state, told apart by shape and colour, and the
// best value so far as a step line. Trials without a value stand as marks on the floor of the chart.
import type {EChartsCoreOption} from 'echarts/core';
import {format_number, words_of} from '../logic/format';
import type {History, HistoryPoint} from '../logic/history';

export interface HistoryColors {
  text: string;
  grid: string;
  surface: string;
  best: string;
  by_tone: Record<string, string>;
}

interface Mark {
  symbol: string;
  tone: string;
  size: number;
}

const CROSS = 'path://M1 2.400 2.400 1 8 6.600 13.600 1 15 2.400 9.400 8 15 13.600 13.600 15 8 9.400 2.400 15 1 13.600 6.600 8z';

const MARKS: Record<string, Mark> = {
  Succeeded: {symbol: 'circle', tone: 'good', size: 8},
  EarlyStopped: {symbol: 'diamond', tone: 'other', size: 10},
  Running: {symbol: 'triangle', tone: 'active', size: 10},
  Failed: {symbol: CROSS, tone: 'bad', size: 9},
  MetricsUnavailable: {symbol: CROSS, tone: 'warn', size: 9},
  Infeasible: {symbol: 'emptyCircle', tone: 'warn', size: 8},
  Killed: {symbol: 'rect', tone: 'other', size: 7},
};
const OTHER_MARK: Mark = {symbol: 'emptyCircle', tone: 'quiet', size: 7};

export function mark_of(state: string): Mark {
  return MARKS[state] ?? OTHER_MARK;
}

const LARGE = 2000;

/** The goal, where a line for it would not squeeze the points into a corner. */
export function goal_in_sight(history: History, goal: number | null | undefined): number | null {
  if (goal === null || goal === undefined) return null;
  let low = Infinity;
  let high = -Infinity;
  for (const {value} of history.points) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const margin = (high - low) / 2;
  return goal >= low - margin && goal <= high + margin ? goal : null;
}

export function history_option(
  history: History, objective: {metric: string; goal: number | null}, colors: HistoryColors, is_log: boolean,
): EChartsCoreOption {
  const {metric, goal} = objective;
  const states = [...new Set(history.points.map((p) => p.state))];
  const is_large = history.points.length > LARGE;
  const series = states.flatMap((state) => {
    const of_state = history.points.filter((p) => p.state === state);
    const mark = mark_of(state);
    const look = {
      type: 'scatter', name: words_of(state), symbol: mark.symbol, symbolSize: is_large ? 4 : mark.size,
      itemStyle: {color: colors.by_tone[mark.tone], opacity: is_large ? 0.55 : 0.85},
      emphasis: {scale: 1.5}, animation: false,
    };
    const placed = of_state.filter((p) => p.value !== null && (!is_log || p.value > 0));
    const floor = of_state.filter((p) => p.value === null && p.state !== 'Pending' && p.state !== 'Created');
    return [
      {...look, id: `${state}:value`, large: is_large, data: placed.map((p) => [p.index, p.value, p.trial])},
      {...look, id: `${state}:floor`, yAxisIndex: 1, data: floor.map((p) => [p.index, 0, p.trial])},
    ];
  });
  const axis = {
    axisLine: {show: false}, axisTick: {show: false},
    axisLabel: {color: colors.text, fontFamily: 'Inter Variable', hideOverlap: true},
    splitLine: {lineStyle: {color: colors.grid}},
    nameTextStyle: {color: colors.text, fontFamily: 'Inter Variable'},
  };
  return {
    animation: false,
    grid: {left: 8, right: 16, top: 28, bottom: 28, containLabel: true},
    xAxis: {...axis, type: 'value', name: 'trial', nameLocation: 'middle', nameGap: 26, minInterval: 1,
      splitLine: {show: false},
      axisLabel: {...axis.axisLabel, formatter: (v: number) => format_number(v)}, min: first_index(history.points), max: 'dataMax'},
    yAxis: [
      {...axis, type: is_log ? 'log' : 'value', scale: true, name: metric, nameLocation: 'end', nameGap: 12,
        nameTextStyle: {...axis.nameTextStyle, align: 'left'},
        axisLabel: {...axis.axisLabel, formatter: (v: number) => format_number(v)}},
      {type: 'value', min: 0, max: 1, show: false},
    ],
    tooltip: tooltip(metric, colors),
    series: [
      ...series,
      {id: 'best', type: 'line', name: 'Best so far', step: 'end', data: history.best, showSymbol: false, z: 3,
        silent: true, lineStyle: {color: colors.best, width: 2}, tooltip: {show: false}, animation: false},
      ...(goal === null ? [] : [{id: 'goal', type: 'line', showSymbol: false, silent: true, animation: false,
        tooltip: {show: false}, lineStyle: {color: colors.text, width: 1, type: 'dashed'},
        data: [[first_index(history.points), goal], [history.points.at(-1)?.index ?? 0, goal]]}]),
      {id: 'best-trial', type: 'scatter', symbol: 'circle', symbolSize: 15, silent: true, z: 4, animation: false,
        tooltip: {show: false}, itemStyle: {color: 'transparent', borderColor: colors.best, borderWidth: 2},
        data: history.points.filter((p) => p.trial === history.best_trial).map((p) => [p.index, p.value])},
    ],
  };
}

function first_index(points: readonly HistoryPoint[]): number {
  const first = points[0]?.index ?? 0;
  return first <= 1 ? 0 : first;
}

function tooltip(metric: string, colors: HistoryColors): object {
  return {
    trigger: 'item', renderMode: 'richText', confine: true, backgroundColor: colors.surface,
    borderColor: colors.grid, padding: [8, 10],
    textStyle: {color: colors.best, fontFamily: 'Inter Variable', fontSize: 12},
    formatter: (item: {seriesId: string; seriesName: string; value: [number, number, string]}) => {
      const [index, value, trial] = item.value;
      const result = item.seriesId.endsWith(':floor') ? 'no value' : `${metric} ${format_number(value)}`;
      return `#${index}  ${trial}\n${item.seriesName}, ${result}`;
    },
  };
}
