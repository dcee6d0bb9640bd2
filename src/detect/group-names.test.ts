import { describe, expect, it } from 'vitest';

import { add, groupChange } from '../../test/support/changes.ts';
import type { GroupChange } from '../model/change.ts';
import { GroupNames } from './group-names.ts';

const created = (id: string, groupId: string, second: number, more: Partial<GroupChange> = {}) =>
  groupChange(
    id,
    second,
    { kind: 'create' },
    {
      group: { kind: 'id', groupId },
      groupName: 'web',
      ...more,
    },
  );
const deleted = (id: string, groupId: string, second: number) =>
  groupChange(id, second, { kind: 'delete' }, { group: { kind: 'id', groupId } });
const named = (second: number, more: Partial<GroupChange> = {}) =>
  groupChange('call', second, add('tcp 22 0.0.0.0/0'), {
    group: { kind: 'name', groupName: 'web' },
    groupName: 'web',
    ...more,
  });

const nothing = 'the group is named only by name, and nothing seen tells its id';
const several = 'the group is named only by name, and several groups bear it';

describe('a group called by its id', () => {
  it('is that group', () => {
    const call = named(0, { group: { kind: 'id', groupId: 'sg-1' } });
    expect(new GroupNames([]).resolve(call)).toEqual({ groupId: 'sg-1' });
  });
});

describe('a group called by its name', () => {
  it('is the one created under it', () => {
    expect(new GroupNames([created('a', 'sg-1', 0)]).resolve(named(5))).toEqual({
      groupId: 'sg-1',
    });
  });

  it('is the one that another call showed under it, whenever that was', () => {
    const shown = (second: number) =>
      groupChange('a', second, add('tcp 22 0.0.0.0/0'), { groupName: 'web' });
    expect(new GroupNames([shown(0)]).resolve(named(5))).toEqual({ groupId: 'sg-1' });
    expect(new GroupNames([shown(9)]).resolve(named(5))).toEqual({ groupId: 'sg-1' });
  });

  it('is unknown where nothing tells', () => {
    expect(new GroupNames([]).resolve(named(5))).toEqual({ reason: nothing });
    expect(
      new GroupNames([created('a', 'sg-1', 0, { groupName: 'db' })]).resolve(named(5)),
    ).toEqual({
      reason: nothing,
    });
    expect(
      new GroupNames([created('a', 'sg-1', 0, { groupName: null })]).resolve(named(5)),
    ).toEqual({
      reason: nothing,
    });
    expect(new GroupNames([named(0)]).resolve(named(5))).toEqual({ reason: nothing });
  });

  it('is not one of another account or region', () => {
    const elsewhere = [
      created('a', 'sg-1', 0, { accountId: '444455556666' }),
      created('b', 'sg-2', 0, { region: 'eu-central-1' }),
    ];
    expect(new GroupNames(elsewhere).resolve(named(5))).toEqual({ reason: nothing });
  });

  it('is not one created later, nor one deleted before', () => {
    expect(new GroupNames([created('a', 'sg-1', 6)]).resolve(named(5))).toEqual({
      reason: nothing,
    });
    expect(
      new GroupNames([created('a', 'sg-1', 0), deleted('b', 'sg-1', 4)]).resolve(named(5)),
    ).toEqual({ reason: nothing });
  });

  it('may be one created or deleted in the same second', () => {
    expect(new GroupNames([created('a', 'sg-1', 5)]).resolve(named(5))).toEqual({
      groupId: 'sg-1',
    });
    expect(
      new GroupNames([created('a', 'sg-1', 0), deleted('b', 'sg-1', 5)]).resolve(named(5)),
    ).toEqual({ groupId: 'sg-1' });
  });

  it('is the one that bore the name at the time', () => {
    const names = new GroupNames([
      created('a', 'sg-1', 0),
      deleted('b', 'sg-1', 10),
      created('c', 'sg-2', 20),
    ]);
    expect(names.resolve(named(5))).toEqual({ groupId: 'sg-1' });
    expect(names.resolve(named(15))).toEqual({ reason: nothing });
    expect(names.resolve(named(25))).toEqual({ groupId: 'sg-2' });
  });

  it('is the later of two in one VPC, even where the deletion of the earlier was not seen', () => {
    const names = new GroupNames([created('a', 'sg-1', 0), created('b', 'sg-2', 10)]);
    expect(names.resolve(named(5))).toEqual({ groupId: 'sg-1' });
    expect(names.resolve(named(15))).toEqual({ groupId: 'sg-2' });
  });

  it('is unknown where the earlier was seen again after the later came', () => {
    const names = new GroupNames([
      created('a', 'sg-1', 0),
      created('b', 'sg-2', 10),
      groupChange('c', 12, add('tcp 22 0.0.0.0/0'), { groupName: 'web' }),
    ]);
    expect(names.resolve(named(11))).toEqual({ groupId: 'sg-2' });
    expect(names.resolve(named(15))).toEqual({ reason: several });
  });

  it('counts what is seen in the second of the call', () => {
    const names = new GroupNames([
      created('a', 'sg-1', 0),
      created('b', 'sg-2', 10),
      groupChange('c', 15, add('tcp 22 0.0.0.0/0'), { groupName: 'web' }),
    ]);
    expect(names.resolve(named(15))).toEqual({ reason: several });
  });

  it('is unknown where two groups came in the same second', () => {
    expect(
      new GroupNames([created('a', 'sg-1', 10), created('b', 'sg-2', 10)]).resolve(named(15)),
    ).toEqual({ reason: several });
  });

  it('is unknown where two VPCs have it, and known where the VPC of one is not told', () => {
    const vpcs = (one: string | null, other: string | null) =>
      new GroupNames([
        created('a', 'sg-1', 0, { vpcId: one }),
        created('b', 'sg-2', 10, { vpcId: other }),
      ]).resolve(named(15));
    expect(vpcs('vpc-1', 'vpc-2')).toEqual({ reason: several });
    expect(vpcs('vpc-1', 'vpc-1')).toEqual({ groupId: 'sg-2' });
    expect(vpcs('vpc-1', null)).toEqual({ groupId: 'sg-2' });
    expect(vpcs(null, 'vpc-2')).toEqual({ groupId: 'sg-2' });
  });

  it('is unknown where the creation of neither was seen', () => {
    const shown = (id: string, groupId: string) =>
      groupChange(id, 0, add('tcp 22 0.0.0.0/0'), {
        group: { kind: 'id', groupId },
        groupName: 'web',
      });
    expect(new GroupNames([shown('a', 'sg-1'), shown('b', 'sg-2')]).resolve(named(5))).toEqual({
      reason: several,
    });
  });

  it('is not replaced by one that was first seen under the name before its creation', () => {
    const names = new GroupNames([
      groupChange('a', 20, add('tcp 22 0.0.0.0/0'), {
        group: { kind: 'id', groupId: 'sg-1' },
        groupName: 'web',
      }),
      created('b', 'sg-2', 10),
    ]);
    // sg-1 was seen only afterwards: whether it was there already cannot be told.
    expect(names.resolve(named(15))).toEqual({ reason: several });
  });
});
