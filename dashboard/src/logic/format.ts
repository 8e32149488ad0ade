// How numbers, times and states read. Pure, so that the same value looks the same everywhere.

const MISSING = '–';
const THIN_SPACE = '\u2009';

/** A metric or parameter number: five significant digits, powers of ten only where plain digits would mislead. */
export function format_number(value: number | string | null | undefined): string {
  if (value === null || value === undefined || value === '') return MISSING;
  const number = typeof value === 'number' ? value : Number(value);
  if (Number.isNaN(number)) return typeof value === 'string' ? value : 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? '∞' : '−∞';
  if (number === 0) return '0';
  const size = Math.abs(number);
  if (size < 1e-4 || size >= 1e9) return with_minus(trim_exponent(number.toExponential(4)));
  if (Number.isInteger(number)) return with_minus(group_thousands(String(number)));
  return with_minus(trim_zeros(number.toPrecision(Math.max(5, Math.ceil(Math.log10(size + 1))))));
}

/** A parameter as it was given to the trial: its own digits when they are few, else shortened. */
export function format_assignment(text: string | undefined): string {
  if (text === undefined) return MISSING;
  if (text.length <= 8 || text.trim() === '' || Number.isNaN(Number(text))) return text;
  return format_number(Number(text));
}

function trim_zeros(text: string): string {
  return text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
}

function trim_exponent(text: string): string {
  return text.replace(/\.?0*e\+?/, 'e');
}

function group_thousands(digits: string): string {
  return Math.abs(Number(digits)) < 10_000 ? digits : digits.replace(/\B(?=(\d{3})+(?!\d))/g, THIN_SPACE);
}

function with_minus(text: string): string {
  return text.replace(/^-/, '−').replace('e-', 'e−');
}

/** "850 ms", "12.4 s", "3m 20s", "2h 05m", "4d 3h". */
export function format_duration(milliseconds: number | null): string {
  if (milliseconds === null || !Number.isFinite(milliseconds)) return MISSING;
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  return `${Math.floor(minutes / 1440)}d ${Math.floor((minutes % 1440) / 60)}h`;
}

/** Age as kubectl prints it: one unit, two where it is young. */
export function format_age(milliseconds: number | null): string {
  if (milliseconds === null || !Number.isFinite(milliseconds)) return MISSING;
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes}m${seconds % 60 ? `${seconds % 60}s` : ''}`;
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

export function time_of(text: string | null | undefined): number | null {
  if (!text) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

/** From start to end, or to now while it is still going on. */
export function span_ms(start: string | null | undefined, end: string | null | undefined, now: number): number | null {
  const from = time_of(start);
  if (from === null) return null;
  return (time_of(end) ?? now) - from;
}

/** A time of day with its date where it is not today. */
export function format_time(text: string | null | undefined, now: number): string {
  const time = time_of(text);
  if (time === null) return MISSING;
  const date = new Date(time);
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  const is_today = date.toDateString() === new Date(now).toDateString();
  if (is_today) return clock;
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock}`;
}

/** "EarlyStopped" -> "Early stopped": states as words of a sentence. */
export function words_of(state: string): string {
  const words = state.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How many there are: digits in groups from 10 000 on. */
export function format_count(count: number): string {
  return group_thousands(String(count));
}

export function plural(count: number, word: string): string {
  return `${format_count(count)} ${word}${count === 1 ? '' : 's'}`;
}
