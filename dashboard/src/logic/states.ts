// What each state is called, which icon and which tone it has. Icon and word together: colour alone tells nothing.
import type {ExperimentState, TrialState} from '../api/types';
import {words_of} from './format';

export type Tone = 'good' | 'active' | 'bad' | 'warn' | 'quiet' | 'other';
export type StateIcon = 'check' | 'play' | 'cross' | 'clock' | 'pause' | 'stop' | 'skip' | 'question' | 'ban' | 'redo';

export interface StateLook {
  word: string;
  icon: StateIcon;
  tone: Tone;
}

const LOOKS: Record<string, Omit<StateLook, 'word'>> = {
  Created: {icon: 'clock', tone: 'quiet'},
  Pending: {icon: 'clock', tone: 'quiet'},
  Running: {icon: 'play', tone: 'active'},
  Restarting: {icon: 'redo', tone: 'active'},
  Succeeded: {icon: 'check', tone: 'good'},
  Failed: {icon: 'cross', tone: 'bad'},
  Suspended: {icon: 'pause', tone: 'warn'},
  Killed: {icon: 'stop', tone: 'other'},
  EarlyStopped: {icon: 'skip', tone: 'other'},
  MetricsUnavailable: {icon: 'question', tone: 'warn'},
  Infeasible: {icon: 'ban', tone: 'warn'},
};

export const EXPERIMENT_STATES: readonly ExperimentState[] =
  ['Running', 'Created', 'Restarting', 'Suspended', 'Succeeded', 'Failed'];

export const TRIAL_STATES: readonly TrialState[] = ['Running', 'Pending', 'Created', 'Succeeded', 'EarlyStopped',
  'Failed', 'MetricsUnavailable', 'Infeasible', 'Killed'];

export function look_of(state: string): StateLook {
  return {word: words_of(state), ...(LOOKS[state] ?? {icon: 'question', tone: 'quiet'})};
}

const OPEN_STATES = new Set(['Created', 'Pending', 'Running']);

export function is_trial_over(state: TrialState): boolean {
  return !OPEN_STATES.has(state);
}

export function is_experiment_over(state: ExperimentState): boolean {
  return state === 'Succeeded' || state === 'Failed';
}
