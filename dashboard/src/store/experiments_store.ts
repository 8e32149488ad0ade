// All experiments, live, for the list page.
import {get, paths} from '../api/client';
import type {ExperimentSummary, List, LiveEvent} from '../api/types';
import type {Sink} from '../live/stream';
import {Collection} from './collection';
import {Loadable} from './loadable';

export class ExperimentsStore extends Loadable implements Sink {
  readonly experiments = new Collection<ExperimentSummary>((e) => `${e.namespace}/${e.name}`);

  load(): Promise<void> {
    return this.track(async () => {
      const list = await get<List<ExperimentSummary>>(paths.experiments);
      this.experiments.replace(list.items, list.resourceVersion);
    });
  }

  apply(events: LiveEvent[]): void {
    const changes = events.flatMap((e) => (e.kind === 'experiment' ? [{type: e.type, item: e.summary}] : []));
    if (changes.length > 0) this.experiments.apply(changes);
  }
}
