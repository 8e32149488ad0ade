// One experiment with all its trials, live. The object (YAML) and the events don't travel on the stream: they are
// read again when the experiment changed, at most once per few seconds.
import {signal} from '@preact/signals';
import {get, paths} from '../api/client';
import type {ChangeType, ClusterEvent, ClusterObject, ExperimentDetail, ExperimentSummary, List, LiveEvent, Observation,
  TrialSummary} from '../api/types';
import type {Sink} from '../live/stream';
import {Collection} from './collection';
import {Loadable} from './loadable';
import {Throttle} from './throttle';

export class ExperimentStore extends Loadable implements Sink {
  readonly summary = signal<ExperimentSummary | null>(null);
  readonly object = signal<ClusterObject | null>(null);
  readonly events = signal<ClusterEvent[]>([]);
  readonly trials = new Collection<TrialSummary>((t) => t.name);
  /** The newest objective value of trials that run: their summaries have one only when they are done. */
  private readonly newest_values = new Map<string, number>();
  private readonly refresh = new Throttle(3000, () => void this.load_detail().catch(() => {}));

  constructor(readonly namespace: string, readonly name: string) {
    super();
  }

  override dispose(): void {
    super.dispose();
    this.refresh.cancel();
  }

  load(): Promise<void> {
    return this.track(async () => {
      const [, trials] = await Promise.all([
        this.load_detail(),
        get<List<TrialSummary>>(paths.trials(this.namespace, this.name)),
      ]);
      this.trials.replace(trials.items, trials.resourceVersion);
    });
  }

  apply(events: LiveEvent[]): void {
    const trials: Array<{type: ChangeType; item: TrialSummary}> = [];
    for (const event of events) {
      if (event.kind === 'trial' && this.is_mine(event.summary.namespace, event.summary.experiment)) {
        trials.push({type: event.type, item: this.with_newest_value(event.summary)});
      } else if (event.kind === 'observations') {
        if (!this.is_mine(event.namespace, event.experiment) || !this.take_value(event.trial, event.items)) continue;
        const trial = this.trials.get(event.trial);
        if (trial) trials.push({type: 'MODIFIED', item: this.with_newest_value(trial)});
      } else if (event.kind === 'experiment' && this.is_mine(event.summary.namespace, event.summary.name)) {
        if (event.type === 'DELETED') this.set({is: 'missing'});
        else this.take_summary(event.summary);
        this.refresh.ask();
      }
    }
    if (trials.length > 0) this.trials.apply(trials);
  }

  private is_mine(namespace: string, name: string): boolean {
    return namespace === this.namespace && name === this.name;
  }

  /** Keeps the last objective value of the items; false when there is none. */
  private take_value(trial: string, items: readonly Observation[]): boolean {
    const metric = this.summary.value?.objective?.metric;
    const value = items.findLast((o) => o.metric === metric && o.value !== null && Number.isFinite(Number(o.value)))?.value;
    if (value === undefined || value === null) return false;
    this.newest_values.set(trial, Number(value));
    return true;
  }

  private with_newest_value(trial: TrialSummary): TrialSummary {
    if (trial.state !== 'Running') {
      this.newest_values.delete(trial.name);
      return trial;
    }
    const value = this.newest_values.get(trial.name);
    return value === undefined ? trial : {...trial, objective: value};
  }

  private take_summary(summary: ExperimentSummary): void {
    const known = this.summary.value;
    const is_old = known?.uid === summary.uid && Number(summary.resourceVersion) < Number(known.resourceVersion);
    if (!is_old) this.summary.value = summary;
  }

  private async load_detail(): Promise<void> {
    const detail = await get<ExperimentDetail>(paths.experiment(this.namespace, this.name));
    if (this.is_disposed) return;
    this.take_summary(detail.summary);
    this.object.value = detail.object;
    this.events.value = detail.events;
  }
}
