import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { exposureRule, portRule } from '../../test/oracle/rules.ts';
import { add, groupChange, remove } from '../../test/support/changes.ts';
import { detectExposures } from '../detect/detect-exposures.ts';
import type { Finding } from '../detect/finding.ts';
import type { GroupChange } from '../model/change.ts';
import type { Suppression } from '../model/suppression.ts';
import { suppressFindings, suppressionPaths, suppressLogSignals } from './suppress.ts';
import type { ToldLogSignal } from './track-log-signals.ts';

const rule = portRule('two', [22, 3389], {}, { groupBy: [] });

function accept(query: string, given: Partial<Suppression> = {}): Suppression {
  return {
    id: query,
    ruleId: null,
    query,
    reason: 'known',
    creator: null,
    startMs: null,
    endMs: null,
    ...given,
  };
}

function found(changes: readonly GroupChange[]): readonly Finding[] {
  return detectExposures(changes, [rule]).findings;
}

/** Ports of what is told. */
function told(changes: readonly GroupChange[], ...suppressions: readonly Suppression[]): number[] {
  return suppressFindings(found(changes), suppressions).told.map(({ exposure }) => exposure.port);
}

const both = [groupChange('a', 0, add('tcp 22-3389 0.0.0.0/0'))];

describe('a suppression', () => {
  it('hides the port that it names and no other of the same call', () => {
    const { told: left, hidden } = suppressFindings(found(both), [accept('@exposures.port:22')]);
    expect(left.map(({ exposure }) => exposure.port)).toEqual([3389]);
    expect(hidden.map((each) => each.hidden)).toMatchObject([
      {
        signal: { ruleId: 'two' },
        exposures: [{ port: 22 }],
        suppressions: [{ id: '@exposures.port:22', reason: 'known' }],
      },
    ]);
  });

  it('is about its rule, or about all', () => {
    expect(told(both, accept('*', { ruleId: 'two' }))).toEqual([]);
    expect(told(both, accept('*', { ruleId: 'other' }))).toEqual([22, 3389]);
  });

  it('is in force from its first moment to its last, by the time of the call', () => {
    const at = Date.UTC(2026, 2, 1, 8);
    expect(told(both, accept('*', { startMs: at, endMs: at }))).toEqual([]);
    expect(told(both, accept('*', { startMs: at + 1 }))).toEqual([22, 3389]);
    expect(told(both, accept('*', { endMs: at - 1 }))).toEqual([22, 3389]);
  });

  it('never hides a source beside the one that it accepts', () => {
    const wide = '@exposures.sources:"128.0.0.0/2"';
    const first = groupChange('a', 0, add('tcp 22 128.0.0.0/2'));
    const second = groupChange('b', 9, add('tcp 22 0.0.0.0/2'));
    expect(told([first], accept(wide))).toEqual([]);
    expect(told([first, second], accept(wide))).toEqual([22]);
    expect(told([first, second], accept(wide), accept('@exposures.sources:"0.0.0.0/2"'))).toEqual(
      [],
    );
  });

  it('never hides what somebody else, or a later day, opened wider', () => {
    const first = groupChange('a', 0, add('tcp 22 128.0.0.0/2'));
    const wider = groupChange('b', 9, add('tcp 22 0.0.0.0/0'), {
      record: { userIdentity: { type: 'IAMUser', userName: 'mallory' } },
    });
    expect(told([first, wider], accept('-@userIdentity.userName:mallory'))).toEqual([22]);
    const until = accept('@exposures.port:22', { endMs: Date.UTC(2026, 2, 1, 8, 0, 5) });
    expect(told([first], until)).toEqual([]);
    expect(told([first, wider], until)).toEqual([22]);
  });

  it('never hides the rest of a range', () => {
    const others = exposureRule('others', { ports: null });
    const { findings } = detectExposures(
      [groupChange('a', 0, add('tcp 8080-8090 0.0.0.0/0'))],
      [others],
    );
    const left = (query: string): number => suppressFindings(findings, [accept(query)]).told.length;
    expect(findings).toMatchObject([{ exposure: { port: 8080, toPort: 8090 } }]);
    expect(left('@exposures.port:8080')).toBe(1);
    expect(left('@exposures.port:(8080 OR 8090)')).toBe(1);
    expect(left('@exposures.port:[8080 TO 8090]')).toBe(0);
    expect(left('@exposures.groupId:sg-1')).toBe(0);
  });

  it('judges how long a source was let in from the call that let it in', () => {
    const changes = [
      groupChange('a', 0, add('tcp 22 128.0.0.0/2')),
      groupChange('b', 9, add('tcp 22 0.0.0.0/2')),
      groupChange('c', 19, { kind: 'delete' }),
    ];
    expect(told(changes, accept('@exposures.durationSeconds:(19 OR 10)'))).toEqual([]);
    expect(told(changes, accept('@exposures.durationSeconds:19'))).toEqual([22]);
    expect(told(changes.slice(0, 2), accept('@exposures.durationSeconds:[0 TO 99]'))).toEqual([22]);
  });

  it('does not hide an exposure of which nobody knows what opened it', () => {
    const unexplained = found(both).map((finding) => ({ ...finding, admissions: [] }));
    expect(suppressFindings(unexplained, [accept('*')]).told).toEqual(unexplained);
  });

  it('is named, by id, beside all others that hide a part of the same signal', () => {
    const { hidden } = suppressFindings(found(both), [
      accept('@exposures.port:3389', { id: 'b' }),
      accept('@exposures.port:22', { id: 'c' }),
      accept('*', { id: 'a', ruleId: 'other' }),
    ]);
    expect(hidden.map((each) => each.hidden.suppressions.map(({ id }) => id))).toEqual([
      ['b', 'c'],
    ]);
  });
});

describe('a suppression of a signal of records', () => {
  // Only what the splitting looks at.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const signal = { ruleId: 'logs', severity: 'low' } as ToldLogSignal['signal'];
  const records = ['alice', 'bob'].map((name, index) => ({
    timeMs: index * 1000,
    record: { userIdentity: { userName: name } },
  }));
  const each: ToldLogSignal = { signal, records: () => records, sample: {} };
  const left = (...suppressions: readonly Suppression[]): number =>
    suppressLogSignals([each], suppressions).told.length;

  it('hides it when each record is accepted', () => {
    expect(left(accept('@userIdentity.userName:alice'))).toBe(1);
    expect(left(accept('@userIdentity.userName:(alice OR bob) @severity:low'))).toBe(0);
    expect(left(accept('@userIdentity.userName:alice'), accept('@userIdentity.userName:b*'))).toBe(
      0,
    );
  });

  it('is about its rule, and in force at the time of each record', () => {
    expect(left(accept('*', { ruleId: 'logs' }))).toBe(0);
    expect(left(accept('*', { ruleId: 'other' }))).toBe(1);
    expect(left(accept('*', { startMs: 0, endMs: 1000 }))).toBe(0);
    expect(left(accept('*', { endMs: 999 }))).toBe(1);
  });

  it('is named with what it hides, by id', () => {
    const { told: stays, hidden } = suppressLogSignals(
      [each],
      [
        accept('@userIdentity.userName:alice', { id: 'z', reason: 'drill' }),
        accept('@userIdentity.userName:bob', { id: 'a', reason: 'robot' }),
      ],
    );
    expect(stays).toEqual([]);
    expect(hidden).toEqual([
      {
        hidden: {
          signal,
          exposures: [],
          suppressions: [
            { id: 'a', reason: 'robot' },
            { id: 'z', reason: 'drill' },
          ],
        },
        told: each,
      },
    ]);
  });

  it('hides none that has no records', () => {
    const bare = { ...each, records: () => [] };
    expect(suppressLogSignals([bare], [accept('*')])).toEqual({ told: [bare], hidden: [] });
  });

  it('of another rule costs no look at the records', () => {
    const unlooked: ToldLogSignal = {
      ...each,
      records: () => {
        throw new Error('looked at');
      },
    };
    expect(suppressLogSignals([unlooked], [accept('*', { ruleId: 'other' })]).told).toEqual([
      unlooked,
    ]);
  });
});

test('the attributes that suppressions ask for are those of all their queries', () => {
  const suppressions = [accept('@userAgent:x -@exposures.port:22'), accept('@awsRegion:y')];
  expect(suppressionPaths(suppressions).toSorted()).toEqual([
    'awsRegion',
    'exposures.port',
    'userAgent',
  ]);
});

const ports = fc.constantFrom(22, 3389);
const sources = fc.constantFrom('0.0.0.0/0', '128.0.0.0/2', '64.0.0.0/2', '::/0');
const change = fc
  .tuple(fc.nat(50), ports, sources, fc.boolean(), fc.constantFrom('sg-1', 'sg-2'))
  .map(([second, port, source, opens, groupId]) => {
    const row = `tcp ${port} ${source}`;
    return groupChange(
      `${second}-${row}-${opens}-${groupId}`,
      second,
      opens ? add(row) : remove(row),
      { group: { kind: 'id', groupId } },
    );
  });

describe('whatever was opened and accepted', () => {
  it('nothing outside the query is hidden, and everything is told or hidden, once', () => {
    fc.assert(
      fc.property(fc.array(change), ports, sources, fc.nat(50), (changes, port, source, until) => {
        const endMs = Date.UTC(2026, 2, 1, 8, 0, until);
        const query = `@exposures.port:${port} @exposures.sources:"${source}"`;
        const findings = found(changes);
        const { told: left, hidden } = suppressFindings(findings, [accept(query, { endMs })]);
        const exposures = hidden.flatMap((each) => each.hidden.exposures);
        for (const exposure of exposures) {
          expect(exposure).toMatchObject({ port, sources: [source] });
          expect(Date.parse(exposure.openedAt)).toBeLessThanOrEqual(endMs);
        }
        const ids = [...left.map(({ exposure }) => exposure.id), ...exposures.map(({ id }) => id)];
        expect(ids.toSorted()).toEqual(findings.map(({ exposure }) => exposure.id).toSorted());
      }),
    );
  });

  it('without suppressions all stays as it is', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const findings = found(changes);
        expect(suppressFindings(findings, [])).toEqual({ told: findings, hidden: [] });
      }),
    );
  });
});
