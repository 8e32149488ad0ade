// The live stream: snapshot after the server listens, one batch per frame, reconnects, reset.
import {describe, expect, test, vi} from 'vitest';
import type {LiveEvent} from '../../src/api/types';
import {connection, LiveStream, stream_url, type Environment, type Source} from '../../src/live/stream';
import {experiment, trial} from './samples';

class FakeSource implements Source {
  readyState = 0;
  closed = false;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void { this.closed = true; }
  send(type: string, data?: unknown, lastEventId = ''): void {
    this.listeners.get(type)?.({data: JSON.stringify(data ?? null), lastEventId} as MessageEvent<string>);
  }
}

function setup() {
  const sources: FakeSource[] = [];
  const frames: Array<() => void> = [];
  const timers: Array<{ms: number; run: () => void; cancelled: boolean}> = [];
  const env: Environment = {
    connect: () => { const s = new FakeSource(); sources.push(s); return s; },
    next_frame: (run) => { frames.push(run); return () => {}; },
    later: (ms, run) => { const t = {ms, run, cancelled: false}; timers.push(t); return () => { t.cancelled = true; }; },
  };
  const batches: LiveEvent[][] = [];
  let finish: () => void = () => {};
  const load = vi.fn(() => new Promise<void>((resolve) => { finish = resolve; }));
  const stream = new LiveStream({namespace: 'n'}, {load, apply: (events) => batches.push(events)}, env);
  return {sources, frames, timers, batches, load, stream, finish: async () => { finish(); await Promise.resolve(); await Promise.resolve(); }};
}

const frame = (frames: Array<() => void>) => frames.splice(0).forEach((run) => run());

describe('the stream', () => {
  test('loads once the server listens, and changes in between wait for the snapshot', async () => {
    const t = setup();
    expect(t.load).not.toHaveBeenCalled();
    t.sources[0]?.send('open');
    t.sources[0]?.send('trial', {type: 'ADDED', summary: trial(1)});
    expect(t.load).toHaveBeenCalledTimes(1);
    frame(t.frames);
    expect(t.batches).toEqual([]);
    await t.finish();
    frame(t.frames);
    expect(t.batches).toHaveLength(1);
    expect(connection.value).toBe('live');
  });

  test('two hundred changes within a frame are one batch, in order', async () => {
    const t = setup();
    t.sources[0]?.send('open');
    await t.finish();
    for (let i = 0; i < 200; i++) t.sources[0]?.send('trial', {type: 'MODIFIED', summary: trial(i)});
    t.sources[0]?.send('experiment', {type: 'MODIFIED', summary: experiment()});
    frame(t.frames);
    expect(t.batches).toHaveLength(1);
    expect(t.batches[0]).toHaveLength(201);
    expect(t.batches[0]?.at(-1)?.kind).toBe('experiment');
  });

  test('a reset drops what waits and loads again', async () => {
    const t = setup();
    t.sources[0]?.send('open');
    await t.finish();
    t.sources[0]?.send('trial', {type: 'ADDED', summary: trial(1)});
    t.sources[0]?.send('reset');
    expect(t.load).toHaveBeenCalledTimes(2);
    await t.finish();
    frame(t.frames);
    expect(t.batches).toEqual([]);
  });

  test('a stream that breaks before it has heard an id has no place to go on from, and loads again', async () => {
    const t = setup();
    t.sources[0]?.send('open');
    await t.finish();
    t.sources[0]?.send('error');
    t.sources[0]?.send('open');
    expect(t.load).toHaveBeenCalledTimes(2);
  });

  test('a reconnect by the browser replays, so nothing is loaded again', async () => {
    const t = setup();
    t.sources[0]?.send('open');
    await t.finish();
    t.sources[0]?.send('trial', {type: 'ADDED', summary: trial(1)}, '7');
    t.sources[0]?.send('error');
    expect(connection.value).toBe('reconnecting');
    t.sources[0]?.send('open');
    expect(connection.value).toBe('live');
    expect(t.load).toHaveBeenCalledTimes(1);
  });

  test('a stream that the server refused is opened anew, later each time, and then loads', async () => {
    const t = setup();
    t.sources[0]?.send('open');
    await t.finish();
    for (const wait of [1000, 2000, 4000]) {
      const source = t.sources.at(-1)!;
      source.readyState = 2;
      source.send('error');
      const timer = t.timers.at(-1)!;
      expect(timer.ms).toBe(wait);
      timer.run();
    }
    expect(t.sources).toHaveLength(4);
    t.sources[3]?.send('open');
    expect(t.load).toHaveBeenCalledTimes(2);
  });

  test('a stream that never opens does not hold back the page', () => {
    const t = setup();
    t.timers[0]?.run();
    expect(t.load).toHaveBeenCalledTimes(1);
  });

  test('nothing reaches a page that is gone', async () => {
    const t = setup();
    t.sources[0]?.send('open');
    await t.finish();
    t.sources[0]?.send('trial', {type: 'ADDED', summary: trial(1)});
    t.stream.close();
    frame(t.frames);
    expect(t.batches).toEqual([]);
    expect(t.sources[0]?.closed).toBe(true);
  });
});

test('the scope is in the address', () => {
  expect(stream_url({})).toBe('/rest/v1/events');
  expect(stream_url({namespace: 'a', experiment: 'b c'})).toBe('/rest/v1/events?namespace=a&experiment=b+c');
});
