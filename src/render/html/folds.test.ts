import { describe, expect, it } from 'vitest';

import {
  aContext,
  aFullResult,
  allAdminPorts,
  anExposure,
  aScanResult,
} from '../../../test/support/scan-results.ts';
import type { Stories } from '../../../test/support/scan-results.ts';
import { buildReportData } from './build-report-data.ts';
import { foldsOf, shortPorts, somePorts } from './client/folds.ts';

function foldedPorts(stories: Stories): readonly (readonly string[])[] {
  const { findings } = buildReportData(aScanResult(stories), aContext());
  return foldsOf(findings, (finding) => finding).map((fold) => fold.map(({ label }) => label));
}

describe('folding exposures', () => {
  it('puts the ports of one opening together, ascending', () => {
    const [first, ...others] = allAdminPorts().toReversed();
    if (first === undefined) throw new Error('There are nine ports.');
    const folds = foldedPorts({ signals: [{ exposures: [first, ...others] }] });
    expect(folds).toHaveLength(1);
    expect(folds[0]?.slice(0, 3)).toEqual(['21 FTP', '22 SSH', '23 Telnet']);
  });

  it.each([
    ['another signal', { id: 'b' }, true],
    ['another closing', { id: 'b', port: 23, closedAt: '2026-03-01T09:00:00Z' }, false],
    ['another opening', { id: 'b', port: 23, openedAt: '2026-03-01T08:30:00Z' }, false],
    ['other sources', { id: 'b', port: 23, sources: ['::/0'] }, false],
    ['another width', { id: 'b', port: 23, ipv4Coverage: 0.5 }, false],
  ])('keeps apart what has %s', (_, difference, ownSignal) => {
    const both = [anExposure(), anExposure(difference)] as const;
    const signals = ownSignal
      ? both.map((exposure) => ({ exposures: [exposure] as const }))
      : [{ exposures: both }];
    expect(foldedPorts({ signals })).toHaveLength(2);
  });

  it('loses nothing', () => {
    const { findings } = buildReportData(aFullResult(), aContext());
    expect(foldsOf(findings, (finding) => finding).flat()).toHaveLength(findings.length);
  });
});

describe('names of ports', () => {
  const many = ['21 FTP', '22 SSH', '23 Telnet', '445 SMB', '3389 RDP'];

  it('are never long where there is little room', () => {
    expect(shortPorts(many.slice(0, 2))).toBe('21 FTP, 22 SSH');
    expect(shortPorts(many)).toBe('5 ports');
  });

  it('leave out no single one', () => {
    expect(somePorts(many.slice(0, 4))).toBe('21 FTP, 22 SSH, 23 Telnet, 445 SMB');
    expect(somePorts(many)).toBe('21 FTP, 22 SSH, 23 Telnet and 2 more');
  });
});
