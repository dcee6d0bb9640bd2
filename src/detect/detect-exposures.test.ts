import { describe, expect, it } from 'vitest';

import { exposureRule, portRule } from '../../test/oracle/rules.ts';
import {
  add,
  groupChange,
  listChange,
  remove,
  removeIds,
  replace,
  row,
} from '../../test/support/changes.ts';
import type { Change } from '../model/change.ts';
import type { ExposureRule } from '../model/rule.ts';
import { detectExposures } from './detect-exposures.ts';

const ssh = portRule('ssh', [22]);

const exposures = (changes: readonly Change[], rules: readonly ExposureRule[] = [ssh]) =>
  detectExposures(changes, rules).findings.map(({ exposure }) => exposure);

/** `group port opening>closing`, in the order found. */
const told = (changes: readonly Change[], rules?: readonly ExposureRule[]) =>
  exposures(changes, rules).map(
    ({ groupId, port, openedByEventId, closedByEventId }) =>
      `${groupId} ${port} ${openedByEventId}>${closedByEventId ?? ''}`,
  );

const undetermined = (changes: readonly Change[], rules: readonly ExposureRule[] = [ssh]) =>
  detectExposures(changes, rules).undetermined.map(
    ({ eventId, reason }) => `${eventId}: ${reason}`,
  );

const unknownList = 'a row admits a prefix list whose entries are not known';
const unknownRow =
  'a row is removed by an id that was never seen, and rows without a known id are open';

describe('an exposure', () => {
  const opening = groupChange('a', 0, add('tcp 22 0.0.0.0/0'), {
    groupName: 'web',
    vpcId: 'vpc-1',
  });
  const closing = groupChange('b', 90, remove('tcp 22 0.0.0.0/0'), {
    actor: { ...opening.actor, sessionName: 'bob' },
  });

  it('tells everything about its beginning and its end', () => {
    const { findings } = detectExposures([opening, closing], [ssh]);
    expect(findings).toMatchObject([{ rule: ssh, openedBy: opening, closedBy: closing }]);
    expect(findings.map(({ exposure }) => exposure)).toEqual([
      {
        id: 'exp-81734cad7f6035890d79',
        ruleId: 'ssh',
        accountId: '111122223333',
        region: 'us-east-1',
        groupId: 'sg-1',
        groupName: 'web',
        vpcId: 'vpc-1',
        protocol: 'tcp',
        port: 22,
        service: 'service-22',
        ipv4Coverage: 1,
        ipv6Coverage: 0,
        sources: ['0.0.0.0/0'],
        openedAt: '2026-03-01T08:00:00Z',
        openedByEventId: 'a',
        openedByEventName: 'AuthorizeSecurityGroupIngress',
        openedBy: opening.actor,
        closedAt: '2026-03-01T08:01:30Z',
        closedByEventId: 'b',
        closedBy: closing.actor,
        durationSeconds: 90,
      },
    ]);
  });

  it('is open until something closes it', () => {
    expect(exposures([opening])).toMatchObject([
      { closedAt: null, closedByEventId: null, closedBy: null, durationSeconds: null },
    ]);
  });

  it('has no name, VPC or last port where there is none', () => {
    const [exposure] = exposures([groupChange('a', 0, add('tcp 22 0.0.0.0/0'))]);
    expect(exposure).not.toHaveProperty('groupName');
    expect(exposure).not.toHaveProperty('vpcId');
    expect(exposure).not.toHaveProperty('toPort');
  });

  it('has the last port of a row range', () => {
    const [exposure] = exposures(
      [groupChange('a', 0, add('tcp 8000-9000 0.0.0.0/0'))],
      [exposureRule('other', {})],
    );
    expect(exposure).toMatchObject({ port: 8000, toPort: 9000, service: null });
  });

  it('has the latest name and VPC known of its group', () => {
    const changes = [
      opening,
      groupChange('c', 5, { kind: 'create' }, { groupName: 'renamed' }),
      groupChange('d', 6, { kind: 'create' }, { vpcId: 'vpc-2' }),
      groupChange('e', 7, remove('tcp 99 0.0.0.0/0')),
    ];
    expect(exposures(changes)).toMatchObject([{ groupName: 'renamed', vpcId: 'vpc-2' }]);
  });

  it('has ids that tell rule, group, place, port and opening apart', () => {
    const changes = [
      groupChange('a', 0, add('tcp 22-23 0.0.0.0/0')),
      groupChange('b', 1, add('tcp 22 0.0.0.0/0'), { group: { kind: 'id', groupId: 'sg-2' } }),
      groupChange('c', 2, add('tcp 22 0.0.0.0/0'), { accountId: '444455556666' }),
      groupChange('d', 3, add('tcp 22 0.0.0.0/0'), { region: 'eu-central-1' }),
      groupChange('e', 4, remove('tcp 22-23 0.0.0.0/0')),
      groupChange('f', 5, add('tcp 22 0.0.0.0/0')),
    ];
    const found = exposures(changes, [portRule('one', [22, 23]), portRule('two', [22])]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(11);
    expect(found).toHaveLength(11);
  });

  it('tells the widest coverage and all sources of its time', () => {
    const changes = [
      groupChange('a', 0, add('tcp 22 0.0.0.0/2')),
      groupChange('b', 1, add('tcp 22 0.0.0.0/1')),
      groupChange('c', 2, remove('tcp 22 0.0.0.0/1')),
      groupChange('d', 3, add('tcp 22 192.0.0.0/2')),
      groupChange('e', 4, remove('tcp 22 0.0.0.0/2')),
      groupChange('f', 5, add('tcp 22 ::/0')),
    ];
    expect(exposures(changes)).toMatchObject([
      { ipv4Coverage: 0.5, ipv6Coverage: 1, sources: ['0.0.0.0/1', '192.0.0.0/2', '::/0'] },
    ]);
  });

  it('says of each source which change let it in, and says it once', () => {
    const changes = [
      groupChange('a', 0, add('tcp 22 0.0.0.0/1', 'tcp 22 2000::/4')),
      groupChange('b', 1, add('tcp 22 128.0.0.0/1')),
      groupChange('c', 2, add('tcp 22 ::/0', 'tcp 22 0.0.0.0/1')),
      groupChange('d', 3, remove('tcp 22 0.0.0.0/1')),
    ];
    const admissions = detectExposures(changes, [ssh]).findings.map((finding) =>
      finding.admissions.map(({ source, by }) => `${source} by ${by.eventId}`),
    );
    expect(admissions).toEqual([
      ['0.0.0.0/1 by a', '2000::/4 by a', '128.0.0.0/1 by b', '::/0 by c'],
    ]);
  });

  it('is not touched by calls that change no row', () => {
    const changes = [
      opening,
      groupChange('c', 5, add('tcp 22 0.0.0.0/0')),
      groupChange('d', 6, { kind: 'egress', ruleIds: ['sgr-1'] }),
      groupChange('e', 7, remove('tcp 23 0.0.0.0/0')),
      closing,
    ];
    expect(told(changes)).toEqual(['sg-1 22 a>b']);
  });

  it('does not begin for a row that is known to be of egress', () => {
    const changes = [
      groupChange('a', 0, replace('tcp 22 0.0.0.0/0 sgr-out')),
      groupChange('b', 9, { kind: 'egress', ruleIds: ['sgr-out'] }),
    ];
    expect(told(changes)).toEqual([]);
    expect(told(changes.slice(0, 1))).toEqual(['sg-1 22 a>']);
  });

  it('follows the order of causes within a second', () => {
    const changes = [
      groupChange('a', 0, removeIds('sgr-1')),
      groupChange('b', 0, add('tcp 22 0.0.0.0/0 sgr-1')),
    ];
    expect(told(changes)).toEqual(['sg-1 22 b>a']);
  });
});

describe('the exposures of a set of changes', () => {
  it('come by opening, group, port, account, region, rule, protocol and range', () => {
    const at = (id: string, second: number, groupId: string, more: Partial<Change> = {}) =>
      groupChange(id, second, add('tcp 22-23 0.0.0.0/0'), {
        group: { kind: 'id', groupId },
        ...(more as object),
      });
    const rules = [portRule('b', [23, 22]), portRule('a', [22])];
    const changes = [
      at('e', 1, 'sg-0'),
      at('d', 0, 'sg-2', { region: 'us-west-2' }),
      at('c', 0, 'sg-2', { accountId: '000011112222', region: 'z' }),
      at('b', 0, 'sg-2'),
      at('a', 0, 'sg-1'),
    ];
    const order = exposures(changes, rules).map(
      ({ openedByEventId, port, ruleId }) => `${openedByEventId} ${port} ${ruleId}`,
    );
    expect(order).toEqual([
      'a 22 a',
      'a 22 b',
      'a 23 b',
      'c 22 a',
      'c 22 b',
      'b 22 a',
      'b 22 b',
      'd 22 a',
      'd 22 b',
      'c 23 b',
      'b 23 b',
      'd 23 b',
      'e 22 a',
      'e 22 b',
      'e 23 b',
    ]);
    expect(exposures(changes.toReversed(), rules)).toEqual(exposures(changes, rules));
  });

  it('come by protocol, then range, where they are of one port', () => {
    const rule = exposureRule('other', { protocols: ['tcp', 'udp'] });
    const effect = add(
      'udp 8000-8001 0.0.0.0/0',
      'tcp 8000-9000 0.0.0.0/0',
      'tcp 8000-8500 0.0.0.0/0',
    );
    const found = exposures([groupChange('a', 0, effect)], [rule]);
    expect(found.map(({ protocol, toPort }) => `${protocol} ${toPort}`)).toEqual([
      'tcp 8500',
      'tcp 9000',
      'udp 8001',
    ]);
    const turned = add('tcp 8000-8500 0.0.0.0/0', 'tcp 8000-9000 0.0.0.0/0');
    expect(exposures([groupChange('a', 0, turned)], [rule]).map(({ toPort }) => toPort)).toEqual([
      8500, 9000,
    ]);
  });

  it('come by event where an exposure closes and opens in one second', () => {
    const changes = [
      groupChange('a', 0, add('tcp 22 0.0.0.0/0')),
      groupChange('b', 0, remove('tcp 22 0.0.0.0/0')),
      groupChange('c', 0, add('tcp 22 0.0.0.0/0')),
    ];
    expect(told(changes)).toEqual(['sg-1 22 a>b', 'sg-1 22 c>']);
    expect(told(changes.toReversed())).toEqual(['sg-1 22 a>b', 'sg-1 22 c>']);
  });

  it('are those whose opening the rule’s query admits', () => {
    const changes = [
      groupChange('a', 0, add('tcp 22 0.0.0.0/0'), { record: { userAgent: 'terraform' } }),
      groupChange('b', 1, add('tcp 22 0.0.0.0/0'), {
        group: { kind: 'id', groupId: 'sg-2' },
        record: { userAgent: 'console' },
      }),
    ];
    const narrowed = portRule('ssh', [22], { where: '@userAgent:terraform' });
    expect(told(changes, [narrowed])).toEqual(['sg-1 22 a>']);
    expect(told(changes, [narrowed, portRule('all', [22])])).toEqual([
      'sg-1 22 a>',
      'sg-1 22 a>',
      'sg-2 22 b>',
    ]);
  });

  it('are none without rules', () => {
    expect(told([groupChange('a', 0, add('tcp 22 0.0.0.0/0'))], [])).toEqual([]);
  });

  it('of a group called by name belong to the group that has it', () => {
    const changes = [
      groupChange('a', 0, { kind: 'create' }, { groupName: 'web' }),
      groupChange('b', 1, add('tcp 22 0.0.0.0/0'), {
        group: { kind: 'name', groupName: 'web' },
        groupName: 'web',
      }),
    ];
    expect(told(changes)).toEqual(['sg-1 22 b>']);
    expect(undetermined(changes)).toEqual([]);
    expect(told(changes.slice(1))).toEqual([]);
    expect(detectExposures(changes.slice(1), [ssh]).undetermined).toEqual([
      {
        eventId: 'b',
        eventTime: '2026-03-01T08:00:01Z',
        eventName: 'AuthorizeSecurityGroupIngress',
        accountId: '111122223333',
        region: 'us-east-1',
        groupId: null,
        reason: 'the group is named only by name, and nothing seen tells its id',
      },
    ]);
  });
});

describe('prefix lists', () => {
  const create = listChange('a', 0, { kind: 'create', cidrs: ['10.0.0.0/8'] });
  const names = groupChange('b', 1, add('tcp 22 pl-1'));
  const grow = listChange('c', 2, {
    kind: 'modify',
    add: ['0.0.0.0/0'],
    remove: [],
    currentVersion: 1,
  });
  const shrink = listChange('d', 3, {
    kind: 'modify',
    add: [],
    remove: ['0.0.0.0/0'],
    currentVersion: 2,
  });

  it('open and close what names them', () => {
    expect(told([create, names, grow, shrink])).toEqual(['sg-1 22 c>d']);
    expect(undetermined([create, names, grow, shrink])).toEqual([]);
  });

  it('open what a modification names', () => {
    const changes = [create, groupChange('b', 1, replace('tcp 22 pl-1 sgr-1')), grow];
    expect(told(changes)).toEqual(['sg-1 22 c>']);
  });

  it('are those of the group’s region, in whatever account', () => {
    const shared = { ...grow, accountId: '444455556666' };
    expect(told([{ ...create, accountId: '444455556666' }, names, shared])).toEqual(['sg-1 22 c>']);
    expect(told([create, names, { ...grow, region: 'eu-central-1' }])).toEqual([]);
  });

  it('do not touch groups that do not name them', () => {
    const other = listChange(
      'x',
      2,
      { kind: 'create', cidrs: ['0.0.0.0/0'] },
      { prefixListId: 'pl-9' },
    );
    expect(told([create, names, other])).toEqual([]);
  });

  it('are taken with the changes of the group, by event id within one second', () => {
    const before = listChange('a', 1, { kind: 'create', cidrs: ['0.0.0.0/0'] });
    const after = listChange('c', 1, { kind: 'create', cidrs: ['0.0.0.0/0'] });
    expect(told([names, before])).toEqual(['sg-1 22 b>']);
    expect(told([names, after])).toEqual(['sg-1 22 c>']);
  });

  it('leave a row undetermined while they are unknown, and say so once', () => {
    const again = groupChange('e', 4, add('tcp 3389 0.0.0.0/0'));
    expect(undetermined([names, again])).toEqual([`b: ${unknownList}`]);
    expect(undetermined([names, groupChange('e', 4, add('tcp 0-65535 pl-2'))])).toEqual([
      `b: ${unknownList}`,
      `e: ${unknownList}`,
    ]);
    const { undetermined: entries } = detectExposures([names], [ssh]);
    expect(entries).toMatchObject([{ groupId: 'sg-1', eventId: 'b' }]);
  });

  it('leave it undetermined once more where nothing else keeps the port open', () => {
    const changes = [
      groupChange('a', 0, add('tcp 22 0.0.0.0/0')),
      names,
      groupChange('e', 4, remove('tcp 22 0.0.0.0/0')),
      groupChange('f', 5, remove('tcp 22 pl-1')),
      groupChange('g', 6, add('tcp 22 pl-1')),
    ];
    expect(undetermined(changes)).toEqual([
      `b: ${unknownList}`,
      `e: ${unknownList}`,
      `g: ${unknownList}`,
    ]);
  });

  it('leave each row undetermined for itself', () => {
    const rule = portRule('two', [22, 3389]);
    const changes = [
      groupChange('a', 0, add('tcp 22 0.0.0.0/0', 'tcp 3389 0.0.0.0/0')),
      groupChange('b', 1, add('tcp 22 pl-1')),
      groupChange('c', 2, add('tcp 3389 pl-2')),
      groupChange('d', 3, remove('tcp 22 0.0.0.0/0')),
      groupChange('e', 4, remove('tcp 3389 0.0.0.0/0')),
    ];
    expect(undetermined(changes, [rule])).toEqual(
      ['b', 'c', 'd', 'e'].map((id) => `${id}: ${unknownList}`),
    );
  });

  it('are named by no rule’s port, and not asked about', () => {
    expect(undetermined([groupChange('b', 1, add('tcp 23 pl-1'))])).toEqual([]);
  });
});

describe('a removal by an id that was never seen', () => {
  it('is undetermined while rows without a known id are there', () => {
    const changes = [
      groupChange('a', 0, add('tcp 22 0.0.0.0/0')),
      groupChange('b', 1, removeIds('sgr-1')),
    ];
    expect(told(changes)).toEqual(['sg-1 22 a>']);
    expect(undetermined(changes)).toEqual([`b: ${unknownRow}`]);
  });

  it('is of no matter where every row has an id, or the id is known, or content is named', () => {
    const known = groupChange('a', 0, add('tcp 22 0.0.0.0/0 sgr-1'));
    const unnamed = groupChange('a', 0, add('tcp 22 0.0.0.0/0', 'tcp 23 0.0.0.0/0 sgr-1'));
    expect(undetermined([known, groupChange('b', 1, removeIds('sgr-9'))])).toEqual([]);
    expect(undetermined([unnamed, groupChange('b', 1, removeIds('sgr-1'))])).toEqual([]);
    expect(undetermined([unnamed, groupChange('b', 1, removeIds('sgr-1', 'sgr-9'))])).toEqual([
      `b: ${unknownRow}`,
    ]);
    const byContent = groupChange('b', 1, {
      kind: 'remove',
      rows: [row('tcp 22 0.0.0.0/0')],
      ruleIds: ['sgr-9'],
    });
    expect(undetermined([unnamed, byContent])).toEqual([]);
    expect(undetermined([groupChange('b', 1, removeIds('sgr-9'))])).toEqual([]);
  });
});

describe('what cannot be told', () => {
  it('comes by time, event and group', () => {
    const named = (id: string, second: number) =>
      groupChange(id, second, add('tcp 22 0.0.0.0/0'), {
        group: { kind: 'name', groupName: 'web' },
      });
    const listed = (id: string, second: number, groupId: string) =>
      groupChange(id, second, add('tcp 22 pl-1'), { group: { kind: 'id', groupId } });
    const changes = [
      named('z', 0),
      listed('b', 1, 'sg-2'),
      listed('a', 1, 'sg-9'),
      named('y', 2),
      listed('c', 0, 'sg-1'),
      // An incomplete list that shrinks touches several groups at once.
      groupChange('k', 3, add('tcp 22 0.0.0.0/0'), { group: { kind: 'id', groupId: 'sg-9' } }),
      groupChange('l', 3, add('tcp 22 0.0.0.0/0'), { group: { kind: 'id', groupId: 'sg-2' } }),
    ];
    const order = (given: readonly Change[]) =>
      detectExposures(given, [ssh]).undetermined.map(({ eventId }) => eventId);
    expect(order(changes)).toEqual(['c', 'z', 'a', 'b', 'y']);
    expect(order(changes.toReversed())).toEqual(['c', 'z', 'a', 'b', 'y']);
  });

  it('of one event in several groups comes by group', () => {
    const grow = listChange('m', 1, {
      kind: 'modify',
      add: ['0.0.0.0/0'],
      remove: [],
      currentVersion: 4,
    });
    const shrink = listChange('n', 2, {
      kind: 'modify',
      add: [],
      remove: ['0.0.0.0/0'],
      currentVersion: 5,
    });
    const naming = ['sg-3', 'sg-1', 'sg-2'].map((groupId, index) =>
      groupChange(`g${index}`, 0, add('tcp 22 pl-1'), { group: { kind: 'id', groupId } }),
    );
    const { undetermined: entries } = detectExposures([shrink, ...naming, grow], [ssh]);
    expect(entries.filter(({ eventId }) => eventId === 'n').map(({ groupId }) => groupId)).toEqual([
      'sg-1',
      'sg-2',
      'sg-3',
    ]);
  });
});
