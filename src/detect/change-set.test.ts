import { expect, it } from 'vitest';
import { ingressRecord } from '../../test/support/trail.ts';
import type { Change } from '../model/change.ts';
import { normalize } from '../normalize/normalize.ts';
import { ChangeSet } from './change-set.ts';

function changeOf(id: string, cidr: string): Change {
  const normalized = normalize(ingressRecord({ id, cidr }));
  if (normalized.outcome !== 'change') throw new Error('not a change');
  return normalized.change;
}

it('holds a change once, however often it comes, and different ones of one id side by side', () => {
  const set = new ChangeSet();
  for (const cidr of ['0.0.0.0/0', '0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/8', '0.0.0.0/0']) {
    set.add(changeOf('one', cidr));
  }
  set.add(changeOf('two', '0.0.0.0/0'));
  expect(set.size).toBe(3);
  expect([...set.values()]).toEqual([
    changeOf('one', '0.0.0.0/0'),
    changeOf('one', '10.0.0.0/8'),
    changeOf('two', '0.0.0.0/0'),
  ]);
});

it('keeps apart the different records of several events', () => {
  const set = new ChangeSet();
  const changes = ['one', 'two'].flatMap((id) =>
    ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/9'].map((cidr) => changeOf(id, cidr)),
  );
  for (const change of [...changes, ...changes]) set.add(change);
  expect([...set.values()]).toEqual(changes);
});
