import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { aContext, aFullResult } from '../../../test/support/scan-results.ts';
import { buildReportData } from './build-report-data.ts';
import { severityNames } from './client/report-data.ts';
import {
  holdsWords,
  initialView,
  matches,
  matchesButSeverity,
  rowsOf,
  sorted,
  sortKeys,
  viewFromHash,
  viewToHash,
} from './client/view.ts';
import type { View } from './client/view.ts';

const rows = rowsOf(buildReportData(aFullResult(), aContext()));

function portsOf(part: Partial<View>): readonly string[] {
  const view = { ...initialView, ...part };
  return sorted(
    rows.filter((row) => matches(row, view)),
    view,
  ).map(({ finding }) => finding.label);
}

describe('filters', () => {
  it('let everything through at first', () => {
    expect(portsOf({})).toHaveLength(rows.length);
  });

  it('find words in any order, whatever their case', () => {
    expect(portsOf({ text: 'DEPLOY-pipeline postgresql' })).toEqual(['5432 PostgreSQL']);
    expect(portsOf({ text: 'postgresql nobody' })).toEqual([]);
  });

  it('find what a person might search for', () => {
    for (const text of [
      'sg-00000000000000042',
      '198.51.100.24',
      'metrics',
      'arn:aws:iam',
      '::/0',
    ]) {
      expect(portsOf({ text })).not.toEqual([]);
    }
  });

  it('narrow by severity, status, rule and account', () => {
    expect(portsOf({ severities: ['medium', 'low'] })).toEqual(['5432 PostgreSQL', '8000-8100']);
    expect(portsOf({ status: 'open', accountId: '111122223333' })).toEqual(['22 SSH']);
    expect(portsOf({ status: 'closed' })).toEqual(['3389 RDP', '5432 PostgreSQL', '8000-8100']);
    expect(portsOf({ ruleId: 'aws-sg-open-to-world' })).toEqual(['8000-8100']);
  });

  it('narrow by time only when asked to', () => {
    const window = { fromMs: Date.UTC(2026, 1, 27), toMs: Date.UTC(2026, 1, 28) };
    expect(portsOf({ window })).toHaveLength(rows.length);
    expect(portsOf({ window, inWindow: true })).toEqual(['5432 PostgreSQL']);
  });

  it('hold an open exposure in every later window', () => {
    const window = { fromMs: Date.UTC(2027, 0, 1), toMs: Date.UTC(2027, 0, 2) };
    expect(portsOf({ window, inWindow: true })).toHaveLength(10);
  });

  it('leave severity out of the counts that the severities show', () => {
    const view: View = { ...initialView, severities: ['low'], status: 'closed' };
    expect(rows.filter((row) => matchesButSeverity(row, view))).toHaveLength(3);
  });

  it('hold the empty search always', () => {
    expect(holdsWords('anything', '')).toBe(true);
    expect(holdsWords('anything', '  any  ')).toBe(true);
  });
});

describe('order', () => {
  it('is newest first at the start', () => {
    const times = sorted(rows, initialView).map(({ finding }) => finding.openedAt);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it('puts what is still open after everything that lasted', () => {
    const view: View = { ...initialView, sort: 'duration', descending: false };
    const durations = sorted(rows, view).map(({ finding }) => finding.durationSeconds);
    expect(durations.slice(0, 4)).toEqual([58, 109, 49_510, null]);
  });

  it.each(sortKeys)('by %s keeps every row, in both directions', (sort) => {
    for (const descending of [true, false]) {
      const indexes = sorted(rows, { ...initialView, sort, descending }).map(({ index }) => index);
      expect(indexes.toSorted((a, b) => a - b)).toEqual(rows.map(({ index }) => index));
    }
  });

  it('by severity puts the most severe first when descending', () => {
    const found = sorted(rows, { ...initialView, sort: 'severity' }).map(
      ({ finding }) => finding.severity,
    );
    expect([...new Set(found)]).toEqual(['critical', 'high', 'medium', 'low']);
  });
});

describe('the address', () => {
  it('is empty for the view at the start', () => {
    expect(viewToHash(initialView)).toBe('');
    expect(viewFromHash('')).toEqual(initialView);
  });

  it('can be read by a person', () => {
    const view: View = { ...initialView, text: 'alice', severities: ['high'], status: 'open' };
    expect(viewToHash(view)).toBe('q=alice&severity=high&status=open');
  });

  it('leads back to the view it came from', () => {
    const ms = fc.integer({ min: 0, max: 4e12 });
    const view: fc.Arbitrary<View> = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      severities: fc.subarray([...severityNames]),
      status: fc.constantFrom('all', 'open', 'closed'),
      ruleId: fc.string(),
      accountId: fc.string(),
      sort: fc.constantFrom(...sortKeys),
      descending: fc.boolean(),
      window: fc.option(
        fc
          .tuple(ms, ms)
          .filter(([a, b]) => a !== b)
          .map(([a, b]) => ({
            fromMs: Math.min(a, b),
            toMs: Math.max(a, b),
          })),
      ),
      inWindow: fc.boolean(),
      signalId: fc.option(fc.string()),
    });
    fc.assert(
      fc.property(view, (given) => {
        expect(viewFromHash(`#${viewToHash(given)}`)).toEqual(given);
      }),
    );
  });

  it('falls back to the view at the start where it makes no sense', () => {
    const hash = '#severity=worst&status=ajar&sort=-beauty&from=then&to=now&only=me';
    expect(viewFromHash(hash)).toEqual(initialView);
    expect(viewFromHash('#from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z')).toEqual(initialView);
  });
});
