// The one EventSource of this tab. A page hands over a sink; the stream opens for its scope, has the sink load its
// snapshot once the server listens (so that no change falls between snapshot and stream), and then delivers
// changes in one batch per animation frame.
import {signal} from '@preact/signals';
import type {ChangeType, ExperimentSummary, LiveEvent, Observation, TrialSummary} from '../api/types';

export type Connection = 'connecting' | 'live' | 'reconnecting';

export const connection = signal<Connection>('connecting');

export interface Scope {
  namespace?: string;
  experiment?: string;
}

export interface Sink {
  /** Reads the whole state again. Rejections are the sink's to show. */
  load(): Promise<void>;
  apply(events: LiveEvent[]): void;
}

export interface Source {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
  readonly readyState: number;
}

export interface Environment {
  connect(url: string): Source;
  /** Runs the callback at the next frame; returns how to cancel it. */
  next_frame(callback: () => void): () => void;
  later(milliseconds: number, callback: () => void): () => void;
}

const browser: Environment = {
  connect: (url) => new EventSource(url),
  next_frame: (callback) => {
    // A hidden tab gets no frames; a timer keeps its buffer from growing.
    if (document.hidden) return browser.later(500, callback);
    const id = requestAnimationFrame(callback);
    return () => cancelAnimationFrame(id);
  },
  later: (milliseconds, callback) => {
    const id = setTimeout(callback, milliseconds);
    return () => clearTimeout(id);
  },
};

const CLOSED = 2;
const PATIENCE_MS = 1500;
const MAX_BACKOFF_MS = 15_000;

export function stream_url(scope: Scope): string {
  const query = new URLSearchParams();
  if (scope.namespace) query.set('namespace', scope.namespace);
  if (scope.experiment) query.set('experiment', scope.experiment);
  const text = query.toString();
  return `/rest/v1/events${text ? `?${text}` : ''}`;
}

export class LiveStream {
  private source: Source | null = null;
  private buffer: LiveEvent[] = [];
  private cancel_frame: (() => void) | null = null;
  private cancel_timer: (() => void) | null = null;
  private loads = 0;
  private loading = false;
  private opened = false;
  private numbered = false; // an event with an id came: the browser can tell the server where it was
  private backoff_ms = 1000;

  constructor(
    private readonly scope: Scope,
    private readonly sink: Sink,
    private readonly env: Environment = browser,
  ) {
    connection.value = 'connecting';
    this.connect();
    // A proxy that holds back the stream's header must not hold back the page.
    this.cancel_timer = env.later(PATIENCE_MS, () => { if (this.loads === 0) void this.load(); });
  }

  close(): void {
    this.source?.close();
    this.source = null;
    this.cancel_frame?.();
    this.cancel_timer?.();
    this.buffer = [];
  }

  private connect(): void {
    const source = this.env.connect(stream_url(this.scope));
    this.source = source;
    this.opened = false;
    this.numbered = false;
    source.addEventListener('open', () => this.on_open());
    source.addEventListener('error', () => this.on_error(source));
    source.addEventListener('reset', () => { this.buffer = []; void this.load(); });
    source.addEventListener('experiment', (e) => {
      this.note_id(e);
      const {type, summary} = JSON.parse(e.data) as {type: ChangeType; summary: ExperimentSummary};
      this.push({kind: 'experiment', type, summary});
    });
    source.addEventListener('trial', (e) => {
      this.note_id(e);
      const {type, summary} = JSON.parse(e.data) as {type: ChangeType; summary: TrialSummary};
      this.push({kind: 'trial', type, summary});
    });
    source.addEventListener('observations', (e) => {
      const data = JSON.parse(e.data) as {namespace: string; experiment: string; trial: string; items: Observation[]};
      this.push({kind: 'observations', ...data});
    });
  }

  private on_open(): void {
    connection.value = 'live';
    this.backoff_ms = 1000;
    // The browser reconnects by itself with Last-Event-ID and the server replays what came after it. A source that
    // has never been open needs the snapshot, and so does one that broke before it had heard an id.
    if (this.opened && this.numbered) return;
    this.opened = true;
    this.cancel_timer?.();
    void this.load();
  }

  private note_id(event: MessageEvent<string>): void {
    if (event.lastEventId) this.numbered = true;
  }

  private on_error(source: Source): void {
    if (source !== this.source) return;
    connection.value = this.loads === 0 ? 'connecting' : 'reconnecting';
    if (source.readyState !== CLOSED) return;
    // An HTTP error ends an EventSource for good: open a new one, later and later.
    source.close();
    this.cancel_timer?.();
    if (this.loads === 0) void this.load();
    this.cancel_timer = this.env.later(this.backoff_ms, () => this.connect());
    this.backoff_ms = Math.min(this.backoff_ms * 2, MAX_BACKOFF_MS);
  }

  private async load(): Promise<void> {
    const mine = ++this.loads;
    this.loading = true;
    try {
      await this.sink.load();
    } finally {
      // Of two overlapping loads the later one decides when the buffer may flow again.
      if (mine === this.loads) {
        this.loading = false;
        if (this.buffer.length > 0) this.schedule();
      }
    }
  }

  private push(event: LiveEvent): void {
    this.buffer.push(event);
    if (!this.loading) this.schedule();
  }

  private schedule(): void {
    if (this.cancel_frame) return;
    this.cancel_frame = this.env.next_frame(() => {
      this.cancel_frame = null;
      if (this.loading || this.buffer.length === 0 || !this.source) return;
      const events = this.buffer;
      this.buffer = [];
      this.sink.apply(events);
    });
  }
}
