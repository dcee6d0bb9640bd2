// The four calls on customer-managed prefix lists. CloudTrail wraps request and answer once more in
// an object named for the call and keeps the query API's capitals; a list of one is not a list.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html

import { asText, isObject, own } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import { readCidr } from '../cidr.ts';
import { pick, readList, shown } from '../ingress-rows.ts';
import {
  answer,
  isOmitted,
  omittedReason,
  request,
  type CallReader,
  type PrefixListReading,
} from '../reading.ts';

export const readCreateManagedPrefixList: CallReader = (record) => {
  const body = unwrap(request(record), 'CreateManagedPrefixListRequest');
  const result = unwrap(answer(record), 'CreateManagedPrefixListResponse');
  const prefixListId = asText(
    pick(pick(result, 'prefixList', 'PrefixList'), 'prefixListId', 'PrefixListId') ??
      pick(result, 'prefixListId', 'PrefixListId'),
  );
  if (isOmitted(body)) return unknown(prefixListId, omittedReason);
  // A list may be created empty, but never without a name.
  if (asText(pick(body, 'PrefixListName', 'prefixListName')) === undefined) {
    return unknown(prefixListId, 'the request does not say what the prefix list holds');
  }
  const entries = readCidrs(pick(body, 'Entry', 'Entries', 'entries', 'entry', 'entrySet'));
  return {
    target: 'prefix-list',
    prefixListId,
    effect: entries.unreadable.length === 0 ? { kind: 'create', cidrs: entries.cidrs } : undefined,
    unreadable: entries.unreadable,
  };
};

export const readModifyManagedPrefixList: CallReader = (record) => {
  const body = unwrap(request(record), 'ModifyManagedPrefixListRequest');
  const prefixListId = readPrefixListId(body);
  if (isOmitted(body)) return unknown(prefixListId, omittedReason);
  const add = readCidrs(pick(body, 'AddEntry', 'AddEntries', 'addEntries', 'addEntry'));
  const remove = readCidrs(
    pick(body, 'RemoveEntry', 'RemoveEntries', 'removeEntries', 'removeEntry'),
  );
  return {
    target: 'prefix-list',
    prefixListId,
    effect: {
      kind: 'modify',
      add: add.cidrs,
      remove: remove.cidrs,
      currentVersion: readVersion(pick(body, 'CurrentVersion', 'currentVersion')),
    },
    unreadable: [...add.unreadable, ...remove.unreadable],
  };
};

export const readRestoreManagedPrefixListVersion: CallReader = (record) => {
  const body = unwrap(request(record), 'RestoreManagedPrefixListVersionRequest');
  const prefixListId = readPrefixListId(body);
  if (isOmitted(body)) return unknown(prefixListId, omittedReason);
  return {
    target: 'prefix-list',
    prefixListId,
    effect: {
      kind: 'restore',
      toVersion: readVersion(pick(body, 'PreviousVersion', 'previousVersion')),
      currentVersion: readVersion(pick(body, 'CurrentVersion', 'currentVersion')),
    },
    unreadable: [],
  };
};

export const readDeleteManagedPrefixList: CallReader = (record) => {
  const body = unwrap(request(record), 'DeleteManagedPrefixListRequest');
  return {
    target: 'prefix-list',
    prefixListId: readPrefixListId(body),
    effect: { kind: 'delete' },
    unreadable: [],
  };
};

function unwrap(body: unknown, wrapper: string): unknown {
  return own(body, wrapper) ?? body;
}

function readPrefixListId(body: unknown): string | undefined {
  return asText(pick(body, 'PrefixListId', 'prefixListId'));
}

function unknown(prefixListId: string | undefined, reason: string): PrefixListReading {
  // A restore to a version nobody knows: from here on the entries are unknown.
  return {
    target: 'prefix-list',
    prefixListId,
    effect: { kind: 'restore', toVersion: null, currentVersion: null },
    unreadable: [reason],
  };
}

function readCidrs(list: unknown): { cidrs: readonly string[]; unreadable: readonly string[] } {
  const items = readList(list);
  if (items === undefined) return { cidrs: [], unreadable: ['the entries are not a list'] };
  const cidrs: string[] = [];
  const unreadable: string[] = [];
  for (const item of items) {
    const value = isObject(item) ? cidrOf(item) : item;
    const source = readCidr(value);
    if (source === undefined) unreadable.push(`${shown(value)} is not a CIDR`);
    else cidrs.push(source.cidr);
  }
  return { cidrs, unreadable };
}

function cidrOf(entry: JsonObject): unknown {
  return pick(entry, 'Cidr', 'cidr');
}

function readVersion(value: unknown): number | null {
  const version = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof version === 'number' && Number.isInteger(version) ? version : null;
}
