// Any permutation, duplication and partition of a record set gives the same outcome, byte for byte.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { detect } from '../../src/pipeline.ts';
import { scan } from '../../src/scan.ts';
import { exposureRule, portRule } from '../oracle/rules.ts';
import { actions, picker, placeCounts, simulate } from '../oracle/simulated-group.ts';

const rules = [
  portRule('admin', [21, 22, 3389]),
  portRule('half', [22, 3306], { coverageThreshold: 0.5 }),
  exposureRule('other', { protocols: ['tcp', 'udp'], expectedPorts: [80, 443] }),
];

const recordSets = fc
  .tuple(
    fc.array(fc.record({ action: fc.constantFrom(...actions), seed: fc.nat() }), {
      minLength: 2,
      maxLength: 30,
      size: 'max',
    }),
    fc.constantFrom(...placeCounts),
  )
  .map(([intents, placeCount]) =>
    simulate(intents, { sameSecondPercent: 40, placeCount }).steps.map(({ record }) => record),
  );

/** The whole outcome, as bytes would be written. */
function outcome(records: readonly unknown[]): string {
  const { signals, exposures, undetermined } = detect(records, { rules });
  return JSON.stringify({ signals, exposures, undetermined });
}

function shuffled<T>(values: readonly T[], seed: number): readonly T[] {
  const pick = picker(seed);
  const left = [...values];
  return values.flatMap(() => left.splice(pick(left.length), 1));
}

describe('the outcome of a record set', () => {
  it('is the same for every permutation', () => {
    fc.assert(
      fc.property(recordSets, fc.nat(), (records, seed) => {
        expect(outcome(shuffled(records, seed))).toBe(outcome(records));
      }),
      { numRuns: 1000 },
    );
  });

  it('is the same when records are repeated', () => {
    fc.assert(
      fc.property(recordSets, fc.nat(), (records, seed) => {
        const pick = picker(seed);
        const repeated = records.flatMap((record) =>
          Array.from({ length: 1 + pick(3) }, () => record),
        );
        expect(outcome(shuffled(repeated, seed))).toBe(outcome(records));
      }),
      { numRuns: 500 },
    );
  });

  it('is the same when copies differ in the order of their keys', () => {
    fc.assert(
      fc.property(recordSets, fc.nat(), (records, seed) => {
        const turned = records.map((record) => reorderKeys(record, picker(seed)));
        expect(outcome(shuffled([...turned, ...records], seed))).toBe(
          outcome(shuffled([...records, ...turned], seed + 1)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on which of two different records with one event id comes first', () => {
    fc.assert(
      fc.property(recordSets, fc.nat(), (records, seed) => {
        const pick = picker(seed);
        const forged = records.map((record) => ({
          ...record,
          eventID: records[pick(records.length)]?.['eventID'],
        }));
        expect(outcome(shuffled([...forged, ...records], seed))).toBe(
          outcome([...records, ...forged]),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is the same with records in between that change no group', () => {
    fc.assert(
      fc.property(recordSets, recordSets, fc.nat(), (records, others, seed) => {
        const foreign = others.map((record) => ({
          ...record,
          eventID: `foreign-${JSON.stringify(record['eventID'])}`,
          eventSource: 'elasticache.amazonaws.com',
        }));
        expect(outcome(shuffled([...records, ...foreign], seed))).toBe(outcome(records));
      }),
      { numRuns: 300 },
    );
  });

  it('is the same however the records are spread over files, and read by however many threads', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-partition-'));
    try {
      await fc.assert(
        fc.asyncProperty(
          recordSets,
          fc.nat(),
          fc.constantFrom(1, 2),
          async (records, seed, jobs) => {
            fc.pre(records.length > 0);
            const run = await mkdtemp(join(folder, 'run-'));
            await spread(run, records, seed);
            const { signals, exposures, undetermined, problems } = await scan([run], {
              rules,
              jobs,
            });
            expect(JSON.stringify({ signals, exposures, undetermined })).toBe(outcome(records));
            expect(problems).toEqual([]);
          },
        ),
        { numRuns: 16 },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Writes each record into one to three of several files, each in a form of its own. */
async function spread(folder: string, records: readonly unknown[], seed: number): Promise<void> {
  const pick = picker(seed);
  // A handful is read in place, two dozen by threads.
  const count = [5, 24][pick(2)] ?? 5;
  const files: unknown[][] = Array.from({ length: count }, () => []);
  for (const record of records) {
    for (let copies = 1 + pick(3); copies > 0; copies -= 1) files[pick(count)]?.push(record);
  }
  const forms = [
    (part: readonly unknown[]) => ['.json', JSON.stringify({ Records: part })] as const,
    (part: readonly unknown[]) =>
      ['.json.gz', gzipSync(JSON.stringify({ Records: part }))] as const,
    (part: readonly unknown[]) => ['.json', JSON.stringify(part, null, 2)] as const,
    (part: readonly unknown[]) =>
      ['.ndjson', part.map((record) => `${JSON.stringify(record)}\n`).join('')] as const,
  ];
  for (const [index, part] of files.entries()) {
    // A file without records still has to look like one of CloudTrail's.
    const form = forms[part.length === 0 ? 0 : pick(forms.length)];
    if (form === undefined) continue;
    const [suffix, content] = form(shuffled(part, seed));
    await writeFile(join(folder, `part-${index}${suffix}`), content);
  }
}

/** The same value with the keys of every object in another order. */
function reorderKeys(value: unknown, pick: (count: number) => number): unknown {
  if (Array.isArray(value)) return value.map((item) => reorderKeys(item, pick));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, reorderKeys(inner, pick)] as const,
  );
  return Object.fromEntries(shuffled(entries, pick(1_000_000)));
}
