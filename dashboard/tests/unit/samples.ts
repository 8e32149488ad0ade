// Small experiments and trials for the unit tests: whole objects, so that a test names only what it is about.
import type {ExperimentSummary, TrialSummary} from '../../src/api/types';

export function experiment(change: Partial<ExperimentSummary> = {}): ExperimentSummary {
  return {
    namespace: 'default', name: 'e', uid: 'u', resourceVersion: '1', state: 'Running', reason: '', message: '', why: '',
    created: '2026-01-01T00:00:00Z', started: '2026-01-01T00:00:00Z', completed: null, algorithm: 'random',
    objective: {metric: 'loss', type: 'minimize', goal: null},
    parameters: [
      {name: 'lr', type: 'double', min: '0.001', max: '0.1', distribution: 'logUniform'},
      {name: 'kernel', type: 'categorical', list: ['rbf', 'linear']},
    ],
    counts: {total: 0, max: 10, parallel: 2, pending: 0, running: 0, succeeded: 0, failed: 0, killed: 0, earlyStopped: 0,
      metricsUnavailable: 0, infeasible: 0},
    best: null, ...change,
  };
}

export function trial(index: number, change: Partial<TrialSummary> = {}): TrialSummary {
  return {
    namespace: 'default', experiment: 'e', name: `e-${index}`, uid: `u${index}`, resourceVersion: String(index), index,
    state: 'Succeeded', reason: '', why: '', assignments: {lr: '0.01', kernel: 'rbf'}, metrics: {}, objective: index,
    created: null, started: null, completed: null, ...change,
  };
}
