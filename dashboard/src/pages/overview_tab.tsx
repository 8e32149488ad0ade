// What the experiment found so far: history, parallel coordinates, the best trial and the search space.
import type {JSX} from 'preact';
import type {ExperimentSummary, Parameter, TrialSummary} from '../api/types';
import {HistoryChart} from '../charts/history_chart';
import {ParallelChart} from '../charts/parallel_chart';
import {format_assignment, format_number} from '../logic/format';
import {links} from '../ui/address';
import {Notice} from '../ui/notice';
import {calm_interval, useCalm} from '../ui/use_calm';
import {FailuresCard} from './failures_card';

export function OverviewTab({experiment, trials: newest}: {
  experiment: ExperimentSummary; trials: readonly TrialSummary[];
}): JSX.Element {
  const trials = useCalm(newest, calm_interval(newest.length));
  if (trials.length === 0) {
    return (
      <Notice icon="clock" title="No trials yet">
        <p>The first one appears here as soon as the algorithm has suggested it.</p>
      </Notice>
    );
  }
  return (
    <div class="overview">
      <HistoryChart experiment={experiment} trials={trials} />
      <div class="overview-side">
        <BestAndSpace experiment={experiment} />
        <FailuresCard experiment={experiment} trials={trials} />
      </div>
      <ParallelChart experiment={experiment} trials={trials} />
    </div>
  );
}

function BestAndSpace({experiment}: {experiment: ExperimentSummary}): JSX.Element {
  const {best, parameters} = experiment;
  return (
    <section class="card space" aria-label="Best trial and search space">
      <div class="card-head">
        <h2>{best ? 'Best trial' : 'Search space'}</h2>
        {best && <a class="small" href={links.trial(experiment.namespace, experiment.name, best.trial)}>{best.trial}</a>}
      </div>
      <table class="plain">
        <thead>
          <tr><th scope="col">Parameter</th>{best && <th scope="col" class="end">Value</th>}<th scope="col">Searched</th></tr>
        </thead>
        <tbody>
          {parameters.map((p) => (
            <tr key={p.name}>
              <th scope="row">{breakable(p.name)}</th>
              {best && <td class="number end strong" title={best.assignments[p.name]}>{format_assignment(best.assignments[p.name])}</td>}
              <td class="muted number">{space_of(p)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

// Long names break where their words do.
function breakable(name: string): (JSX.Element | string)[] {
  return name.split(/(?<=[_.-])/).flatMap((part, at) => (at === 0 ? [part] : [<wbr />, part]));
}

const DISTRIBUTIONS: Record<string, string> = {logUniform: 'log', normal: 'normal', logNormal: 'log-normal'};

function space_of(p: Parameter): string {
  if (p.list && p.list.length > 0) {
    const shown = p.list.slice(0, 6).map(String).join(', ');
    return p.list.length > 6 ? `${shown}, … (${p.list.length})` : shown;
  }
  const step = p.step ? ` step ${p.step}` : '';
  const distribution = p.distribution ? DISTRIBUTIONS[p.distribution] : undefined;
  return `${format_number(p.min)} … ${format_number(p.max)}${step}${distribution ? ` (${distribution})` : ''}`;
}
