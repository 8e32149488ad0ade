// All experiments: state, best value, progress. The first thing a person sees.
import {useComputed} from '@preact/signals';
import type {JSX} from 'preact';
import {useEffect, useRef} from 'preact/hooks';
import type {ExperimentSummary} from '../api/types';
import {filter_experiments, order_experiments, progress_of} from '../logic/experiment_filter';
import {format_age, format_count, format_number, format_time, plural, time_of} from '../logic/format';
import {is_maximized} from '../logic/history';
import {EXPERIMENT_STATES, look_of} from '../logic/states';
import {ExperimentsStore} from '../store/experiments_store';
import {links, useQuery} from '../ui/address';
import {now} from '../ui/clock';
import {Icon} from '../ui/icon';
import {LoadError, Notice, Skeleton} from '../ui/notice';
import {ProgressBar, ProgressText} from '../ui/progress_bar';
import {Shell} from '../ui/shell';
import {StateBadge} from '../ui/state_badge';
import {useLiveStore} from '../ui/use_store';

export function ExperimentsPage(): JSX.Element {
  const store = useLiveStore(() => new ExperimentsStore(), {});
  const [query, set_query] = useQuery();
  useEffect(() => { document.title = 'Experiments · mizan'; }, []);
  const all = useComputed(() => order_experiments(store.experiments.items.value)).value;
  const states = new Set((query['state'] ?? '').split(',').filter(Boolean));
  const shown = filter_experiments(all, {text: query['q'] ?? '', namespace: query['ns'] ?? '', states});
  const phase = store.phase.value;
  return (
    <Shell crumbs={[{text: 'Experiments'}]}>
      <div class="page">
        <h1>Experiments</h1>
        {phase.is === 'loading' && <Skeleton rows={5} />}
        {(phase.is === 'error' || phase.is === 'missing') && (
          <LoadError sentence={phase.is === 'error' ? phase.sentence : 'The server has no list of experiments.'}
            retry={() => void store.load()} />
        )}
        {phase.is === 'ready' && all.length === 0 && <NoExperiments />}
        {phase.is === 'ready' && all.length > 0 && (
          <>
            <Filters all={all} query={query} states={states} set_query={set_query} />
            {shown.length > 0
              ? <ExperimentsTable experiments={shown} />
              : (
                <Notice icon="search" title={`None of ${plural(all.length, 'experiment')} matches the filter`}>
                  <button type="button" class="button" onClick={() => set_query({q: '', ns: '', state: ''})}>
                    Clear the filter
                  </button>
                </Notice>
              )}
          </>
        )}
      </div>
    </Shell>
  );
}

function NoExperiments(): JSX.Element {
  return (
    <Notice icon="clock" title="No experiments yet">
      <p>Start one from a terminal and it appears here by itself:</p>
      <pre class="command"><code>kubectl apply -f experiment.yaml</code></pre>
      <p>or in one step, with a progress bar:</p>
      <pre class="command"><code>mizan run experiment.yaml</code></pre>
    </Notice>
  );
}

function Filters({all, query, states, set_query}: {
  all: ExperimentSummary[]; query: Record<string, string>; states: Set<string>;
  set_query: (changes: Record<string, string>) => void;
}): JSX.Element {
  const namespaces = [...new Set(all.map((e) => e.namespace))].sort();
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const on_key = (e: KeyboardEvent) => {
      const is_typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement;
      if (e.key !== '/' || is_typing || e.ctrlKey || e.metaKey) return;
      e.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', on_key);
    return () => removeEventListener('keydown', on_key);
  }, []);
  const toggle = (state: string) => {
    const next = new Set(states);
    if (!next.delete(state)) next.add(state);
    set_query({state: [...next].join(',')});
  };
  const counted = EXPERIMENT_STATES.map((state) => ({state, count: all.filter((e) => e.state === state).length}))
    .filter(({state, count}) => count > 0 || states.has(state));
  return (
    <div class="filters" role="search" aria-label="Filter experiments">
      <label class="search">
        <Icon name="search" />
        <span class="visually-hidden">Name, algorithm or metric</span>
        <input ref={search} type="search" placeholder="Name, algorithm or metric" value={query['q'] ?? ''}
          onInput={(e) => set_query({q: e.currentTarget.value})} />
        <kbd aria-hidden="true">/</kbd>
      </label>
      {(namespaces.length > 1 || query['ns']) && (
        <label class="select">
          <span class="visually-hidden">Namespace</span>
          <select value={query['ns'] ?? ''} onChange={(e) => set_query({ns: e.currentTarget.value})}>
            <option value="">All namespaces</option>
            {namespaces.map((ns) => <option key={ns} value={ns}>{ns}</option>)}
          </select>
        </label>
      )}
      <div class="chips" role="group" aria-label="State">
        {counted.map(({state, count}) => (
          <button key={state} type="button" class={`chip tone-${look_of(state).tone}`} aria-pressed={states.has(state)}
            onClick={() => toggle(state)}>
            <Icon name={look_of(state).icon} size={14} />{look_of(state).word}<span class="chip-count">{format_count(count)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

const HEADS = ['Experiment', 'State', 'Best', 'Progress', 'Algorithm', 'Age'];

// Roles are spelled out because the phone layout turns rows into cards, which takes a table's own roles away.
function ExperimentsTable({experiments}: {experiments: ExperimentSummary[]}): JSX.Element {
  return (
    <div class="card experiments" role="table" aria-label="Experiments">
      <div role="rowgroup" class="experiments-head">
        <div role="row" class="experiments-row">
          {HEADS.map((head) => <span role="columnheader" key={head}>{head}</span>)}
        </div>
      </div>
      <div role="rowgroup">
        {experiments.map((e) => <ExperimentRow key={e.uid} experiment={e} />)}
      </div>
    </div>
  );
}

function ExperimentRow({experiment: e}: {experiment: ExperimentSummary}): JSX.Element {
  const progress = progress_of(e);
  const created = time_of(e.created);
  return (
    <div role="row" class="experiments-row">
      <span role="cell" class="cell-name">
        <a class="row-link" href={links.experiment(e.namespace, e.name)}>{e.name}</a>
        <span class="muted small">{e.namespace}</span>
      </span>
      <span role="cell" class="cell-state"><StateBadge state={e.state} /></span>
      <span role="cell" class="cell-best">
        <span class="number strong">{format_number(e.best?.value)}</span>
        {e.objective && (
          <span class="muted small">{is_maximized(e.objective) ? 'max' : 'min'} {e.objective.metric}</span>
        )}
      </span>
      <span role="cell" class="cell-progress">
        <ProgressText progress={progress} />
        <ProgressBar progress={progress} />
      </span>
      <span role="cell" class="cell-algorithm">{e.algorithm || '–'}</span>
      <span role="cell" class="cell-age number" title={format_time(e.created, now.value)}>
        {format_age(created === null ? null : now.value - created)}
      </span>
    </div>
  );
}
