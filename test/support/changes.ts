// Changes and rows as values, for tests of the stations that fold them.

import type {
  CallFacts,
  GroupChange,
  GroupEffect,
  PrefixListChange,
  PrefixListEffect,
} from '../../src/model/change.ts';
import type { IngressRule, Source } from '../../src/model/ingress-rule.ts';

/** `tcp 22 0.0.0.0/0`, `tcp 20-25 pl-1`, `all * ::/0`, with the row's id behind it where it has one. */
export function row(text: string): IngressRule {
  const [protocol = '', ports = '*', source = '', ruleId = null] = text.split(' ');
  const [from = ports, to = from] = ports.split('-');
  return {
    protocol,
    fromPort: ports === '*' ? null : Number(from),
    toPort: ports === '*' ? null : Number(to),
    source: sourceOf(source),
    ruleId,
  };
}

function sourceOf(text: string): Source {
  if (text.startsWith('pl-')) return { kind: 'prefix-list', prefixListId: text };
  if (text.startsWith('sg-')) return { kind: 'group', groupId: text };
  return text.includes(':') ? { kind: 'ipv6', cidr: text } : { kind: 'ipv4', cidr: text };
}

/** Facts of a call by alice at a second after eight; its id is `id`. */
export function facts(id: string, second: number, more: Partial<CallFacts> = {}): CallFacts {
  const eventTimeMs = Date.UTC(2026, 2, 1, 8, 0, second);
  return {
    eventId: id,
    eventTime: new Date(eventTimeMs).toISOString().replace('.000Z', 'Z'),
    eventTimeMs,
    eventName: 'AuthorizeSecurityGroupIngress',
    accountId: '111122223333',
    region: 'us-east-1',
    actor: {
      type: 'IAMUser',
      arn: 'arn:aws:iam::111122223333:user/alice',
      sessionName: 'alice',
      accessKeyId: null,
      sourceIp: null,
      userAgent: null,
      invokedBy: null,
    },
    sharedEventId: null,
    record: { eventID: id },
    ...more,
  };
}

export function groupChange(
  id: string,
  second: number,
  effect: GroupEffect,
  more: Partial<GroupChange> = {},
): GroupChange {
  return {
    ...facts(id, second),
    target: 'group',
    group: { kind: 'id', groupId: 'sg-1' },
    groupName: null,
    vpcId: null,
    effect,
    ...more,
  };
}

export function listChange(
  id: string,
  second: number,
  effect: PrefixListEffect,
  more: Partial<PrefixListChange> = {},
): PrefixListChange {
  return { ...facts(id, second), target: 'prefix-list', prefixListId: 'pl-1', effect, ...more };
}

export const add = (...rows: readonly string[]): GroupEffect => ({
  kind: 'add',
  rows: rows.map(row),
});

export const remove = (...rows: readonly string[]): GroupEffect => ({
  kind: 'remove',
  rows: rows.map(row),
  ruleIds: [],
});

export const removeIds = (...ruleIds: readonly string[]): GroupEffect => ({
  kind: 'remove',
  rows: [],
  ruleIds,
});

/** Each text is a row with its id. */
export const replace = (...rows: readonly string[]): GroupEffect => ({
  kind: 'replace',
  replacements: rows.map((text) => ({ ruleId: row(text).ruleId ?? '', row: row(text) })),
});
