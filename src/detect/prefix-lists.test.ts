import { describe, expect, it } from 'vitest';

import { listChange } from '../../test/support/changes.ts';
import type { PrefixListEffect } from '../model/change.ts';
import { PrefixListHistory, unknownPrefixList } from './prefix-lists.ts';

/** The last state of a history, as plain values. */
function after(...effects: readonly PrefixListEffect[]) {
  const history = new PrefixListHistory();
  for (const [index, effect] of effects.entries())
    history.apply(listChange(`e${index}`, index, effect));
  const { cidrs, complete, version } = history.state;
  return { cidrs: [...cidrs], complete, version };
}

const create = (...cidrs: readonly string[]): PrefixListEffect => ({ kind: 'create', cidrs });
const modify = (
  add: readonly string[],
  remove: readonly string[],
  currentVersion: number | null = null,
): PrefixListEffect => ({ kind: 'modify', add, remove, currentVersion });
const restore = (
  toVersion: number | null,
  currentVersion: number | null = null,
): PrefixListEffect => ({ kind: 'restore', toVersion, currentVersion });

describe('a prefix list', () => {
  it('is unknown before anything is seen of it', () => {
    expect(new PrefixListHistory().state).toBe(unknownPrefixList);
    expect(after()).toEqual({ cidrs: [], complete: false, version: null });
  });

  it('answers a change with the state after it', () => {
    const history = new PrefixListHistory();
    expect(history.apply(listChange('a', 0, create('10.0.0.0/8')))).toBe(history.state);
  });

  it('is known in full from its creation on', () => {
    expect(after(create('10.0.0.0/8'))).toEqual({
      cidrs: ['10.0.0.0/8'],
      complete: true,
      version: 1,
    });
  });

  it('gains and loses entries, a version at a time', () => {
    expect(
      after(create('10.0.0.0/8', '1.0.0.0/8'), modify(['0.0.0.0/0'], ['1.0.0.0/8'], 1)),
    ).toEqual({ cidrs: ['10.0.0.0/8', '0.0.0.0/0'], complete: true, version: 2 });
  });

  it('keeps its version when nothing comes or goes', () => {
    expect(after(create('10.0.0.0/8'), modify([], [], 1))).toMatchObject({ version: 1 });
    expect(after(create('10.0.0.0/8'), modify(['1.0.0.0/8'], []))).toMatchObject({ version: 2 });
    expect(after(create('10.0.0.0/8'), modify([], ['10.0.0.0/8']))).toMatchObject({
      cidrs: [],
      version: 2,
    });
  });

  it('keeps an entry that one call removes and adds', () => {
    expect(after(create('10.0.0.0/8'), modify(['10.0.0.0/8'], ['10.0.0.0/8']))).toMatchObject({
      cidrs: ['10.0.0.0/8'],
    });
  });

  it('goes back to an earlier version, as a new one', () => {
    expect(after(create('10.0.0.0/8'), modify(['0.0.0.0/0'], [], 1), restore(1, 2))).toEqual({
      cidrs: ['10.0.0.0/8'],
      complete: true,
      version: 3,
    });
    expect(
      after(create('10.0.0.0/8'), modify(['0.0.0.0/0'], []), restore(1), restore(2), restore(3)),
    ).toEqual({ cidrs: ['10.0.0.0/8'], complete: true, version: 5 });
  });

  it('is known in nothing after a return to a version that was not seen', () => {
    expect(after(create('10.0.0.0/8'), restore(7, 1))).toEqual({
      cidrs: [],
      complete: false,
      version: 2,
    });
    expect(after(create('10.0.0.0/8'), restore(null))).toEqual({
      cidrs: [],
      complete: false,
      version: 2,
    });
  });

  it('is known in part where its creation was not seen', () => {
    expect(after(modify(['0.0.0.0/0'], ['10.0.0.0/8'], 4))).toEqual({
      cidrs: ['0.0.0.0/0'],
      complete: false,
      version: 5,
    });
    expect(after(modify(['0.0.0.0/0'], []))).toEqual({
      cidrs: ['0.0.0.0/0'],
      complete: false,
      version: null,
    });
  });

  it('takes a call against a version for what it was made against', () => {
    // A change between was lost: what version 3 held is not known.
    expect(after(create('10.0.0.0/8'), modify(['1.0.0.0/8'], [], 3))).toEqual({
      cidrs: ['1.0.0.0/8'],
      complete: false,
      version: 4,
    });
    // A late call against version 1 does not see what version 2 brought.
    expect(
      after(create('10.0.0.0/8'), modify(['0.0.0.0/0'], [], 1), modify(['1.0.0.0/8'], [], 1)),
    ).toEqual({ cidrs: ['10.0.0.0/8', '1.0.0.0/8'], complete: true, version: 2 });
    expect(after(create('10.0.0.0/8'), restore(1, 6))).toEqual({
      cidrs: ['10.0.0.0/8'],
      complete: true,
      version: 7,
    });
  });

  it('holds nothing once it is deleted', () => {
    expect(after(create('0.0.0.0/0'), { kind: 'delete' })).toEqual({
      cidrs: [],
      complete: true,
      version: null,
    });
  });
});
