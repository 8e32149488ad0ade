// Which experiments the list shows, and in which order.
import type {ExperimentSummary} from '../api/types';

export interface ExperimentFilter {
  text: string;
  namespace: string;
  states: ReadonlySet<string>;
}

export function filter_experiments(
  experiments: readonly ExperimentSummary[], filter: ExperimentFilter,
): ExperimentSummary[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return experiments.filter((e) => {
    if (filter.namespace && e.namespace !== filter.namespace) return false;
    if (filter.states.size > 0 && !filter.states.has(e.state)) return false;
    const text = `${e.namespace}/${e.name} ${e.algorithm} ${e.objective?.metric ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const OVER = new Set(['Succeeded', 'Failed']);

/** What still runs comes first, the newest first within each. */
export function order_experiments(experiments: readonly ExperimentSummary[]): ExperimentSummary[] {
  const rank = (e: ExperimentSummary) => (OVER.has(e.state) ? 1 : 0);
  return [...experiments].sort((a, b) =>
    rank(a) - rank(b) || (b.created ?? '').localeCompare(a.created ?? '') || a.name.localeCompare(b.name));
}

export interface Progress {
  succeeded: number;
  failed: number;
  stopped: number;
  running: number;
  done: number;
  max: number | null;
}

export function progress_of(experiment: ExperimentSummary): Progress {
  const c = experiment.counts;
  const failed = c.failed + c.metricsUnavailable + c.infeasible;
  const stopped = c.killed + c.earlyStopped;
  return {
    succeeded: c.succeeded, failed, stopped, running: c.running + c.pending,
    done: c.succeeded + failed + stopped, max: c.max,
  };
}
