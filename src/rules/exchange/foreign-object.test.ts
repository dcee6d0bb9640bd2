import { describe, expect, test } from 'vitest';
import { Losses } from './exchange.ts';
import { ForeignObject } from './foreign-object.ts';

function read(value: Readonly<Record<string, unknown>>, path = ''): [ForeignObject, Losses] {
  const losses = new Losses();
  return [new ForeignObject(value, path, losses), losses];
}

describe('a field', () => {
  test('is read when it has the type asked for', () => {
    const [object, losses] = read({
      a: 'x',
      b: true,
      c: 1,
      d: ['x'],
      e: { f: 'y' },
      g: [{ h: 'z' }],
    });
    expect(object.text('a')).toBe('x');
    expect(object.boolean('b')).toBe(true);
    expect(object.number('c')).toBe(1);
    expect(object.texts('d')).toEqual(['x']);
    expect(object.object('e')?.text('f')).toBe('y');
    expect(object.objects('g').map((one) => one.text('h'))).toEqual(['z']);
    expect(losses.found).toEqual([]);
  });

  test('that is missing or null is undefined', () => {
    const [object, losses] = read({ a: null });
    expect([object.text('a'), object.text('b'), object.texts('c')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(object.objects('d')).toEqual([]);
    expect(object.text('constructor')).toBeUndefined();
    expect(losses.found).toEqual([]);
  });

  test('of another type is named, and refuses the rule', () => {
    const [object, losses] = read({ a: 1, b: 'x', c: 'x', d: ['x', 1], e: [], f: [1] }, 'p[0]');
    object.text('a');
    object.boolean('b');
    object.number('c');
    object.texts('d');
    object.object('e');
    object.objects('f');
    expect(losses.isFatal).toBe(true);
    expect(losses.found).toEqual([
      { field: 'p[0].a', reason: 'is not a text' },
      { field: 'p[0].b', reason: 'is not true or false' },
      { field: 'p[0].c', reason: 'is not a number' },
      { field: 'p[0].d', reason: 'is not a list of texts' },
      { field: 'p[0].e', reason: 'is not an object' },
      { field: 'p[0].f', reason: 'is not a list of objects' },
    ]);
  });

  test('with half a character has it replaced, and named', () => {
    const [object, losses] = read({ a: 'x\ud800' });
    expect(object.text('a')).toBe('x\ufffd');
    expect(losses.found).toEqual([
      { field: 'a', reason: 'holds half a character, which was replaced' },
    ]);
    expect(losses.isFatal).toBe(false);
  });
});

test('fields that nobody asked for are named, unless they say nothing', () => {
  const [object, losses] = read({
    a: 1,
    b: 2,
    c: 3,
    d: null,
    e: false,
    f: '',
    g: [],
    h: {},
    i: 0,
    j: true,
    k: [null],
  });
  object.number('a');
  object.passOver(['b']);
  object.nameOthers('is new');
  expect(losses.found).toEqual(['c', 'i', 'j', 'k'].map((field) => ({ field, reason: 'is new' })));
  expect(losses.isFatal).toBe(false);
  expect([object.has('c'), object.has('e'), object.has('zz')]).toEqual([true, false, false]);
});

test('paths lead from the top', () => {
  const [object] = read({ list: [{}, { inner: {} }] });
  expect(object.objects('list')[1]?.object('inner')?.pathOf('x')).toBe('list[1].inner.x');
});
