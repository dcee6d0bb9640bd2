// Times on an axis: windows, ticks and their labels. Everything is UTC; instants are milliseconds
// since 1970. Pure.

/** A stretch of time; `toMs` is later than `fromMs`. */
export type TimeWindow = { readonly fromMs: number; readonly toMs: number };

export type Tick = {
  readonly ms: number;
  readonly label: string;
  /** Begins a larger unit than its neighbors: a day among hours, a year among months. */
  readonly major: boolean;
};

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const month = 30.44 * day;

/** The narrowest window that zooming leads to. */
export const narrowestMs = 10 * second;

const fixedSteps: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14].map((count) => count * day),
];
const monthSteps: readonly number[] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

// Weeks begin on Monday; 1970-01-05 was one.
const firstMonday = 4 * day;

const monthNames = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
];

function monthName(date: Date): string {
  return monthNames[date.getUTCMonth()] ?? '';
}

function clock(date: Date, withSeconds: boolean): string {
  return date.toISOString().slice(11, withSeconds ? 19 : 16);
}

/** For example `Mar 3, 2026`. */
export function dayText(ms: number): string {
  const date = new Date(ms);
  return `${monthName(date)} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
}

/** For example `Mar 3, 2026, 08:00`; with seconds where the window is short. */
export function windowText({ fromMs, toMs }: TimeWindow): string {
  const withSeconds = toMs - fromMs < 10 * minute;
  const from = `${dayText(fromMs)}, ${clock(new Date(fromMs), withSeconds)}`;
  const to = clock(new Date(toMs), withSeconds);
  return dayText(fromMs) === dayText(toMs)
    ? `${from} – ${to}`
    : `${from} – ${dayText(toMs)}, ${to}`;
}

/** A CloudTrail time as a person reads it, for example `2026-03-01 08:00:00`. */
export function readableTime(eventTime: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(eventTime);
  return parts === null ? eventTime : `${parts[1]} ${parts[2]}`;
}

function fixedTick(ms: number, step: number): Tick {
  const date = new Date(ms);
  const dayLabel = `${monthName(date)} ${date.getUTCDate()}`;
  if (step >= day) return { ms, label: dayLabel, major: date.getUTCDate() === 1 };
  if (ms % day === 0) return { ms, label: dayLabel, major: true };
  return { ms, label: clock(date, step < minute), major: false };
}

function monthTick(ms: number, months: number): Tick {
  const date = new Date(ms);
  if (date.getUTCMonth() === 0)
    return { ms, label: String(date.getUTCFullYear()), major: months < 12 };
  return { ms, label: monthName(date), major: false };
}

/** Ticks at round times inside the window, at most about `most` of them. */
export function ticks({ fromMs, toMs }: TimeWindow, most: number): readonly Tick[] {
  const wanted = (toMs - fromMs) / Math.max(1, most);
  const step = fixedSteps.find((candidate) => candidate >= wanted);
  const found: Tick[] = [];
  if (step !== undefined) {
    const offset = step % (7 * day) === 0 ? firstMonday : 0;
    let ms = Math.ceil((fromMs - offset) / step) * step + offset;
    for (; ms <= toMs; ms += step) found.push(fixedTick(ms, step));
    return found;
  }
  const months = monthSteps.find((candidate) => candidate * month >= wanted) ?? 1200;
  const from = new Date(fromMs);
  const fromMonth = from.getUTCFullYear() * 12 + from.getUTCMonth();
  for (let index = Math.floor(fromMonth / months) * months; ; index += months) {
    const ms = Date.UTC(Math.floor(index / 12), index % 12, 1);
    if (ms > toMs) return found;
    if (ms >= fromMs) found.push(monthTick(ms, months));
  }
}

/** A window that holds every instant, with some air at both ends; null for none. */
export function windowAround(instants: readonly number[]): TimeWindow | null {
  let first = Infinity;
  let last = -Infinity;
  for (const instant of instants) {
    first = Math.min(first, instant);
    last = Math.max(last, instant);
  }
  if (first > last) return null;
  const air = Math.max((last - first) * 0.04, 5 * minute);
  return { fromMs: first - air, toMs: last + air };
}

/** The window, moved and shortened until it lies within the bounds and is no narrower than allowed. */
export function clampWindow(window: TimeWindow, bounds: TimeWindow): TimeWindow {
  const widest = bounds.toMs - bounds.fromMs;
  const width = Math.min(widest, Math.max(narrowestMs, window.toMs - window.fromMs));
  const middle = (window.fromMs + window.toMs) / 2;
  const fromMs = Math.min(bounds.toMs - width, Math.max(bounds.fromMs, middle - width / 2));
  return { fromMs, toMs: fromMs + width };
}

/** The window narrowed (`factor` below 1) or widened about an instant that keeps its place. */
export function zoomWindow(window: TimeWindow, factor: number, aboutMs: number): TimeWindow {
  return {
    fromMs: aboutMs - (aboutMs - window.fromMs) * factor,
    toMs: aboutMs + (window.toMs - aboutMs) * factor,
  };
}
