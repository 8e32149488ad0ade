// The shapes of /rest/v1 as the server sends them. One place, so that a change of the contract is one change here.

export type ExperimentState = 'Created' | 'Running' | 'Restarting' | 'Succeeded' | 'Failed' | 'Suspended';

export type TrialState =
  | 'Created' | 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Killed' | 'EarlyStopped'
  | 'MetricsUnavailable' | 'Infeasible';

export interface Parameter {
  name: string;
  type: string;
  min?: string | number | null;
  max?: string | number | null;
  step?: string | number | null;
  list?: Array<string | number> | null;
  distribution?: string | null;
}

export interface Objective {
  metric: string;
  type: string;
  goal?: number | null;
}

export interface Counts {
  total: number;
  max: number | null;
  parallel: number | null;
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  killed: number;
  earlyStopped: number;
  metricsUnavailable: number;
  infeasible: number;
}

export interface Best {
  trial: string;
  value: number | null;
  assignments: Record<string, string>;
}

export interface ExperimentSummary {
  namespace: string;
  name: string;
  uid: string;
  resourceVersion: string;
  state: ExperimentState;
  reason: string;
  message: string;
  why: string;
  created: string | null;
  started: string | null;
  completed: string | null;
  algorithm: string;
  objective: Objective | null;
  parameters: Parameter[];
  counts: Counts;
  best: Best | null;
  /** Its trials are run by a client over ask and tell: they have no pods and no logs here. */
  client?: boolean;
}

export interface MetricSummary {
  min: number | string | null;
  max: number | string | null;
  latest: number | string | null;
}

export interface TrialSummary {
  namespace: string;
  experiment: string;
  name: string;
  uid: string;
  resourceVersion: string;
  /** The number of its draw, from 0; null for a trial that no algorithm drew. */
  index: number | null;
  state: TrialState;
  reason: string;
  why: string;
  assignments: Record<string, string>;
  metrics: Record<string, MetricSummary>;
  objective: number | null;
  created: string | null;
  started: string | null;
  completed: string | null;
}

export interface ClusterEvent {
  time: string | null;
  type: string;
  reason: string;
  message: string;
  count: number;
}

/** A Kubernetes object as far as the pages read it. */
export interface ClusterObject {
  kind?: string;
  metadata?: Record<string, unknown>;
  spec?: Record<string, unknown>;
  status?: {conditions?: Condition[]} & Record<string, unknown>;
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface ExperimentDetail {
  summary: ExperimentSummary;
  object: ClusterObject;
  events: ClusterEvent[];
}

export interface TrialDetail {
  summary: TrialSummary;
  object: ClusterObject;
  events: ClusterEvent[];
  pods: string[];
}

export interface List<T> {
  resourceVersion: string;
  items: T[];
}

export interface Observation {
  metric: string;
  value: number | string | null;
  time: string | null;
  step?: number | null;
}

export interface User {
  user: string;
  role: string;
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

export type LiveEvent =
  | {kind: 'experiment'; type: ChangeType; summary: ExperimentSummary}
  | {kind: 'trial'; type: ChangeType; summary: TrialSummary}
  | {kind: 'observations'; namespace: string; experiment: string; trial: string; items: Observation[]};
