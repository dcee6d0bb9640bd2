// From a CloudTrail record to what it changed. Every record lands in exactly one outcome, and no
// record, however it is built, makes this throw.

import type { Change, CallFacts, Undetermined } from '../model/change.ts';
import { isObject, own, type JsonObject } from '../model/json.ts';
import { readAuthorizeSecurityGroupIngress } from './calls/authorize-security-group-ingress.ts';
import {
  readCreateManagedPrefixList,
  readDeleteManagedPrefixList,
  readModifyManagedPrefixList,
  readRestoreManagedPrefixListVersion,
} from './calls/managed-prefix-lists.ts';
import { readModifySecurityGroupRules } from './calls/modify-security-group-rules.ts';
import { readRevokeSecurityGroupIngress } from './calls/revoke-security-group-ingress.ts';
import {
  readCreateSecurityGroup,
  readDeleteSecurityGroup,
  readEgressCall,
} from './calls/security-group-lifecycle.ts';
import { readCall, succeeded } from './call.ts';
import { keepRecord, mayOpen } from './kept-record.ts';
import type { CallReader, Reading } from './reading.ts';

const readers = new Map<string, CallReader>([
  ['AuthorizeSecurityGroupIngress', readAuthorizeSecurityGroupIngress],
  ['RevokeSecurityGroupIngress', readRevokeSecurityGroupIngress],
  ['ModifySecurityGroupRules', readModifySecurityGroupRules],
  ['CreateSecurityGroup', readCreateSecurityGroup],
  ['DeleteSecurityGroup', readDeleteSecurityGroup],
  ['AuthorizeSecurityGroupEgress', readEgressCall],
  ['RevokeSecurityGroupEgress', readEgressCall],
  ['CreateManagedPrefixList', readCreateManagedPrefixList],
  ['ModifyManagedPrefixList', readModifyManagedPrefixList],
  ['RestoreManagedPrefixListVersion', readRestoreManagedPrefixListVersion],
  ['DeleteManagedPrefixList', readDeleteManagedPrefixList],
]);

/** The event names that can change what a group admits; no other record needs to be looked at. */
export const groupChangeEventNames: ReadonlySet<string> = new Set(readers.keys());

export type Normalized =
  | { readonly outcome: 'irrelevant' }
  | { readonly outcome: 'change'; readonly change: Change }
  | {
      readonly outcome: 'undetermined';
      readonly undetermined: Undetermined;
      /** The part of the effect that could be told. */
      readonly change?: Change;
    }
  | { readonly outcome: 'rejected'; readonly reason: string };

const irrelevant: Normalized = { outcome: 'irrelevant' };

export function normalize(record: unknown): Normalized {
  if (!isObject(record)) return { outcome: 'rejected', reason: 'a record is not an object' };
  const eventName = own(record, 'eventName');
  const reader = typeof eventName === 'string' ? readers.get(eventName) : undefined;
  if (reader === undefined) return irrelevant;
  // Another service may have a call of the same name; a record that does not say which is suspect.
  const eventSource = own(record, 'eventSource');
  if (typeof eventSource !== 'string') {
    return { outcome: 'rejected', reason: 'eventSource is missing or not a text' };
  }
  if (eventSource !== 'ec2.amazonaws.com' || !succeeded(record)) return irrelevant;
  const call = readCall(record);
  if ('reason' in call) return { outcome: 'rejected', reason: call.reason };
  return conclude(call, reader(record), record);
}

function conclude(call: CallFacts, reading: Reading, record: JsonObject): Normalized {
  const facts = canOpen(reading) ? { ...call, record: keepRecord(record) } : call;
  const change = toChange(facts, reading);
  // What only teaches a name or an id can be missed without harm.
  if (change === undefined && onlyTeaches(reading)) return irrelevant;
  const reasons = [...reading.unreadable];
  if (change === undefined && reasons.length === 0) {
    reasons.push(
      reading.target === 'group'
        ? 'the record does not say which group was changed'
        : 'the record does not say which prefix list was changed',
    );
  }
  if (reasons.length === 0 && change !== undefined) return { outcome: 'change', change };
  const undetermined: Undetermined = {
    eventId: call.eventId,
    eventTime: call.eventTime,
    eventName: call.eventName,
    accountId: change?.accountId ?? call.accountId,
    region: call.region,
    groupId:
      reading.target === 'group' && reading.group?.kind === 'id' ? reading.group.groupId : null,
    reason: [...new Set(reasons)].join('; '),
  };
  return change === undefined
    ? { outcome: 'undetermined', undetermined }
    : { outcome: 'undetermined', undetermined, change };
}

function canOpen({ target, effect }: Reading): boolean {
  if (target === 'prefix-list') return true;
  switch (effect?.kind) {
    case 'add':
      return mayOpen(effect.rows);
    case 'replace':
      return mayOpen(effect.replacements.map((replacement) => replacement.row));
    case 'remove':
    case 'delete':
    case 'create':
    case 'egress':
    case undefined:
      return false;
    default:
      return effect satisfies never;
  }
}

function onlyTeaches(reading: Reading): boolean {
  const kind = reading.effect?.kind;
  return reading.target === 'group' && (kind === 'create' || kind === 'egress');
}

function toChange(call: CallFacts, reading: Reading): Change | undefined {
  if (reading.effect === undefined) return undefined;
  switch (reading.target) {
    case 'group':
      return reading.group === undefined
        ? undefined
        : {
            ...call,
            accountId: reading.ownerId ?? call.accountId,
            target: 'group',
            group: reading.group,
            groupName: reading.groupName,
            vpcId: reading.vpcId,
            effect: reading.effect,
          };
    case 'prefix-list':
      return reading.prefixListId === undefined
        ? undefined
        : {
            ...call,
            target: 'prefix-list',
            prefixListId: reading.prefixListId,
            effect: reading.effect,
          };
    default:
      return reading satisfies never;
  }
}
