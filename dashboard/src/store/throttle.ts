// Runs an action soon after it is asked for, and never more often than once per interval.

export class Throttle {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private last = Number.NEGATIVE_INFINITY;

  constructor(private readonly interval_ms: number, private readonly action: () => void) {}

  ask(): void {
    if (this.timer !== null) return;
    const wait = Math.max(0, this.last + this.interval_ms - performance.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.last = performance.now();
      this.action();
    }, wait);
  }

  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
