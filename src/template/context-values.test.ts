import { describe, expect, test } from 'vitest';
import { contextValues, valuesText } from './context-values.ts';

const context = {
  name: 'alice',
  count: 0,
  open: false,
  nothing: null,
  empty: '',
  list: ['a', 'b', ['c']],
  items: [{ port: 22, ranges: [{ cidr: 'x' }, { cidr: 'y' }] }, { port: 443 }],
  'dotted.key': { 'inner.key': 'v' },
  object: { a: [1], b: null },
};

describe('contextValues', () => {
  test.each<[string, string, readonly unknown[]]>([
    ['finds a value', 'name', ['alice']],
    ['finds zero', 'count', [0]],
    ['finds false', 'open', [false]],
    ['finds the empty text', 'empty', ['']],
    ['finds no null', 'nothing', []],
    ['finds nothing where there is nothing', 'a.b', []],
    ['finds nothing behind a text', 'name.length', []],
    ['finds nothing under the name of a prototype', 'constructor.name', []],
    ['finds every element of a list', 'list', ['a', 'b', 'c']],
    ['finds one element by its number', 'list.1', ['b']],
    ['finds one element of a list in a list', 'list.2.0', ['c']],
    ['finds nothing beyond the end of a list', 'list.7', []],
    ['steps through lists', 'items.port', [22, 443]],
    ['steps through lists in lists', 'items.ranges.cidr', ['x', 'y']],
    ['picks an element in the middle', 'items.0.ranges.1.cidr', ['y']],
    ['finds a key with dots', 'dotted.key.inner.key', ['v']],
    ['finds an object', 'items.1', [{ port: 443 }]],
  ])('%s', (_name, path, expected) => {
    expect(contextValues(context, path.split('.'))).toEqual(expected);
  });
});

describe('valuesText', () => {
  test.each<[string, readonly unknown[], string]>([
    ['of nothing is empty', [], ''],
    ['of a text is the text', ['a "b"'], 'a "b"'],
    ['of numbers and flags is what JSON has', [0, 2.5, true, false], '0, 2.5, true, false'],
    ['of equal values is one of them', ['a', 'b', 'a', 1, '1'], 'a, b, 1'],
    ['of an object is its JSON', [{ a: [1, null], b: 'c' }], '{"a":[1,null],"b":"c"}'],
  ])('%s', (_name, values, expected) => {
    expect(valuesText(values)).toBe(expected);
  });
});
