// The present, as a signal that ticks once a second while the page is looked at.
import {signal} from '@preact/signals';

export const now = signal(Date.now());

export function start_clock(): void {
  const tick = () => { if (!document.hidden) now.value = Date.now(); };
  setInterval(tick, 1000);
  document.addEventListener('visibilitychange', tick);
}
