import { describe, expect, it } from 'vitest';

import {
  aContext,
  aLogSignal,
  anActor,
  anExposure,
  aProblem,
  aScanResult,
  anUndetermined,
} from '../../../test/support/scan-results.ts';
import type { ScanResult } from '../../model/scan-result.ts';
import { buildReportData } from './build-report-data.ts';

const closed = anExposure({ closedAt: '2026-03-01T08:01:49Z' });
const open = anExposure({ id: 'second', port: 3389, service: 'RDP' });

function message(who: string): string {
  return `Opened by ${who}.\n\nAsk first.`;
}

describe('what the page is given', () => {
  it('joins each exposure with its signal and its rule', () => {
    const result = aScanResult({
      signals: [{ exposures: [closed, open], signal: { severity: 'low' } }],
    });
    const data = buildReportData(result, aContext());
    expect(data.signals[0]).toMatchObject({
      findings: [0, 1],
      rule: 0,
      open: true,
      subject: 'sg-0a1b2c3d4e5f60718',
    });
    expect(data.findings.map(({ signal, severity }) => [signal, severity])).toEqual([
      [0, 'low'],
      [0, 'low'],
    ]);
    expect(data.rules[0]).toMatchObject({
      id: 'aws-sg-admin-port-open-to-world',
      version: '1.2.0',
    });
  });

  it('says ports, width and duration in words', () => {
    const data = buildReportData(aScanResult({ signals: [{ exposures: [closed] }] }), aContext());
    expect(data.findings[0]).toMatchObject({
      label: '22 SSH',
      extent: 'whole internet (IPv4)',
      duration: '1m 49s',
      openedMs: Date.UTC(2026, 2, 1, 8),
    });
  });

  it('keeps blocks that messages share once', () => {
    const other = anExposure({ groupId: 'sg-1' });
    const data = buildReportData(
      aScanResult({
        signals: [
          { exposures: [closed], signal: { message: message('alice') } },
          { exposures: [other], signal: { message: message('bob') } },
        ],
      }),
      aContext(),
    );
    const [first, second] = data.signals;
    expect(first?.message[0]).not.toBe(second?.message[0]);
    expect(first?.message[1]).toBe(second?.message[1]);
    expect(data.blocks[second?.message[0] ?? -1]).toEqual({
      tag: 'p',
      children: ['Opened by bob.'],
    });
  });

  it('shows an exposure that no signal tells of', () => {
    const result = { ...aScanResult(), exposures: [closed] };
    const data = buildReportData(result, aContext());
    expect(data.findings).toHaveLength(1);
    expect(data.signals[0]).toMatchObject({
      severity: 'high',
      title: '22 SSH of sg-0a1b2c3d4e5f60718 open to the world',
      open: false,
    });
  });

  it('shows what a rule found that is not loaded', () => {
    const data = buildReportData(
      aScanResult({ signals: [{ exposures: [anExposure({ ruleId: 'gone' })] }] }),
      aContext({ rules: [] }),
    );
    expect(data.rules).toEqual([
      { id: 'gone', name: 'gone', version: null, goal: [], strategy: [], tags: [], references: [] },
    ]);
  });

  it('shows the records of a log rule as one finding', () => {
    const result: ScanResult = { ...aScanResult(), signals: [aLogSignal({ groupBy: [] })] };
    const data = buildReportData(result, aContext());
    expect(data.signals[0]).toMatchObject({ group: null, subject: 'all records', eventCount: 140 });
    expect(data.findings).toMatchObject([
      { kind: 'records', label: 'Keys made by alice', extent: '140 records', port: -1 },
    ]);
  });

  it('says what the records of a log rule have in common, and how many match', () => {
    const data = buildReportData({ ...aScanResult(), signals: [aLogSignal()] }, aContext());
    expect(data.signals[0]?.subject).toBe('arn:aws:iam::111122223333:user/alice');
    expect(data.signals[0]?.facts).toEqual([
      { name: 'Case', value: 'many' },
      { name: '@userIdentity.arn', value: 'arn:aws:iam::111122223333:user/alice' },
      { name: '@awsRegion', value: 'absent' },
      { name: 'Matching keys', value: '140 records' },
      { name: 'New value', value: '198.51.100.7' },
    ]);
  });

  it('makes hidden characters visible in every text of a log', () => {
    const hostile = 'x\u202Ey';
    const actor = anActor({
      type: hostile,
      arn: hostile,
      sessionName: hostile,
      accessKeyId: hostile,
      sourceIp: hostile,
      userAgent: hostile,
      invokedBy: hostile,
    });
    const exposure = anExposure({
      accountId: hostile,
      region: hostile,
      groupId: hostile,
      groupName: hostile,
      vpcId: hostile,
      sources: [hostile],
      service: hostile,
      openedByEventId: hostile,
      openedBy: actor,
      closedAt: hostile,
      closedByEventId: hostile,
      closedBy: actor,
      durationSeconds: 1,
    });
    const data = buildReportData(
      aScanResult({
        signals: [{ exposures: [exposure], signal: { title: hostile, message: hostile } }],
        undetermined: [anUndetermined({ eventId: hostile, reason: hostile, groupId: hostile })],
        problems: [aProblem({ file: hostile, message: hostile })],
      }),
      aContext(),
    );
    // Ids of signals and exposures are made by Portcullis, not by whoever wrote the log.
    const made = JSON.stringify(data, (key, value: unknown) => (key === 'id' ? null : value));
    expect(made).not.toContain('\u202E');
    expect(made).toContain('x⟦U+202E⟧y');
  });

  it('places a time that is none nowhere on the axis', () => {
    const exposure = anExposure({ openedAt: 'yesterday' });
    const data = buildReportData(aScanResult({ signals: [{ exposures: [exposure] }] }), aContext());
    expect(data.findings[0]).toMatchObject({ openedAt: 'yesterday', openedMs: null });
  });

  it('tells of rules that were not run, and of records that matched a log rule', () => {
    const reason = 'its detection method is not run';
    const result: ScanResult = {
      ...aScanResult({ stats: { matchedRecords: 1204 } }),
      notRun: [{ ruleId: 'impossible-travel', reason }],
    };
    const data = buildReportData(result, aContext());
    expect(data.notRun).toEqual([{ name: 'impossible-travel', value: reason }]);
    expect(data.stats).toContainEqual({ label: 'Matched a log rule', value: '1,204' });
  });

  it('counts records that are unclear by themselves apart from calls that stay undetermined', () => {
    const data = buildReportData(
      aScanResult({
        stats: { undeterminedRecords: 1 },
        // One list that nobody knows, in two groups.
        undetermined: ['sg-1', 'sg-2'].map((groupId) => anUndetermined({ groupId })),
      }),
      aContext(),
    );
    expect(data.stats).toContainEqual({ label: 'Undetermined by themselves', value: '1' });
    expect(data.undetermined).toHaveLength(2);
  });

  it('tells of a problem where it is and what to do', () => {
    const problem = aProblem({ code: 'record/bad-json', record: 3, offset: 512 });
    const data = buildReportData(aScanResult({ problems: [problem] }), aContext());
    expect(data.problems[0]).toMatchObject({ place: 'record 3, byte 512' });
    expect(data.problems[0]?.nextStep).toContain('Look at the place shown');
  });
});
