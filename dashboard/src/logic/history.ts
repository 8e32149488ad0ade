// The numbers behind the objective history: points by state and the best value so far.
import type {Objective, TrialSummary} from '../api/types';

export interface HistoryPoint {
  index: number;
  value: number | null;
  trial: string;
  state: string;
}

export interface History {
  /** All trials in the order of their index. */
  points: HistoryPoint[];
  /** One step per improvement, the last one repeated at the last index. */
  best: Array<[number, number]>;
  best_trial: string | null;
}

export function is_maximized(objective: Objective | null): boolean {
  return objective?.type.toLowerCase() === 'maximize';
}

/** Only finished trials may be best: a running one can still get worse, a failed one has no result. */
export const COUNTING_STATES: ReadonlySet<string> = new Set(['Succeeded', 'EarlyStopped']);

export function history_of(trials: readonly TrialSummary[], objective: Objective | null): History {
  const sign = is_maximized(objective) ? -1 : 1;
  const points = in_order(trials).map((t, at) => ({
    index: t.index ?? at, value: Number.isFinite(t.objective) ? t.objective : null, trial: t.name, state: t.state,
  }));
  const best: Array<[number, number]> = [];
  let best_trial: string | null = null;
  let best_value: number | null = null;
  for (const point of points) {
    if (point.value === null || !COUNTING_STATES.has(point.state)) continue;
    if (best_value !== null && sign * point.value >= sign * best_value) continue;
    best_value = point.value;
    best_trial = point.trial;
    best.push([point.index, point.value]);
  }
  const last = points[points.length - 1];
  if (last && best_value !== null && best[best.length - 1]?.[0] !== last.index) best.push([last.index, best_value]);
  return {points, best, best_trial};
}

/** By the number of the draw; trials without one come after, as they were created. */
export function in_order(trials: readonly TrialSummary[]): TrialSummary[] {
  return [...trials].sort((a, b) => compare_index(a, b) || (a.created ?? '').localeCompare(b.created ?? ''));
}

export function compare_index(a: TrialSummary, b: TrialSummary): number {
  const [left, right] = [a.index ?? Infinity, b.index ?? Infinity];
  return left === right ? 0 : left - right;
}

/** A log axis helps when all values are positive and span more than two decades. */
export function suits_log_axis(values: readonly number[]): boolean {
  if (values.length < 3) return false;
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > 0 && high / low > 100;
}
