// Looks up what is there right now, across accounts and regions. What cannot be looked into is a
// problem that names the place; everything else is found all the same.

import { PortcullisError } from '../errors/portcullis-error.ts';
import type { GroupRef } from '../model/change.ts';
import { groupKey, prefixListKey } from '../model/group-key.ts';
import { rowKey, type IngressRule } from '../model/ingress-rule.ts';
import { asText, own } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { LookStats } from '../model/scan-result.ts';
import { readCidr } from '../normalize/cidr.ts';
import { readRuleRow } from '../normalize/ingress-rows.ts';
import type { Clock, GroupDirectory } from '../ports.ts';
import { compareText } from '../model/compare-text.ts';

export type AccountToLook = {
  readonly accountId: string;
  readonly directory: GroupDirectory;
  /** Empty for all regions that are enabled. */
  readonly regions: readonly string[];
};

export type LookOptions = {
  /** Whole seconds of it are used, as CloudTrail does. */
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Told after each region that was looked into, or could not be. */
  readonly onProgress?: (progress: LookProgress) => void;
  /** Regions that are looked into at the same time. */
  readonly atOnce?: number;
};

export type LookProgress = { readonly regions: number; readonly foundRegions: number };

/** A group as it is; all of its ingress rows. */
export type LookedGroup = GroupRef & {
  readonly groupName: string | null;
  readonly vpcId: string | null;
  /** In the order of their content. */
  readonly rows: readonly IngressRule[];
  /** Just before it was looked at, in milliseconds since 1970, UTC; a whole second. */
  readonly lookedMs: number;
};

export type LookedList = {
  /** The owner; of a list of AWS's own, the account that looked. */
  readonly accountId: string;
  readonly region: string;
  readonly prefixListId: string;
  readonly version: number | null;
  /** Canonical, in order. */
  readonly cidrs: readonly string[];
  readonly lookedMs: number;
};

/** An account and region that were looked into to the end. */
export type LookedPlace = { readonly accountId: string; readonly region: string };

export type Look = {
  /** By account, region and id. */
  readonly groups: readonly LookedGroup[];
  readonly lists: readonly LookedList[];
  readonly places: readonly LookedPlace[];
  readonly problems: readonly Problem[];
  readonly stats: LookStats;
};

type Place = LookedPlace & { readonly directory: GroupDirectory };

type Found = {
  readonly groups: readonly LookedGroup[];
  readonly lists: readonly LookedList[];
  readonly problems: readonly Problem[];
};

const defaultAtOnce = 8;

/**
 * @throws PortcullisError `ec2/access` where nothing at all could be looked into: the first reason
 */
export async function look(
  accounts: readonly AccountToLook[],
  options: LookOptions,
): Promise<Look> {
  const { signal, onProgress, atOnce = defaultAtOnce } = options;
  const failures = new Map<string, PortcullisError>();
  const found = new Map<string, Found>();
  const looked: LookedPlace[] = [];
  let regions = 0;
  const places = await placesOf(accounts, failures, signal);
  onProgress?.({ regions, foundRegions: places.length });
  await eachOf(places, atOnce, async (place) => {
    const name = placeName(place);
    try {
      found.set(name, await lookInto(place, options));
      looked.push({ accountId: place.accountId, region: place.region });
    } catch (error) {
      failures.set(name, asFault(error, signal));
    }
    regions += 1;
    onProgress?.({ regions, foundRegions: places.length });
  });
  const [failure] = failures.values();
  if (found.size === 0 && failure !== undefined) throw failure;
  const groups = distinct(
    [...found.values()].flatMap((each) => each.groups),
    groupKey,
  );
  const lists = distinct(
    [...found.values()].flatMap((each) => each.lists),
    ({ region, prefixListId }) => prefixListKey(region, prefixListId),
  );
  const problems = [
    ...[...failures].map(([file, { message }]) => notReadable(file, message)),
    ...[...found.values()].flatMap((each) => each.problems),
  ];
  return {
    groups,
    lists,
    places: looked.toSorted((a, b) => compareText(placeName(a), placeName(b))),
    problems: problems.toSorted(
      (a, b) => compareText(a.file, b.file) || compareText(a.message, b.message),
    ),
    stats: {
      accounts: new Set(looked.map(({ accountId }) => accountId)).size,
      regions: looked.length,
      groups: groups.length,
      rows: groups.reduce((sum, { rows }) => sum + rows.length, 0),
    },
  };
}

/** The regions of all accounts; an account whose regions cannot be told has none. */
async function placesOf(
  accounts: readonly AccountToLook[],
  failures: Map<string, PortcullisError>,
  signal: AbortSignal | undefined,
): Promise<readonly Place[]> {
  const ofAccounts = await Promise.all(
    accounts.map(async ({ accountId, directory, regions }): Promise<readonly Place[]> => {
      try {
        const wanted = regions.length > 0 ? regions : await directory.regions(signal);
        return wanted.map((region) => ({ accountId, region, directory }));
      } catch (error) {
        failures.set(accountId, asFault(error, signal));
        return [];
      }
    }),
  );
  return ofAccounts.flat();
}

async function lookInto(
  { accountId, region, directory }: Place,
  { clock, signal }: LookOptions,
): Promise<Found> {
  // What changes while it is looked at comes after the look.
  const lookedMs = Math.floor(clock() / 1000) * 1000;
  const [described, { rowsOf, problems }] = await Promise.all([
    gathered(directory.groups(region, signal)),
    readRows(directory, accountId, region, signal),
  ]);
  const groups = described.map(({ ownerId, groupId, groupName, vpcId }): LookedGroup => {
    const rows = [...(rowsOf.get(groupId)?.values() ?? [])];
    return {
      accountId: ownerId,
      region,
      groupId,
      groupName,
      vpcId,
      rows: rows.toSorted((a, b) => compareText(rowKey(a), rowKey(b))),
      lookedMs,
    };
  });
  const listIds = new Set(
    groups.flatMap(({ rows }) =>
      rows.flatMap(({ source }) => (source.kind === 'prefix-list' ? source.prefixListId : [])),
    ),
  );
  const lists: LookedList[] = [];
  await eachOf([...listIds], 2, async (prefixListId) => {
    try {
      const { ownerId, version, cidrs } = await directory.prefixList(region, prefixListId, signal);
      lists.push({
        accountId: /^\d{12}$/.test(ownerId) ? ownerId : accountId,
        region,
        prefixListId,
        version,
        cidrs: canonical(cidrs),
        lookedMs,
      });
    } catch (error) {
      const place = `${placeName({ accountId, region })}/${prefixListId}`;
      problems.push(notReadable(place, asFault(error, signal).message));
    }
  });
  return { groups, lists, problems };
}

/** Ingress rows by group and content. A row that is listed twice is one row. */
async function readRows(
  directory: GroupDirectory,
  accountId: string,
  region: string,
  signal: AbortSignal | undefined,
): Promise<{
  readonly rowsOf: ReadonlyMap<string, ReadonlyMap<string, IngressRule>>;
  readonly problems: Problem[];
}> {
  const rowsOf = new Map<string, Map<string, IngressRule>>();
  const problems: Problem[] = [];
  for await (const page of directory.rules(region, signal)) {
    for (const rule of page) {
      if (own(rule, 'IsEgress') === true) continue;
      const groupId = asText(own(rule, 'GroupId')) ?? '';
      const row = readRuleRow(rule);
      if (typeof row === 'string') {
        const file = `${placeName({ accountId, region })}/${groupId}`;
        problems.push({ code: 'audit/bad-row', file, message: row });
        continue;
      }
      const rows = rowsOf.get(groupId) ?? new Map<string, IngressRule>();
      rows.set(rowKey(row), row);
      rowsOf.set(groupId, rows);
    }
  }
  return { rowsOf, problems };
}

function canonical(cidrs: readonly string[]): readonly string[] {
  const read = cidrs.flatMap((cidr) => readCidr(cidr)?.cidr ?? []);
  return [...new Set(read)].toSorted(compareText);
}

async function gathered<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

/** A few at a time. The work does not reject. */
async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const lane = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** The same group may be seen from its owner and from whom it is shared with. */
function distinct<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const byKey = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!byKey.has(key)) byKey.set(key, item);
  }
  return [...byKey].toSorted(([a], [b]) => compareText(a, b)).map(([, item]) => item);
}

/** An end that was asked for is no problem of a place, and what is not foreseen is none either. */
function asFault(error: unknown, signal: AbortSignal | undefined): PortcullisError {
  if (signal?.aborted !== true && error instanceof PortcullisError) return error;
  throw error;
}

function notReadable(file: string, message: string): Problem {
  return { code: 'audit/not-readable', file, message };
}

function placeName({ accountId, region }: LookedPlace): string {
  return `${accountId}/${region}`;
}
