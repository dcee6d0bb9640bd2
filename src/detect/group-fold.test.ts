import { describe, expect, it } from 'vitest';

import { portRule } from '../../test/oracle/rules.ts';
import { add, groupChange, listChange, remove, removeIds } from '../../test/support/changes.ts';
import type { Change } from '../model/change.ts';
import { GroupFold, type FoldStart, type GroupFoldState } from './group-fold.ts';
import type { PrefixListState } from './prefix-lists.ts';

const group = { accountId: '111122223333', region: 'us-east-1', groupId: 'sg-1' };
const rules = [portRule('two', [22, 3389]), portRule('ssh', [22])];
const unknown: PrefixListState = { cidrs: new Set(['10.0.0.0/8']), complete: false, version: null };
const wide: PrefixListState = { cidrs: new Set(['0.0.0.0/0']), complete: true, version: 2 };

/** A history in which exposures begin, widen and end, and a list is not known for a while. */
const changes: readonly Change[] = [
  groupChange('a', 0, add('tcp 22 0.0.0.0/1 sgr-1')),
  groupChange('b', 1, add('tcp 22 128.0.0.0/1 sgr-2', 'tcp 3389 ::/0')),
  groupChange('c', 2, add('tcp 3389 pl-1')),
  groupChange('d', 3, removeIds('sgr-1', 'sgr-2')),
  groupChange('e', 4, remove('tcp 3389 ::/0')),
  listChange('f', 5, { kind: 'modify', add: ['0.0.0.0/0'], remove: [], currentVersion: 1 }),
  groupChange('g', 6, add('tcp 22 0.0.0.0/0')),
  groupChange('h', 7, removeIds('sgr-9')),
];

const listAt = (index: number): PrefixListState => (index < 5 ? unknown : wide);

function follow(from: number, to: number, start?: FoldStart): GroupFold {
  const fold = new GroupFold(group, rules, new Set(), start);
  for (const [index, change] of changes.slice(from, to).entries()) {
    fold.learnList('pl-1', listAt(from + index));
    fold.apply(change);
  }
  return fold;
}

/** Follows on from what following up to there came to, as it would be stored. */
function followOn(from: number): { before: GroupFold; after: GroupFold } {
  const before = follow(0, from);
  const state = JSON.parse(JSON.stringify(before.state())) as GroupFoldState;
  const changeOf = (eventId: string): Change => {
    const change = changes.find((each) => each.eventId === eventId);
    if (change === undefined) throw new Error(`no change ${eventId}`);
    return change;
  };
  const lists = new Map([['pl-1', listAt(from)]]);
  return { before, after: follow(from, changes.length, { state, lists, changeOf }) };
}

const naming = { groupName: 'web' };
const key = (text: unknown): string => JSON.stringify(text);
const told = (fold: GroupFold): readonly string[] => fold.findings(naming).map(key);
const whole = follow(0, changes.length);

describe('following a group', () => {
  it('tells what began, widened and ended, under each rule, by the name that it is given', () => {
    const found = whole
      .findings(naming)
      .map(
        ({ rule, exposure, openedBy, closedBy, admissions }) =>
          `${exposure.groupName} ${rule.id} ${exposure.port} ${openedBy.eventId}>${closedBy?.eventId ?? ''} ` +
          admissions.map(({ source, by }) => `${source} by ${by.eventId}`).join(', '),
      );
    expect(found.toSorted()).toEqual([
      'web ssh 22 a>d 0.0.0.0/1 by a, 128.0.0.0/1 by b',
      'web ssh 22 g> 0.0.0.0/0 by g',
      'web two 22 a>d 0.0.0.0/1 by a, 128.0.0.0/1 by b',
      'web two 22 g> 0.0.0.0/0 by g',
      'web two 3389 b>e ::/0 by b',
      'web two 3389 f> 0.0.0.0/0 by f',
    ]);
    expect(whole.undetermined().map(({ eventId }) => eventId)).toEqual(['c', 'e', 'h']);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])(
    'goes on after %i changes as if it had never been interrupted',
    (from) => {
      const { before, after } = followOn(from);
      const ended = before.findings(naming).filter(({ closedBy }) => closedBy !== null);
      expect([...ended.map(key), ...told(after)].toSorted()).toEqual(told(whole).toSorted());
      expect([...before.undetermined(), ...after.undetermined()]).toEqual(whole.undetermined());
      expect(after.state()).toEqual(whole.state());
    },
  );

  it('begins anew under a rule that was not there before', () => {
    const { rows, unknownRows } = follow(0, 2).state();
    const start = {
      state: { rows, unknownRows, open: {} },
      lists: new Map<string, PrefixListState>(),
      changeOf: (): never => {
        throw new Error('nothing is open');
      },
    };
    expect(follow(2, 3, start).findings(naming)).toMatchObject([
      { rule: { id: 'two' }, openedBy: { eventId: 'c' } },
      { rule: { id: 'two' }, openedBy: { eventId: 'c' } },
      { rule: { id: 'ssh' }, openedBy: { eventId: 'c' } },
    ]);
  });
});
