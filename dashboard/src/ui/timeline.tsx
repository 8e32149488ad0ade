// Happenings in order of time, each with an icon and its own words.
import type {JSX} from 'preact';
import {format_time} from '../logic/format';
import type {Happening} from '../logic/timeline';
import {now} from './clock';
import {Icon} from './icon';

export function Timeline({happenings, empty}: {happenings: Happening[]; empty: string}): JSX.Element {
  if (happenings.length === 0) return <p class="placeholder">{empty}</p>;
  return (
    <ol class="timeline">
      {happenings.map((h, i) => (
        <li key={i} class={h.is_warning ? 'happening happening-warn' : 'happening'}>
          <time class="muted small number" dateTime={h.time ?? undefined}>{format_time(h.time, now.peek())}</time>
          <span class="happening-sign">
            <Icon name={h.is_warning ? 'alert' : h.source === 'condition' ? 'check' : 'right'} size={14} />
          </span>
          <div class="happening-text">
            <span class="strong">{h.title}</span>
            {h.count > 1 && <span class="muted small"> ×{h.count}</span>}
            {h.is_warning && <span class="visually-hidden"> (warning)</span>}
            {h.text && <p>{h.text}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}
