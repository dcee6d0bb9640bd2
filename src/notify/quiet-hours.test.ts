import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isAlwaysQuiet,
  passes,
  type QuietHours,
  type QuietSpan,
  quietUntil,
  weekdays,
} from './quiet-hours.ts';

function hours(spans: readonly QuietSpan[], timeZone = 'UTC'): QuietHours {
  return { timeZone, spans, passSeverity: 'critical' };
}

/** When it ends, as UTC; null where it is not quiet. */
function end(quiet: QuietHours, now: string): string | null {
  const ms = quietUntil(quiet, Date.parse(now));
  return ms === null ? null : new Date(ms).toISOString().slice(0, 16);
}

const nights = [{ from: '22:00', to: '07:00' }];

describe('quiet hours', () => {
  test.each([
    ['2026-03-02T21:59:59Z', null],
    ['2026-03-02T22:00:00Z', '2026-03-03T07:00'],
    ['2026-03-03T03:00:30Z', '2026-03-03T07:00'],
    ['2026-03-03T06:59:59Z', '2026-03-03T07:00'],
    ['2026-03-03T07:00:00Z', null],
  ])('at %s end at %s', (now, expected) => {
    expect(end(hours(nights), now)).toBe(expected);
  });

  test('go by the clocks of their zone', () => {
    expect(end(hours(nights, 'America/New_York'), '2026-01-10T04:00:00Z')).toBe('2026-01-10T12:00');
    expect(end(hours(nights, 'Asia/Kolkata'), '2026-01-10T04:00:00Z')).toBeNull();
  });

  test('join where they touch: a weekend between two nights is one quiet', () => {
    const spans: QuietSpan[] = [
      { from: '20:00', to: '08:00' },
      { days: ['sat', 'sun'], from: '08:00', to: '20:00' },
    ];
    expect(end(hours(spans), '2026-03-06T21:00:00Z')).toBe('2026-03-09T08:00');
  });

  test('begin on the days that are named, and may end on the next', () => {
    const friday = hours([{ days: ['fri'], from: '22:00', to: '02:00' }]);
    expect(end(friday, '2026-03-07T01:00:00Z')).toBe('2026-03-07T02:00');
    expect(end(friday, '2026-03-06T01:00:00Z')).toBeNull();
  });

  test('of a whole day are named by twice the same time', () => {
    const sunday = hours([{ days: ['sun'], from: '00:00', to: '00:00' }]);
    expect(end(sunday, '2026-03-08T12:00:00Z')).toBe('2026-03-09T00:00');
  });

  test('are an hour shorter when clocks are set forward, and longer when they are set back', () => {
    const berlin = hours(nights, 'Europe/Berlin');
    expect(end(berlin, '2026-03-28T21:00:00Z')).toBe('2026-03-29T05:00');
    expect(end(berlin, '2026-10-24T20:00:00Z')).toBe('2026-10-25T06:00');
  });

  test('end when clocks jump over their end', () => {
    const berlin = hours([{ from: '22:00', to: '02:30' }], 'Europe/Berlin');
    expect(end(berlin, '2026-03-28T22:00:00Z')).toBe('2026-03-29T01:00');
  });

  test('may be all there is, which nothing would ever leave', () => {
    expect(isAlwaysQuiet(hours([{ from: '00:00', to: '00:00' }]))).toBe(true);
    expect(isAlwaysQuiet(hours([{ from: '00:00', to: '23:59' }]))).toBe(false);
  });

  test('let pass what is severe enough', () => {
    expect(passes(hours(nights), 'critical')).toBe(true);
    expect(passes(hours(nights), 'high')).toBe(false);
    expect(passes({ ...hours(nights), passSeverity: 'medium' }, 'high')).toBe(true);
    expect(passes({ ...hours(nights), passSeverity: 'none' }, 'critical')).toBe(false);
  });
});

// The law, by looking at the clock on the wall minute by minute.
function naiveIsQuiet({ timeZone, spans }: QuietHours, ms: number): boolean {
  const text = new Date(ms).toLocaleString('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const today = text.slice(0, 3).toLowerCase();
  const clock = text.slice(-5);
  const yesterday = weekdays.at(weekdays.findIndex((day) => day === today) - 1);
  return spans.some(({ days = weekdays, from, to }) => {
    const begunToday = days.some((day) => day === today);
    const begunYesterday = days.some((day) => day === yesterday);
    if (from < to) return begunToday && clock >= from && clock < to;
    return (begunToday && clock >= from) || (begunYesterday && clock < to);
  });
}

function naiveUntil(quiet: QuietHours, nowMs: number): number | null {
  if (!naiveIsQuiet(quiet, nowMs)) return null;
  let ms = Math.floor(nowMs / 60_000) * 60_000;
  while (naiveIsQuiet(quiet, ms)) ms += 60_000;
  return ms;
}

describe('against the clock on the wall', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const span: fc.Arbitrary<QuietSpan> = fc.record(
    { days: fc.subarray([...weekdays], { minLength: 1, maxLength: 3 }), from: time, to: time },
    { requiredKeys: ['from', 'to'] },
  );
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Pacific/Auckland',
  );
  // Around the nights in which one or another of these zones sets its clocks.
  const moments = fc.oneof(
    ...['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'].map(
      (day) =>
        fc
          .integer({ min: -40 * 3600, max: 40 * 3600 })
          .map((seconds) => Date.parse(`${day}T00:00:00Z`) + seconds * 1000),
    ),
  );

  test('quiet ends where the clock first shows a time outside of it', () => {
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 2 }),
        zones,
        moments,
        (spans, timeZone, nowMs) => {
          const quiet = hours(spans, timeZone);
          fc.pre(!isAlwaysQuiet(quiet));
          expect(quietUntil(quiet, nowMs)).toBe(naiveUntil(quiet, nowMs));
        },
      ),
      { numRuns: 60 },
    );
  });
});
