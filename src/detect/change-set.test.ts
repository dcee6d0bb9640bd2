import { expect, it } from 'vitest';
import { listChange } from '../../test/support/changes.ts';
import { ingressRecord } from '../../test/support/trail.ts';
import type { Change } from '../model/change.ts';
import type { JsonObject } from '../model/json.ts';
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
  expect(set.take()).toEqual([
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
  expect(set.take()).toEqual(changes);
});

it('is empty when all has been taken out', () => {
  const set = new ChangeSet();
  set.add(changeOf('one', '0.0.0.0/0'));
  set.take();
  expect(set.size).toBe(0);
  expect(set.take()).toEqual([]);
});

it('holds once what changes have in common, and tells each as it was', () => {
  const set = new ChangeSet();
  const changes = ['one', 'two'].map((id) => changeOf(id, '0.0.0.0/0'));
  for (const change of changes) set.add(change);
  const [one, two] = set.take();
  expect([one, two]).toEqual(changes);
  expect(JSON.stringify([one, two])).toBe(JSON.stringify(changes));
  expect(two?.actor).toBe(one?.actor);
  expect(two?.record['userIdentity']).toBe(one?.record['userIdentity']);
  expect(two?.target === 'group' && two.group).toBe(one?.target === 'group' && one.group);
});

it('holds changes of prefix lists as they were', () => {
  const set = new ChangeSet();
  const change = listChange('one', 0, { kind: 'create', cidrs: ['10.0.0.0/8'] });
  set.add(change);
  expect(set.take()).toEqual([change]);
});

it('holds of a record what will be asked for, and asks for that once', () => {
  let asked = 0;
  const set = new ChangeSet(() => {
    asked += 1;
    return ['requestParameters.groupId'];
  });
  for (const id of ['one', 'two']) set.add(changeOf(id, '0.0.0.0/0'));
  const [one] = set.take();
  expect(one?.record).toHaveProperty('requestParameters.cidrIp');
  expect(one?.record).toHaveProperty('eventID', 'one');
  expect(one?.record).not.toHaveProperty('responseElements');
  expect(asked).toBe(1);
});

it('holds a record with a key that only looks like a prototype', () => {
  const set = new ChangeSet();
  const record = JSON.parse('{"__proto__": "x", "eventName": "y"}') as JsonObject;
  set.add({ ...changeOf('one', '0.0.0.0/0'), record });
  expect(JSON.stringify(set.take()[0]?.record)).toBe('{"__proto__":"x","eventName":"y"}');
});
