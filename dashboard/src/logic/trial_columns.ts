// The columns of the trials table: what exists for an experiment, what a cell holds, and how rows are ordered.
import type {ExperimentSummary, TrialSummary} from '../api/types';
import {span_ms, time_of} from './format';
import {compare_index} from './history';

export type ColumnKind = 'index' | 'name' | 'state' | 'objective' | 'number' | 'text' | 'duration' | 'time' | 'metric';

export interface Column {
  /** Stable name: part of the page's address and of filter terms. */
  id: string;
  title: string;
  kind: ColumnKind;
  /** Width in pixels. */
  width: number;
  /** Whether it is shown before anyone chose. */
  shown: boolean;
}

export interface SortOrder {
  column: string;
  descending: boolean;
}

const OWN_COLUMNS = new Set(['index', 'name', 'state', 'objective', 'duration', 'started', 'why']);
const PREFIX = 'parameter.';

/** A parameter may be called "name" or "state"; its column then has a longer name. */
export function parameter_column(parameter: string): string {
  return OWN_COLUMNS.has(parameter) || parameter.startsWith('metric.') ? PREFIX + parameter : parameter;
}

export function parameter_of(column: string): string {
  return column.startsWith(PREFIX) ? column.slice(PREFIX.length) : column;
}

const NUMERIC_TYPES = new Set(['double', 'int']);

export function columns_of(experiment: ExperimentSummary): Column[] {
  const metric = experiment.objective?.metric ?? 'objective';
  const parameters = experiment.parameters.map((p): Column => ({
    id: parameter_column(p.name), title: p.name, kind: NUMERIC_TYPES.has(p.type) ? 'number' : 'text',
    width: Math.max(104, p.name.length * 8 + 44), shown: true,
  }));
  return [
    {id: 'index', title: '#', kind: 'index', width: 64, shown: true},
    {id: 'name', title: 'Trial', kind: 'name', width: 164, shown: true},
    {id: 'state', title: 'State', kind: 'state', width: 172, shown: true},
    {id: 'objective', title: metric, kind: 'objective', width: Math.max(116, metric.length * 8 + 48), shown: true},
    ...parameters,
    {id: 'duration', title: 'Duration', kind: 'duration', width: 112, shown: true},
    {id: 'started', title: 'Started', kind: 'time', width: 168, shown: false},
    {id: 'metric.min', title: `${metric} min`, kind: 'metric', width: 128, shown: false},
    {id: 'metric.max', title: `${metric} max`, kind: 'metric', width: 128, shown: false},
    {id: 'metric.latest', title: `${metric} latest`, kind: 'metric', width: 136, shown: false},
    {id: 'why', title: 'Why', kind: 'text', width: 360, shown: false},
  ];
}

/** What a cell holds for comparing: a number where it is one, text otherwise, null where there is nothing. */
export function read_cell(trial: TrialSummary, column: string, metric: string, now: number): string | number | null {
  switch (column) {
    case 'index': return trial.index;
    case 'name': return trial.name;
    case 'state': return trial.state;
    case 'objective': return trial.objective;
    case 'duration': return span_ms(trial.started, trial.completed, now);
    case 'started': return time_of(trial.started);
    case 'why': return trial.why || null;
    case 'metric.min': return numeric(trial.metrics[metric]?.min ?? null);
    case 'metric.max': return numeric(trial.metrics[metric]?.max ?? null);
    case 'metric.latest': return numeric(trial.metrics[metric]?.latest ?? null);
    default: return numeric(trial.assignments[parameter_of(column)] ?? null);
  }
}

function numeric(value: string | number | null): string | number | null {
  if (value === null || value === '') return null;
  const number = Number(value);
  return Number.isNaN(number) ? value : number;
}

/** Rows in the wanted order. Empty cells come last in either direction; ties keep the order of the index. */
export function sort_trials(
  trials: readonly TrialSummary[], order: SortOrder, metric: string, now: number,
): TrialSummary[] {
  const keyed = trials.map((trial) => ({trial, key: read_cell(trial, order.column, metric, now)}));
  const sign = order.descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) {
      if (a.key !== b.key) return a.key === null ? 1 : -1;
    } else {
      const difference = typeof a.key === 'number' && typeof b.key === 'number'
        ? a.key - b.key : String(a.key).localeCompare(String(b.key), 'en', {numeric: true});
      if (difference !== 0) return sign * difference;
    }
    return compare_index(a.trial, b.trial);
  });
  return keyed.map((k) => k.trial);
}

/** "-lr" is descending by lr. */
export function parse_order(text: string | undefined, columns: readonly Column[]): SortOrder {
  const descending = text?.startsWith('-') ?? false;
  const column = descending ? text?.slice(1) : text;
  if (column && columns.some((c) => c.id === column)) return {column, descending};
  return {column: 'index', descending: true};
}

export function print_order(order: SortOrder): string {
  return order.descending ? `-${order.column}` : order.column;
}
