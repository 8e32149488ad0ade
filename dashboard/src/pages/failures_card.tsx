// Why trials failed, by reason, with the newest example of each: what a person wants to know first.
import type {JSX} from 'preact';
import {useMemo} from 'preact/hooks';
import type {ExperimentSummary, TrialSummary} from '../api/types';
import {failures_of} from '../logic/failures';
import {plural} from '../logic/format';
import {links} from '../ui/address';
import {StateBadge} from '../ui/state_badge';

export function FailuresCard({experiment, trials}: {
  experiment: ExperimentSummary; trials: readonly TrialSummary[];
}): JSX.Element | null {
  const groups = useMemo(() => failures_of(trials), [trials]);
  if (groups.length === 0) return null;
  const trials_link = links.experiment(experiment.namespace, experiment.name, 'trials');
  return (
    <section class="card" aria-label="Why trials failed">
      <div class="card-head"><h2>Why trials failed</h2></div>
      <ul class="failures">
        {groups.slice(0, 4).map(({reason, state, count, latest}) => (
          <li key={`${state} ${reason}`}>
            <div class="failure-head">
              <StateBadge state={state} />
              <a class="small" href={`${trials_link}?state=${state}`}>{plural(count, 'trial')}</a>
            </div>
            <p>{latest.why || reason}</p>
            <a class="small" href={links.trial(latest.namespace, latest.experiment, latest.name)}>{latest.name}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}
