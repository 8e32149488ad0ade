// Trials done of trials allowed, with what failed, stopped and runs in segments, and the same in words.
import type {JSX} from 'preact';
import type {Progress} from '../logic/experiment_filter';
import {format_count} from '../logic/format';

export function ProgressBar({progress}: {progress: Progress}): JSX.Element {
  const {succeeded, failed, stopped, running, done, max} = progress;
  const whole = Math.max(max ?? 0, done + running, 1);
  const parts: Array<[string, number]> =
    [['good', succeeded], ['other', stopped], ['bad', failed], ['active', running]];
  return (
    <span class="progress" role="img" aria-label={words(progress)}>
      {parts.filter(([, count]) => count > 0).map(([tone, count]) => (
        <span key={tone} class={`progress-part tone-${tone}`} style={{width: `${(100 * count) / whole}%`}} />
      ))}
    </span>
  );
}

function words({done, max, running, failed, stopped}: Progress): string {
  const parts = [max === null ? `${done} trials done` : `${done} of ${max} trials done`];
  if (running > 0) parts.push(`${running} running`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (stopped > 0) parts.push(`${stopped} stopped`);
  return parts.join(', ');
}

/** "12/30 · 2 running · 1 failed" */
export function ProgressText({progress}: {progress: Progress}): JSX.Element {
  const {done, max, running, failed} = progress;
  return (
    <span class="progress-text">
      <span class="strong">{format_count(done)}{max !== null && <span class="muted">/{format_count(max)}</span>}</span>
      {running > 0 && <span class="text-active">{format_count(running)} running</span>}
      {failed > 0 && <span class="text-bad">{format_count(failed)} failed</span>}
    </span>
  );
}
