// The filter line of the trials table.
import {describe, expect, test} from 'vitest';
import {read_cell} from '../../src/logic/trial_columns';
import {matches, parse_query} from '../../src/logic/trial_query';
import {trial} from './samples';

const COLUMNS = ['index', 'name', 'state', 'objective', 'lr', 'kernel', 'metric.min', 'duration'];
const read = (t: Parameters<typeof read_cell>[0], column: string) => read_cell(t, column, 'loss', 0);
const TRIALS = [
  trial(1, {objective: 0.5, assignments: {lr: '0.001', kernel: 'rbf'}}),
  trial(2, {objective: 0.2, assignments: {lr: '0.02', kernel: 'linear'}}),
  trial(3, {objective: null, state: 'Failed', reason: 'OOMKilled', why: 'Used 4 GiB', assignments: {lr: '0.5', kernel: 'rbf'}}),
];

function found(text: string): Array<number | null> {
  const query = parse_query(text, COLUMNS);
  expect(query.problem).toBeNull();
  return TRIALS.filter((t) => matches(t, query, read)).map((t) => t.index);
}

describe('a filter', () => {
  test.each<[string, number[]]>([
    ['', [1, 2, 3]], ['lr<0.01', [1]], ['lr >= 2e-2', [2, 3]], ['lr<1 and kernel=rbf', [1, 3]],
    ['state=failed', [3]], ['state!=Failed', [1, 2]], ['objective<0.3', [2]], ['objective>0', [1, 2]],
    ['objective!=0.5', [2, 3]], ['kernel~LIN', [2]], ['oomkilled', [3]], ['"4 gib"', [3]], ['e-2', [2]],
    ['lr=0.0010', [1]], ['KERNEL==linear', [2]], ['kernel<5', []],
  ])('%j finds trials %j', (text, indices) => expect(found(text)).toEqual(indices));

  test('an unknown column is named, with those there are', () => {
    expect(parse_query('rate<1', COLUMNS).problem).toMatch(/no column "rate".*lr, kernel/);
  });

  test('a comparison without a value says what is missing', () => {
    expect(parse_query('lr<', COLUMNS).problem).toMatch(/needs a value/);
  });

  test('the terms before a mistake still count', () => {
    expect(parse_query('kernel=rbf nothing=1', COLUMNS).terms).toHaveLength(1);
  });

  test.each(['"', '<', '=', '<<<', 'lr<"', '""', 'a"b c'])('%j ends', (text) => {
    expect(parse_query(text, COLUMNS)).toBeDefined();
  });
});
