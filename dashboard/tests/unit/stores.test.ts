// The stores: snapshot and stream may overlap and repeat; what is shown is right all the same.
import {afterEach, describe, expect, test, vi} from 'vitest';
import {may_write, token_in_fragment} from '../../src/api/session';
import {Collection} from '../../src/store/collection';
import {ExperimentStore} from '../../src/store/experiment_store';
import {ExperimentsStore} from '../../src/store/experiments_store';
import {append_new} from '../../src/store/trial_store';
import {filter_experiments, order_experiments, progress_of} from '../../src/logic/experiment_filter';
import {LogLines} from '../../src/logic/log_lines';
import {timeline_of} from '../../src/logic/timeline';
import {experiment, trial} from './samples';

function serve(answers: Record<string, unknown>): void {
  vi.stubGlobal('fetch', (path: string) => Promise.resolve(path in answers
    ? new Response(JSON.stringify(answers[path]))
    : new Response(JSON.stringify({title: 'Not found', detail: path}), {status: 404})));
}
afterEach(() => vi.unstubAllGlobals());

describe('a collection', () => {
  const make = () => {
    const c = new Collection<ReturnType<typeof trial>>((t) => t.name);
    c.replace([trial(5, {resourceVersion: '50'})], '50');
    return c;
  };

  test('an older version never overwrites a newer one', () => {
    const c = make();
    c.apply([{type: 'MODIFIED', item: trial(5, {resourceVersion: '40', state: 'Running'})}]);
    expect(c.get('e-5')?.state).toBe('Succeeded');
    c.apply([{type: 'MODIFIED', item: trial(5, {resourceVersion: '60', state: 'Failed'})}]);
    expect(c.get('e-5')?.state).toBe('Failed');
  });

  test('versions are compared as numbers', () => {
    const c = make();
    c.apply([{type: 'MODIFIED', item: trial(5, {resourceVersion: '100', state: 'Failed'})}]);
    expect(c.get('e-5')?.state).toBe('Failed');
  });

  test('what was deleted before the snapshot does not come back', () => {
    const c = make();
    c.apply([{type: 'MODIFIED', item: trial(6, {resourceVersion: '45'})}]);
    expect(c.get('e-6')).toBeUndefined();
  });

  test('a deletion removes only the object that was meant', () => {
    const c = make();
    c.apply([{type: 'DELETED', item: trial(5, {uid: 'an-earlier-one'})}]);
    expect(c.get('e-5')).toBeDefined();
    c.apply([{type: 'DELETED', item: trial(5)}]);
    expect(c.items.value).toEqual([]);
  });

  test('readers see a new list per batch, and the same one when nothing changed', () => {
    const c = make();
    const before = c.items.value;
    c.apply([{type: 'MODIFIED', item: trial(5, {resourceVersion: '1'})}]);
    expect(c.items.value).toBe(before);
    c.apply([{type: 'ADDED', item: trial(7, {resourceVersion: '70'})}]);
    expect(c.items.value).not.toBe(before);
  });
});

describe('the experiments', () => {
  test('are loaded, and changed by the stream', async () => {
    serve({'/rest/v1/experiments': {resourceVersion: '9', items: [experiment({name: 'a', resourceVersion: '5'})]}});
    const store = new ExperimentsStore();
    await store.load();
    expect(store.phase.value.is).toBe('ready');
    store.apply([{kind: 'experiment', type: 'ADDED', summary: experiment({name: 'b', uid: 'v', resourceVersion: '10'})}]);
    expect(store.experiments.items.value.map((e) => e.name)).toEqual(['a', 'b']);
  });

  test('a failing server is an error with its sentence, and a reload that fails keeps what is shown', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
    const store = new ExperimentsStore();
    await store.load();
    expect(store.phase.value).toMatchObject({is: 'error', sentence: expect.stringContaining('mizan serve')});
    serve({'/rest/v1/experiments': {resourceVersion: '9', items: []}});
    await store.load();
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
    await store.load();
    expect(store.phase.value.is).toBe('ready');
  });
});

describe('one experiment', () => {
  const E = '/rest/v1/namespaces/default/experiments/e';

  test('takes only changes of its own, and knows when it is gone', async () => {
    serve({[E]: {summary: experiment(), object: {}, events: []}, [`${E}/trials`]: {resourceVersion: '1', items: []}});
    const store = new ExperimentStore('default', 'e');
    await store.load();
    store.apply([
      {kind: 'trial', type: 'ADDED', summary: trial(2)},
      {kind: 'trial', type: 'ADDED', summary: trial(3, {experiment: 'other'})},
      {kind: 'trial', type: 'ADDED', summary: trial(4, {namespace: 'other'})},
    ]);
    expect(store.trials.items.value.map((t) => t.index)).toEqual([2]);
    store.apply([{kind: 'experiment', type: 'DELETED', summary: experiment()}]);
    expect(store.phase.value.is).toBe('missing');
    store.dispose();
  });

  test('a running trial shows the newest value that was reported, a finished one its own', async () => {
    serve({[E]: {summary: experiment(), object: {}, events: []},
      [`${E}/trials`]: {resourceVersion: '1', items: [trial(1, {state: 'Running', objective: null})]}});
    const store = new ExperimentStore('default', 'e');
    await store.load();
    const report = (value: number | string, metric = 'loss') => store.apply([{kind: 'observations', namespace: 'default',
      experiment: 'e', trial: 'e-1', items: [{metric, value, time: null, step: 1}]}]);
    report(0.5);
    report('NaN');
    report(9, 'another');
    expect(store.trials.get('e-1')?.objective).toBe(0.5);
    store.apply([{kind: 'trial', type: 'MODIFIED', summary: trial(1, {state: 'Running', objective: null, resourceVersion: '2'})}]);
    expect(store.trials.get('e-1')?.objective).toBe(0.5);
    store.apply([{kind: 'trial', type: 'MODIFIED', summary: trial(1, {objective: 0.4, resourceVersion: '3'})}]);
    report(0.6);
    expect(store.trials.get('e-1')).toMatchObject({state: 'Succeeded', objective: 0.4});
    store.dispose();
  });

  test('one that is not there is missing, not an error', async () => {
    serve({});
    const store = new ExperimentStore('default', 'e');
    await store.load();
    expect(store.phase.value.is).toBe('missing');
  });
});

test('observations that the snapshot already had are not doubled', () => {
  const first = {metric: 'm', value: 1, time: 't', step: 1};
  const second = {metric: 'm', value: 2, time: 't', step: 2};
  expect(append_new([first], [first, second, second])).toEqual([first, second]);
  const known = [first];
  expect(append_new(known, [first])).toBe(known);
});

describe('the list of experiments', () => {
  const all = [
    experiment({name: 'old', state: 'Succeeded', created: '2026-01-01T00:00:00Z'}),
    experiment({name: 'live', state: 'Running', created: '2026-01-02T00:00:00Z', algorithm: 'tpe'}),
    experiment({name: 'new', namespace: 'team', state: 'Failed', created: '2026-01-03T00:00:00Z'}),
  ];
  const names = (list: Array<{name: string}>) => list.map((e) => e.name);

  test('shows what runs first, then the newest', () => expect(names(order_experiments(all))).toEqual(['live', 'new', 'old']));

  test.each([
    [{text: '', namespace: '', states: []}, ['old', 'live', 'new']], [{text: 'TPE', namespace: '', states: []}, ['live']],
    [{text: 'team/ loss', namespace: '', states: []}, ['new']], [{text: '', namespace: 'default', states: []}, ['old', 'live']],
    [{text: '', namespace: '', states: ['Failed', 'Running']}, ['live', 'new']], [{text: 'x', namespace: '', states: []}, []],
  ])('the filter %j shows %j', (f, shown) => {
    expect(names(filter_experiments(all, {...f, states: new Set(f.states)}))).toEqual(shown);
  });

  test('progress counts every way to be done once', () => {
    const counts = {...experiment().counts, max: 20, succeeded: 4, failed: 1, killed: 1, earlyStopped: 2,
      metricsUnavailable: 1, infeasible: 1, running: 2, pending: 1};
    expect(progress_of(experiment({counts}))).toEqual({succeeded: 4, failed: 3, stopped: 3, running: 3, done: 10, max: 20});
  });
});

describe('a log', () => {
  test('comes in chunks that end anywhere', () => {
    const log = new LogLines(10);
    for (const chunk of ['a\nb', 'c\n', '', '\nd']) log.push(chunk);
    expect(log.lines()).toEqual(['a', 'bc', '', 'd']);
  });

  test('keeps its last lines and counts the others', () => {
    const log = new LogLines(2);
    log.push('1\n2\n3\n4\n');
    expect([log.lines(), log.dropped]).toEqual([['3', '4'], 2]);
  });

  test('shows what a terminal would show in the end', () => {
    const log = new LogLines(10);
    log.push('\u001b[31mred\u001b[0m\r\n 10%\r 50%\r100%\nplain');
    expect(log.lines()).toEqual(['red', '100%', 'plain']);
  });
});

test('a timeline mixes conditions that hold with events, oldest first, and marks warnings', () => {
  const object = {status: {conditions: [
    {type: 'Failed', status: 'True', reason: 'OOMKilled', message: 'too much', lastTransitionTime: '2026-01-01T00:00:03Z'},
    {type: 'Running', status: 'False', lastTransitionTime: '2026-01-01T00:00:01Z'}]}};
  const happenings = timeline_of(object, [
    {time: '2026-01-01T00:00:02Z', type: 'Warning', reason: 'BackOff', message: 'm', count: 3},
    {time: '2026-01-01T00:00:01Z', type: 'Normal', reason: 'Started', message: 'm', count: 1}]);
  expect(happenings.map((h) => [h.title, h.is_warning])).toEqual([['Started', false], ['BackOff', true], ['Failed', true]]);
});

test('within one second, events come before the condition they led to, and being created before all', () => {
  const time = '2026-01-01T00:00:01Z';
  const condition = (type: string) => ({type, status: 'True', message: '', lastTransitionTime: time});
  const event = (reason: string) => ({time, type: 'Normal', reason, message: '', count: 1});
  const happenings = timeline_of({status: {conditions: [condition('Created'), condition('Failed')]}}, [event('JobCreated'), event('JobFailed')]);
  expect(happenings.map((h) => h.title)).toEqual(['Created', 'JobCreated', 'JobFailed', 'Failed']);
});

test('the token of a link is read, and nothing else is', () => {
  expect(token_in_fragment('#token=abc')).toBe('abc');
  expect(token_in_fragment('#token=')).toBeNull();
  expect(token_in_fragment('#main')).toBeNull();
});

test('a viewer may not write', () => {
  expect(may_write({state: 'in', user: 'v', role: 'viewer'})).toBe(false);
  expect(may_write({state: 'in', user: 'a', role: 'admin'})).toBe(true);
  expect(may_write({state: 'out', reason: ''})).toBe(false);
});
