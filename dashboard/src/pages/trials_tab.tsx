// The trials table with its filter line, order and choice of columns; all three live in the address.
import {useEffect, useMemo, useRef} from 'preact/hooks';
import type {JSX} from 'preact';
import type {ExperimentSummary, TrialSummary} from '../api/types';
import {format_count, plural} from '../logic/format';
import {look_of, TRIAL_STATES} from '../logic/states';
import {columns_of, parse_order, print_order, read_cell, sort_trials, type Column} from '../logic/trial_columns';
import {matches, parse_query} from '../logic/trial_query';
import {useQuery} from '../ui/address';
import {now} from '../ui/clock';
import {Icon} from '../ui/icon';
import {Notice} from '../ui/notice';
import {calm_interval, useCalm} from '../ui/use_calm';
import {TrialsTable} from './trials_table';

export function TrialsTab({experiment, trials: newest}: {
  experiment: ExperimentSummary; trials: readonly TrialSummary[];
}): JSX.Element {
  const trials = useCalm(newest, calm_interval(newest.length));
  const [query, set_query] = useQuery();
  const metric = experiment.objective?.metric ?? '';
  const parameter_names = experiment.parameters.map((p) => p.name).join('\n');
  const columns = useMemo(() => columns_of(experiment), [parameter_names, metric]);
  const order = parse_order(query['sort'], columns);
  const states = new Set((query['state'] ?? '').split(',').filter(Boolean));
  const text = query['filter'] ?? '';
  const filter = useMemo(() => parse_query(text, columns.map((c) => c.id)), [text, columns]);
  const shown = useMemo(() => {
    const read = (trial: TrialSummary, column: string) => read_cell(trial, column, metric, now.peek());
    const wanted = trials.filter((t) => (states.size === 0 || states.has(t.state)) && matches(t, filter, read));
    return sort_trials(wanted, order, metric, now.peek());
  }, [trials, filter, query['state'], query['sort'], metric]);
  const chosen = chosen_columns(columns, query['columns']);
  const toggle_state = (state: string) => {
    const next = new Set(states);
    if (!next.delete(state)) next.add(state);
    set_query({state: [...next].join(',')});
  };
  return (
    <>
      <div class="filters" role="search" aria-label="Filter trials">
        <label class="search search-wide">
          <Icon name="search" />
          <span class="visually-hidden">Filter trials by text or by column</span>
          <input type="search" spellcheck={false} placeholder={example_filter(columns)} value={text}
            aria-invalid={filter.problem !== null} aria-describedby="filter-problem"
            onInput={(e) => set_query({filter: e.currentTarget.value})} />
        </label>
        <div class="chips" role="group" aria-label="State">
          {TRIAL_STATES.map((state) => ({state, count: trials.filter((t) => t.state === state).length}))
            .filter(({state, count}) => count > 0 || states.has(state))
            .map(({state, count}) => (
              <button key={state} type="button" class={`chip tone-${look_of(state).tone}`}
                aria-pressed={states.has(state)} onClick={() => toggle_state(state)}>
                <Icon name={look_of(state).icon} size={14} />{look_of(state).word}
                <span class="chip-count">{format_count(count)}</span>
              </button>
            ))}
        </div>
        <ColumnChoice columns={columns} chosen={chosen}
          choose={(ids) => set_query({columns: ids === null ? '' : ids.join(',')})} />
      </div>
      <p id="filter-problem" class="filter-note small" role="status">
        {filter.problem
          ? <span class="text-bad"><Icon name="alert" size={14} /> {filter.problem}</span>
          : <span class="muted">{shown.length === trials.length ? plural(trials.length, 'trial') : `${format_count(shown.length)} of ${plural(trials.length, 'trial')}`}</span>}
        {(text || states.size > 0) && (
          <button type="button" class="link-button" onClick={() => set_query({filter: '', state: ''})}>Clear the filter</button>
        )}
      </p>
      {shown.length > 0
        ? (
          <TrialsTable experiment={experiment} trials={shown} columns={chosen} order={order}
            set_order={(next) => set_query({sort: print_order(next)})} />
        )
        : <Notice icon="search" title={trials.length === 0 ? 'No trials yet' : 'No trial matches the filter'} />}
    </>
  );
}

function chosen_columns(columns: readonly Column[], text: string | undefined): Column[] {
  if (!text) return columns.filter((c) => c.shown);
  const ids = new Set(text.split(','));
  return columns.filter((c) => ids.has(c.id) || c.id === 'name');
}

function example_filter(columns: readonly Column[]): string {
  const numeric = columns.find((c) => c.kind === 'number');
  return numeric ? `Text, or ${numeric.id}<0.1 duration>60000 state=Failed` : 'Text, or state=Failed';
}

function ColumnChoice({columns, chosen, choose}: {
  columns: readonly Column[]; chosen: readonly Column[]; choose: (ids: string[] | null) => void;
}): JSX.Element {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const details = menu.current;
      if (!details?.open) return;
      const is_escape = event instanceof KeyboardEvent && event.key === 'Escape';
      if (is_escape) details.querySelector('summary')?.focus();
      if (is_escape || (event.type === 'pointerdown' && !details.contains(event.target as Node))) details.open = false;
    };
    addEventListener('keydown', close);
    addEventListener('pointerdown', close);
    return () => {
      removeEventListener('keydown', close);
      removeEventListener('pointerdown', close);
    };
  }, []);
  const on = new Set(chosen.map((c) => c.id));
  const toggle = (id: string) => {
    const next = new Set(on);
    if (!next.delete(id)) next.add(id);
    choose([...next]);
  };
  return (
    <details class="menu" ref={menu}>
      <summary class="button button-quiet"><Icon name="columns" size={14} />Columns</summary>
      <div class="menu-body">
        {columns.filter((c) => c.id !== 'name').map((c) => (
          <label key={c.id} class="check">
            <input type="checkbox" checked={on.has(c.id)} onChange={() => toggle(c.id)} />
            {c.title === '#' ? 'Number' : c.title}
          </label>
        ))}
        <button type="button" class="link-button" onClick={() => choose(null)}>Default columns</button>
      </div>
    </details>
  );
}
