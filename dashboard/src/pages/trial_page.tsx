// One trial: why it is where it is, its parameters and metrics, its curve, its log, and what happened to it.
import {useComputed} from '@preact/signals';
import type {JSX} from 'preact';
import {useEffect} from 'preact/hooks';
import {useRoute} from 'preact-iso';
import type {MetricSummary, TrialSummary} from '../api/types';
import {CurveChart} from '../charts/curve_chart';
import {curves_of, metrics_of} from '../logic/curves';
import {format_assignment, format_duration, format_number, format_time, span_ms} from '../logic/format';
import {is_trial_over, look_of} from '../logic/states';
import {timeline_of} from '../logic/timeline';
import {TrialStore} from '../store/trial_store';
import {links} from '../ui/address';
import {now} from '../ui/clock';
import {Icon} from '../ui/icon';
import {LoadError, Notice, Skeleton} from '../ui/notice';
import {Shell} from '../ui/shell';
import {StateBadge} from '../ui/state_badge';
import {Timeline} from '../ui/timeline';
import {useLiveStore} from '../ui/use_store';
import {Figure} from './experiment_header';
import {LogView} from './log_view';

export function TrialPage(): JSX.Element {
  const {ns = '', name = '', trial = ''} = useRoute().params;
  return <Trial key={`${ns}/${name}/${trial}`} ns={ns} experiment={name} name={trial} />;
}

function Trial({ns, experiment, name}: {ns: string; experiment: string; name: string}): JSX.Element {
  const store = useLiveStore(() => new TrialStore(ns, experiment, name), {namespace: ns, experiment});
  useEffect(() => { document.title = `${name} · mizan`; }, [name]);
  const phase = store.phase.value;
  const summary = store.summary.value;
  const crumbs = [{text: 'Experiments', href: links.experiments}, {text: experiment, href: links.experiment(ns, experiment)},
    {text: name.startsWith(`${experiment}-`) ? name.slice(experiment.length + 1) : name}];
  return (
    <Shell crumbs={crumbs}>
      <div class="page">
        {phase.is === 'loading' && <><h1>{name}</h1><Skeleton rows={6} /></>}
        {phase.is === 'error' && <><h1>{name}</h1><LoadError sentence={phase.sentence} retry={() => void store.load()} /></>}
        {phase.is === 'missing' && (
          <>
            <h1>{name}</h1>
            <Notice icon="question" title={`There is no trial "${name}"`}>
              <p>It may have been deleted. <a href={links.experiment(ns, experiment, 'trials')}>Trials of {experiment}</a></p>
            </Notice>
          </>
        )}
        {phase.is === 'ready' && summary && <Loaded store={store} summary={summary} />}
      </div>
    </Shell>
  );
}

function Loaded({store, summary}: {store: TrialStore; summary: TrialSummary}): JSX.Element {
  const experiment = store.experiment.value;
  const metric = experiment?.objective?.metric ?? null;
  const curves = useComputed(() => curves_of(store.observations.value, store.experiment.value?.objective?.metric ?? null)).value;
  const detail = store.detail.value;
  const is_over = is_trial_over(summary.state);
  const metrics = is_over && Object.keys(summary.metrics).length > 0 ? summary.metrics : metrics_of(curves);
  const objective = summary.objective ?? (is_over || metric === null ? null : metrics[metric]?.latest);
  const is_best = experiment?.best?.trial === summary.name;
  return (
    <>
      <header class="object-head">
        <div class="title-line">
          <h1>{summary.name}</h1>
          <StateBadge state={summary.state} large />
          {is_best && <span class="best-sign best-sign-large"><Icon name="star" size={15} />best so far</span>}
        </div>
        <p class={`why why-${look_of(summary.state).tone}`}>{summary.why || summary.reason || 'No reason is recorded.'}</p>
        <dl class="figures">
          <Figure title={metric ?? 'Objective'} note={is_over ? '' : 'so far'}>
            <span class="figure-value">{format_number(objective)}</span>
          </Figure>
          <Figure title={summary.completed ? 'Took' : 'Running for'} note={summary.started ? `started ${format_time(summary.started, now.peek())}` : 'not started'}>
            <span class="figure-value">{format_duration(span_ms(summary.started, summary.completed, now.value))}</span>
          </Figure>
          <Figure title="Trial" note={`of ${summary.experiment}`}><span class="figure-value">{summary.index === null ? '–' : `#${summary.index}`}</span></Figure>
          {detail && detail.pods.length > 0 && (
            <Figure title={detail.pods.length === 1 ? 'Pod' : 'Pods'} note="" wide>
              <span class="figure-pods">{detail.pods.join(', ')}</span>
            </Figure>
          )}
        </dl>
      </header>
      <div class="trial-grid">
        <CurveChart curves={curves} objective={metric} is_live={!is_over} />
        <Values assignments={summary.assignments} metrics={metrics} metric={metric} />
        {experiment?.client
          ? (
            <section class="card" aria-label="Log">
              <div class="card-head"><h2>Log</h2></div>
              <p class="placeholder">A client runs the trials of this experiment, so their output stays with the client.</p>
            </section>
          )
          : <LogView store={store} is_over={is_over} />}
        <section class="card" aria-label="What happened">
          <div class="card-head"><h2>What happened</h2></div>
          <Timeline happenings={timeline_of(detail?.object ?? null, detail?.events ?? [])}
            empty="Nothing is recorded yet." />
        </section>
      </div>
    </>
  );
}

function Values({assignments, metrics, metric}: {
  assignments: Record<string, string>; metrics: Record<string, MetricSummary>; metric: string | null;
}): JSX.Element {
  const reported = Object.entries(metrics);
  return (
    <section class="card" aria-label="Parameters and metrics">
      <div class="card-head"><h2>Parameters</h2></div>
      <table class="plain">
        <tbody>
          {Object.entries(assignments).map(([name, value]) => (
            <tr key={name}><th scope="row">{name}</th><td class="number end strong" title={value}>{format_assignment(value)}</td></tr>
          ))}
        </tbody>
      </table>
      <div class="card-head card-head-next"><h2>Metrics</h2></div>
      {reported.length === 0
        ? <p class="placeholder">No metric was reported.</p>
        : (
          <table class="plain plain-tight">
            <thead>
              <tr><th scope="col">Metric</th><th scope="col" class="end">Min</th><th scope="col" class="end">Max</th><th scope="col" class="end">Latest</th></tr>
            </thead>
            <tbody>
              {reported.map(([name, m]) => (
                <tr key={name}>
                  <th scope="row">{name}{name === metric && <span class="muted small block">objective</span>}</th>
                  <td class="number end">{format_number(m.min)}</td>
                  <td class="number end">{format_number(m.max)}</td>
                  <td class="number end strong">{format_number(m.latest)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
    </section>
  );
}
