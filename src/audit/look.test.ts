import { describe, expect, test } from 'vitest';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { JsonObject } from '../model/json.ts';
import type { DescribedGroup, DescribedList, GroupDirectory } from '../ports.ts';
import { look, type AccountToLook, type LookProgress } from './look.ts';

type Region = {
  readonly groups?: readonly (readonly DescribedGroup[])[];
  readonly rules?: readonly (readonly JsonObject[])[];
  readonly lists?: Readonly<Record<string, DescribedList>>;
};

const denied = (what: string): PortcullisError => new PortcullisError('ec2/access', `${what}: no`);

/** A directory of what is given; a region that is not given may not be looked into. */
function directoryOf(regions: Readonly<Record<string, Region>>): GroupDirectory {
  const regionOf = (name: string): Region => {
    const region = regions[name];
    if (region === undefined) throw denied(name);
    return region;
  };
  return {
    regions: () => Promise.resolve(Object.keys(regions)),
    async *groups(region) {
      yield* regionOf(region).groups ?? [];
    },
    async *rules(region) {
      yield* regionOf(region).rules ?? [];
    },
    async prefixList(region, prefixListId) {
      const list = regionOf(region).lists?.[prefixListId];
      if (list === undefined) throw denied(prefixListId);
      return list;
    },
  };
}

const account = '111122223333';
const group = (groupId: string, ownerId = account): DescribedGroup => ({
  groupId,
  ownerId,
  groupName: `${groupId} name`,
  vpcId: 'vpc-1',
});
const rule = (GroupId: string, more: JsonObject): JsonObject => ({
  GroupId,
  IsEgress: false,
  IpProtocol: 'tcp',
  FromPort: 22,
  ToPort: 22,
  ...more,
});

function toLook(
  directory: GroupDirectory,
  regions: readonly string[] = [],
  accountId = account,
): AccountToLook {
  return { accountId, directory, regions };
}

const atNine = { clock: () => Date.UTC(2026, 2, 1, 9, 0, 0, 750) };

describe('a look', () => {
  test('puts the pages of groups and of their rows together, and leaves egress out', async () => {
    const directory = directoryOf({
      'us-east-1': {
        groups: [[group('sg-2')], [group('sg-1')]],
        rules: [
          [rule('sg-1', { CidrIpv4: '0.0.0.0/0', SecurityGroupRuleId: 'sgr-1' })],
          [
            rule('sg-1', { CidrIpv4: '10.0.0.7/8', SecurityGroupRuleId: 'sgr-2' }),
            rule('sg-2', { CidrIpv4: '0.0.0.0/0', IsEgress: true }),
          ],
        ],
      },
    });
    const { groups, places, problems, stats } = await look([toLook(directory)], atNine);
    expect(groups).toEqual([
      {
        accountId: account,
        region: 'us-east-1',
        groupId: 'sg-1',
        groupName: 'sg-1 name',
        vpcId: 'vpc-1',
        rows: [
          {
            protocol: 'tcp',
            fromPort: 22,
            toPort: 22,
            source: { kind: 'ipv4', cidr: '0.0.0.0/0' },
            ruleId: 'sgr-1',
          },
          {
            protocol: 'tcp',
            fromPort: 22,
            toPort: 22,
            source: { kind: 'ipv4', cidr: '10.0.0.0/8' },
            ruleId: 'sgr-2',
          },
        ],
        lookedMs: Date.UTC(2026, 2, 1, 9),
      },
      expect.objectContaining({ groupId: 'sg-2', rows: [] }),
    ]);
    expect(places).toEqual([{ accountId: account, region: 'us-east-1' }]);
    expect(problems).toEqual([]);
    expect(stats).toEqual({ accounts: 1, regions: 1, groups: 2, rows: 2 });
  });

  test('asks for each prefix list once, and masks the host bits of what it holds', async () => {
    const asked: string[] = [];
    const region: Region = {
      groups: [[group('sg-1'), group('sg-2')]],
      rules: [
        [rule('sg-1', { PrefixListId: 'pl-1' }), rule('sg-2', { PrefixListId: 'pl-1' })],
        [rule('sg-2', { PrefixListId: 'pl-2' })],
      ],
    };
    const directory: GroupDirectory = {
      ...directoryOf({ 'us-east-1': region }),
      async prefixList(_, prefixListId) {
        asked.push(prefixListId);
        const ownerId = prefixListId === 'pl-1' ? '444455556666' : 'AWS';
        return { ownerId, version: 3, cidrs: ['10.1.2.3/8', '0.0.0.0/0', '10.0.0.0/8'] };
      },
    };
    const { lists } = await look([toLook(directory)], atNine);
    expect(asked.toSorted()).toEqual(['pl-1', 'pl-2']);
    expect(lists.map(({ accountId, cidrs }) => [accountId, cidrs])).toEqual([
      ['444455556666', ['0.0.0.0/0', '10.0.0.0/8']],
      [account, ['0.0.0.0/0', '10.0.0.0/8']],
    ]);
  });

  test('finds a group that is shared once, under its owner', async () => {
    const directory = directoryOf({ 'us-east-1': { groups: [[group('sg-1', '444455556666')]] } });
    const { groups, stats } = await look(
      [toLook(directory), toLook(directory, [], '777788889999')],
      atNine,
    );
    expect(groups.map(({ accountId }) => accountId)).toEqual(['444455556666']);
    expect(stats).toMatchObject({ accounts: 2, regions: 2, groups: 1 });
  });

  test('tells how far it has come', async () => {
    const directory = directoryOf({ 'us-east-1': {}, 'eu-west-1': {} });
    const told: LookProgress[] = [];
    await look([toLook(directory)], { ...atNine, onProgress: (state) => told.push(state) });
    expect(told.map(({ regions }) => regions)).toEqual([0, 1, 2]);
    expect(told.at(-1)).toEqual({ regions: 2, foundRegions: 2 });
  });
});

describe('what cannot be looked into is a problem of its place', () => {
  const open = { groups: [[group('sg-1')]], rules: [[rule('sg-1', { CidrIpv4: '0.0.0.0/0' })]] };

  test('a region', async () => {
    const directory = directoryOf({ 'us-east-1': open });
    const regions = ['us-east-1', 'ap-south-1'];
    const found = await look([toLook(directory, regions)], atNine);
    expect(found.groups).toHaveLength(1);
    expect(found.places).toEqual([{ accountId: account, region: 'us-east-1' }]);
    expect(found.problems).toEqual([
      { code: 'audit/not-readable', file: `${account}/ap-south-1`, message: 'ap-south-1: no' },
    ]);
  });

  test('an account whose regions cannot be told', async () => {
    const closed: GroupDirectory = {
      ...directoryOf({}),
      regions: () => Promise.reject(denied('role')),
    };
    const found = await look(
      [toLook(closed), toLook(directoryOf({ 'us-east-1': open }), [], '444455556666')],
      atNine,
    );
    expect(found.problems).toEqual([
      { code: 'audit/not-readable', file: account, message: 'role: no' },
    ]);
    expect(found.groups).toHaveLength(1);
  });

  test('a prefix list, beside whose group all else is found', async () => {
    const directory = directoryOf({
      'us-east-1': { ...open, rules: [[rule('sg-1', { PrefixListId: 'pl-1' })]] },
    });
    const found = await look([toLook(directory)], atNine);
    expect(found.groups[0]?.rows).toHaveLength(1);
    expect(found.lists).toEqual([]);
    expect(found.problems[0]?.file).toBe(`${account}/us-east-1/pl-1`);
  });

  test('a row that is not understood', async () => {
    const directory = directoryOf({
      'us-east-1': { ...open, rules: [[rule('sg-1', { CidrIpv4: 'everywhere' })]] },
    });
    const found = await look([toLook(directory)], atNine);
    expect(found.problems).toEqual([
      {
        code: 'audit/bad-row',
        file: `${account}/us-east-1/sg-1`,
        message: '“everywhere” is not a CIDR',
      },
    ]);
  });

  test('but where nothing at all can be looked into, the look itself fails', async () => {
    await expect(look([toLook(directoryOf({}), ['us-east-1'])], atNine)).rejects.toMatchObject({
      code: 'ec2/access',
    });
  });

  test('and an error that nobody foresaw is not taken for a problem', async () => {
    const broken: GroupDirectory = {
      ...directoryOf({}),
      regions: () => Promise.reject(new TypeError('a slip')),
    };
    await expect(look([toLook(broken)], atNine)).rejects.toThrow('a slip');
  });
});
