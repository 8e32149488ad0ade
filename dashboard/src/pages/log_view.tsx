// The log of a trial, live: the last lines, following the end unless the reader scrolled up.
import {useSignal} from '@preact/signals';
import type {JSX} from 'preact';
import {useEffect, useLayoutEffect, useRef} from 'preact/hooks';
import {paths, sentence_of} from '../api/client';
import {tail_log} from '../live/log_tail';
import {plural} from '../logic/format';
import {LogLines} from '../logic/log_lines';
import type {TrialStore} from '../store/trial_store';

const KEPT_LINES = 3000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 15_000;

type LogState = {is: 'opening'} | {is: 'following'} | {is: 'ended'} | {is: 'missing'} | {is: 'error'; sentence: string};

export function LogView({store, is_over}: {store: TrialStore; is_over: boolean}): JSX.Element {
  const text = useSignal('');
  const dropped = useSignal(0);
  const state = useSignal<LogState>({is: 'opening'});
  const follows = useSignal(true);
  const wraps = useSignal(true);
  const attempt = useSignal(0);
  const retry_ms = useRef(FIRST_RETRY_MS);
  const place = useRef<HTMLPreElement>(null);

  useEffect(() => {
    const abort = new AbortController();
    const lines = new LogLines(KEPT_LINES);
    let frame = 0;
    const show = () => {
      frame = 0;
      text.value = lines.lines().join('\n');
      dropped.value = lines.dropped;
    };
    const trial = {namespace: store.namespace, experiment: store.experiment_name, name: store.name};
    tail_log(trial, abort.signal, (chunk) => {
      lines.push(chunk);
      state.value = {is: 'following'};
      retry_ms.current = FIRST_RETRY_MS;
      if (frame === 0) frame = requestAnimationFrame(show);
    }).then((end) => {
      show();
      state.value = {is: end};
    }).catch((error: unknown) => {
      if (!abort.signal.aborted) state.value = {is: 'error', sentence: sentence_of(error)};
    });
    return () => {
      abort.abort();
      cancelAnimationFrame(frame);
    };
  }, [store, attempt.value]);

  // A trial that still runs can get a log later, or a longer one: a pod that starts, a server that comes back.
  useEffect(() => {
    if (is_over || state.value.is === 'following' || state.value.is === 'opening') return;
    const timer = setTimeout(() => { attempt.value += 1; }, retry_ms.current);
    retry_ms.current = Math.min(2 * retry_ms.current, MAX_RETRY_MS);
    return () => clearTimeout(timer);
  }, [is_over, state.value]);

  useEffect(() => {
    if (is_over && state.value.is === 'missing') attempt.value += 1;
  }, [is_over]);

  useLayoutEffect(() => {
    if (follows.value && place.current) place.current.scrollTop = place.current.scrollHeight;
  }, [text.value, follows.value]);

  const on_scroll = () => {
    const pre = place.current;
    if (pre) follows.value = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 24;
  };

  return (
    <section class="card log-card" aria-label="Log">
      <div class="card-head">
        <h2>Log</h2>
        <span class="muted small" role="status">{words_of_state(state.value, is_over)}</span>
        <div class="card-head-end">
          <button type="button" class="chip" aria-pressed={wraps.value} onClick={() => { wraps.value = !wraps.value; }}>Wrap</button>
          <button type="button" class="chip" aria-pressed={follows.value}
            onClick={() => { follows.value = !follows.value; }}>Follow</button>
          <a class="chip" target="_blank" rel="noreferrer"
            href={paths.log(store.namespace, store.experiment_name, store.name).replace('?follow=true', '')}>Whole log</a>
        </div>
      </div>
      {dropped.value > 0 && (
        <p class="muted small log-note">{plural(dropped.value, 'earlier line')} not shown; "Whole log" has them.</p>
      )}
      {text.value === ''
        ? <p class="placeholder">{empty_words(state.value, is_over)}</p>
        : (
          <pre ref={place} class={wraps.value ? 'log log-wrap' : 'log'} tabIndex={0} onScroll={on_scroll}
            aria-label="Log lines"><code>{text.value}</code></pre>
        )}
    </section>
  );
}

function words_of_state(state: LogState, is_over: boolean): string {
  switch (state.is) {
    case 'opening': return 'Opening…';
    case 'following': return is_over ? 'Reading…' : 'Live';
    case 'ended': return 'Complete';
    case 'missing': return '';
    case 'error': return state.sentence;
  }
}

function empty_words(state: LogState, is_over: boolean): string {
  if (state.is === 'error') return 'The log could not be read.';
  if (state.is === 'opening') return 'Opening the log…';
  if (!is_over) return 'No output yet. Lines appear here as the trial writes them.';
  return state.is === 'missing' ? 'No log is kept for this trial.' : 'The trial wrote nothing.';
}
