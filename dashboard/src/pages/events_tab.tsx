// Conditions and events of an experiment, oldest first.
import type {JSX} from 'preact';
import type {ClusterEvent, ClusterObject} from '../api/types';
import {timeline_of} from '../logic/timeline';
import {Timeline} from '../ui/timeline';

export function EventsTab({object, events}: {object: ClusterObject | null; events: ClusterEvent[]}): JSX.Element {
  return (
    <section class="card" aria-label="Events">
      <Timeline happenings={timeline_of(object, events)}
        empty="Nothing is recorded any more. Events are kept for an hour." />
    </section>
  );
}
