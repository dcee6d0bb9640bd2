// What reading one call yields: its effect, what could not be told, or both.

import type { GroupAddress, GroupEffect, PrefixListEffect } from '../model/change.ts';
import { asText, own, type JsonObject } from '../model/json.ts';
import { isEgress, pick, readList, shown } from './ingress-rows.ts';

export type GroupReading = {
  readonly target: 'group';
  /** undefined where the record does not say which group. */
  readonly group: GroupAddress | undefined;
  readonly groupName: string | null;
  readonly vpcId: string | null;
  /** The account that owns the group, where the answer says so; else the recipient's. */
  readonly ownerId: string | null;
  /** undefined where nothing of the effect can be told. */
  readonly effect: GroupEffect | undefined;
  /** Parts of the effect that cannot be told, in words for a person. */
  readonly unreadable: readonly string[];
};

export type PrefixListReading = {
  readonly target: 'prefix-list';
  readonly prefixListId: string | undefined;
  readonly effect: PrefixListEffect | undefined;
  readonly unreadable: readonly string[];
};

export type Reading = GroupReading | PrefixListReading;

/** Reads one successful call. Pure; never throws whatever the record holds. */
export type CallReader = (record: JsonObject) => Reading;

export function request(record: JsonObject): unknown {
  return own(record, 'requestParameters');
}

export function answer(record: JsonObject): unknown {
  return own(record, 'responseElements');
}

/** CloudTrail leaves out a request above its size limit and says so in its place. */
export function isOmitted(body: unknown): boolean {
  const omitted = own(body, 'omitted');
  return omitted === true || omitted === 'true';
}

export const omittedReason =
  'CloudTrail left the request out because of its size; what it changed is unknown';

/** Which group a call addressed: the answer knows best, then the request's id, then its name. */
export function readGroup(
  record: JsonObject,
  answerItems: unknown,
): Pick<GroupReading, 'group' | 'groupName' | 'vpcId' | 'ownerId'> {
  const items = (readList(answerItems) ?? []).filter((item) => !isEgress(item));
  const fromAnswer = items.map((item) => asText(own(item, 'groupId'))).find(isText);
  const ownerId = items.map((item) => asText(own(item, 'groupOwnerId'))).find(isText) ?? null;
  const body = request(record);
  const groupId =
    fromAnswer ??
    asText(pick(body, 'groupId', 'GroupId')) ??
    asText(pick(answer(record), 'groupId', 'GroupId'));
  const groupName = asText(pick(body, 'groupName', 'GroupName')) ?? null;
  const group: GroupAddress | undefined =
    groupId !== undefined
      ? { kind: 'id', groupId }
      : groupName === null
        ? undefined
        : { kind: 'name', groupName };
  return { group, groupName, vpcId: asText(pick(body, 'vpcId', 'VpcId')) ?? null, ownerId };
}

/** `sgr-` ids of a list whose items are ids or objects that carry one. */
export function readRuleIds(list: unknown): { ids: readonly string[]; unreadable: string[] } {
  const items = readList(list);
  if (items === undefined) return { ids: [], unreadable: ['the list of rule ids is not a list'] };
  const ids: string[] = [];
  const unreadable: string[] = [];
  for (const item of items) {
    const id = asText(
      typeof item === 'string' ? item : pick(item, 'securityGroupRuleId', 'SecurityGroupRuleId'),
    );
    if (id === undefined) unreadable.push(`${shown(item)} is not a rule id`);
    else ids.push(id);
  }
  return { ids, unreadable };
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
