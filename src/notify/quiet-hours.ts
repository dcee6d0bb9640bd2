// Quiet hours: spans of the week, by the clocks of a time zone, in which messages are held back. A
// moment is quiet when the clock on the wall shows a time within a span; where clocks are set forward
// or back, it is still the clock that counts.

import { severities, type Severity } from '../model/exposure.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

export type QuietHours = {
  readonly timeZone: string;
  readonly spans: readonly QuietSpan[];
  /** What is at least so severe passes. */
  readonly passSeverity: Severity | 'none';
};

export type QuietSpan = {
  /** Days on which the span begins; every day when absent. */
  readonly days?: readonly Weekday[] | undefined;
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`, the first minute that is not quiet; on the next day where it is not after `from`. */
  readonly to: string;
};

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/**
 * When the quiet that holds at a moment ends, in milliseconds since 1970, a whole minute; null where
 * it is not quiet.
 */
export function quietUntil(hours: QuietHours, nowMs: number): number | null {
  const quiet = quietMinutes(hours.spans);
  const wall = wallClock(hours.timeZone);
  if (quiet[wall(nowMs)] !== true) return null;
  // Zones are whole minutes from UTC, so minutes begin together everywhere.
  let ms = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  for (let steps = 0; steps < WEEK_MINUTES + DAY_MINUTES; steps += 1) {
    const minute = wall(ms);
    if (quiet[minute] !== true) return ms;
    const jump = untilLoud(quiet, minute);
    const there = ms + jump * MINUTE_MS;
    // Where no clock is set meanwhile the span's end is that far away; else look minute by minute.
    ms = wall(there) === (minute + jump) % WEEK_MINUTES ? there : ms + MINUTE_MS;
  }
  return ms;
}

export function passes({ passSeverity }: QuietHours, severity: Severity): boolean {
  if (passSeverity === 'none') return false;
  return severities.indexOf(severity) >= severities.indexOf(passSeverity);
}

/** Whether the spans leave no minute of the week. */
export function isAlwaysQuiet({ spans }: Pick<QuietHours, 'spans'>): boolean {
  return quietMinutes(spans).every(Boolean);
}

/** Of each minute of the week from Monday on, whether it is quiet. */
function quietMinutes(spans: readonly QuietSpan[]): readonly boolean[] {
  const quiet = Array.from({ length: WEEK_MINUTES }, () => false);
  for (const { days = weekdays, from, to } of spans) {
    const first = minuteOfDay(from);
    const length = (minuteOfDay(to) - first + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
    for (const day of days) {
      const start = weekdays.indexOf(day) * DAY_MINUTES + first;
      for (let minute = start; minute < start + length; minute += 1) {
        quiet[minute % WEEK_MINUTES] = true;
      }
    }
  }
  return quiet;
}

function untilLoud(quiet: readonly boolean[], minute: number): number {
  let jump = 1;
  while (jump < WEEK_MINUTES && quiet[(minute + jump) % WEEK_MINUTES] === true) jump += 1;
  return jump;
}

function minuteOfDay(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

/** The minute of the week that clocks of a zone show, from Monday on. */
function wallClock(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const day = weekdays.findIndex((name) => name === parts.get('weekday')?.toLowerCase());
    return day * DAY_MINUTES + Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
  };
}
