import { expect, test } from 'vitest';
import { compileProjection } from './project-record.ts';

test('what is at the paths is kept, in the shape of the record', () => {
  const project = compileProjection(['a.b', 'c', 'a.x.y', 'none.at.all']);
  expect(project({ a: { b: 1, d: 2, x: { y: [3], z: 4 } }, c: { any: ['thing'] }, e: 5 })).toEqual({
    a: { b: 1, x: { y: [3] } },
    c: { any: ['thing'] },
  });
});

test('a path steps through arrays, and a whole value includes what is below it', () => {
  const project = compileProjection(['list.key', 'whole', 'whole.part']);
  expect(
    project({
      list: [{ key: 1, other: 2 }, { other: 3 }, [{ key: 4 }]],
      whole: { part: 1, rest: 2 },
    }),
  ).toEqual({ list: [{ key: 1 }, {}, [{ key: 4 }]], whole: { part: 1, rest: 2 } });
});

test('a key may hold dots', () => {
  const project = compileProjection(['a.b.c']);
  expect(project({ 'a.b': { c: 1, d: 2 }, a: { 'b.c': 3, 'b.d': 4 }, 'a.x': 5 })).toEqual({
    'a.b': { c: 1 },
    a: { 'b.c': 3 },
  });
});

test('what is no object has nothing at a path below it', () => {
  const project = compileProjection(['a.b', 'c']);
  expect(project({ a: 'text', c: null })).toEqual({ c: null });
  expect(project({ a: null })).toEqual({});
});

test('keys of the prototype are keys like others', () => {
  const project = compileProjection(['__proto__.a', 'constructor']);
  const record = JSON.parse('{"__proto__": {"a": 1, "b": 2}}') as Record<string, unknown>;
  const kept = project(record);
  expect(JSON.stringify(kept)).toBe('{"__proto__":{"a":1}}');
  expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
});

test('what is kept is bounded', () => {
  const project = compileProjection(['list.key', 'text', 'deep.key']);
  const list = Array.from({ length: 1000 }, (_, key) => ({ key }));
  expect(project({ list })).toEqual({ list: list.slice(0, 100) });
  expect(project({ text: 'x'.repeat(100_000) })).toEqual({ text: 'x'.repeat(2048) });
  let deep: unknown = { key: 1 };
  for (let depth = 0; depth < 10_000; depth += 1) deep = [deep];
  expect(JSON.stringify(project({ deep })).length).toBeLessThan(100);
  expect(project({ deep: [[[[[[[[{ key: 1 }]]]]]]]] })).toEqual({
    deep: [[[[[[[[{ key: 1 }]]]]]]]],
  });
});
