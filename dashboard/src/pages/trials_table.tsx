// The rows of the trials table. It is built of elements with table roles: virtual rows are placed by transform, which
// a real table's layout does not allow.
import type {JSX} from 'preact';
import {useRef} from 'preact/hooks';
import type {ExperimentSummary, TrialSummary} from '../api/types';
import {format_assignment, format_duration, format_number, format_time, span_ms} from '../logic/format';
import {parameter_of, read_cell, type Column, type SortOrder} from '../logic/trial_columns';
import {links} from '../ui/address';
import {now} from '../ui/clock';
import {Icon} from '../ui/icon';
import {StateBadge} from '../ui/state_badge';
import {useVirtualRows} from '../ui/use_virtual_rows';

const ROW_HEIGHT = 40;

export function TrialsTable({experiment, trials, columns, order, set_order}: {
  experiment: ExperimentSummary; trials: readonly TrialSummary[]; columns: readonly Column[];
  order: SortOrder; set_order: (order: SortOrder) => void;
}): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const {rows, total_height} = useVirtualRows(scroller, trials.length, ROW_HEIGHT);
  const template = columns.map((c) => (c.kind === 'name' ? `minmax(${c.width}px, 1fr)` : `${c.width}px`)).join(' ');
  const width = columns.reduce((sum, c) => sum + c.width, 0);
  return (
    <div class="card trials" ref={scroller} tabIndex={0} role="region" aria-label="Trials, scrollable">
      <div role="table" aria-label="Trials" aria-rowcount={trials.length + 1} aria-colcount={columns.length}
        style={{minWidth: `${width}px`}}>
        <div role="rowgroup" class="trials-head">
          <div role="row" class="trials-row" style={{gridTemplateColumns: template}} aria-rowindex={1}>
            {columns.map((c) => <Head key={c.id} column={c} order={order} set_order={set_order} />)}
          </div>
        </div>
        <div role="rowgroup" class="trials-body" style={{height: `${total_height}px`}}>
          {rows.map((row) => {
            const trial = trials[row.index];
            if (!trial) return null;
            const is_best = trial.name === experiment.best?.trial;
            return (
              <div role="row" key={trial.name} aria-rowindex={row.index + 2}
                class={is_best ? 'trials-row trials-best' : 'trials-row'}
                style={{gridTemplateColumns: template, transform: `translateY(${row.start}px)`, height: `${ROW_HEIGHT}px`}}>
                {columns.map((c) => (
                  <span role="cell" key={c.id} class={`cell cell-${c.kind}`}>
                    <Cell column={c} trial={trial} experiment={experiment} is_best={is_best} />
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Head({column, order, set_order}: {
  column: Column; order: SortOrder; set_order: (order: SortOrder) => void;
}): JSX.Element {
  const is_sorted = order.column === column.id;
  const sorted = is_sorted ? (order.descending ? 'descending' : 'ascending') : 'none';
  return (
    <span role="columnheader" aria-sort={sorted} class={`cell cell-${column.kind}`}>
      <button type="button" title={`Order by ${column.title === '#' ? 'number' : column.title}`}
        onClick={() => set_order({column: column.id, descending: is_sorted && !order.descending})}>
        {column.title}
        {is_sorted && <Icon name={order.descending ? 'down' : 'up'} size={12} />}
      </button>
    </span>
  );
}

function Cell({column, trial, experiment, is_best}: {
  column: Column; trial: TrialSummary; experiment: ExperimentSummary; is_best: boolean;
}): JSX.Element {
  switch (column.kind) {
    case 'name':
      return (
        <>
          <a href={links.trial(trial.namespace, trial.experiment, trial.name)}>{short_name(trial)}</a>
          {is_best && <span class="best-sign"><Icon name="star" size={13} />best</span>}
        </>
      );
    case 'state': return <StateBadge state={trial.state} />;
    case 'objective': return <>{format_number(trial.objective)}</>;
    case 'duration': return <Duration trial={trial} />;
    case 'time': return <>{format_time(trial.started, now.peek())}</>;
    case 'metric': {
      const value = read_cell(trial, column.id, experiment.objective?.metric ?? '', 0);
      return <>{format_number(value)}</>;
    }
    case 'index': return <>{trial.index ?? '–'}</>;
    case 'text': case 'number': {
      if (column.id === 'why') return <span title={trial.why}>{trial.why || '–'}</span>;
      const text = trial.assignments[parameter_of(column.id)];
      return <span title={text}>{format_assignment(text)}</span>;
    }
  }
}

/** Reads the clock only while the trial runs, so that finished rows are not drawn again every second. */
function Duration({trial}: {trial: TrialSummary}): JSX.Element {
  const present = trial.completed ? 0 : now.value;
  return <>{format_duration(span_ms(trial.started, trial.completed, present))}</>;
}

/** The part of the name that tells trials of one experiment apart. */
function short_name(trial: TrialSummary): string {
  const prefix = `${trial.experiment}-`;
  return trial.name.startsWith(prefix) ? `…${trial.name.slice(prefix.length)}` : trial.name;
}
