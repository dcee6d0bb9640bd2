// Builds notices and what channels are given, for tests.

import * as fc from 'fast-check';
import type { Exposure } from '../../src/model/exposure.ts';
import type { Signal } from '../../src/model/signal.ts';
import type { Notice } from '../../src/model/stored.ts';
import { noticeKinds } from '../../src/notify/common-fields.ts';
import type { AwsClients, Surroundings } from '../../src/notify/surroundings.ts';
import { arbitraryResult, hostileText } from './arbitrary-results.ts';
import { adminRule, anActor, anExposure, aSignal } from './scan-results.ts';

export const noticedMs = Date.parse('2026-03-01T08:00:04.250Z');

/** Number `index` of several notices, each of a signal of its own. */
export function aNotice(given: Partial<Notice> = {}, index = 0): Notice {
  const exposures: readonly [Exposure, ...Exposure[]] = [
    anExposure({
      groupId: `sg-0a1b2c3d4e5f6${String(index).padStart(4, '0')}`,
      groupName: 'bastion-temp',
      vpcId: 'vpc-0123456789abcdef0',
      openedByEventName: 'AuthorizeSecurityGroupIngress',
    }),
  ];
  const signal: Signal =
    given.signal ?? aSignal(exposures, { id: `sig-${String(index).padStart(20, '0')}` });
  const kind = given.kind ?? 'opened';
  return {
    key: `${signal.id}/${kind}`,
    kind,
    signal,
    exposures,
    correction: null,
    replaces: null,
    noticedMs,
    ...given,
  };
}

export const kinds: readonly Notice['kind'][] = noticeKinds;

/** A notice of each kind, as they come. */
export function noticeOf(kind: Notice['kind'], index = 0): Notice {
  const open = aNotice({}, index);
  const closing = {
    closedAt: '2026-03-01T11:04:00Z',
    closedBy: anActor({ sessionName: 'bob' }),
    durationSeconds: 11_040,
  };
  const closed = {
    signal: { ...open.signal, status: 'closed', ...closing } as Signal,
    exposures: open.exposures.map((exposure) => ({ ...exposure, ...closing })),
  };
  switch (kind) {
    case 'opened':
    case 'reopened':
      return aNotice({ kind }, index);
    case 'closed':
      return aNotice({ kind, ...closed }, index);
    case 'corrected':
      return aNotice({ kind, correction: 'high, not medium' }, index);
    case 'withdrawn':
      return aNotice(
        {
          kind,
          exposures: [],
          correction: 'records that came later show that this was not so',
        },
        index,
      );
    case 'under_review':
    case 'archived':
      return aNotice({ kind, triage: { by: 'carol', reason: 'known test' } }, index);
    default:
      return kind satisfies never;
  }
}

/** Notices in which whatever comes out of a log, or from a person, is hostile. */
export function hostileNotices(
  text: fc.Arbitrary<string> = hostileText,
): fc.Arbitrary<readonly [Notice, ...Notice[]]> {
  const triage = fc.record({ by: text, reason: fc.option(text) });
  return fc
    .tuple(
      arbitraryResult({ text }).filter(({ signals }) => signals.length > 0),
      fc.array(fc.constantFrom(...kinds), { minLength: 6, maxLength: 6 }),
      fc.option(text),
      fc.option(text.filter((id) => id !== '')),
      triage,
    )
    .map(([{ signals, exposures }, chosen, correction, replaces, by]) => {
      const [first, ...others] = signals.map((signal, index): Notice => {
        const kind = chosen[index] ?? 'opened';
        return {
          key: `key-${index}`,
          kind,
          signal,
          exposures: exposures.filter(({ id }) => signal.exposures.includes(id)),
          correction,
          replaces,
          ...(kind === 'under_review' || kind === 'archived' ? { triage: by } : {}),
          noticedMs,
        };
      });
      return first === undefined ? [aNotice()] : [first, ...others];
    });
}

/** AWS clients for channels that must not ask AWS for anything. */
const noAws: AwsClients = {
  topic: () => ({ publish: () => Promise.reject(new Error('asked SNS')) }),
  eventBus: () => ({ put: () => Promise.reject(new Error('asked EventBridge')) }),
  findingsHub: () => ({
    importFindings: () => Promise.reject(new Error('asked Security Hub')),
    setWorkflow: () => Promise.reject(new Error('asked Security Hub')),
  }),
};

export function someSurroundings(given: Partial<Surroundings> = {}): Surroundings {
  return {
    env: {},
    clock: () => noticedMs,
    userAgent: 'Portcullis/1.0.0',
    version: '1.0.0',
    timeoutMs: 5000,
    rules: [adminRule],
    aws: noAws,
    ...given,
  };
}
