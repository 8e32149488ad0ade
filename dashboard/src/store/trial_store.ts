// One trial: its summary, object, events and observations, live.
import {signal} from '@preact/signals';
import {get, paths} from '../api/client';
import type {ExperimentDetail, ExperimentSummary, LiveEvent, Observation, TrialDetail, TrialSummary} from '../api/types';
import type {Sink} from '../live/stream';
import {Loadable} from './loadable';
import {Throttle} from './throttle';

export class TrialStore extends Loadable implements Sink {
  readonly summary = signal<TrialSummary | null>(null);
  readonly detail = signal<TrialDetail | null>(null);
  readonly experiment = signal<ExperimentSummary | null>(null);
  readonly observations = signal<readonly Observation[]>([]);
  private readonly refresh = new Throttle(1000, () => void this.load_detail().catch(() => {}));

  constructor(readonly namespace: string, readonly experiment_name: string, readonly name: string) {
    super();
  }

  override dispose(): void {
    super.dispose();
    this.refresh.cancel();
  }

  load(): Promise<void> {
    return this.track(async () => {
      const [, observations, experiment] = await Promise.all([
        this.load_detail(),
        get<{items: Observation[]}>(paths.observations(this.namespace, this.experiment_name, this.name)),
        get<ExperimentDetail>(paths.experiment(this.namespace, this.experiment_name)),
      ]);
      this.observations.value = observations.items;
      this.experiment.value = experiment.summary;
    });
  }

  apply(events: LiveEvent[]): void {
    const fresh: Observation[] = [];
    for (const event of events) {
      if (event.kind === 'observations') {
        if (this.is_mine(event.namespace, event.experiment, event.trial)) fresh.push(...event.items);
      } else if (event.kind === 'trial') {
        const {namespace, experiment, name} = event.summary;
        if (!this.is_mine(namespace, experiment, name)) continue;
        if (event.type === 'DELETED') this.set({is: 'missing'});
        else this.take_summary(event.summary);
        this.refresh.ask();
      } else if (event.summary.namespace === this.namespace && event.summary.name === this.experiment_name) {
        this.experiment.value = event.summary;
      }
    }
    if (fresh.length > 0) this.observations.value = append_new(this.observations.value, fresh);
  }

  private is_mine(namespace: string, experiment: string, name: string): boolean {
    return namespace === this.namespace && experiment === this.experiment_name && name === this.name;
  }

  private take_summary(summary: TrialSummary): void {
    const known = this.summary.value;
    const is_old = known?.uid === summary.uid && Number(summary.resourceVersion) < Number(known.resourceVersion);
    if (!is_old) this.summary.value = summary;
  }

  private async load_detail(): Promise<void> {
    const detail = await get<TrialDetail>(paths.trial(this.namespace, this.experiment_name, this.name));
    if (this.is_disposed) return;
    this.take_summary(detail.summary);
    this.detail.value = detail;
  }
}

/** Appends the observations that are not there yet: the stream may repeat what the snapshot already had. */
export function append_new(known: readonly Observation[], fresh: readonly Observation[]): readonly Observation[] {
  const id = (o: Observation) => `${o.metric} ${o.step ?? ''} ${o.time ?? ''} ${o.value}`;
  const seen = new Set(known.map(id));
  const added = fresh.filter((o) => {
    const is_new = !seen.has(id(o));
    seen.add(id(o));
    return is_new;
  });
  return added.length > 0 ? [...known, ...added] : known;
}
