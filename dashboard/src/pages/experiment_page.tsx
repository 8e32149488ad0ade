// One experiment: why it is where it is, what it found, its trials, its YAML and its events.
import {useComputed} from '@preact/signals';
import type {JSX} from 'preact';
import {useEffect} from 'preact/hooks';
import {useRoute} from 'preact-iso';
import type {ExperimentSummary} from '../api/types';
import {format_count} from '../logic/format';
import {ExperimentStore} from '../store/experiment_store';
import {links} from '../ui/address';
import {LoadError, Notice, Skeleton} from '../ui/notice';
import {Shell} from '../ui/shell';
import {useLiveStore} from '../ui/use_store';
import {EventsTab} from './events_tab';
import {ExperimentHeader} from './experiment_header';
import {OverviewTab} from './overview_tab';
import {TrialsTab} from './trials_tab';
import {YamlTab} from './yaml_tab';

export function ExperimentPage(): JSX.Element {
  const {ns = '', name = '', tab = ''} = useRoute().params;
  return <Experiment key={`${ns}/${name}`} ns={ns} name={name} tab={tab} />;
}

const TABS = [['', 'Overview'], ['trials', 'Trials'], ['yaml', 'YAML'], ['events', 'Events']] as const;

function Experiment({ns, name, tab}: {ns: string; name: string; tab: string}): JSX.Element {
  const store = useLiveStore(() => new ExperimentStore(ns, name), {namespace: ns, experiment: name});
  useEffect(() => { document.title = `${name} · mizan`; }, [name]);
  const phase = store.phase.value;
  const summary = store.summary.value;
  return (
    <Shell crumbs={[{text: 'Experiments', href: links.experiments}, {text: name}]}>
      <div class="page">
        {phase.is === 'loading' && <><h1>{name}</h1><Skeleton rows={6} /></>}
        {phase.is === 'error' && <><h1>{name}</h1><LoadError sentence={phase.sentence} retry={() => void store.load()} /></>}
        {phase.is === 'missing' && (
          <>
            <h1>{name}</h1>
            <Notice icon="question" title={`There is no experiment "${name}" in namespace "${ns}"`}>
              <p>It may have been deleted. <a href={links.experiments}>All experiments</a></p>
            </Notice>
          </>
        )}
        {phase.is === 'ready' && summary && <Loaded store={store} summary={summary} tab={tab} />}
      </div>
    </Shell>
  );
}

function Loaded({store, summary, tab}: {
  store: ExperimentStore; summary: ExperimentSummary; tab: string;
}): JSX.Element {
  const trials = store.trials.items.value;
  const trial_count = useComputed(() => store.trials.items.value.length).value;
  return (
    <>
      <ExperimentHeader experiment={summary} />
      <nav class="tabs" aria-label="Parts of this experiment">
        {TABS.map(([id, title]) => (
          <a key={id} href={links.experiment(summary.namespace, summary.name, id)}
            aria-current={id === tab ? 'page' : undefined}>
            {title}
            {id === 'trials' && <span class="tab-count">{format_count(trial_count)}</span>}
          </a>
        ))}
      </nav>
      {tab === '' && <OverviewTab experiment={summary} trials={trials} />}
      {tab === 'trials' && <TrialsTab experiment={summary} trials={trials} />}
      {tab === 'yaml' && <YamlTab object={store.object.value} />}
      {tab === 'events' && <EventsTab object={store.object.value} events={store.events.value} />}
      {!TABS.some(([id]) => id === tab) && (
        <Notice icon="question" title={`An experiment has no part "${tab}"`}>
          <a href={links.experiment(summary.namespace, summary.name)}>Overview</a>
        </Notice>
      )}
    </>
  );
}
