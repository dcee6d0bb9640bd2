import { describe, expect, it } from 'vitest';

import { add, groupChange, remove, removeIds, replace, row } from '../../test/support/changes.ts';
import type { GroupEffect } from '../model/change.ts';
import { rowKey } from '../model/ingress-rule.ts';
import { GroupRows } from './group-rows.ts';

function fold(effects: readonly GroupEffect[], egress: readonly string[] = []) {
  const rows = new GroupRows(new Set(egress));
  const changed = effects.map((effect, index) =>
    rows.apply(groupChange(`e${index}`, index, effect)),
  );
  return {
    rows,
    changed,
    keys: [...rows.rows].map(rowKey),
    ids: [...rows.rows].map(({ ruleId }) => ruleId),
  };
}

const open = 'tcp 22-22 0.0.0.0/0';

describe('adding', () => {
  it('puts rows in, once each', () => {
    const { keys, changed } = fold([
      add('tcp 22 0.0.0.0/0', 'udp 22 0.0.0.0/0'),
      add('tcp 22 0.0.0.0/0'),
    ]);
    expect(keys).toEqual([open, 'udp 22-22 0.0.0.0/0']);
    expect(changed).toEqual([true, false]);
  });

  it('has changed the rows when one of several is new', () => {
    expect(fold([add('tcp 22 ::/0'), add('tcp 22 0.0.0.0/0', 'tcp 22 ::/0')]).changed).toEqual([
      true,
      true,
    ]);
  });

  it('gives a row that is added again its new id', () => {
    const { rows, ids } = fold([add('tcp 22 0.0.0.0/0 sgr-1'), add('tcp 22 0.0.0.0/0 sgr-2')]);
    expect(ids).toEqual(['sgr-2']);
    expect([rows.knowsRuleId('sgr-1'), rows.knowsRuleId('sgr-2')]).toEqual([false, true]);
  });

  it('forgets the id of a row that is added again without one', () => {
    const { rows, ids } = fold([add('tcp 22 0.0.0.0/0 sgr-1'), add('tcp 22 0.0.0.0/0')]);
    expect(ids).toEqual([null]);
    expect(rows.knowsRuleId('sgr-1')).toBe(false);
  });

  it('learns the id of a row that had none', () => {
    const { rows, ids } = fold([add('tcp 22 0.0.0.0/0'), add('tcp 22 0.0.0.0/0 sgr-1')]);
    expect(ids).toEqual(['sgr-1']);
    expect(rows.knowsRuleId('sgr-1')).toBe(true);
  });

  it('keeps the id where one call tells a row with and without it', () => {
    expect(fold([add('tcp 22 0.0.0.0/0 sgr-1', 'tcp 22 0.0.0.0/0')]).ids).toEqual(['sgr-1']);
    expect(fold([add('tcp 22 0.0.0.0/0', 'tcp 22 0.0.0.0/0 sgr-1')]).ids).toEqual(['sgr-1']);
  });

  it('moves an id to the row that it is given with', () => {
    const { keys, ids } = fold([add('tcp 22 0.0.0.0/0 sgr-1'), add('tcp 23 0.0.0.0/0 sgr-1')]);
    expect(keys).toEqual(['tcp 23-23 0.0.0.0/0']);
    expect(ids).toEqual(['sgr-1']);
  });

  it('keeps a row that is added again with its id', () => {
    const { keys, changed } = fold([add('tcp 22 0.0.0.0/0 sgr-1'), add('tcp 22 0.0.0.0/0 sgr-1')]);
    expect(keys).toEqual([open]);
    expect(changed).toEqual([true, false]);
  });

  it('lets a row that is told again under its id be removed by that id', () => {
    const told = add('tcp 22 0.0.0.0/0 sgr-1');
    expect(fold([told, told, removeIds('sgr-1')]).keys).toEqual([]);
    // A call that changes no more than a description replaces a row by itself.
    expect(fold([told, replace('tcp 22 0.0.0.0/0 sgr-1'), removeIds('sgr-1')]).keys).toEqual([]);
  });
});

describe('removing', () => {
  it('takes rows out by content', () => {
    const { keys, changed, rows } = fold([
      add('tcp 22 0.0.0.0/0 sgr-1', 'tcp 23 0.0.0.0/0'),
      remove('tcp 22 0.0.0.0/0'),
    ]);
    expect(keys).toEqual(['tcp 23-23 0.0.0.0/0']);
    expect(changed).toEqual([true, true]);
    expect(rows.knowsRuleId('sgr-1')).toBe(false);
  });

  it('takes rows out by id', () => {
    const { keys, changed } = fold([
      add('tcp 22 0.0.0.0/0 sgr-1', 'tcp 23 0.0.0.0/0 sgr-2', 'tcp 24 0.0.0.0/0 sgr-3'),
      removeIds('sgr-1', 'sgr-3'),
    ]);
    expect(keys).toEqual(['tcp 23-23 0.0.0.0/0']);
    expect(changed).toEqual([true, true]);
  });

  it('changes nothing where the row was never seen', () => {
    const { keys, changed } = fold([
      add('tcp 22 0.0.0.0/0 sgr-1'),
      remove('tcp 23 0.0.0.0/0', 'tcp 22 0.0.0.0/1'),
      removeIds('sgr-2'),
    ]);
    expect(keys).toEqual([open]);
    expect(changed).toEqual([true, false, false]);
  });

  it('has changed the rows when one of several was there', () => {
    const base = add('tcp 22 0.0.0.0/0 sgr-1', 'tcp 23 0.0.0.0/0 sgr-2');
    expect(fold([base, remove('tcp 22 0.0.0.0/0', 'tcp 99 0.0.0.0/0')]).changed).toEqual([
      true,
      true,
    ]);
    expect(fold([base, removeIds('sgr-1', 'sgr-9')]).changed).toEqual([true, true]);
    expect(
      fold([base, { ...remove('tcp 22 0.0.0.0/0'), ruleIds: ['sgr-9'] } as GroupEffect]).changed,
    ).toEqual([true, true]);
  });

  it('does not take a row out twice by an id that has gone', () => {
    const { keys } = fold([
      add('tcp 22 0.0.0.0/0 sgr-1'),
      removeIds('sgr-1'),
      add('tcp 22 0.0.0.0/0 sgr-2'),
      removeIds('sgr-1'),
    ]);
    expect(keys).toEqual([open]);
  });
});

describe('replacing', () => {
  it('puts new rows in the place of old ones', () => {
    const { keys, ids, changed } = fold([
      add('tcp 22 10.0.0.0/8 sgr-1', 'tcp 23 10.0.0.0/8 sgr-2'),
      replace('tcp 22 0.0.0.0/0 sgr-1'),
    ]);
    expect(keys.toSorted()).toEqual([open, 'tcp 23-23 10.0.0.0/8']);
    expect([...ids].toReversed()).toEqual(['sgr-1', 'sgr-2']);
    expect(changed).toEqual([true, true]);
  });

  it('can swap two rows in one call', () => {
    const { keys, changed, rows } = fold([
      add('tcp 22 0.0.0.0/0 sgr-1', 'tcp 23 0.0.0.0/0 sgr-2'),
      replace('tcp 23 0.0.0.0/0 sgr-1', 'tcp 22 0.0.0.0/0 sgr-2'),
      removeIds('sgr-1'),
    ]);
    expect(keys).toEqual([open]);
    expect(changed).toEqual([true, false, true]);
    expect(rows.knowsRuleId('sgr-2')).toBe(true);
  });

  it('can move rows around in a circle', () => {
    const { keys, ids, rows } = fold([
      add('tcp 1 ::/0 sgr-1', 'tcp 2 ::/0 sgr-2', 'tcp 3 ::/0 sgr-3'),
      replace('tcp 2 ::/0 sgr-1', 'tcp 3 ::/0 sgr-2', 'tcp 1 ::/0 sgr-3'),
    ]);
    expect(keys.toSorted()).toEqual(['tcp 1-1 ::/0', 'tcp 2-2 ::/0', 'tcp 3-3 ::/0']);
    expect(new Set(ids)).toEqual(new Set(['sgr-1', 'sgr-2', 'sgr-3']));
    rows.apply(groupChange('x', 9, removeIds('sgr-1')));
    expect([...rows.rows].map(rowKey).toSorted()).toEqual(['tcp 1-1 ::/0', 'tcp 3-3 ::/0']);
  });

  it('takes the place of the row that it is equal to', () => {
    const { keys, ids } = fold([
      add('tcp 1 ::/0 sgr-1', 'tcp 2 ::/0 sgr-2'),
      replace('tcp 2 ::/0 sgr-1', 'tcp 3 ::/0 sgr-2'),
    ]);
    expect(keys.toSorted()).toEqual(['tcp 2-2 ::/0', 'tcp 3-3 ::/0']);
    expect(new Set(ids)).toEqual(new Set(['sgr-1', 'sgr-2']));
  });

  it('adds the new row where the old one was never seen', () => {
    expect(fold([replace('tcp 22 0.0.0.0/0 sgr-1')])).toMatchObject({
      keys: [open],
      changed: [true],
    });
  });

  it('changes nothing where the row stays as it was, or belongs to egress', () => {
    expect(
      fold([add('tcp 22 0.0.0.0/0 sgr-1'), replace('tcp 22 0.0.0.0/0 sgr-1')]).changed,
    ).toEqual([true, false]);
    expect(fold([replace('tcp 22 0.0.0.0/0 sgr-out')], ['sgr-out'])).toMatchObject({
      keys: [],
      changed: [false],
    });
  });

  it('tells two rows from one whose text joins theirs', () => {
    const { changed } = fold([
      add('tcp 22 0.0.0.0/0 sgr-1', 'tcp 23 0.0.0.0/0 sgr-2'),
      replace('tcp 22 0.0.0.0/0 sgr-2'),
    ]);
    expect(changed).toEqual([true, true]);
  });
});

describe('deleting the group', () => {
  it('takes everything out', () => {
    const { keys, changed, rows } = fold([
      add('tcp 22 0.0.0.0/0 sgr-1'),
      { kind: 'delete' },
      { kind: 'delete' },
    ]);
    expect(keys).toEqual([]);
    expect(changed).toEqual([true, true, false]);
    expect(rows.knowsRuleId('sgr-1')).toBe(false);
  });
});

describe('calls that teach', () => {
  it('change no row', () => {
    const { keys, changed } = fold([
      add('tcp 22 0.0.0.0/0'),
      { kind: 'create' },
      { kind: 'egress', ruleIds: ['sgr-1'] },
    ]);
    expect(keys).toEqual([open]);
    expect(changed).toEqual([true, false, false]);
  });
});

it('knows whether some row has no id', () => {
  expect(fold([]).rows.hasUnidentifiedRows()).toBe(false);
  expect(fold([add('tcp 22 0.0.0.0/0 sgr-1')]).rows.hasUnidentifiedRows()).toBe(false);
  expect(fold([add('tcp 22 0.0.0.0/0 sgr-1', 'tcp 23 0.0.0.0/0')]).rows.hasUnidentifiedRows()).toBe(
    true,
  );
});

it('gives back the rows themselves', () => {
  expect([...fold([add('tcp 22 0.0.0.0/0 sgr-1')]).rows.rows]).toEqual([
    row('tcp 22 0.0.0.0/0 sgr-1'),
  ]);
});
