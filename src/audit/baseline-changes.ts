// What a look found, as changes that can be followed like those of records. Each says that rows are
// there; when they came, and by whom, it does not know. Its event id is that of the content: looking
// again at what is as it was adds nothing.

import { stableId } from '../detect/stable-id.ts';
import type { Actor } from '../model/actor.ts';
import { auditEventName } from '../model/audit.ts';
import type { Change, GroupChange, GroupEffect, PrefixListChange } from '../model/change.ts';
import { rowKey } from '../model/ingress-rule.ts';
import type { Look, LookedGroup, LookedList } from './look.ts';
import { utcTime } from '../model/utc-time.ts';

const nobody: Actor = {
  type: 'Unknown',
  arn: null,
  sessionName: null,
  accessKeyId: null,
  sourceIp: null,
  userAgent: null,
  invokedBy: null,
};

/**
 * A change for each group that has rows, and one for each prefix list, at the time of the look. Of equal
 * content the event id is equal, whenever it is looked at.
 */
export function baselineChanges({
  groups,
  lists,
}: Pick<Look, 'groups' | 'lists'>): readonly Change[] {
  return [
    ...lists.map(listChange),
    ...groups
      .filter(({ rows }) => rows.length > 0)
      .map((group) => {
        const { accountId, region, groupId, rows } = group;
        const content = rows.map((row) => `${rowKey(row)} ${row.ruleId ?? ''}`);
        const eventId = auditId('group', [accountId, region, groupId, ...content]);
        return groupChange(group, eventId, { kind: 'add', rows });
      }),
  ];
}

/** @param eventId one of `auditId` */
export function groupChange(
  { accountId, region, groupId, groupName, vpcId, lookedMs }: Omit<LookedGroup, 'rows'>,
  eventId: string,
  effect: GroupEffect,
): GroupChange {
  return {
    ...facts(eventId, accountId, region, lookedMs, { groupId }),
    target: 'group',
    group: { kind: 'id', groupId },
    groupName,
    vpcId,
    effect,
  };
}

/**
 * The id of an event that no record tells of. Within one second the kinds come in their order: what a
 * list holds is known before it is admitted, and rows are added before others go.
 */
export function auditId(kind: 'entries' | 'group' | 'removal', parts: readonly string[]): string {
  return `audit:${stableId(kind, parts)}`;
}

function listChange(list: LookedList): PrefixListChange {
  const { accountId, region, prefixListId, version, cidrs, lookedMs } = list;
  const eventId = auditId('entries', [region, prefixListId, String(version), ...cidrs]);
  return {
    ...facts(eventId, accountId, region, lookedMs, { prefixListId }),
    target: 'prefix-list',
    prefixListId,
    effect: { kind: 'create', cidrs, version },
  };
}

/** As much of a record as queries and messages can ask for. */
function facts(
  eventId: string,
  accountId: string,
  region: string,
  lookedMs: number,
  requestParameters: Readonly<Record<string, string>>,
) {
  const eventTime = utcTime(lookedMs);
  return {
    eventId,
    eventTime,
    eventTimeMs: lookedMs,
    eventName: auditEventName,
    accountId,
    region,
    actor: nobody,
    sharedEventId: null,
    record: {
      eventID: eventId,
      eventTime,
      eventName: auditEventName,
      eventSource: 'ec2.amazonaws.com',
      awsRegion: region,
      recipientAccountId: accountId,
      userIdentity: { type: 'Unknown' },
      requestParameters,
    },
  } as const;
}
