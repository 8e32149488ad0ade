// Observations as curves: one per metric, over steps where the trial reports them, else over seconds since the first.
import type {MetricSummary, Observation} from '../api/types';
import {time_of} from './format';

export interface Curve {
  metric: string;
  axis: 'step' | 'seconds';
  x: number[];
  y: number[];
  /** Values that are not numbers (NaN, infinity) and have no place in a chart. */
  skipped: number;
}

export function curves_of(observations: readonly Observation[], first_metric: string | null): Curve[] {
  const by_metric = new Map<string, Observation[]>();
  for (const observation of observations) {
    const list = by_metric.get(observation.metric);
    if (list) list.push(observation);
    else by_metric.set(observation.metric, [observation]);
  }
  const curves = [...by_metric].map(([metric, items]) => curve_of(metric, items));
  const rank = (c: Curve) => (c.metric === first_metric ? 0 : 1);
  return curves.sort((a, b) => rank(a) - rank(b) || a.metric.localeCompare(b.metric));
}

function curve_of(metric: string, items: readonly Observation[]): Curve {
  const has_steps = items.every((o) => typeof o.step === 'number');
  const start = time_of(items.find((o) => time_of(o.time) !== null)?.time) ?? 0;
  const pairs: Array<[number, number]> = [];
  let skipped = 0;
  for (const item of items) {
    const y = item.value === null || item.value === '' ? Number.NaN : Number(item.value);
    const x = has_steps ? item.step ?? 0 : ((time_of(item.time) ?? start) - start) / 1000;
    if (Number.isFinite(y)) pairs.push([x, y]);
    else skipped += 1;
  }
  pairs.sort((a, b) => a[0] - b[0]);
  return {metric, axis: has_steps ? 'step' : 'seconds', x: pairs.map((p) => p[0]), y: pairs.map((p) => p[1]), skipped};
}

/** What a trial that still runs has reported so far; its own summary has the numbers only when it is done. */
export function metrics_of(curves: readonly Curve[]): Record<string, MetricSummary> {
  const metrics: Record<string, MetricSummary> = {};
  for (const {metric, y} of curves) {
    if (y.length === 0) continue;
    const summary = {min: Infinity, max: -Infinity, latest: y.at(-1) ?? null};
    for (const value of y) {
      summary.min = Math.min(summary.min, value);
      summary.max = Math.max(summary.max, value);
    }
    metrics[metric] = summary;
  }
  return metrics;
}
