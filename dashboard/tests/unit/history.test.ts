// The numbers behind the charts: history, curves, parallel coordinates.
import {describe, expect, test} from 'vitest';
import {curves_of, metrics_of} from '../../src/logic/curves';
import {failures_of} from '../../src/logic/failures';
import {history_of, suits_log_axis} from '../../src/logic/history';
import {full_ranges, is_within, label_at, parallel_of, position} from '../../src/logic/parallel';
import {experiment, trial} from './samples';

describe('history', () => {
  const minimize = {metric: 'loss', type: 'minimize'};

  test('the best so far only improves and reaches to the last trial', () => {
    const trials = [5, 3, 4, 1, 2].map((value, i) => trial(i + 1, {objective: value}));
    expect(history_of(trials, minimize).best).toEqual([[1, 5], [2, 3], [4, 1], [5, 1]]);
    expect(history_of(trials, {metric: 'loss', type: 'maximize'}).best).toEqual([[1, 5], [5, 5]]);
  });

  test('running, failed and valueless trials are points and never best', () => {
    const trials = [trial(1, {objective: 5}), trial(2, {objective: 0, state: 'Running'}),
      trial(3, {objective: 1, state: 'Failed'}), trial(4, {objective: null})];
    const history = history_of(trials, minimize);
    expect(history.best_trial).toBe('e-1');
    expect(history.points.map((p) => p.value)).toEqual([5, 0, 1, null]);
  });

  test('trials that arrive out of order are put in order', () => {
    expect(history_of([trial(3), trial(1), trial(2)], minimize).points.map((p) => p.index)).toEqual([1, 2, 3]);
  });

  test('trials that no algorithm drew come last, as they were created', () => {
    const made = [trial(0, {index: null, name: 'b', created: '2026-01-02T00:00:00Z'}),
      trial(0, {index: null, name: 'a', created: '2026-01-01T00:00:00Z'}), trial(0)];
    expect(history_of(made, minimize).points.map((p) => [p.index, p.trial])).toEqual([[0, 'e-0'], [1, 'a'], [2, 'b']]);
  });

  test('no trials make an empty history', () => {
    expect(history_of([], null)).toEqual({points: [], best: [], best_trial: null});
  });

  test('an equal value is no improvement', () => {
    expect(history_of([trial(1, {objective: 2}), trial(2, {objective: 2})], minimize).best_trial).toBe('e-1');
  });

  test('a log axis is offered for positive values over two decades', () => {
    expect(suits_log_axis([0.001, 0.1, 1])).toBe(true);
    expect(suits_log_axis([-1, 1, 1000])).toBe(false);
    expect(suits_log_axis([1, 2, 3])).toBe(false);
    expect(suits_log_axis([1, 1000])).toBe(false);
  });
});

describe('curves', () => {
  test('the objective comes first, steps make the axis, and text is read as numbers', () => {
    const [first, second] = curves_of([
      {metric: 'acc', value: '0.5', time: null, step: 1}, {metric: 'loss', value: '2', time: null, step: 2},
      {metric: 'loss', value: 3, time: null, step: 1}], 'loss');
    expect(first).toEqual({metric: 'loss', axis: 'step', x: [1, 2], y: [3, 2], skipped: 0});
    expect(second?.metric).toBe('acc');
  });

  test('without steps the axis is seconds since the first value', () => {
    const [curve] = curves_of([{metric: 'm', value: 1, time: '2026-01-01T00:00:00Z'},
      {metric: 'm', value: 2, time: '2026-01-01T00:00:01.500Z'}], null);
    expect(curve).toMatchObject({axis: 'seconds', x: [0, 1.5]});
  });

  test('values that are no numbers are counted, not drawn', () => {
    const [curve] = curves_of([{metric: 'm', value: 'NaN', time: null, step: 1}, {metric: 'm', value: null, time: null, step: 2},
      {metric: 'm', value: 'inf', time: null, step: 3}, {metric: 'm', value: 4, time: null, step: 4}], null);
    expect(curve).toMatchObject({x: [4], y: [4], skipped: 3});
  });
});

test('metrics of a running trial are read off its curves', () => {
  const curves = curves_of([3, 1, 2].map((value, step) => ({metric: 'm', value, time: null, step})), null);
  expect(metrics_of([...curves, {metric: 'none', axis: 'step', x: [], y: [], skipped: 1}])).toEqual({m: {min: 1, max: 3, latest: 2}});
});

test('failures are grouped by reason, the largest group first, each with its newest trial', () => {
  const groups = failures_of([
    trial(1, {state: 'Failed', reason: 'OOMKilled'}), trial(4, {state: 'Failed', reason: 'OOMKilled'}),
    trial(2, {state: 'Failed', reason: 'NonZeroExit'}), trial(3, {state: 'Failed', reason: 'OOMKilled'}), trial(5),
    trial(6, {state: 'EarlyStopped'})]);
  expect(groups.map((g) => [g.reason, g.count, g.latest.index])).toEqual([['OOMKilled', 3, 4], ['NonZeroExit', 1, 2]]);
});

describe('parallel coordinates', () => {
  const e = experiment();
  const trials = [
    trial(1, {objective: 3, assignments: {lr: '0.001', kernel: 'rbf'}}),
    trial(2, {objective: 1, assignments: {lr: '0.1', kernel: 'linear'}}),
    trial(3, {objective: 2, assignments: {lr: '0.01', kernel: 'rbf'}}),
    trial(4, {objective: null, state: 'Failed'}), trial(5, {objective: 9, state: 'Running'}),
  ];
  const {axes, lines} = parallel_of(e, trials);

  test('finished trials with a value have a line, the best one last', () => {
    expect(lines.map((l) => l.trial)).toEqual(['e-1', 'e-3', 'e-2']);
    expect(lines.map((l) => l.quality)).toEqual([0, 0.5, 1]);
  });

  test('each axis has the scale of its parameter', () => {
    expect(axes.map((a) => a.scale)).toEqual(['log', 'ordinal', 'linear']);
    expect(lines[1]?.at[0]).toBeCloseTo(0.5);
    expect(lines[1]?.at[1]).toBe(0);
    expect(lines[2]?.at).toEqual([1, 1, 0]);
  });

  test('a conditional parameter keeps the scale of its numbers, and has no place where it plays no part', () => {
    const some = parallel_of(e, [trial(1, {objective: 1, assignments: {lr: '0.01'}}), trial(2, {objective: 2, assignments: {lr: ''}}),
      trial(3, {objective: 3, assignments: {}})]);
    expect(some.axes[0]?.scale).toBe('log');
    expect(some.lines.map((l) => l.at[0] === null)).toEqual([true, true, false]);
  });

  test('labels name the ends', () => {
    expect([label_at(axes[0]!, 0), label_at(axes[0]!, 1), label_at(axes[1]!, 1)]).toEqual(['0.001', '0.1', 'linear']);
  });

  test('a range and a share of the best leave the lines within', () => {
    const ranges = full_ranges(3).map((r, i) => (i === 1 ? [0, 0] as const : r));
    expect(lines.filter((l) => is_within(l, ranges)).map((l) => l.trial)).toEqual(['e-1', 'e-3']);
    expect(lines.filter((l) => is_within(l, full_ranges(3), 0.1)).map((l) => l.trial)).toEqual(['e-2']);
  });

  test('missing and strange values have no place', () => {
    expect([position(axes[0]!, undefined), position(axes[0]!, 'x'), position(axes[1]!, 'poly')]).toEqual([null, null, null]);
  });

  test('one value only, or none, still makes an axis of some length', () => {
    const single = parallel_of(e, [trial(1, {objective: 2})]);
    expect(single.lines[0]?.at[2]).toBeCloseTo(0.5);
    expect(parallel_of(e, []).lines).toEqual([]);
  });
});
