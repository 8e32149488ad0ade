// A trial's log as it arrives: chunks of text become lines, escapes of terminals are dropped, and only the last lines
// are kept, because a page is for reading and the whole log is one download away.

const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

export class LogLines {
  private readonly kept: string[] = [];
  private open = '';
  private dropped_count = 0;

  constructor(private readonly limit: number) {}

  push(chunk: string): void {
    const parts = (this.open + chunk).split('\n');
    this.open = parts.pop() ?? '';
    for (const part of parts) this.kept.push(clean(part));
    const surplus = this.kept.length - this.limit;
    if (surplus > 0) {
      this.kept.splice(0, surplus);
      this.dropped_count += surplus;
    }
  }

  /** Complete lines, and the last one even if its end has not come yet. */
  lines(): string[] {
    return this.open === '' ? [...this.kept] : [...this.kept, clean(this.open)];
  }

  get dropped(): number {
    return this.dropped_count;
  }
}

/** A progress bar overwrites its line with carriage returns: what a terminal would show last is what counts. */
function clean(line: string): string {
  const text = line.replace(ESCAPES, '').replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1);
}
