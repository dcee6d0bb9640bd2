import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogMatch, type MatchKind } from './log-match.ts';
import { MatchUnpacker, packMatches } from './packed-matches.ts';

const kinds: readonly MatchKind[] = [
  {
    rule: 0,
    hits: [{ query: 0, groups: ['["x"]'], values: [] }],
    context: { eventName: 'A', userIdentity: { arn: 'x' } },
  },
  {
    rule: 0,
    hits: [{ query: 0, groups: ['["x"]'], values: [] }],
    context: { eventName: 'B', userIdentity: { arn: 'x' }, list: [1, null] },
  },
  { rule: 3, hits: [{ query: 1, groups: ['[]'], values: ['["v"]', 2] }], context: {} },
];

const match = fc
  .record({
    id: fc.string(),
    timeMs: fc.integer({ min: 0, max: 4e12 }),
    kind: fc.constantFrom(...kinds),
    unusual: fc.option(fc.constant('2026-02-30T00:00:00Z'), { freq: 3 }),
  })
  .map(({ id, timeMs, kind, unusual }) => new LogMatch(id, timeMs, kind, unusual));

/** All that a match tells. */
function told(found: LogMatch): unknown {
  const { eventId, eventTimeMs, eventTime, unusualTime, rule, hits, context } = found;
  return { eventId, eventTimeMs, eventTime, unusualTime, rule, hits, context };
}

test('matches come out of another thread as they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.array(match)), (reports) => {
      const unpacker = new MatchUnpacker();
      const arrived = reports.map((matches) =>
        unpacker.unpack(structuredClone(packMatches(matches))),
      );
      expect(arrived.map((matches) => matches.map(told))).toEqual(
        reports.map((matches) => matches.map(told)),
      );
    }),
  );
});

test('keys of the prototype come through', () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const context = JSON.parse('{"__proto__":{"a":1}}') as MatchKind['context'];
  const packed = packMatches([new LogMatch('e', 0, { ...kinds[0]!, context }, null)]);
  const [arrived] = new MatchUnpacker().unpack(structuredClone(packed));
  expect(JSON.stringify(arrived?.context)).toBe('{"__proto__":{"a":1}}');
});

test('what recurs is held once, whichever thread it comes from', () => {
  const unpacker = new MatchUnpacker();
  const [first, second, third] = [0, 1, 0].map((index) => {
    const packed = packMatches([new LogMatch('e', 0, kinds[index]!, null)]);
    return unpacker.unpack(structuredClone(packed))[0]!.kind;
  });
  expect(second?.hits).toBe(first?.hits);
  expect(second?.context).not.toEqual(first?.context);
  expect(third?.context).toBe(first?.context);
});

test('a kind is sent once, however many matches have it', () => {
  const matches = Array.from(
    { length: 50 },
    (_, index) => new LogMatch(`e${index}`, 0, kinds[index % 2]!, null),
  );
  const { contexts, hits, rules, kindIndexes } = packMatches(matches);
  expect(contexts.map((text): unknown => JSON.parse(text))).toEqual([
    kinds[0]?.context,
    kinds[1]?.context,
  ]);
  expect([hits.length, rules.length]).toEqual([2, 2]);
  expect(kindIndexes.slice(0, 3)).toEqual(Uint32Array.of(0, 1, 0));
});
