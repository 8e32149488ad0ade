// What happened to an object, in one list: its conditions and its events, oldest first.
import type {ClusterEvent, ClusterObject} from '../api/types';
import {time_of, words_of} from './format';

export interface Happening {
  time: string | null;
  title: string;
  text: string;
  is_warning: boolean;
  source: 'condition' | 'event';
  count: number;
}

const WARNING_CONDITIONS = new Set(['Failed', 'Killed', 'MetricsUnavailable', 'Infeasible']);

export function timeline_of(object: ClusterObject | null, events: readonly ClusterEvent[]): Happening[] {
  const conditions = (object?.status?.conditions ?? [])
    .filter((c) => c.status === 'True')
    .map((c): Happening => ({
      time: c.lastTransitionTime ?? null,
      title: words_of(c.type),
      text: c.message || c.reason || '',
      is_warning: WARNING_CONDITIONS.has(c.type),
      source: 'condition',
      count: 1,
    }));
  const happened = events.map((e): Happening => ({
    time: e.time, title: e.reason, text: e.message, is_warning: e.type === 'Warning', source: 'event', count: e.count,
  }));
  // Times are whole seconds. Within one, events say what led to a condition; only being created comes before all.
  const rank = (h: Happening) => (h.source === 'event' ? 1 : h.title === 'Created' ? 0 : 2);
  return [...conditions, ...happened].sort((a, b) => (time_of(a.time) ?? 0) - (time_of(b.time) ?? 0) || rank(a) - rank(b));
}
