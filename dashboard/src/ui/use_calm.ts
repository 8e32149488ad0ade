// A value that changes often, handed on less often: charts of many trials are not redrawn with every frame.
import {useEffect, useRef, useState} from 'preact/hooks';

export function useCalm<T>(value: T, interval_ms: number): T {
  const [shown, set_shown] = useState(value);
  const newest = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const last = useRef(0);
  newest.current = value;
  useEffect(() => {
    if (shown === value || timer.current !== null) return;
    const wait = Math.max(0, last.current + interval_ms - performance.now());
    timer.current = setTimeout(() => {
      timer.current = null;
      last.current = performance.now();
      set_shown(() => newest.current);
    }, wait);
  }, [value, shown]);
  useEffect(() => () => { if (timer.current !== null) clearTimeout(timer.current); }, []);
  return shown;
}

/** How long a view of so many trials may lag behind: below what a person notices, above what it costs to draw. */
export function calm_interval(trial_count: number): number {
  return trial_count > 5000 ? 1500 : trial_count > 1000 ? 500 : 120;
}
