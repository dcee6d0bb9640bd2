import { describe, expect, it } from 'vitest';

import {
  add,
  groupChange,
  listChange,
  remove,
  removeIds,
  replace,
} from '../../test/support/changes.ts';
import type { Change } from '../model/change.ts';
import { canonicalChanges, causalOrder, compareChanges } from './order.ts';
import { compareText } from '../model/compare-text.ts';

const ids = (changes: Iterable<Change>) => [...changes].map(({ eventId }) => eventId);
const gone = { kind: 'delete' } as const;

describe('texts', () => {
  it('are compared by code units, as on every machine', () => {
    expect(['b', 'a', 'Z', 'ä', 'a'].toSorted(compareText)).toEqual(['Z', 'a', 'a', 'b', 'ä']);
    expect(compareText('a', 'a')).toBe(0);
  });
});

describe('the canonical changes', () => {
  it('are sorted by time, then by event id', () => {
    const changes = [
      groupChange('b', 1, gone),
      groupChange('z', 0, gone),
      groupChange('a', 1, gone),
      groupChange('c', 2, gone),
    ];
    expect(ids(canonicalChanges(changes))).toEqual(['z', 'a', 'b', 'c']);
    expect(compareChanges(changes[0] as Change, changes[0] as Change)).toBe(0);
  });

  it('hold each event once', () => {
    const change = groupChange('a', 0, gone);
    expect(canonicalChanges([change, change, structuredClone(change)])).toEqual([change]);
  });

  it('choose between two records of one event whatever their order', () => {
    const one = groupChange('a', 0, add('tcp 22 0.0.0.0/0'));
    const other = groupChange('a', 5, remove('tcp 22 0.0.0.0/0'));
    expect(canonicalChanges([one, other])).toEqual(canonicalChanges([other, one]));
    expect(canonicalChanges([one, other])).toHaveLength(1);
  });

  describe('of a call that was delivered to two accounts', () => {
    const copy = (id: string, recipientAccountId: string, callerAccountId: string, second = 0) =>
      groupChange(id, second, gone, {
        sharedEventId: 'shared',
        record: { recipientAccountId, userIdentity: { accountId: callerAccountId } },
      });
    const owners = copy('b', '111122223333', '444455556666');
    const callers = copy('a', '444455556666', '444455556666');

    it('keep the copy of the owner, who is not the caller', () => {
      expect(ids(canonicalChanges([owners, callers]))).toEqual(['b']);
      expect(ids(canonicalChanges([callers, owners]))).toEqual(['b']);
    });

    it('keep the first of copies that say the same of their owner', () => {
      const again = copy('c', '444455556666', '444455556666');
      expect(ids(canonicalChanges([again, callers]))).toEqual(['a']);
      expect(ids(canonicalChanges([callers, again]))).toEqual(['a']);
      const early = copy('z', '444455556666', '444455556666', -1);
      expect(ids(canonicalChanges([callers, early]))).toEqual(['z']);
    });

    it('do not take a copy without a caller for the owner’s', () => {
      const nobody = { ...copy('0', 'x', 'y'), record: { recipientAccountId: '111122223333' } };
      expect(ids(canonicalChanges([nobody, owners]))).toEqual(['b']);
      const nothing = { ...nobody, record: { userIdentity: null } };
      expect(ids(canonicalChanges([nothing, owners]))).toEqual(['b']);
      const text = { ...nobody, record: { userIdentity: 'x' } };
      expect(ids(canonicalChanges([text, owners]))).toEqual(['b']);
    });

    it('do not take two calls of different names for one', () => {
      const other = { ...callers, eventName: 'DeleteSecurityGroup' };
      expect(ids(canonicalChanges([owners, other]))).toEqual(['a', 'b']);
    });
  });

  it('keep calls without a shared id apart', () => {
    expect(ids(canonicalChanges([groupChange('b', 0, gone), groupChange('a', 0, gone)]))).toEqual([
      'a',
      'b',
    ]);
  });
});

describe('the causal order', () => {
  const order = (...changes: readonly Change[]) =>
    ids(causalOrder(changes.toSorted(compareChanges)));

  it('is that of the event ids within one second', () => {
    expect(
      order(
        groupChange('b', 0, add('tcp 22 0.0.0.0/0 sgr-1')),
        groupChange('a', 0, remove('tcp 22 0.0.0.0/0')),
        groupChange('c', 0, removeIds('sgr-9')),
      ),
    ).toEqual(['a', 'b', 'c']);
  });

  it('puts a removal by id behind the addition of that id', () => {
    expect(
      order(
        groupChange('a', 0, removeIds('sgr-1')),
        groupChange('b', 0, gone),
        groupChange('c', 0, add('tcp 22 0.0.0.0/0 sgr-1')),
        groupChange('d', 0, gone),
      ),
    ).toEqual(['b', 'c', 'a', 'd']);
  });

  it('puts a replacement behind the addition, and a removal behind both', () => {
    expect(
      order(
        groupChange('a', 0, removeIds('sgr-1')),
        groupChange('b', 0, replace('tcp 23 0.0.0.0/0 sgr-1')),
        groupChange('c', 0, add('tcp 22 0.0.0.0/0 sgr-1')),
      ),
    ).toEqual(['c', 'b', 'a']);
  });

  it('puts a removal behind a replacement where the addition is not there', () => {
    expect(
      order(
        groupChange('a', 0, removeIds('sgr-1')),
        groupChange('b', 0, replace('tcp 23 0.0.0.0/0 sgr-1')),
      ),
    ).toEqual(['b', 'a']);
  });

  it('lets a removal of several ids wait for each of them', () => {
    expect(
      order(
        groupChange('a', 0, removeIds('sgr-1', 'sgr-2')),
        groupChange('b', 0, add('tcp 22 0.0.0.0/0 sgr-1')),
        groupChange('c', 0, add('tcp 23 0.0.0.0/0 sgr-2')),
      ),
    ).toEqual(['b', 'c', 'a']);
  });

  it('lets two removals of one id wait, and keeps their order', () => {
    expect(
      order(
        groupChange('a', 0, removeIds('sgr-1')),
        groupChange('b', 0, removeIds('sgr-1')),
        groupChange('c', 0, add('tcp 22 0.0.0.0/0 sgr-1')),
      ),
    ).toEqual(['c', 'a', 'b']);
  });

  it('lets nothing wait for what falls in another second', () => {
    expect(
      order(
        groupChange('a', 0, removeIds('sgr-1')),
        groupChange('b', 1, add('tcp 22 0.0.0.0/0 sgr-1')),
        groupChange('c', 2, removeIds('sgr-1')),
      ),
    ).toEqual(['a', 'b', 'c']);
  });

  it('counts a second from its beginning to its end', () => {
    const late = groupChange('a', 0, removeIds('sgr-1'), { eventTimeMs: 1999 });
    const early = groupChange('b', 0, add('tcp 22 0.0.0.0/0 sgr-1'), { eventTimeMs: 1000 });
    const before = groupChange('0', 0, removeIds('sgr-1'), { eventTimeMs: 999 });
    expect(order(late, early, before)).toEqual(['0', 'b', 'a']);
    const first = groupChange('a', 0, removeIds('sgr-1'), { eventTimeMs: 1000 });
    const last = groupChange('b', 0, add('tcp 22 0.0.0.0/0 sgr-1'), { eventTimeMs: 1999 });
    expect(order(first, last)).toEqual(['b', 'a']);
    const sameInstant = groupChange('a', 0, removeIds('sgr-1'), { eventTimeMs: 1000 });
    expect(order(sameInstant, early)).toEqual(['b', 'a']);
  });

  it('leaves changes that name no id where they are', () => {
    expect(
      order(
        listChange('a', 0, { kind: 'delete' }),
        groupChange('b', 0, { kind: 'create' }),
        groupChange('c', 0, { kind: 'egress', ruleIds: ['sgr-1'] }),
        groupChange('d', 0, removeIds('sgr-1')),
        groupChange('e', 0, add('tcp 22 0.0.0.0/0')),
      ),
    ).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('ends where one call names an id twice', () => {
    expect(
      order(
        groupChange('a', 0, removeIds('sgr-1', 'sgr-1')),
        groupChange('b', 0, replace('tcp 22 0.0.0.0/0 sgr-1', 'tcp 23 0.0.0.0/0 sgr-1')),
      ),
    ).toEqual(['b', 'a']);
  });
});
