// The top of an experiment's page: state and why, the figures that matter, and its deletion.
import {useSignal} from '@preact/signals';
import type {ComponentChildren, JSX} from 'preact';
import {useRef} from 'preact/hooks';
import {useLocation} from 'preact-iso';
import {paths, remove, sentence_of} from '../api/client';
import {may_write, session} from '../api/session';
import type {ExperimentSummary} from '../api/types';
import {progress_of} from '../logic/experiment_filter';
import {format_age, format_duration, format_number, format_time, plural, span_ms, time_of} from '../logic/format';
import {is_maximized} from '../logic/history';
import {links} from '../ui/address';
import {now} from '../ui/clock';
import {Icon} from '../ui/icon';
import {ProgressBar, ProgressText} from '../ui/progress_bar';
import {StateBadge} from '../ui/state_badge';

export function ExperimentHeader({experiment: e}: {experiment: ExperimentSummary}): JSX.Element {
  const progress = progress_of(e);
  return (
    <header class="object-head">
      <div class="title-line">
        <h1>{e.name}</h1>
        <StateBadge state={e.state} large />
        {may_write(session.value) && <DeleteButton experiment={e} />}
      </div>
      <p class="why">{e.why || e.message || e.reason}</p>
      <dl class="figures">
        <Figure title={`Best ${e.objective?.metric ?? 'value'}`} note={goal_of(e)}>
          {e.best
            ? <a class="figure-value" href={links.trial(e.namespace, e.name, e.best.trial)} title={`Trial ${e.best.trial}`}>{format_number(e.best.value)}</a>
            : <span class="figure-value">–</span>}
        </Figure>
        <Figure title="Trials" note={e.counts.parallel ? `${e.counts.parallel} at once` : ''} wide>
          <ProgressText progress={progress} />
          <ProgressBar progress={progress} />
        </Figure>
        <Figure title="Algorithm" note={plural(e.parameters.length, 'parameter')}>
          <span class="figure-value figure-text">{e.algorithm || '–'}</span>
        </Figure>
        <Figure title={e.completed ? 'Took' : 'Running for'} note={started_of(e)}>
          <span class="figure-value">{format_duration(span_ms(e.started ?? e.created, e.completed, now.value))}</span>
        </Figure>
        <Figure title="Namespace" note=""><span class="figure-value figure-text">{e.namespace}</span></Figure>
      </dl>
    </header>
  );
}

export function Figure({title, note, wide = false, children}: {
  title: string; note: string; wide?: boolean; children: ComponentChildren;
}): JSX.Element {
  return (
    <div class={wide ? 'figure figure-wide' : 'figure'}>
      <dt>{title}</dt>
      <dd>{children}{note && <span class="muted small figure-note">{note}</span>}</dd>
    </div>
  );
}

function goal_of({objective}: ExperimentSummary): string {
  if (!objective) return '';
  const maximized = is_maximized(objective);
  const goal = objective.goal;
  if (goal === null || goal === undefined) return maximized ? 'higher is better' : 'lower is better';
  return `goal ${maximized ? '≥' : '≤'} ${format_number(goal)}`;
}

function started_of(e: ExperimentSummary): string {
  const started = time_of(e.started ?? e.created);
  if (started === null) return '';
  return `started ${format_time(e.started ?? e.created, now.value)}${e.completed ? '' : `, ${format_age(now.value - started)} ago`}`;
}

function DeleteButton({experiment: e}: {experiment: ExperimentSummary}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const {route} = useLocation();
  const problem = useSignal('');
  const busy = useSignal(false);
  const confirm = async () => {
    busy.value = true;
    try {
      await remove(paths.experiment(e.namespace, e.name));
      dialog.current?.close();
      route(links.experiments);
    } catch (error) {
      problem.value = sentence_of(error);
    }
    busy.value = false;
  };
  return (
    <>
      <button type="button" class="button button-quiet title-action" onClick={() => dialog.current?.showModal()}>
        <Icon name="trash" size={14} />Delete
      </button>
      <dialog ref={dialog} class="dialog" aria-labelledby="delete-title">
        <h2 id="delete-title">Delete {e.name}?</h2>
        <p>
          Its {plural(e.counts.total, 'trial')}, their metrics and their logs go with it
          {e.counts.running > 0 ? `, and ${plural(e.counts.running, 'running trial')} will be stopped` : ''}.
          This cannot be undone.
        </p>
        {problem.value && <p role="alert" class="message message-bad"><Icon name="alert" /><span>{problem.value}</span></p>}
        <div class="dialog-end">
          <button type="button" class="button" autofocus onClick={() => dialog.current?.close()}>Keep it</button>
          <button type="button" class="button button-bad" disabled={busy.value} onClick={() => void confirm()}>
            Delete experiment
          </button>
        </div>
      </dialog>
    </>
  );
}
