// Trials that ended without a result, grouped by their reason: the same mistake forty times is one line.
import type {TrialSummary} from '../api/types';
import {compare_index} from './history';

export interface FailureGroup {
  reason: string;
  state: string;
  count: number;
  /** The newest trial of the group, whose sentence stands for all. */
  latest: TrialSummary;
}

const FAILURES = new Set(['Failed', 'MetricsUnavailable', 'Infeasible']);

/** The groups, the largest first. */
export function failures_of(trials: readonly TrialSummary[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const trial of trials) {
    if (!FAILURES.has(trial.state)) continue;
    const key = `${trial.state} ${trial.reason}`;
    const group = groups.get(key);
    if (!group) groups.set(key, {reason: trial.reason, state: trial.state, count: 1, latest: trial});
    else {
      group.count += 1;
      if (compare_index(trial, group.latest) > 0) group.latest = trial;
    }
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || a.reason.localeCompare(b.reason));
}
