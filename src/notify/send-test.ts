// A message by which a person sees that a channel works. It tells of an opening that never was, in
// an account and a group that cannot be, and of its closing, so that nothing stays open by it.

import type { Actor } from '../model/actor.ts';
import type { Exposure } from '../model/exposure.ts';
import type { ExposureSignal } from '../model/signal.ts';
import type { Notice } from '../model/stored.ts';
import type { Clock, SendOutcome } from '../ports.ts';
import type { Channel } from './channel.ts';

const actor: Actor = {
  type: 'IAMUser',
  arn: null,
  sessionName: 'portcullis-test',
  accessKeyId: null,
  sourceIp: '192.0.2.1',
  userAgent: 'portcullis notify test',
  invokedBy: null,
};

/** The two notices of a test at a moment. Their keys are new with every millisecond. */
export function testNotices(nowMs: number): readonly [Notice, Notice] {
  const time = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  const id = `sig-test-${nowMs}`;
  const ruleId = 'portcullis-test';
  const place = { accountId: '000000000000', region: 'us-east-1', groupId: 'sg-00000000' };
  const exposure: Exposure = {
    id: `exp-test-${nowMs}`,
    ruleId,
    ...place,
    groupName: 'not-a-real-group',
    protocol: 'tcp',
    port: 22,
    service: 'SSH',
    ipv4Coverage: 1,
    ipv6Coverage: 0,
    sources: ['0.0.0.0/0'],
    openedAt: time,
    openedByEventId: 'portcullis-test',
    openedBy: actor,
    closedAt: null,
    closedByEventId: null,
    closedBy: null,
    durationSeconds: null,
  };
  const signal: ExposureSignal = {
    id,
    ruleId,
    severity: 'info',
    title: 'Test message: this channel works, and nothing was opened',
    ...place,
    groupName: 'not-a-real-group',
    actor,
    firstSeen: time,
    lastSeen: time,
    status: 'open',
    closedAt: null,
    closedBy: null,
    durationSeconds: null,
    message: 'A test message. Nothing was opened.',
    exposures: [exposure.id],
    eventIds: ['portcullis-test'],
  };
  const opened: Notice = {
    key: `${id}/opened`,
    kind: 'opened',
    signal,
    exposures: [exposure],
    correction: null,
    replaces: null,
    noticedMs: nowMs,
  };
  const ending = { closedAt: time, closedBy: actor, durationSeconds: 0 };
  const closed: Notice = {
    ...opened,
    key: `${id}/closed`,
    kind: 'closed',
    signal: { ...signal, status: 'closed', ...ending },
    exposures: [{ ...exposure, ...ending, closedByEventId: 'portcullis-test' }],
    noticedMs: nowMs + 1,
  };
  return [opened, closed];
}

/** Sends a test message, whatever the channel's route and quiet hours. Resolves to what became of it. */
export async function sendTest(
  channel: Channel,
  clock: Clock,
  signal: AbortSignal,
): Promise<SendOutcome> {
  for (const notice of testNotices(clock())) {
    const [outcome] = await channel.send([notice], signal);
    if (outcome !== undefined && outcome.kind !== 'sent') return outcome;
  }
  return { kind: 'sent' };
}
