// Columns, cells and the order of rows.
import {describe, expect, test} from 'vitest';
import {columns_of, parse_order, print_order, read_cell, sort_trials} from '../../src/logic/trial_columns';
import {experiment, trial} from './samples';

const order_by = (column: string, descending = false) => ({column, descending});
const indices = (trials: Array<{index: number | null}>) => trials.map((t) => t.index);

describe('order', () => {
  const trials = [
    trial(1, {objective: 3, assignments: {lr: '0.1'}}), trial(2, {objective: null, assignments: {lr: '1e-3'}}),
    trial(3, {objective: 1, assignments: {lr: '0.02'}}), trial(4, {objective: 3, assignments: {}}),
  ];

  test('numbers are compared as numbers, whatever their notation', () => {
    expect(indices(sort_trials(trials, order_by('lr'), 'loss', 0))).toEqual([2, 3, 1, 4]);
  });

  test('rows without a value come last in both directions', () => {
    expect(indices(sort_trials(trials, order_by('objective'), 'loss', 0))).toEqual([3, 1, 4, 2]);
    expect(indices(sort_trials(trials, order_by('objective', true), 'loss', 0))).toEqual([1, 4, 3, 2]);
  });

  test('names with numbers in them follow the numbers', () => {
    const named = [trial(1, {name: 'e-10'}), trial(2, {name: 'e-9'})];
    expect(indices(sort_trials(named, order_by('name'), 'loss', 0))).toEqual([2, 1]);
  });

  test('sorting leaves its argument as it was', () => {
    sort_trials(trials, order_by('objective'), 'loss', 0);
    expect(indices(trials)).toEqual([1, 2, 3, 4]);
  });

  test('ten thousand rows are sorted', () => {
    const many = Array.from({length: 10_000}, (_, i) => trial(i, {objective: (i * 7919) % 10_000}));
    const sorted = sort_trials(many, order_by('objective'), 'loss', 0);
    expect(sorted.every((t, i) => t.objective === i)).toBe(true);
  });
});

describe('the order in the address', () => {
  const columns = columns_of(experiment());
  test.each(['lr', '-lr', 'objective', '-index'])('%s survives a round trip', (text) => {
    expect(print_order(parse_order(text, columns))).toBe(text);
  });
  test.each([undefined, '', '-', 'nonsense', '-nonsense'])('%j falls back to the newest first', (text) => {
    expect(parse_order(text, columns)).toEqual({column: 'index', descending: true});
  });
});

describe('cells', () => {
  test('a metric cell reads the objective metric', () => {
    const t = trial(1, {metrics: {loss: {min: '0.1', max: 2, latest: null}}});
    expect(['metric.min', 'metric.max', 'metric.latest'].map((c) => read_cell(t, c, 'loss', 0))).toEqual([0.1, 2, null]);
  });

  test('a parameter that is named like a column of ours keeps both', () => {
    const e = experiment({parameters: [{name: 'state', type: 'categorical', list: ['on', 'off']}]});
    const ids = columns_of(e).map((c) => c.id);
    expect(new Set(ids).size).toBe(ids.length);
    const t = trial(1, {assignments: {state: 'on'}});
    expect(read_cell(t, 'state', 'loss', 0)).toBe('Succeeded');
    expect(read_cell(t, 'parameter.state', 'loss', 0)).toBe('on');
  });
});
