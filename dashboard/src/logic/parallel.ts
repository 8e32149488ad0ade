// The axes of the parallel coordinates: where a value lies between bottom (0) and top (1) of its axis, and which
// trials lie within the chosen ranges.
import type {ExperimentSummary, TrialSummary} from '../api/types';
import {format_assignment, format_number} from './format';
import {COUNTING_STATES, is_maximized} from './history';

export interface Axis {
  title: string;
  scale: 'linear' | 'log' | 'ordinal';
  /** For ordinal axes the labels from bottom to top; otherwise empty. */
  labels: string[];
  low: number;
  high: number;
}

export interface Line {
  trial: string;
  /** One position per axis; null where the trial has no value. */
  at: Array<number | null>;
  /** 0 is the worst, 1 the best objective by rank; null without one. */
  quality: number | null;
}

export interface Parallel {
  axes: Axis[];
  lines: Line[];
}

/** Per axis the chosen part of 0..1. */
export type Ranges = ReadonlyArray<readonly [number, number]>;

const LOG_DISTRIBUTIONS = new Set(['logUniform', 'logNormal']);

export function parallel_of(experiment: ExperimentSummary, trials: readonly TrialSummary[]): Parallel {
  const with_value = trials.filter((t) => COUNTING_STATES.has(t.state) && Number.isFinite(t.objective));
  const axes = experiment.parameters.map((p): Axis => {
    // A conditional parameter has no value where it plays no part.
    const values = with_value.map((t) => t.assignments[p.name] ?? '').filter((v) => v !== '');
    if (p.list?.length || values.some((v) => Number.isNaN(Number(v)))) {
      const listed = (p.list ?? []).map(String);
      const labels = [...new Set([...listed, ...values])];
      return {title: p.name, scale: 'ordinal', labels, low: 0, high: labels.length - 1};
    }
    const numbers = [...values.map(Number), ...[p.min, p.max].filter((x) => x !== null && x !== undefined && x !== '').map(Number)];
    return numeric_axis(p.name, numbers, LOG_DISTRIBUTIONS.has(p.distribution ?? ''));
  });
  const objectives = with_value.map((t) => t.objective ?? 0);
  axes.push(numeric_axis(experiment.objective?.metric ?? 'objective', objectives, false));
  const sign = is_maximized(experiment.objective) ? 1 : -1;
  const ranked = [...with_value].sort((a, b) => sign * ((a.objective ?? 0) - (b.objective ?? 0)));
  const lines = ranked.map((t, rank): Line => ({
    trial: t.name,
    at: axes.map((axis, i) => position(axis, i < experiment.parameters.length
      ? t.assignments[experiment.parameters[i]?.name ?? ''] : t.objective)),
    quality: ranked.length > 1 ? rank / (ranked.length - 1) : 1,
  }));
  return {axes, lines};
}

function numeric_axis(title: string, numbers: readonly number[], wants_log: boolean): Axis {
  let low = Infinity;
  let high = -Infinity;
  for (const n of numbers) {
    low = Math.min(low, n);
    high = Math.max(high, n);
  }
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (low === high) [low, high] = low === 0 ? [-1, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
  return {title, scale: wants_log && low > 0 ? 'log' : 'linear', labels: [], low, high};
}

export function position(axis: Axis, value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  if (axis.scale === 'ordinal') {
    const at = axis.labels.indexOf(String(value));
    return at < 0 ? null : axis.labels.length === 1 ? 0.5 : at / (axis.labels.length - 1);
  }
  const number = Number(value);
  if (!Number.isFinite(number)) return null;
  return axis.scale === 'log'
    ? Math.log(number / axis.low) / Math.log(axis.high / axis.low)
    : (number - axis.low) / (axis.high - axis.low);
}

/** What a position on an axis means, in words. */
export function label_at(axis: Axis, at: number): string {
  if (axis.scale === 'ordinal') return format_assignment(axis.labels[Math.round(at * (axis.labels.length - 1))]);
  const value = axis.scale === 'log' ? axis.low * (axis.high / axis.low) ** at : axis.low + at * (axis.high - axis.low);
  // Between the ends a position is read off a chart: three digits are what it is worth.
  return format_number(at <= 0 ? axis.low : at >= 1 ? axis.high : Number(value.toPrecision(3)));
}

const EDGE = 1e-9;

/** Whether a line belongs to the best share of all (1 is all of them) and lies within every range. */
export function is_within(line: Line, ranges: Ranges, share = 1): boolean {
  if (share < 1 && (line.quality ?? 0) < 1 - share) return false;
  return ranges.every(([low, high], i) => {
    if (low <= 0 && high >= 1) return true;
    const at = line.at[i];
    return at !== null && at !== undefined && at >= low - EDGE && at <= high + EDGE;
  });
}

export function full_ranges(count: number): Ranges {
  return Array.from({length: count}, () => [0, 1] as const);
}
