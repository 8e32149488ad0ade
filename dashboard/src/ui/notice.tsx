// What a page shows instead of data: loading, nothing there, an error. Each says what to do next.
import type {ComponentChildren, JSX} from 'preact';
import {Icon, type IconName} from './icon';

export function Notice({icon, title, children, tone = 'quiet'}: {
  icon?: IconName; title: string; children?: ComponentChildren; tone?: 'quiet' | 'bad';
}): JSX.Element {
  return (
    <div class={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      {icon && <Icon name={icon} size={28} />}
      <p class="notice-title">{title}</p>
      {children && <div class="notice-text">{children}</div>}
    </div>
  );
}

/** Grey bars in the place of rows that are on their way. */
export function Skeleton({rows}: {rows: number}): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({length: rows}, (_, i) => <span key={i} class="skeleton-row" />)}
    </div>
  );
}

export function LoadError({sentence, retry}: {sentence: string; retry: () => void}): JSX.Element {
  return (
    <Notice icon="alert" tone="bad" title="This page could not be loaded">
      <p>{sentence}</p>
      <button type="button" class="button" onClick={retry}>Try again</button>
    </Notice>
  );
}
