import { describe, expect, it } from 'vitest';

import { exposureRule, portRule } from '../../test/oracle/rules.ts';
import { add, groupChange, remove } from '../../test/support/changes.ts';
import { detectExposures } from '../detect/detect-exposures.ts';
import type { Actor } from '../model/actor.ts';
import type { Change, GroupChange } from '../model/change.ts';
import type { ExposureRule } from '../model/rule.ts';
import { compareSignals, nameOf, tellSignals, trackSignals } from './track-signals.ts';

const everyone: Actor = {
  type: 'IAMUser',
  arn: 'arn:aws:iam::111122223333:user/alice',
  sessionName: 'alice',
  accessKeyId: 'AKIA',
  sourceIp: null,
  userAgent: null,
  invokedBy: null,
};
const anyone: Partial<ExposureRule> = { groupBy: [] };
const ssh = portRule('ssh', [22], {}, anyone);
const twoPorts = portRule('two', [22, 3389], {}, anyone);

const signals = (changes: readonly Change[], rules: readonly ExposureRule[] = [twoPorts]) =>
  trackSignals(detectExposures(changes, rules).findings);

/** The opening events of each signal, signal by signal. */
const batches = (changes: readonly Change[], rules?: readonly ExposureRule[]) =>
  signals(changes, rules).map(({ eventIds }) => eventIds.join(' '));

const open = (id: string, second: number, port = 22, more: Partial<GroupChange> = {}) =>
  groupChange(id, second, add(`tcp ${port} 0.0.0.0/0`), more);
const shut = (id: string, second: number, port = 22, more: Partial<GroupChange> = {}) =>
  groupChange(id, second, remove(`tcp ${port} 0.0.0.0/0`), more);
const group = (groupId: string): Partial<GroupChange> => ({ group: { kind: 'id', groupId } });
const by = (actor: Partial<Actor>): Partial<GroupChange> => ({ actor: { ...everyone, ...actor } });

describe('a signal', () => {
  it('tells what was opened, when and by whom, and that it is open', () => {
    const change = open('a', 0, 22, { groupName: 'web', vpcId: 'vpc-1' });
    const { findings } = detectExposures([change], [ssh]);
    expect(trackSignals(findings)).toEqual([
      {
        id: 'sig-623671ee3019463c6dff',
        ruleId: 'ssh',
        severity: 'high',
        title: 'Opened',
        accountId: '111122223333',
        region: 'us-east-1',
        groupId: 'sg-1',
        groupName: 'web',
        vpcId: 'vpc-1',
        actor: change.actor,
        firstSeen: '2026-03-01T08:00:00Z',
        lastSeen: '2026-03-01T08:00:00Z',
        status: 'open',
        closedAt: null,
        closedBy: null,
        durationSeconds: null,
        message: 'Opened',
        exposures: findings.map(({ exposure }) => exposure.id),
        eventIds: ['a'],
      },
    ]);
  });

  it('has no name and VPC where there are none', () => {
    const [signal] = signals([open('a', 0)]);
    expect(signal).not.toHaveProperty('groupName');
    expect(signal).not.toHaveProperty('vpcId');
  });

  it('tells who closed it, when, and after how long', () => {
    const bob = { ...everyone, sessionName: 'bob' };
    const carol = { ...everyone, sessionName: 'carol' };
    const changes = [
      open('a', 0),
      open('b', 10, 3389),
      shut('c', 100, 22, { actor: carol }),
      shut('d', 60, 3389, { actor: bob }),
    ];
    expect(signals(changes)).toMatchObject([
      {
        status: 'closed',
        firstSeen: '2026-03-01T08:00:00Z',
        lastSeen: '2026-03-01T08:01:40Z',
        closedAt: '2026-03-01T08:01:40Z',
        closedBy: carol,
        durationSeconds: 100,
        eventIds: ['a', 'b', 'd', 'c'],
      },
    ]);
  });

  it('stays open while one exposure is, and was last seen at the latest event', () => {
    expect(signals([open('a', 0), open('b', 10, 3389), shut('c', 100)])).toMatchObject([
      {
        status: 'open',
        lastSeen: '2026-03-01T08:01:40Z',
        closedAt: null,
        closedBy: null,
        durationSeconds: null,
        eventIds: ['a', 'b', 'c'],
      },
    ]);
    expect(signals([open('a', 0), shut('b', 5), open('c', 100)])).toMatchObject([
      { status: 'open', lastSeen: '2026-03-01T08:01:40Z' },
    ]);
  });

  it('takes the greater event id for the later of two closings in one second', () => {
    const bob = { actor: { ...everyone, sessionName: 'bob' } };
    const changes = [open('a', 0), open('b', 1, 3389), shut('d', 9), shut('c', 9, 3389, bob)];
    expect(signals(changes)).toMatchObject([
      { closedBy: { sessionName: 'alice' }, eventIds: ['a', 'b', 'c', 'd'] },
    ]);
    const turned = [open('a', 0), open('b', 1, 3389), shut('c', 9), shut('d', 9, 3389, bob)];
    expect(signals(turned)).toMatchObject([{ closedBy: { sessionName: 'bob' } }]);
  });

  it('names each event once, in time order', () => {
    const both = groupChange('z', 0, add('tcp 22 0.0.0.0/0', 'tcp 3389 0.0.0.0/0'));
    const closing = groupChange('a', 9, remove('tcp 22 0.0.0.0/0', 'tcp 3389 0.0.0.0/0'));
    expect(signals([both, closing])).toMatchObject([{ eventIds: ['z', 'a'] }]);
    expect(signals([both, closing])[0]?.exposures).toHaveLength(2);
  });
});

describe('openings', () => {
  it('of one event are told together, under each rule', () => {
    const both = groupChange('a', 0, add('tcp 22 0.0.0.0/0', 'tcp 3389 0.0.0.0/0'));
    expect(
      signals([both], [twoPorts, ssh])
        .map(({ ruleId, exposures }) => `${ruleId} ${exposures.length}`)
        .toSorted(),
    ).toEqual(['ssh 1', 'two 2']);
  });

  it('of two groups, accounts or regions are told apart', () => {
    const changes = [
      open('a', 0),
      open('b', 1, 22, group('sg-2')),
      open('c', 2, 22, { accountId: '444455556666' }),
      open('d', 3, 22, { region: 'eu-central-1' }),
    ];
    expect(batches(changes)).toEqual(['a', 'b', 'c', 'd']);
    expect(new Set(signals(changes).map(({ id }) => id)).size).toBe(4);
  });

  it('of two actors are told apart', () => {
    const pairs: readonly (readonly [Partial<Actor>, Partial<Actor>])[] = [
      [{}, { arn: 'arn:bob' }],
      [{}, { type: 'Root' }],
      [{}, { invokedBy: 'cloudformation.amazonaws.com' }],
      [{ arn: null }, { arn: null, sessionName: 'bob' }],
      [
        { arn: null, sessionName: null },
        { arn: null, sessionName: null, accessKeyId: 'AKIB' },
      ],
    ];
    for (const [one, other] of pairs) {
      expect(batches([open('a', 0, 22, by(one)), open('b', 1, 3389, by(other))])).toEqual([
        'a',
        'b',
      ]);
    }
  });

  it('of one actor are told together, whatever else differs', () => {
    const pairs: readonly (readonly [Partial<Actor>, Partial<Actor>])[] = [
      [{}, { accessKeyId: 'AKIB', sourceIp: '203.0.113.9', userAgent: 'x' }],
      [{}, { sessionName: 'other' }],
      [{ arn: null }, { arn: null, accessKeyId: 'AKIB' }],
    ];
    for (const [one, other] of pairs) {
      expect(batches([open('a', 0, 22, by(one)), open('b', 1, 3389, by(other))])).toEqual(['a b']);
    }
  });

  it('are grouped by what the rule groups by', () => {
    const rule = portRule('two', [22, 3389], {}, { groupBy: ['@userAgent', '@team'] });
    const made = (userAgent: string, team?: string) => ({ record: { userAgent, team } });
    const pair = (one: Partial<GroupChange>, other: Partial<GroupChange>) =>
      batches([open('a', 0, 22, one), open('b', 1, 3389, other)], [rule]);
    expect(pair(made('x', 't'), made('x', 't'))).toEqual(['a b']);
    expect(pair(made('x', 't'), made('y', 't'))).toEqual(['a', 'b']);
    expect(pair(made('x', 't'), made('x', 'u'))).toEqual(['a', 'b']);
    // What a record does not say, its actor stands in for.
    expect(pair(made('x'), made('x'))).toEqual(['a b']);
    expect(pair(made('x'), { ...made('x'), ...by({ arn: 'arn:bob' }) })).toEqual(['a', 'b']);
    expect(pair(made('x', 't'), { ...made('x', 't'), ...by({ arn: 'arn:bob' }) })).toEqual(['a b']);
  });

  const timed = portRule(
    'two',
    [22, 3389],
    {},
    {
      ...anyone,
      options: { keepAliveSeconds: 60, maxSignalDurationSeconds: 100 },
    },
  );

  it('join within keep-alive, counted from the opening before', () => {
    expect(batches([open('a', 0), open('b', 60, 3389)], [timed])).toEqual(['a b']);
    expect(batches([open('a', 0), open('b', 61, 3389)], [timed])).toEqual(['a', 'b']);
    const chain = [open('a', 0), shut('b', 10), open('c', 50), shut('d', 55), open('e', 100, 3389)];
    expect(batches(chain, [timed])).toEqual(['a b c d e']);
  });

  it('join no longer than a signal may last, counted from its first', () => {
    const chain = [open('a', 0), shut('b', 10), open('c', 50), shut('d', 55), open('e', 101, 3389)];
    expect(batches(chain, [timed])).toEqual(['a b c d', 'e']);
  });

  it('do not join one that another actor made in between', () => {
    const changes = [
      open('a', 0),
      shut('b', 1),
      open('c', 2, 22, by({ arn: 'arn:bob' })),
      open('d', 3, 3389),
    ];
    expect(batches(changes, [timed])).toEqual(['a b d', 'c']);
  });
});

describe('the severity', () => {
  const rule = portRule(
    'two',
    [22, 3389],
    {},
    {
      ...anyone,
      severity: 'medium',
      cases: [
        { where: '@userAgent:deploy', severity: 'low' },
        { where: '@userAgent:d*', severity: 'info' },
        { where: '@userAgent:evil', severity: 'critical' },
      ],
    },
  );
  const severityOf = (...userAgents: readonly string[]) =>
    signals(
      userAgents.map((userAgent, index) =>
        open(`e${index}`, index, index === 0 ? 22 : 3389, { record: { userAgent } }),
      ),
      [rule],
    ).map(({ severity }) => severity);

  it('is that of the first case that holds, else that of the rule', () => {
    expect(severityOf('deploy')).toEqual(['low']);
    expect(severityOf('dd')).toEqual(['info']);
    expect(severityOf('other')).toEqual(['medium']);
  });

  it('is the most severe of the openings', () => {
    expect(severityOf('deploy', 'evil')).toEqual(['critical']);
    expect(severityOf('evil', 'deploy')).toEqual(['critical']);
    expect(severityOf('deploy', 'other')).toEqual(['medium']);
  });

  it('is that of a case for every record', () => {
    const always = { ...rule, cases: [{ where: null, severity: 'critical' as const }] };
    expect(signals([open('a', 0)], [always])).toMatchObject([{ severity: 'critical' }]);
  });
});

describe('the words', () => {
  const worded = (template: string, rule: Partial<ExposureRule> = {}) =>
    portRule(
      'two',
      [22, 3389],
      {},
      { ...anyone, title: ` ${template} `, message: `\n${template}\n`, ...rule },
    );
  const titleOf = (template: string, changes: readonly Change[], rule?: Partial<ExposureRule>) =>
    signals(changes, [worded(template, rule)]).map(({ title }) => title);

  it('are filled in, and trimmed', () => {
    const [signal] = signals([open('a', 0)], [worded('{{@signal.groupId}} opened')]);
    expect(signal).toMatchObject({ title: 'sg-1 opened', message: 'sg-1 opened' });
  });

  it('can quote the opening record, and what is derived from it', () => {
    const record = { eventName: 'AuthorizeSecurityGroupIngress', userAgent: 'cli' };
    expect(titleOf('{{@evt.name}} {{@userAgent}}', [open('a', 0, 22, { record })])).toEqual([
      'AuthorizeSecurityGroupIngress cli',
    ]);
  });

  it('can tell everything about the signal', () => {
    const changes = [
      groupChange('a', 0, add('tcp 3389 0.0.0.0/1', 'tcp 22 0.0.0.0/1', 'tcp 22 128.0.0.0/1'), {
        groupName: 'web',
        vpcId: 'vpc-1',
      }),
      groupChange('b', 90, { kind: 'delete' }, by({ sessionName: 'bob' })),
    ];
    const names = [
      'ruleId',
      'severity',
      'accountId',
      'region',
      'groupId',
      'groupName',
      'vpcId',
      'actor',
      'ports',
      'sources',
      'firstSeen',
      'lastSeen',
      'status',
      'closedAt',
      'closedBy',
      'durationSeconds',
      'duration',
    ];
    const template = names.map((name) => `${name}={{@signal.${name}}}`).join(' ');
    expect(titleOf(template, changes)).toEqual([
      'ruleId=two severity=high accountId=111122223333 region=us-east-1 groupId=sg-1 groupName=web ' +
        'vpcId=vpc-1 actor=alice ports=22 (service-22), 3389 (service-3389) ' +
        'sources=0.0.0.0/1, 128.0.0.0/1 firstSeen=2026-03-01T08:00:00Z ' +
        'lastSeen=2026-03-01T08:01:30Z status=closed closedAt=2026-03-01T08:01:30Z closedBy=bob ' +
        'durationSeconds=90 duration=1 min 30 s',
    ]);
  });

  it('can name one port or source of several', () => {
    const changes = [groupChange('a', 0, add('tcp 3389 ::/0', 'tcp 22 0.0.0.0/0'))];
    const template =
      '{{@signal.portList.[0]}} {{@signal.portList.[1]}} {{@signal.sourceList.[0]}} {{@signal.sourceList.[1]}}';
    expect(titleOf(template, changes)).toEqual(['22 3389 0.0.0.0/0 ::/0']);
  });

  it('name ports in their order, not in that of the openings', () => {
    const changes = [open('a', 0, 3389), open('b', 1, 22)];
    expect(titleOf('{{@signal.portList.[0]}} of {{@signal.ports}}', changes)).toEqual([
      '22 of 22 (service-22), 3389 (service-3389)',
    ]);
  });

  it('say a port and a source once, however often it was opened', () => {
    const changes = [open('a', 0), shut('b', 1), open('c', 2), shut('d', 3)];
    expect(titleOf('{{@signal.ports}} from {{@signal.sources}}', changes)).toEqual([
      '22 (service-22) from 0.0.0.0/0',
    ]);
    expect(titleOf('{{@signal.portList.[1]}}', changes)).toEqual(['']);
  });

  it('name what is open alone, where that is asked for and something is', () => {
    const both = groupChange('a', 0, add('tcp 22 0.0.0.0/0', 'tcp 3389 ::/0'));
    const rule = worded('{{@signal.ports}} from {{@signal.sources}}');
    const wordsOf = (changes: readonly Change[], namesOpenOnly: boolean) =>
      tellSignals(detectExposures(changes, [rule]).findings, { namesOpenOnly }).map(
        ({ signal }) => [signal.title, signal.message, signal.exposures.length],
      );
    const all = '22 (service-22), 3389 (service-3389) from 0.0.0.0/0, ::/0';
    const open3389 = '3389 (service-3389) from ::/0';
    expect(wordsOf([both, shut('b', 9)], true)).toEqual([[open3389, open3389, 2]]);
    expect(wordsOf([both, shut('b', 9)], false)).toEqual([[all, all, 2]]);
    expect(wordsOf([both, groupChange('b', 9, { kind: 'delete' })], true)).toEqual([[all, all, 2]]);
  });

  it('leave out what is not known of an open signal', () => {
    expect(titleOf('{{#if @signal.closedAt}}closed{{else}}open{{/if}}', [open('a', 0)])).toEqual([
      'open',
    ]);
    expect(
      titleOf(
        '[{{@signal.closedBy}}{{@signal.durationSeconds}}{{@signal.duration}}{{@signal.groupName}}]',
        [open('a', 0)],
      ),
    ).toEqual(['[]']);
  });

  it.each([
    ['tcp 8000-9000 0.0.0.0/0', '8000-9000/tcp'],
    ['tcp 8000 0.0.0.0/0', '8000/tcp'],
    ['udp 53 0.0.0.0/0', '53/udp'],
    ['all * 0.0.0.0/0', 'all ports and protocols'],
    ['tcp * 0.0.0.0/0', '0-65535/tcp'],
  ])('tell a range of %s as %s', (text, words) => {
    const rule = exposureRule(
      'other',
      { protocols: ['tcp', 'udp'] },
      { ...anyone, title: '{{@signal.ports}}' },
    );
    expect(signals([groupChange('a', 0, add(text))], [rule])).toMatchObject([{ title: words }]);
  });

  it('escape the message for Markdown, and not the title', () => {
    const record = { userAgent: '*bold*' };
    const [signal] = signals([open('a', 0, 22, { record })], [worded('{{@userAgent}}')]);
    expect(signal?.title).toBe('*bold*');
    expect(signal?.message).toBe('\\*bold\\*');
  });
});

describe('an actor', () => {
  const nobody = { ...everyone, arn: null, sessionName: null, accessKeyId: null };

  it('is named by what a person would recognize, or the next best thing', () => {
    expect(nameOf(everyone)).toBe('alice');
    expect(nameOf({ ...nobody, arn: 'arn:x', invokedBy: 'x.amazonaws.com' })).toBe('arn:x');
    expect(nameOf({ ...nobody, invokedBy: 'x.amazonaws.com', accessKeyId: 'AKIA' })).toBe(
      'x.amazonaws.com',
    );
    expect(nameOf({ ...nobody, accessKeyId: 'AKIA' })).toBe('AKIA');
    expect(nameOf(nobody)).toBe('IAMUser');
  });
});

describe('signals', () => {
  it('are told in the order in which they were first seen, then by id', () => {
    const changes = [
      open('c', 5, 22, group('sg-3')),
      open('b', 0, 22, group('sg-2')),
      open('a', 0, 22, group('sg-1')),
    ];
    const found = signals(changes, [ssh, twoPorts]);
    expect(found).toEqual(found.toSorted(compareSignals));
    expect(found.map(({ firstSeen }) => firstSeen)).toEqual(
      found.map(({ firstSeen }) => firstSeen).toSorted(),
    );
    const sameTime = found.filter(({ groupId }) => groupId !== 'sg-3').map(({ id }) => id);
    expect(sameTime).toHaveLength(4);
    expect(sameTime).toEqual(sameTime.toSorted());
  });

  it('are none without findings', () => {
    expect(trackSignals([])).toEqual([]);
  });
});
