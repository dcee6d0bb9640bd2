import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { object } from '../../../test/support/query.ts';
import type { JsonObject } from '../../model/json.ts';
import type { LogHit } from './log-match.ts';
import { KindMemory, MatchKinds } from './match-kinds.ts';

const hits: readonly LogHit[] = [{ query: 0, groups: ['[]'], values: [] }];

function kindsOf(dotted: readonly string[], exact: readonly string[] = []): MatchKinds {
  return new MatchKinds(2, { exact, dotted }, new KindMemory());
}

/** What is kept of a record at the paths. */
function kept(paths: readonly string[], record: JsonObject): JsonObject {
  return kindsOf(paths).of(record, hits).context;
}

describe('what is kept of a record', () => {
  test('is what stands at the paths, in the shape of the record', () => {
    const record = { a: { b: 1, d: 2, x: { y: [3], z: 4 } }, c: { any: ['thing'] }, e: 5 };
    expect(kept(['a.b', 'c', 'a.x.y', 'none.at.all'], record)).toEqual({
      a: { b: 1, x: { y: [3] } },
      c: { any: ['thing'] },
    });
  });

  test('steps through arrays, and includes what is below a path', () => {
    const record = {
      list: [{ key: 1, other: 2 }, { other: 3 }, [{ key: 4 }]],
      whole: { part: 1, rest: 2 },
    };
    expect(kept(['list.key', 'whole', 'whole.part'], record)).toEqual({
      list: [{ key: 1 }, {}, [{ key: 4 }]],
      whole: { part: 1, rest: 2 },
    });
  });

  test('is found under keys that hold dots, unless the path is exact', () => {
    const record = { 'a.b': { c: 1, d: 2 }, a: { 'b.c': 3, b: { c: 6 }, 'b.d': 4 }, 'a.x': 5 };
    expect(kept(['a.b.c'], record)).toEqual({ 'a.b': { c: 1 }, a: { 'b.c': 3, b: { c: 6 } } });
    expect(kindsOf([], ['a.b.c']).of(record, hits).context).toEqual({ a: { b: { c: 6 } } });
  });

  test('is nothing at a path below what is no object', () => {
    expect(kept(['a.b', 'c', 'd.e'], { a: 'text', c: null, d: 7 })).toEqual({ c: null });
  });

  test('may stand under keys of the prototype', () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const record = JSON.parse('{"__proto__": {"a": 1, "b": 2}}') as JsonObject;
    const context = kept(['__proto__.a', 'constructor'], record);
    expect(JSON.stringify(context)).toBe('{"__proto__":{"a":1}}');
    expect(Object.getPrototypeOf(context)).toBe(Object.prototype);
  });

  test('is bounded', () => {
    const list = Array.from({ length: 1000 }, (_, key) => ({ key }));
    expect(kept(['list.key'], { list })).toEqual({ list: list.slice(0, 100) });
    expect(
      kept(['text', 'in.it'], { text: 'x'.repeat(9000), in: { it: 'y'.repeat(9000) } }),
    ).toEqual({
      text: 'x'.repeat(2048),
      in: { it: 'y'.repeat(2048) },
    });
    const large = { parts: Array.from({ length: 50 }, () => 'z'.repeat(1000)) };
    expect(kept(['large', 'b'], { large, b: 1 })).toEqual({ b: 1 });
    expect(kept(['in.large', 'in.b'], { in: { large, b: 1 } })).toEqual({ in: { b: 1 } });
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`k${index}`, 'v'.repeat(2000)]),
    );
    const context = kept(Object.keys(many), many);
    expect(JSON.stringify(context).length).toBeLessThan(100_000);
    let deep: unknown = { key: 1 };
    for (let depth = 0; depth < 10_000; depth += 1) deep = [deep];
    expect(JSON.stringify(kept(['deep.key', 'deep2'], { deep, deep2: deep })).length).toBeLessThan(
      100,
    );
    expect(kept(['deep.key'], { deep: [[[[[[[[{ key: 1 }]]]]]]]] })).toEqual({
      deep: [[[[[[[[{ key: 1 }]]]]]]]],
    });
  });
});

describe('a kind', () => {
  const record = object.map((made): JsonObject => ({ ...made }));
  const paths = ['a', 'a.b', 'b.a', 'c', 'a.b.c', 'evt.name'];

  test('is one object for equal records, and another for records that differ in what is kept', () => {
    fc.assert(
      fc.property(record, record, (one, two) => {
        const kinds = kindsOf(paths);
        const [first, again, other] = [
          kinds.of(one, hits),
          kinds.of(structuredClone(one), structuredClone(hits)),
          kinds.of(two, hits),
        ];
        expect(again).toBe(first);
        const differ = JSON.stringify(first.context) !== JSON.stringify(other.context);
        if (differ) expect(other).not.toBe(first);
        // Apart from the order of keys, which is that of the paths, equal contexts are one kind.
        expect(kindsOf(paths).of(two, hits)).toEqual(other);
      }),
      { numRuns: 2000 },
    );
  });

  test('differs with the hits', () => {
    const kinds = kindsOf(paths);
    const first = kinds.of({ a: 1 }, hits);
    expect(kinds.of({ a: 1 }, [{ query: 1, groups: ['[]'], values: [] }])).not.toBe(first);
    expect(first).toEqual({ rule: 2, hits, context: { a: 1 } });
  });

  test.each([
    [{ c: 'x' }, { c: ['x'] }],
    [{ c: '0' }, { c: 0 }],
    [{ c: null }, {}],
    [{ c: 1 }, { c: true }],
    [{ c: {} }, { c: [] }],
    [{ b: { a: 'x' } }, { b: [{ a: 'x' }] }],
    [{ b: { a: 'x' } }, { 'b.a': 'x' }],
    [{ b: {} }, { b: 'x' }],
    [{ b: { a: 0 } }, { b: {} }],
  ])('of %j is not that of %j', (one, two) => {
    const kinds = kindsOf(['b.a', 'c']);
    expect(kinds.of(one, hits)).not.toBe(kinds.of(two, hits));
  });

  test('shares its objects with other kinds', () => {
    const kinds = kindsOf(['who.name', 'what']);
    const [one, two, three] = [
      { who: { name: 'x' }, what: 1 },
      { who: { name: 'x', age: 7 }, what: 2 },
      { who: { name: 'y' }, what: 2 },
    ].map((given) => kinds.of(given, hits));
    expect(two).not.toBe(one);
    expect(two?.context['who']).toBe(one?.context['who']);
    expect(three?.context['who']).toEqual({ name: 'y' });
  });

  test.each([
    ['access key', (who: string) => ({ userIdentity: { accessKeyId: who, arn: 'x' } })],
    ['ARN', (who: string) => ({ userIdentity: { arn: who, invokedBy: 'x' } })],
    ['service', (who: string) => ({ userIdentity: { invokedBy: who }, sourceIPAddress: 'x' })],
    ['address', (who: string) => ({ sourceIPAddress: who })],
  ] as const)('is remembered among the last eight of its caller, told by %s', (_, callerOf) => {
    const kinds = kindsOf(['a']);
    const find = (who: string, a: number) => kinds.of({ ...callerOf(who), a }, hits);
    const first = find('alice', 0);
    const another = find('bob', 0);
    for (let a = 1; a < 8; a += 1) find('alice', a);
    expect(find('alice', 0)).toBe(first);
    find('alice', 8);
    expect(find('alice', 0)).not.toBe(first);
    expect(find('bob', 0)).toBe(another);
  });

  test('is found whoever is no text', () => {
    const kinds = kindsOf(['a']);
    const first = kinds.of({ sourceIPAddress: 7, a: 1 }, hits);
    expect(kinds.of({ sourceIPAddress: null, a: 1 }, hits)).toBe(first);
  });

  test.each([
    [[{ query: 0, groups: ['[]', '["x"]'], values: [] }]],
    [[{ query: 0, groups: ['["x"]'], values: [] }]],
    [[{ query: 0, groups: ['[]'], values: ['["v"]'] }]],
    [[{ query: 0, groups: ['[]'], values: [1] }]],
    [[...hits, { query: 1, groups: ['[]'], values: [] }]],
    [[]],
  ])('is another with the hits %j', (others: readonly LogHit[]) => {
    const kinds = kindsOf(['a']);
    const first = kinds.of({ a: 1 }, hits);
    expect(kinds.of({ a: 1 }, others)).not.toBe(first);
    expect(kinds.of({ a: 1 }, hits)).toBe(first);
    expect(kinds.of({ a: 1 }, others)).toBe(kinds.of({ a: 1 }, structuredClone(others)));
  });

  test('of a record that is too large to keep whole is found again', () => {
    const kinds = kindsOf(['large', 'text', 'list.key']);
    const given = {
      large: { parts: Array.from({ length: 50 }, () => 'z'.repeat(1000)) },
      text: 'x'.repeat(3000),
      list: Array.from({ length: 200 }, (_, key) => ({ key })),
    };
    const first = kinds.of(given, hits);
    expect(kinds.of(structuredClone(given), hits)).toBe(first);
    // What is beyond the bounds does not tell kinds apart.
    expect(kinds.of({ ...given, text: `${'x'.repeat(2048)}y` }, hits)).toBe(first);
    expect(kinds.of({ ...given, list: given.list.slice(0, 100) }, hits)).toBe(first);
    expect(kinds.of({ ...given, list: given.list.slice(0, 99) }, hits)).not.toBe(first);
  });

  test('is counted once, and forgotten when told', () => {
    const memory = new KindMemory();
    const kinds = new MatchKinds(0, { exact: ['a'], dotted: [] }, memory);
    const first = kinds.of({ a: 1 }, hits);
    expect(kinds.of({ a: 1 }, hits)).toBe(first);
    kinds.of({ a: 2 }, hits);
    expect(memory.kinds).toBe(2);
    kinds.clear();
    memory.clear();
    const again = kinds.of({ a: 1 }, hits);
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
    expect(memory.kinds).toBe(1);
  });
});
