import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  clampWindow,
  narrowestMs,
  readableTime,
  ticks,
  windowAround,
  windowText,
  zoomWindow,
} from './client/time-scale.ts';

const minute = 60_000;
const day = 86_400_000;
const start = Date.UTC(2026, 2, 1);

function labels(fromMs: number, toMs: number, most = 8): readonly string[] {
  return ticks({ fromMs, toMs }, most).map(({ label }) => label);
}

describe('ticks', () => {
  it('are days for two weeks', () => {
    expect(labels(start, start + 7 * day)).toEqual([
      'Mar 1',
      'Mar 2',
      'Mar 3',
      'Mar 4',
      'Mar 5',
      'Mar 6',
      'Mar 7',
      'Mar 8',
    ]);
  });

  it('are clock times for minutes, and the day at midnight', () => {
    expect(labels(start - 2 * minute, start + 2 * minute)).toEqual([
      '23:58:00',
      '23:58:30',
      '23:59:00',
      '23:59:30',
      'Mar 1',
      '00:00:30',
      '00:01:00',
      '00:01:30',
      '00:02:00',
    ]);
  });

  it('are Mondays where they are weeks', () => {
    const found = ticks({ fromMs: start, toMs: start + 50 * day }, 8);
    expect(found.map(({ ms }) => new Date(ms).getUTCDay())).toEqual(found.map(() => 1));
  });

  it('are months and years for long times', () => {
    expect(labels(Date.UTC(2025, 10, 5), Date.UTC(2026, 3, 5))).toEqual([
      'Dec',
      '2026',
      'Feb',
      'Mar',
      'Apr',
    ]);
    expect(labels(Date.UTC(1990, 0, 1), Date.UTC(2026, 0, 1), 4)).toEqual([
      '1990',
      '2000',
      '2010',
      '2020',
    ]);
  });

  it('lie inside the window, in order, and are not many more than wanted', () => {
    const window = fc
      .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: narrowestMs, max: 3e12 }))
      .map(([fromMs, width]) => ({ fromMs, toMs: fromMs + width }));
    fc.assert(
      fc.property(window, fc.integer({ min: 1, max: 20 }), (given, most) => {
        const times = ticks(given, most).map(({ ms }) => ms);
        expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
        expect(times.length).toBeLessThanOrEqual(most + 1);
        for (const ms of times) {
          expect(ms).toBeGreaterThanOrEqual(given.fromMs);
          expect(ms).toBeLessThanOrEqual(given.toMs);
        }
      }),
    );
  });
});

describe('windows', () => {
  it('hold every instant with air around', () => {
    const window = windowAround([start, start + 100 * minute]);
    expect(window).toEqual({ fromMs: start - 5 * minute, toMs: start + 105 * minute });
    expect(windowAround([])).toBeNull();
  });

  it('stay within their bounds, and are no narrower than allowed', () => {
    const ms = fc.integer({ min: -1e12, max: 1e12 });
    const bounds = { fromMs: 0, toMs: day };
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        const { fromMs, toMs } = clampWindow(
          { fromMs: Math.min(a, b), toMs: Math.max(a, b) },
          bounds,
        );
        expect(fromMs).toBeGreaterThanOrEqual(0);
        expect(toMs).toBeLessThanOrEqual(day);
        expect(toMs - fromMs).toBeGreaterThanOrEqual(narrowestMs);
      }),
    );
  });

  it('keep the instant in place about which they are zoomed', () => {
    expect(zoomWindow({ fromMs: 0, toMs: 100 }, 0.5, 20)).toEqual({ fromMs: 10, toMs: 60 });
  });

  it('are said with the day once where it is the same', () => {
    expect(windowText({ fromMs: start, toMs: start + 12 * 60 * minute })).toBe(
      'Mar 1, 2026, 00:00 – 12:00',
    );
    expect(windowText({ fromMs: start, toMs: start + 2 * minute })).toBe(
      'Mar 1, 2026, 00:00:00 – 00:02:00',
    );
    expect(windowText({ fromMs: start, toMs: start + 2 * day })).toBe(
      'Mar 1, 2026, 00:00 – Mar 3, 2026, 00:00',
    );
  });
});

describe('times of CloudTrail', () => {
  it('read without the letters', () => {
    expect(readableTime('2026-03-01T08:00:00Z')).toBe('2026-03-01 08:00:00');
  });

  it('stay what they are when they are something else', () => {
    expect(readableTime('2026-03-01T08:00:00+01:00')).toBe('2026-03-01T08:00:00+01:00');
  });
});
