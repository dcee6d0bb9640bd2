import { expect, test } from 'vitest';
import { allAdminPorts, anExposure, aScanResult } from '../../test/support/scan-results.ts';
import { foldExposures, newestFirst } from './fold.ts';

test('exposures that differ in the port alone are one fold, ports ascending', () => {
  const folds = foldExposures(allAdminPorts().toReversed());
  expect(folds).toHaveLength(1);
  expect(folds[0]?.exposures.map(({ port }) => port)).toEqual([
    21, 22, 23, 445, 2375, 3389, 5900, 5985, 5986,
  ]);
  expect(folds[0]?.first.port).toBe(21);
});

test.each([
  ['time of opening', { openedAt: '2026-03-01T09:00:00Z' }],
  ['opening event', { openedByEventId: 'another' }],
  ['time of closing', { closedAt: '2026-03-01T09:00:00Z' }],
  ['closing event', { closedByEventId: 'another' }],
  ['share of IPv4', { ipv4Coverage: 0.5 }],
  ['share of IPv6', { ipv6Coverage: 1 }],
  ['sources', { sources: ['0.0.0.0/1', '128.0.0.0/1'] }],
])('another %s is another fold', (_, given) => {
  const folds = foldExposures([anExposure(), anExposure({ port: 23, ...given })]);
  expect(folds.map(({ exposures }) => exposures.length)).toEqual([1, 1]);
});

test('no exposures, no folds', () => {
  expect(foldExposures([])).toEqual([]);
});

test('signals of one moment and group come by severity', () => {
  const result = aScanResult({
    signals: (['low', 'critical', 'high'] as const).map((severity) => ({
      exposures: [anExposure()] as const,
      signal: { severity },
    })),
  });
  const found = newestFirst(result).map(({ signal }) => signal.severity);
  expect(found).toEqual(['critical', 'high', 'low']);
});

test('signals come newest first, each with its own exposures, groups deciding between equals', () => {
  const old = anExposure({ openedAt: '2026-01-01T00:00:00Z' });
  const [first, second] = [anExposure({ groupId: 'sg-b' }), anExposure({ groupId: 'sg-a' })];
  const result = aScanResult({
    signals: [{ exposures: [old] }, { exposures: [first] }, { exposures: [second] }],
  });
  expect(newestFirst(result).map(({ exposures }) => exposures)).toEqual([[second], [first], [old]]);
});
