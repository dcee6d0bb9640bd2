// Sigma's detections and the queries made of them, and queries and the detections made of those,
// match the same records.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../src/model/json.ts';
import { deriveAttributes } from '../../src/normalize/derive-attributes.ts';
import { compileQuery, printQuery } from '../../src/query/index.ts';
import { Losses } from '../../src/rules/exchange/exchange.ts';
import { readDetection } from '../../src/rules/exchange/sigma-detection.ts';
import { writeDetection } from '../../src/rules/exchange/sigma-selections.ts';
import { object, query } from '../support/query.ts';
import { sigmaMatches } from './naive-sigma.ts';

const field = fc.constantFrom('a', 'b.c', 'list.x', 'eventName', 'eventSource', 'sourceIPAddress');

const text = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'A', 'b', '1', '*', '?', '\\', '/', 'é', ' '), { maxLength: 4 })
    .map((parts) => parts.join('')),
  fc.constantFrom('true', '12', '10.0.0.1', ''),
);

const scalar = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom(1, 12, true, false) },
);

const listed = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
  fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));

const cased = fc.constantFrom('', '|cased');
const all = fc.constantFrom('', '|all');

const regex = fc
  .array(fc.constantFrom('a', 'A', '.', '.*', '.+', '(a|b)', '[ab1]', 'b?', '\\.', '1{2}', '\\*'), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((parts) =>
    fc
      .tuple(fc.constantFrom('', '^'), fc.constantFrom('', '$'))
      .map(([start, end]) => start + parts.join('') + end),
  );

/** One field of a selection, with one of the modifiers that are read. */
const item: fc.Arbitrary<readonly [string, unknown]> = fc.oneof(
  fc
    .tuple(
      fc.tuple(field, fc.constantFrom('', '|contains', '|startswith', '|endswith'), cased, all),
      listed(scalar),
    )
    .map(([key, value]) => [key.join(''), value] as const),
  fc
    .tuple(field, fc.oneof(fc.constant(null), fc.tuple(fc.constant(null), scalar)))
    .map(([key, value]) => [key, value] as const),
  fc.tuple(field, fc.boolean()).map(([key, value]) => [`${key}|exists`, value] as const),
  fc
    .tuple(field, fc.constantFrom('', '|i'), listed(regex))
    .map(([key, flag, value]) => [`${key}|re${flag}`, value] as const),
  fc
    .tuple(field, listed(fc.constantFrom('10.0.0.0/8', '10.0.0.1', '0.0.0.0/0', '11.0.0.0/31')))
    .map(([key, value]) => [`${key}|cidr`, value] as const),
  fc
    .tuple(field, fc.constantFrom('lt', 'lte', 'gt', 'gte'), fc.constantFrom(1, 11.5, 12, '12'))
    .map(([key, comparison, value]) => [`${key}|${comparison}`, value] as const),
  fc.tuple(field, listed(scalar)).map(([key, value]) => [`${key}|neq`, value] as const),
);

const map = fc.array(item, { minLength: 1, maxLength: 3 }).map(Object.fromEntries<unknown>);

const keywords = fc.array(scalar, { minLength: 1, maxLength: 2 });

const selection: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: map },
  { weight: 2, arbitrary: fc.array(map, { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: keywords },
  { weight: 1, arbitrary: keywords.map((list) => ({ '|all': list })) },
);

const condition = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom('selection', 'selection_2', 'filter', '_hidden'),
    fc.constantFrom(
      '1 of selection*',
      'all of selection*',
      '1 of them',
      'all of them',
      'any of f*r',
    ),
    fc
      .tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition'))
      .map((words) => words.join(' ')),
    tie('condition').map((inner) => `not (${inner})`),
    tie('condition').map((inner) => `(${inner})`),
  ),
})).condition;

const detection = fc.record({
  selection,
  selection_2: selection,
  filter: selection,
  _hidden: selection,
  condition: fc.oneof(condition, fc.array(condition, { minLength: 1, maxLength: 2 })),
});

/** As AWS writes them: each name in one way, sources in lower case. */
const record = fc.record(
  {
    a: fc.oneof(
      scalar,
      fc.constant(null),
      fc.array(scalar, { maxLength: 2 }),
      fc.constant({ z: 1 }),
    ),
    b: fc.record({ c: scalar }, { requiredKeys: [] }),
    list: fc.array(fc.record({ x: scalar }, { requiredKeys: [] }), { maxLength: 3 }),
    eventName: fc.constantFrom('a', 'ab', 'aé', '1'),
    eventSource: fc.constantFrom('a', 'ab', 'b', '1/a'),
    sourceIPAddress: fc.constantFrom('10.0.0.1', '11.0.0.2', 'a'),
  },
  { requiredKeys: [] },
);

/** The values of fields that AWS writes in one way, as AWS would: in the records, in lower case. */
function asAwsWrites(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asAwsWrites);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      /^(?:eventName|sourceIPAddress)/.test(key)
        ? (JSON.parse(JSON.stringify(inner).replaceAll('A', 'a')) as unknown)
        : asAwsWrites(inner),
    ]),
  );
}

test('a detection and the query that is read from it match the same records', () => {
  let compared = 0;
  fc.assert(
    fc.property(detection, fc.array(record, { minLength: 4, maxLength: 8 }), (made, records) => {
      const sigma = asAwsWrites(made) as JsonObject;
      const losses = new Losses();
      const read = readDetection(sigma, losses);
      if (read === null) return;
      const matches = compileQuery(printQuery(read));
      // Where the import says that it tells upper from lower case, so does the slow reading.
      const isCased = losses.found.some(({ reason }) => reason.includes('upper and lower case'));
      for (const one of records) {
        compared += 1;
        const found = matches(deriveAttributes(one));
        const expected = sigmaMatches(sigma, one, (name) => !isCased || name === 'eventSource');
        expect({ sigma, one, found }).toEqual({ sigma, one, found: expected });
      }
    }),
    { numRuns: 1500 },
  );
  expect(compared).toBeGreaterThan(2000);
});

/** Attributes that are derived, or that CloudTrail never has, are out of a made-up record. */
function asRecord(made: object): JsonObject {
  return Object.fromEntries(
    Object.entries(made).filter(
      ([key, value]) =>
        !/^(?:message|tags|evt|source|service|status|level|error|usr|http|network)/.test(key) &&
        (key !== 'eventName' || (typeof value === 'string' && value !== '')),
    ),
  );
}

test('a query and the detection that is written from it match the same records', () => {
  let compared = 0;
  fc.assert(
    fc.property(query, fc.array(object, { minLength: 4, maxLength: 8 }), (asked, made) => {
      const losses = new Losses();
      const written = writeDetection(asked, 'query', false, losses);
      if (written === null || losses.found.length > 0) return;
      const matches = compileQuery(asked);
      for (const one of made.map(asRecord)) {
        compared += 1;
        const found = sigmaMatches(written, one, (name) => name !== 'eventName');
        const expected = matches(deriveAttributes(one));
        expect({ asked, written, one, found }).toEqual({ asked, written, one, found: expected });
      }
    }),
    { numRuns: 1500 },
  );
  expect(compared).toBeGreaterThan(800);
});

test('a detection that is written and read again is the same query', () => {
  let compared = 0;
  fc.assert(
    fc.property(query, fc.array(object, { minLength: 4, maxLength: 8 }), (asked, made) => {
      const losses = new Losses();
      const written = writeDetection(asked, 'query', false, losses);
      if (written === null || losses.found.length > 0) return;
      const read = readDetection(written, losses);
      expect(losses.found).toEqual([]);
      const [before, after] = [compileQuery(asked), compileQuery(read ?? 'a')];
      for (const one of made.map(asRecord)) {
        compared += 1;
        expect(after(one)).toBe(before(deriveAttributes(one)));
      }
    }),
    { numRuns: 1000 },
  );
  expect(compared).toBeGreaterThan(500);
});
