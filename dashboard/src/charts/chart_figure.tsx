// The frame of every chart: a title, what it shows in one sentence for those who can't see it, and its controls.
import type {ComponentChildren, JSX} from 'preact';

export function ChartFigure({title, summary, controls, children}: {
  title: string; summary: string; controls?: ComponentChildren; children: ComponentChildren;
}): JSX.Element {
  return (
    <figure class="card chart-card" aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {controls}
      </div>
      {children}
      <figcaption class="muted small">{summary}</figcaption>
    </figure>
  );
}
