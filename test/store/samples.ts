// Signals, findings and the rest as values, for tests of the store. What is not said is the same in all.

import type { Actor } from '../../src/model/actor.ts';
import type { Exposure } from '../../src/model/exposure.ts';
import { groupKey } from '../../src/model/group-key.ts';
import type { ExposureSignal } from '../../src/model/signal.ts';
import type {
  Notice,
  StoredChange,
  StoredFinding,
  StoredSignal,
  StoredUndetermined,
} from '../../src/model/stored.ts';
import { add, groupChange } from '../support/changes.ts';

const startMs = Date.UTC(2026, 2, 1, 8, 0, 0);

/** The time so many seconds after eight. */
export function at(second: number): number {
  return startMs + second * 1000;
}

export function isoAt(second: number): string {
  return new Date(at(second)).toISOString().replace('.000Z', 'Z');
}

export const alice: Actor = {
  type: 'IAMUser',
  arn: 'arn:aws:iam::111122223333:user/alice',
  sessionName: 'alice',
  accessKeyId: null,
  sourceIp: '198.51.100.7',
  userAgent: null,
  invokedBy: null,
};

export function keyOf(groupId: string): string {
  return groupKey({ accountId: '111122223333', region: 'us-east-1', groupId });
}

export function aChange(
  id: string,
  second: number,
  more: Partial<StoredChange> = {},
): StoredChange {
  return {
    change: groupChange(id, second, add('tcp 22 0.0.0.0/0')),
    groupKey: keyOf('sg-1'),
    listKey: null,
    nameKey: null,
    isByName: false,
    copyKey: null,
    counts: true,
    ...more,
  };
}

export function aSignal(
  id: string,
  second: number,
  more: Partial<ExposureSignal> = {},
  stored: Partial<StoredSignal> = {},
): StoredSignal {
  const signal: ExposureSignal = {
    id,
    ruleId: 'aws-sg-admin-port-open-to-world',
    severity: 'high',
    title: 'SSH open to the world',
    accountId: '111122223333',
    region: 'us-east-1',
    actor: alice,
    firstSeen: isoAt(second),
    lastSeen: isoAt(second),
    status: 'open',
    closedAt: null,
    closedBy: null,
    durationSeconds: null,
    message: 'opened',
    exposures: [`exposure of ${id}`],
    eventIds: [`event of ${id}`],
    groupId: 'sg-1',
    ...more,
  };
  return {
    signal,
    groupKey: keyOf(signal.groupId),
    firstOpenedMs: at(second),
    lastOpenedMs: at(second),
    suppressedBy: [],
    ...stored,
  };
}

/** Closed at a second where one is given, else open. */
export function aFinding(
  id: string,
  second: number,
  closedSecond: number | null = null,
  more: Partial<StoredFinding> = {},
): StoredFinding {
  const exposure: Exposure = {
    id,
    ruleId: 'aws-sg-admin-port-open-to-world',
    accountId: '111122223333',
    region: 'us-east-1',
    groupId: 'sg-1',
    protocol: 'tcp',
    port: 22,
    service: 'SSH',
    ipv4Coverage: 1,
    ipv6Coverage: 0,
    sources: ['0.0.0.0/0'],
    openedAt: isoAt(second),
    openedByEventId: `event of ${id}`,
    openedBy: alice,
    closedAt: closedSecond === null ? null : isoAt(closedSecond),
    closedByEventId: closedSecond === null ? null : `end of ${id}`,
    closedBy: closedSecond === null ? null : alice,
    durationSeconds: closedSecond === null ? null : closedSecond - second,
  };
  return {
    exposure,
    groupKey: keyOf('sg-1'),
    openedMs: at(second),
    closedMs: closedSecond === null ? null : at(closedSecond),
    admissions: [{ source: '0.0.0.0/0', eventId: `event of ${id}` }],
    signalId: 'signal-1',
    isHidden: false,
    ...more,
  };
}

export function anUndetermined(
  id: string,
  second: number,
  more: Partial<StoredUndetermined> = {},
): StoredUndetermined {
  return {
    undetermined: {
      eventId: id,
      eventTime: isoAt(second),
      eventName: 'ModifySecurityGroupRules',
      accountId: '111122223333',
      region: 'us-east-1',
      groupId: 'sg-1',
      reason: 'the row is not known',
    },
    groupKey: keyOf('sg-1'),
    timeMs: at(second),
    ...more,
  };
}

export function aNotice(key: string, stored: StoredSignal, second: number): Notice {
  return {
    key,
    kind: 'opened',
    signal: stored.signal,
    exposures: [],
    correction: null,
    replaces: null,
    noticedMs: at(second),
  };
}
