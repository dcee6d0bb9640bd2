import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProblemCode } from '../errors/catalogue.ts';
import { RecordScanner, type Place } from './record-scanner.ts';
import { choices, readSlowly, spell } from '../../test/support/spelled-json.ts';

const relevant = ['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'];
const eventNames = new Set(relevant);

type Found = {
  units: { value: unknown; place: Place }[];
  problems: { code: ProblemCode; message: string; place: Place }[];
  total: number;
};

/** Scans pieces of a stream with one scanner, which keeps its state from test to test on purpose. */
const shared = new RecordScanner({ eventNames });

function scanPieces(pieces: readonly Uint8Array[], scanner = shared): Found {
  const found: Found = { units: [], problems: [], total: 0 };
  scanner.begin({
    unit: (value, place) => found.units.push({ value, place }),
    problem: (code, message, place) => found.problems.push({ code, message, place }),
  });
  for (const piece of pieces) scanner.write(piece);
  found.total = scanner.end().units;
  return found;
}

function scanText(text: string, scanner = shared): Found {
  return scanPieces([Buffer.from(text)], scanner);
}

function isRelevant(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'eventName') &&
    relevant.includes((value as { eventName: string }).eventName)
  );
}

const eventName = fc.oneof(
  fc.constantFrom(...relevant),
  fc.constantFrom('DescribeSecurityGroups', 'AuthorizeSecurityGroupIngres', 'eventName', ''),
  fc.string({ maxLength: 12 }),
);
const trickyText = fc.constantFrom(
  '"eventName":"AuthorizeSecurityGroupIngress"',
  '{"eventVersion":"1.08","eventName":"RevokeSecurityGroupIngress"}',
  '\\"eventName\\":\\"AuthorizeSecurityGroupIngress\\"',
  'AuthorizeSecurityGroupIngress',
  '"eventName"',
  'eventName',
  '}]}{[',
  '\\',
  '\\\\"',
  '"',
  '],"Records":[',
  'é€😀\u2028',
);
const leaf = fc.oneof(trickyText, fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const key = fc.oneof(
  fc.constantFrom(
    'eventName',
    'eventVersion',
    'x"eventName',
    'resources',
    'eventNames',
    '__proto_',
  ),
  fc.string({ maxLength: 8 }),
);
const nested = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    fc.record({ eventName, eventVersion: fc.constant('1.08') }),
  ),
})).value;
const record = fc
  .tuple(fc.dictionary(key, nested, { maxKeys: 6 }), fc.option(eventName), fc.nat(6))
  .map(([rest, name, position]) => {
    const entries = Object.entries(rest).filter(([field]) => field !== 'eventName');
    if (name !== null) entries.splice(position, 0, ['eventName', name]);
    return Object.fromEntries(entries);
  })
  // An object with such a list is an envelope, and its elements are the units.
  .filter(
    (value) => !['Records', 'records', 'Events', 'logEvents', 'Messages'].some((k) => k in value),
  );

type Layout = 'envelope' | 'late envelope' | 'array' | 'lines' | 'concatenated';
const layouts: readonly Layout[] = ['envelope', 'late envelope', 'array', 'lines', 'concatenated'];

function layOut(
  layout: Layout,
  records: readonly unknown[],
  choose: (below: number) => number,
): readonly string[] {
  switch (layout) {
    case 'envelope':
      return [spell({ Records: records }, choose)];
    case 'late envelope':
      return [spell({ note: ['a', { eventName: 'x' }], Events: records, end: [1, [2]] }, choose)];
    case 'array':
      return [spell(records, choose)];
    case 'lines':
      return records.map((value) => `${spell(value, choose).replaceAll(/[\r\n]/g, ' ')}\n`);
    case 'concatenated':
      return records.map((value) => spell({ Records: [value] }, choose));
    default:
      return layout satisfies never;
  }
}

function cut(bytes: Buffer, choose: (below: number) => number): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + choose([3, 80, 700][choose(3)]!);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

describe('the record scanner', () => {
  it('hands on what the slow reader finds, whatever the layout, spelling and chunk borders', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...layouts),
        fc.array(record, { maxLength: 12 }),
        fc.integer(),
        (layout, records, seed) => {
          const choose = choices(seed);
          const documents = layOut(layout, records, choose);
          const slow = readSlowly(documents);
          const found = scanPieces(cut(Buffer.from(documents.join('')), choose));
          expect(found.problems).toEqual([]);
          expect(found.total).toBe(slow.length);
          const expected = slow.flatMap((value, index) =>
            isRelevant(value) ? [{ value, index }] : [],
          );
          const actual = found.units
            .filter(({ value }) => isRelevant(value))
            .map(({ value, place }) => ({ value, index: place.record }));
          expect(actual).toEqual(expected);
          // What is handed on besides is in doubt, never a copy of something else.
          for (const { value, place } of found.units) expect(value).toEqual(slow[place.record]);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('hands on every unit when every record can matter', () => {
    const all = new RecordScanner({ eventNames: null });
    const records = [{ eventName: 'A' }, { eventName: 'B', nested: { eventName: 'C' } }];
    expect(scanText(JSON.stringify({ Records: records }), all).units.map((u) => u.value)).toEqual(
      records,
    );
  });

  it('looks at few records of a usual file', () => {
    const records = Array.from({ length: 500 }, (_, index) => ({
      eventVersion: '1.08',
      eventName: index % 100 === 7 ? 'AuthorizeSecurityGroupIngress' : 'DescribeSecurityGroups',
      requestParameters: { text: '\\u0022 "quoted" \\' },
    }));
    const found = scanText(JSON.stringify({ Records: records }));
    expect(found.total).toBe(500);
    expect(found.units.map((unit) => unit.place.record)).toEqual([7, 107, 207, 307, 407]);
  });

  it('gives the byte offset of each record', () => {
    const text = `{"Records":[{"eventName":"é"},${JSON.stringify({ eventName: relevant[0] })}]}`;
    const [unit] = scanText(text).units;
    const bytes = Buffer.from(text).subarray(unit?.place.offset);
    expect(bytes.toString()).toBe(`{"eventName":"${relevant[0]}"}]}`);
  });

  it('keeps its memory small over a long stream', () => {
    const scanner = new RecordScanner({ eventNames });
    const piece = Buffer.from(
      `${JSON.stringify({ eventName: 'Other', filler: 'x'.repeat(900) })}\n`,
    );
    const chunk = Buffer.concat(Array.from({ length: 200 }, () => piece));
    let room = 0;
    scanner.begin({ unit: () => undefined, problem: () => undefined });
    for (let index = 0; index < 400; index += 1) {
      room = Math.max(room, scanner.room().length);
      scanner.write(chunk);
    }
    expect(scanner.end()).toMatchObject({ units: 80_000, candidates: 0 });
    expect(room).toBeLessThan(1_000_000);
  });
});

const good = (id: string): string =>
  JSON.stringify({ eventVersion: '1.08', eventName: relevant[0], eventID: id, a: { b: [1, 2] } });
const dull = JSON.stringify({ eventVersion: '1.08', eventName: 'Other', a: { b: ['x'] } });

function ids(found: Found): unknown[] {
  return found.units.map(({ value }) => (value as { eventID?: unknown }).eventID);
}

describe('malformed input', () => {
  const brokenRecords = {
    'a line of text': 'this is not JSON',
    'a record cut in a text': '{"eventVersion":"1.08","userIdentity":{"type":"IAM',
    'a record cut between members': '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser"},',
    'a record cut after an object': '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser"}',
    'a missing quote': '{"eventVersion":"1.08","userAgent":"abc,"x":1,"eventName":"Other"}',
    'a bracket too many': `${dull}}`,
    // Such a record is only looked at when its name matters.
    'brackets of the wrong kind':
      '{"eventVersion":"1.08","eventName":"RevokeSecurityGroupIngress","a":[1}]',
    'a bare word': '{"eventVersion":"1.08","a":undefined}',
  };
  for (const [name, broken] of Object.entries(brokenRecords)) {
    it(`finds the records around ${name} in lines`, () => {
      const found = scanText([good('1'), dull, broken, good('2'), dull, good('3'), ''].join('\n'));
      expect(ids(found)).toEqual(['1', '2', '3']);
      expect(found.problems.length).toBeGreaterThan(0);
    });
    it(`finds the records around ${name} in a trail file`, () => {
      const found = scanText(
        `{"Records":[${[good('1'), dull, broken, good('2'), dull, good('3')].join(',')}]}`,
      );
      expect(ids(found)).toEqual(['1', '2', '3']);
      expect(found.problems.length).toBeGreaterThan(0);
    });
  }

  it('finds the record after one whose quote and brackets are both broken', () => {
    const broken = dull.replace('"Other"', ']Other"');
    expect(ids(scanText([good('1'), dull, broken, good('2')].join('\n')))).toEqual(['1', '2']);
  });

  it('reports a file that ends in a record, and keeps the records before', () => {
    const found = scanText(`{"Records":[${good('1')},${good('2').slice(0, 40)}`);
    expect(ids(found)).toEqual(['1']);
    expect(found.problems.map((problem) => problem.code)).toEqual(['record/truncated']);
  });

  it('says that text is not CloudTrail', () => {
    expect(scanText('hello, world\n').problems.map((p) => p.code)).toEqual([
      'input/not-cloudtrail',
    ]);
    const packed = gzipSync('no such thing');
    expect(scanPieces([packed]).problems.length).toBeGreaterThan(0);
  });

  it('passes over a record that is too large, and finds those around it', () => {
    const scanner = new RecordScanner({ eventNames, maxUnitBytes: 1_000_000 });
    const huge = JSON.stringify({
      eventVersion: '1.08',
      eventName: relevant[0],
      eventID: 'huge',
      filler: 'x'.repeat(3_000_000),
    });
    const found = scanText(`{"Records":[${[good('1'), huge, good('2')].join(',')}]}`, scanner);
    expect(ids(found)).toEqual(['1', '2']);
    expect(found.problems).toMatchObject([{ code: 'record/too-large', place: { record: 1 } }]);
  });

  it('holds a record of ten megabytes', () => {
    const large = JSON.stringify({ eventName: relevant[0], filler: 'x'.repeat(10_000_000) });
    expect(scanText(`[${large}]`, new RecordScanner({ eventNames })).units).toHaveLength(1);
  });

  it('passes over a record nested a million deep, and finds those around it', () => {
    const deep = `{"eventVersion":"1.08","eventName":"${relevant[0]}","a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`;
    const found = scanText([good('1'), deep, good('2')].join('\n'));
    expect(ids(found)).toEqual(['1', '2']);
    expect(found.problems).toMatchObject([{ code: 'record/too-deep', place: { record: 1 } }]);
  });

  it('says which record holds bytes that are not UTF-8, and reads it', () => {
    const bytes = Buffer.from(`[${good('1')},${good('2')}]`);
    bytes[bytes.lastIndexOf('"2"') + 1] = 0xff;
    const found = scanPieces([bytes]);
    expect(ids(found)).toEqual(['1', '\uFFFD']);
    expect(found.problems).toMatchObject([{ code: 'record/invalid-utf8', place: { record: 1 } }]);
  });

  it('ends in time linear in the input on text made to be searched again and again', () => {
    const text = '{"eventVersion":'.repeat(40_000);
    const startedMs = performance.now();
    expect(scanText(text).problems.length).toBeGreaterThan(0);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  it('never throws on bytes at random', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.integer(), (bytes, seed) => {
        scanPieces(cut(Buffer.from(bytes), choices(seed)));
      }),
      { numRuns: 500 },
    );
  });

  it('never throws on JSON with a few bytes changed, and finds what is far from the change', () => {
    const text = [good('1'), dull, dull, dull, good('2')].join('\n');
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(text);
        bytes[at] = byte;
        const found = ids(scanPieces([bytes]));
        if (at > good('1').length + 1) expect(found).toContain('1');
        if (at < text.length - good('2').length - 1) expect(found).toContain('2');
      }),
      { numRuns: 3_000 },
    );
  });
});
