import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryResult } from '../../test/support/arbitrary-results.ts';
import { aFullResult, anExposure, aScanResult } from '../../test/support/scan-results.ts';
import type { ScanResult } from '../model/scan-result.ts';
import { renderJson } from './json.ts';
import { renderNdjson } from './ndjson.ts';

const json = (result: ScanResult): string => [...renderJson(result)].join('');
const ndjson = (result: ScanResult): string => [...renderNdjson(result)].join('');

/** The same value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

test('a document with nothing in it has every list all the same', () => {
  const zeroes = Object.fromEntries(Object.keys(aScanResult().stats).map((key) => [key, 0]));
  expect(json(aScanResult({ stats: zeroes }))).toMatchInlineSnapshot(`
    "{
      "schemaVersion": 1,
      "stats": {
        "files": 0,
        "compressedBytes": 0,
        "bytes": 0,
        "records": 0,
        "candidateRecords": 0,
        "irrelevantRecords": 0,
        "changeRecords": 0,
        "undeterminedRecords": 0,
        "rejectedRecords": 0,
        "rejectedFiles": 0,
        "durationMs": 0
      },
      "signals": [],
      "exposures": [],
      "undetermined": [],
      "problems": []
    }
    "
  `);
});

test('what is read back is what was written, whatever a record holds', () => {
  fc.assert(
    fc.property(arbitraryResult(), (result) => {
      expect(JSON.parse(json(result))).toEqual(result);
    }),
  );
});

test('it is laid out as JSON.stringify would', () => {
  const result = aFullResult();
  expect(json(result)).toBe(`${JSON.stringify(JSON.parse(json(result)), null, 2)}\n`);
});

test('keys stand in one order, whatever order they were set in', () => {
  const result = aFullResult();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const other = reversed(result) as ScanResult;
  expect(Object.keys(other)).not.toEqual(Object.keys(result));
  expect(json(other)).toBe(json(result));
  expect(ndjson(other)).toBe(ndjson(result));
});

test('an unknown name and VPC are absent, all else that is unknown is null', () => {
  const text = json(aScanResult({ signals: [{ exposures: [anExposure()] }] }));
  expect(text).not.toMatch(/"groupName"|"vpcId"|"toPort"/);
  expect(text).toContain('"closedBy": null');
});

test('characters that a terminal obeys are escaped', () => {
  const service = '\u001b[2J\u009b31m\u202egnp\u2028\u007f\u{e0041}';
  const text = json(aScanResult({ signals: [{ exposures: [anExposure({ service })] }] }));
  expect(text).toContain('"service": "\\u001b[2J\\u009b31m\\u202egnp\\u2028\\u007f\\udb40\\udc41"');
});

test('a line of NDJSON is a signal with its exposures inside', () => {
  fc.assert(
    fc.property(arbitraryResult(), (result) => {
      const lines = ndjson(result).split('\n').slice(0, -1);
      const byId = new Map(result.exposures.map((exposure) => [exposure.id, exposure]));
      expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
        result.signals.map((signal) =>
          Object.assign({ ...signal }, { exposures: signal.exposures.map((id) => byId.get(id)) }),
        ),
      );
    }),
  );
});
