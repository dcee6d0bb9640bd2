// A small EC2: security groups, their rows and prefix lists, changed by random but possible calls.
// Each call leaves the CloudTrail record that AWS would write, and the deed that it really was.

import { World, type Deed, type Fact, type KnownRow, type Place } from './brute-force.ts';
import {
  callRecord,
  listEntries,
  modifyRequest,
  nestedPermissions,
  permissions,
  ruleSet,
  type AnsweredRow,
  type Envelope,
  type Json,
  type JsonRecord,
  type Pick,
  type SimActor,
} from './records.ts';
import { cidrAround, cidrText, contentOf, type Cidr, type SimRow } from './rows.ts';

/** One step of a history: what to try, and the seed of everything left to chance. */
export type Intent = { readonly action: Action; readonly seed: number };

export const actions = [
  'authorize',
  'authorize',
  'authorize',
  'authorize',
  'authorize',
  'authorize',
  'revoke',
  'revoke',
  'revoke',
  'revoke',
  'modify',
  'modify',
  'modify',
  'list-create',
  'list-modify',
  'list-modify',
  'list-modify',
  'list-restore',
  'list-rename',
  'list-delete',
  'create',
  'delete',
  'egress',
  'egress-modify',
  'failure',
  'noise',
] as const;
export type Action = (typeof actions)[number];

/** How many accounts and regions a history plays in: the fewer, the more its calls meet. */
export const placeCounts = [1, 1, 1, 2, 3] as const;

export type HistoryOptions = {
  /** Chance in a hundred that a call falls in the second of the call before it. */
  readonly sameSecondPercent: number;
  readonly placeCount: (typeof placeCounts)[number];
};

/** One record with what it did. `teaches` marks records that others cannot be read without. */
export type Step = { readonly record: JsonRecord; readonly fact: Fact; readonly teaches: boolean };

/** A reproducible stream of choices from a seed (mulberry32). */
export function picker(seed: number): Pick {
  let state = seed >>> 0;
  return (count) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  };
}

function choose<T>(pick: Pick, from: readonly T[]): T {
  const chosen = from[pick(from.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
}

const places: readonly Place[] = [
  { accountId: '111122223333', region: 'us-east-1' },
  { accountId: '111122223333', region: 'eu-central-1' },
  { accountId: '444455556666', region: 'us-east-1' },
];

/** What CloudFormation leaves in `invokedBy`, `userAgent` and `sourceIPAddress`. */
export const cloudFormation = 'cloudformation.amazonaws.com';

export const actors: readonly SimActor[] = [
  {
    arn: 'arn:aws:iam::111122223333:user/alice',
    userAgent: 'aws-cli/2.15.0',
    identity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLE',
      arn: 'arn:aws:iam::111122223333:user/alice',
      accountId: '111122223333',
      accessKeyId: 'AKIAEXAMPLE',
      userName: 'alice',
    },
  },
  {
    arn: 'arn:aws:sts::111122223333:assumed-role/Admin/bob',
    userAgent: 'console.amazonaws.com',
    identity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:bob',
      arn: 'arn:aws:sts::111122223333:assumed-role/Admin/bob',
      accountId: '111122223333',
      accessKeyId: 'ASIAEXAMPLE',
      sessionContext: { sessionIssuer: { type: 'Role', userName: 'Admin' } },
    },
  },
  {
    arn: 'arn:aws:sts::111122223333:assumed-role/Deploy/stack',
    userAgent: cloudFormation,
    identity: {
      type: 'AssumedRole',
      principalId: 'AROADEPLOY:stack',
      arn: 'arn:aws:sts::111122223333:assumed-role/Deploy/stack',
      accountId: '111122223333',
      accessKeyId: 'ASIADEPLOY',
      invokedBy: cloudFormation,
    },
  },
];

const portRanges: readonly (readonly [number, number] | null)[] = [
  [22, 22],
  [22, 22],
  [20, 25],
  [0, 65535],
  [23, 3306],
  [3389, 3389],
  [3306, 3306],
  [5432, 5440],
  [443, 443],
  [80, 80],
  [0, 21],
  [24, 3305],
  [8000, 9000],
  [65535, 65535],
  [1, 65534],
  null,
];

const someCidrs: readonly Cidr[] = [
  cidrAround(4, 0n, 0),
  cidrAround(4, 0n, 0),
  cidrAround(4, 0n, 1),
  cidrAround(4, 1n << 31n, 1),
  cidrAround(4, 0n, 2),
  cidrAround(4, 1n << 30n, 2),
  cidrAround(4, 0x0a000000n, 8),
  cidrAround(4, 0xcb007100n, 24),
  cidrAround(6, 0n, 0),
  cidrAround(6, 0n, 1),
  cidrAround(6, 0x8000n << 112n, 1),
  cidrAround(6, 0x2000n << 112n, 3),
  cidrAround(6, 0x2000n << 112n, 5),
  cidrAround(6, 0x2800n << 112n, 6),
  cidrAround(6, 0x2c00n << 112n, 6),
  cidrAround(6, 0x20010db8n << 96n, 32),
  cidrAround(6, 0xfc00n << 112n, 7),
];

function someCidr(pick: Pick, families: readonly (4 | 6)[] = [4, 4, 6]): Cidr {
  if (pick(3) > 0) {
    const fitting = someCidrs.filter(({ family }) => families.includes(family));
    return choose(pick, fitting);
  }
  // Eighths, sixteenths and so on of a family: they open a port only together.
  const family = choose(pick, families);
  return family === 4
    ? cidrAround(4, BigInt(pick(2 ** 16)) << 16n, 2 + pick(6))
    : cidrAround(6, BigInt(0x2000 + pick(0x2000)) << 112n, 4 + pick(5));
}

type LiveRow = {
  readonly row: SimRow;
  readonly id: string;
  /** Whether some record has named the row's id. */
  readonly told: boolean;
};
type LiveGroup = Place & {
  readonly groupId: string;
  /** Set where the group is in the default VPC and may be called by its name. */
  readonly name: string | null;
  rows: LiveRow[];
  egress: { readonly id: string; readonly row: SimRow }[];
};
type LiveList = Place & {
  readonly listId: string;
  readonly family: 4 | 6;
  version: number;
  entries: readonly Cidr[];
  readonly past: Map<number, readonly Cidr[]>;
};

/** The simulated EC2 of a few accounts and regions. */
export class SimulatedEstate {
  readonly steps: Step[] = [];
  readonly #options: HistoryOptions;
  readonly #places: readonly Place[];
  #seconds = 0;
  #counter = 0;
  #groups: LiveGroup[] = [];
  #lists: LiveList[] = [];

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#places = places.slice(0, options.placeCount);
    // Groups that were there before the logs begin; the same id in three places is three groups.
    this.#groups = this.#places.map((place) => ({
      ...place,
      groupId: 'sg-0shared',
      name: null,
      rows: [],
      egress: [],
    }));
  }

  /** Carries out one intent, where the state of things allows it. */
  act(intent: Intent): void {
    const pick = picker(intent.seed);
    switch (intent.action) {
      case 'create':
        return this.#create(pick);
      case 'authorize':
        return this.#authorize(pick);
      case 'revoke':
        return this.#revoke(pick);
      case 'modify':
        return this.#modify(pick);
      case 'delete':
        return this.#delete(pick);
      case 'list-create':
        return this.#listCreate(pick);
      case 'list-modify':
        return this.#listModify(pick);
      case 'list-restore':
        return this.#listRestore(pick);
      case 'list-rename':
        return this.#listRename(pick);
      case 'list-delete':
        return this.#listDelete(pick);
      case 'egress':
        return this.#egress(pick);
      case 'egress-modify':
        return this.#egressModify(pick);
      case 'failure':
        return this.#failure(pick);
      case 'noise':
        return this.#noise(pick);
      default:
        intent.action satisfies never;
    }
  }

  /** What stands open in truth, as contents of rows by group, for checking the evaluator itself. */
  truth(): ReadonlyMap<string, readonly string[]> {
    return new Map(
      this.#groups.map((group) => [
        `${group.accountId} ${group.region} ${group.groupId}`,
        group.rows.map(({ row }) => contentOf(row)).toSorted(),
      ]),
    );
  }

  #create(pick: Pick): void {
    const place = choose(pick, this.#places);
    const name = choose(pick, ['web', 'db', null]);
    const taken = this.#groups.some(
      (group) =>
        group.name === name && group.accountId === place.accountId && group.region === place.region,
    );
    if (name !== null && taken) return;
    const groupId = this.#freshId('sg');
    this.#groups.push({ ...place, groupId, name, rows: [], egress: [] });
    this.#log(
      place,
      pick,
      'CreateSecurityGroup',
      {
        groupName: name ?? `group-${groupId}`,
        groupDescription: 'opens 22 to 0.0.0.0/0',
        ...(name === null
          ? { vpcId: 'vpc-0other' }
          : pick(2) === 0
            ? { vpcId: 'vpc-0default' }
            : {}),
      },
      { _return: true, groupId },
      { kind: 'none' },
      { teaches: true, alone: true },
    );
  }

  #authorize(pick: Pick): void {
    const group = choose(pick, this.#groups);
    const wanted = Array.from({ length: 1 + pick(3) }, () => this.#someRow(pick, group));
    const rows = distinct(wanted).filter(
      (row) => !group.rows.some((live) => contentOf(live.row) === contentOf(row)),
    );
    if (rows.length === 0) return;
    const told = pick(3) > 0;
    const answered = rows.map((row): AnsweredRow => ({ id: this.#freshId('sgr'), row }));
    group.rows.push(...answered.map(({ id, row }) => ({ id, row, told })));
    this.#log(
      group,
      pick,
      'AuthorizeSecurityGroupIngress',
      { ...addressed(group, pick), ...permissions(rows, pick) },
      { _return: true, ...(told ? { securityGroupRuleSet: ruleSet(group, answered) } : {}) },
      {
        kind: 'add',
        groupId: group.groupId,
        rows: answered.map(({ id, row }): KnownRow => ({ row, id: told ? id : null })),
      },
    );
  }

  #revoke(pick: Pick): void {
    const group = this.#someGroup(pick, ({ rows }) => rows.length > 0);
    if (!group) return;
    const chosen = group.rows.filter(() => pick(2) === 0).slice(0, 3);
    if (chosen.length === 0) chosen.push(choose(pick, group.rows));
    const answers = pick(3) === 0;
    const byId = pick(2) === 0 && (answers || chosen.every(({ told }) => told));
    group.rows = group.rows.filter((live) => !chosen.includes(live));
    const rows = chosen.map(({ row }) => row);
    const ids = chosen.map(({ id }) => id);
    // Where every row of a default VPC's group may be asked for, asking for more is a success too.
    const extra = group.name !== null && pick(3) === 0 ? this.#absentRow(pick, group) : [];
    this.#log(
      group,
      pick,
      'RevokeSecurityGroupIngress',
      byId
        ? {
            ...addressed(group, pick),
            securityGroupRuleIds: { items: ids.map((id) => ({ securityGroupRuleId: id })) },
            ...(pick(2) === 0 ? { ipPermissions: {} } : {}),
          }
        : { ...addressed(group, pick), ...permissions([...rows, ...extra], pick) },
      {
        _return: true,
        ...(answers
          ? {
              revokedSecurityGroupRuleSet: ruleSet(group, chosen, 'revoked'),
              unknownIpPermissionSet: {},
            }
          : {}),
      },
      {
        kind: 'remove',
        groupId: group.groupId,
        ids: byId || answers ? ids : [],
        rows: byId ? (answers ? rows : []) : [...rows, ...extra],
      },
    );
  }

  #modify(pick: Pick): void {
    const group = this.#someGroup(pick, ({ rows }) => rows.some(({ told }) => told));
    if (!group) return;
    const nameable = group.rows.filter(({ told }) => told);
    const chosen = nameable.filter(() => pick(2) === 0).slice(0, 3);
    if (chosen.length === 0) chosen.push(choose(pick, nameable));
    const others = group.rows.filter((live) => !chosen.includes(live));
    const fresh = chosen.map(({ id }): LiveRow => ({
      id,
      told: true,
      row: this.#someRow(pick, group),
    }));
    const contents = [...others, ...fresh].map(({ row }) => contentOf(row));
    if (new Set(contents).size < contents.length) return;
    group.rows = [...others, ...fresh];
    const replacements = fresh.map(({ id, row }) => ({ id, row }));
    this.#log(
      group,
      pick,
      'ModifySecurityGroupRules',
      modifyRequest(group.groupId, replacements, pick),
      { ModifySecurityGroupRulesResponse: { requestId: 'r', return: true } },
      { kind: 'replace', groupId: group.groupId, replacements },
    );
  }

  #delete(pick: Pick): void {
    const group = this.#someGroup(pick, ({ groupId }) => groupId !== 'sg-0shared');
    if (!group) return;
    this.#groups = this.#groups.filter((live) => live !== group);
    this.#log(
      group,
      pick,
      'DeleteSecurityGroup',
      addressed(group, pick),
      { _return: true, ...(pick(2) === 0 ? { groupId: group.groupId } : {}) },
      { kind: 'delete-group', groupId: group.groupId },
      { teaches: group.name !== null, alone: true },
    );
  }

  #listCreate(pick: Pick): void {
    const place = choose(pick, this.#places);
    const family = choose(pick, [4, 6] as const);
    const listId = this.#freshId('pl');
    const entries = someEntries(pick, family, 1 + pick(3));
    this.#lists.push({
      ...place,
      listId,
      family,
      version: 1,
      entries,
      past: new Map([[1, entries]]),
    });
    this.#log(
      place,
      pick,
      'CreateManagedPrefixList',
      {
        CreateManagedPrefixListRequest: {
          PrefixListName: 'offices',
          MaxEntries: 20,
          AddressFamily: family === 4 ? 'IPv4' : 'IPv6',
          ...listEntries('Entry', entries, pick),
        },
      },
      {
        CreateManagedPrefixListResponse: {
          requestId: 'r',
          prefixList: { prefixListId: listId, version: 1, state: 'create-in-progress' },
        },
      },
      { kind: 'list-create', listId, entries },
      { teaches: true, alone: true },
    );
  }

  #listModify(pick: Pick): void {
    const list = this.#someList(pick);
    if (!list) return;
    const remove = list.entries.filter(() => pick(3) === 0);
    const add = someEntries(pick, list.family, pick(3)).filter(
      (entry) => !list.entries.some((there) => cidrText(there) === cidrText(entry)),
    );
    if (remove.length + add.length === 0) return;
    const before = list.version;
    this.#enter(list, [...list.entries.filter((entry) => !remove.includes(entry)), ...add]);
    this.#log(
      list,
      pick,
      'ModifyManagedPrefixList',
      {
        ModifyManagedPrefixListRequest: {
          PrefixListId: list.listId,
          CurrentVersion: pick(3) === 0 ? String(before) : before,
          ...listEntries('AddEntry', add, pick),
          ...listEntries('RemoveEntry', remove, pick),
        },
      },
      {
        ModifyManagedPrefixListResponse: {
          prefixList: { prefixListId: list.listId, version: before },
        },
      },
      { kind: 'list-modify', listId: list.listId, add, remove },
      { teaches: true, alone: true },
    );
  }

  #listRestore(pick: Pick): void {
    const restorable = this.#lists.filter(({ version }) => version > 1);
    if (restorable.length === 0) return;
    const list = choose(pick, restorable);
    const version = 1 + pick(list.version - 1);
    const before = list.version;
    this.#enter(list, list.past.get(version) ?? []);
    this.#log(
      list,
      pick,
      'RestoreManagedPrefixListVersion',
      {
        RestoreManagedPrefixListVersionRequest: {
          PrefixListId: list.listId,
          PreviousVersion: version,
          CurrentVersion: before,
        },
      },
      {
        RestoreManagedPrefixListVersionResponse: {
          prefixList: { prefixListId: list.listId, version: before },
        },
      },
      { kind: 'list-restore', listId: list.listId, version },
      { teaches: true, alone: true },
    );
  }

  /** A change of name or size makes no new version and moves no entry. */
  #listRename(pick: Pick): void {
    const list = this.#someList(pick);
    if (!list) return;
    this.#log(
      list,
      pick,
      'ModifyManagedPrefixList',
      {
        ModifyManagedPrefixListRequest: {
          PrefixListId: list.listId,
          ...(pick(2) === 0 ? { PrefixListName: '0.0.0.0/0' } : { MaxEntries: 40 }),
        },
      },
      { ModifyManagedPrefixListResponse: { prefixList: { prefixListId: list.listId } } },
      { kind: 'none' },
    );
  }

  #listDelete(pick: Pick): void {
    const unused = this.#lists.filter((list) => !this.#isUsed(list));
    if (unused.length < 2) return;
    const list = choose(pick, unused);
    this.#lists = this.#lists.filter((live) => live !== list);
    this.#log(
      list,
      pick,
      'DeleteManagedPrefixList',
      { DeleteManagedPrefixListRequest: { PrefixListId: list.listId } },
      { DeleteManagedPrefixListResponse: { prefixList: { prefixListId: list.listId } } },
      { kind: 'list-delete', listId: list.listId },
      { teaches: true, alone: true },
    );
  }

  #egress(pick: Pick): void {
    const group = choose(pick, this.#groups);
    const row = this.#someRow(pick, group);
    const id = this.#freshId('sgr');
    group.egress.push({ id, row });
    this.#log(
      group,
      pick,
      'AuthorizeSecurityGroupEgress',
      { groupId: group.groupId, ...nestedPermissions([row], pick) },
      { _return: true, securityGroupRuleSet: ruleSet(group, [{ id, row, isEgress: true }]) },
      { kind: 'none' },
      { teaches: true },
    );
  }

  #egressModify(pick: Pick): void {
    const group = this.#someGroup(pick, ({ egress }) => egress.length > 0);
    const egress = group?.egress[0];
    if (!group || !egress) return;
    this.#log(
      group,
      pick,
      'ModifySecurityGroupRules',
      modifyRequest(group.groupId, [{ id: egress.id, row: this.#someRow(pick, group) }], pick),
      { ModifySecurityGroupRulesResponse: { return: true } },
      { kind: 'none' },
    );
  }

  /** A call that would have mattered, had it succeeded. */
  #failure(pick: Pick): void {
    const group = choose(pick, this.#groups);
    const opening = { groupId: group.groupId, ...permissions([this.#someRow(pick, group)], pick) };
    const [eventName, request] = choose<readonly [string, Json]>(pick, [
      ['AuthorizeSecurityGroupIngress', opening],
      ['AuthorizeSecurityGroupIngress', opening],
      [
        'RevokeSecurityGroupIngress',
        {
          groupId: group.groupId,
          ...permissions(
            group.rows.slice(0, 1).map(({ row }) => row),
            pick,
          ),
        },
      ],
      ['DeleteSecurityGroup', { groupId: group.groupId }],
      [
        'ModifySecurityGroupRules',
        modifyRequest(
          group.groupId,
          [{ id: group.rows[0]?.id ?? 'sgr-none', row: this.#someRow(pick, group) }],
          pick,
        ),
      ],
    ]);
    const code = choose(pick, [
      'Client.UnauthorizedOperation',
      'UnauthorizedOperation',
      'Client.DryRunOperation',
      'DryRunOperation',
      'Client.InvalidPermission.Duplicate',
      'Client.InvalidGroup.NotFound',
      'Client.RulesPerSecurityGroupLimitExceeded',
      'Client.RequestLimitExceeded',
      null,
    ]);
    this.#log(
      group,
      pick,
      eventName,
      request,
      code === null ? { _return: false } : null,
      { kind: 'none' },
      { more: code === null ? {} : { errorCode: code, errorMessage: 'no' } },
    );
  }

  /** The right words in the wrong mouth. */
  #noise(pick: Pick): void {
    const group = choose(pick, this.#groups);
    const request = {
      groupId: group.groupId,
      ...permissions([this.#someRow(pick, group)], pick),
    };
    const [eventName, more] = choose<readonly [string, JsonRecord]>(pick, [
      ['AuthorizeSecurityGroupIngress', { eventSource: 'elasticache.amazonaws.com' }],
      ['DescribeSecurityGroups', {}],
      ['AuthorizeClientVpnIngress', {}],
      ['AuthorizeDBSecurityGroupIngress', { eventSource: 'rds.amazonaws.com' }],
      ['RunInstances', {}],
      ['UpdateSecurityGroupRuleDescriptionsIngress', {}],
    ]);
    this.#log(group, pick, eventName, request, { _return: true }, { kind: 'none' }, { more });
  }

  #someRow(pick: Pick, place: Place): SimRow {
    const protocol = choose(pick, [
      'tcp',
      'tcp',
      'tcp',
      'tcp',
      'tcp',
      'tcp',
      'udp',
      'all',
      'icmp',
      'icmpv6',
      '50',
    ] as const);
    const ported = protocol === 'tcp' || protocol === 'udp';
    const ports = ported ? choose(pick, portRanges) : null;
    const lists = this.#lists.filter(
      ({ accountId, region }) => accountId === place.accountId && region === place.region,
    );
    const chance = pick(10);
    const source: SimRow['source'] =
      chance === 0
        ? { kind: 'group', groupId: choose(pick, ['sg-0shared', 'sg-0peer']) }
        : chance < 4 && lists.length > 0
          ? { kind: 'list', listId: choose(pick, lists).listId }
          : { kind: 'cidr', cidr: someCidr(pick) };
    return { protocol, from: ports?.[0] ?? null, to: ports?.[1] ?? null, source };
  }

  /** A row that the group does not hold, for a call that asks for more than there is. */
  #absentRow(pick: Pick, group: LiveGroup): readonly SimRow[] {
    const row = this.#someRow(pick, group);
    return group.rows.some((live) => contentOf(live.row) === contentOf(row)) ? [] : [row];
  }

  #someGroup(pick: Pick, fit: (group: LiveGroup) => boolean): LiveGroup | null {
    const fitting = this.#groups.filter(fit);
    return fitting.length === 0 ? null : choose(pick, fitting);
  }

  /** A list that some group names, where there is one. */
  #someList(pick: Pick): LiveList | null {
    const used = this.#lists.filter((list) => this.#isUsed(list));
    const candidates = used.length > 0 && pick(4) > 0 ? used : this.#lists;
    return candidates.length === 0 ? null : choose(pick, candidates);
  }

  #isUsed({ listId }: LiveList): boolean {
    return this.#groups.some((group) =>
      group.rows.some(({ row }) => row.source.kind === 'list' && row.source.listId === listId),
    );
  }

  #enter(list: LiveList, entries: readonly Cidr[]): void {
    list.version += 1;
    list.entries = entries;
    list.past.set(list.version, entries);
  }

  #freshId(kind: string): string {
    this.#counter += 1;
    return `${kind}-0${this.#counter.toString(16).padStart(4, '0')}`;
  }

  #log(
    place: Place,
    pick: Pick,
    eventName: string,
    requestParameters: Json,
    responseElements: Json,
    deed: Deed,
    options: {
      readonly teaches?: boolean;
      /** The call has a second of its own: the contract leaves its order within one open. */
      readonly alone?: boolean;
      readonly more?: JsonRecord;
    } = {},
  ): void {
    const { teaches = false, alone = false, more = {} } = options;
    const together = !alone && pick(100) < this.#options.sameSecondPercent;
    if (!together) this.#seconds += choose(pick, [1, 7, 60, 1799, 3590, 3610, 40_000, 86_000]);
    const actor = choose(pick, actors);
    const envelope: Envelope = {
      eventId: `${pick(65_536).toString(16).padStart(4, '0')}-${this.steps.length}`,
      eventTime: new Date(Date.UTC(2026, 2, 1, 8, 0, this.#seconds))
        .toISOString()
        .replace('.000Z', 'Z'),
      accountId: place.accountId,
      region: place.region,
      actor,
    };
    if (alone) this.#seconds += 1;
    this.steps.push({
      record: callRecord(envelope, eventName, requestParameters, responseElements, more),
      fact: {
        eventId: envelope.eventId,
        eventTime: envelope.eventTime,
        accountId: place.accountId,
        region: place.region,
        actor: actor.arn,
        deed,
      },
      teaches,
    });
  }
}

function addressed(group: LiveGroup, pick: Pick): JsonRecord {
  if (group.name === null || pick(2) === 0) return { groupId: group.groupId };
  return pick(4) === 0
    ? { groupName: group.name, groupId: group.groupId }
    : { groupName: group.name };
}

function distinct(rows: readonly SimRow[]): readonly SimRow[] {
  return [...new Map(rows.map((row) => [contentOf(row), row])).values()];
}

function someEntries(pick: Pick, family: 4 | 6, count: number): readonly Cidr[] {
  const entries = Array.from({ length: count }, () => someCidr(pick, [family]));
  return [...new Map(entries.map((entry) => [cidrText(entry), entry])).values()];
}

/** Runs a history from nothing and returns every step of it. */
export function simulate(intents: readonly Intent[], options: HistoryOptions): SimulatedEstate {
  const estate = new SimulatedEstate(options);
  for (const intent of intents) estate.act(intent);
  return estate;
}

/** Whether folding the facts ends at the rows that really are there. */
export function foldsToTruth(estate: SimulatedEstate): boolean {
  const world = new World();
  for (const { fact } of estate.steps) world.apply(fact);
  return [...estate.truth()].every(([key, contents]) => {
    const folded = (world.groups.get(key)?.rows ?? []).map(({ row }) => contentOf(row)).toSorted();
    return JSON.stringify(folded) === JSON.stringify(contents);
  });
}
