// Every way in which a file can be wrong: the scan says what, where and what to do, never crashes,
// and finds everything else. Each case stands beside a good file, which must be found as well.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { catalogue, type ProblemCode } from '../../src/errors/catalogue.ts';
import { scan, type ScanOptions } from '../../src/scan.ts';
import { portRule } from '../oracle/rules.ts';
import { nested, opening, otherCall, packedTrail, trailFile, withField } from './bad-files.ts';

type Expected = {
  readonly code: ProblemCode;
  readonly file: string;
  readonly record?: number;
  /** The byte at which the trouble begins, or a text that stands there. */
  readonly at?: number | string;
};

type Case = {
  readonly it: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Symbolic links: name to target. */
  readonly links?: Readonly<Record<string, string>>;
  /** Groups found open, beside `sg-good`. */
  readonly found?: readonly string[];
  readonly problems?: readonly Expected[];
  /** Events whose effect cannot be told. */
  readonly undetermined?: readonly string[];
  readonly options?: Partial<ScanOptions>;
};

const truncatedTrail = packedTrail();
const damagedTrail = packedTrail();
damagedTrail.fill(0, Math.floor(damagedTrail.length / 2), Math.floor(damagedTrail.length * 0.75));
const badSumTrail = packedTrail();
badSumTrail.fill(0, badSumTrail.length - 8, badSumTrail.length - 4);
const megabyte = 1_048_576;

const cases: readonly Case[] = [
  {
    it: 'a gzip file that ends too early: what came before the end is found',
    files: { 'cut.json.gz': truncatedTrail.subarray(0, Math.floor(truncatedTrail.length * 0.7)) },
    found: ['sg-first'],
    problems: [{ code: 'input/truncated-compression', file: 'cut.json.gz' }],
  },
  {
    it: 'a gzip file that ends within its header',
    files: { 'header.json.gz': truncatedTrail.subarray(0, 6) },
    problems: [{ code: 'input/truncated-compression', file: 'header.json.gz' }],
  },
  {
    it: 'a gzip file that ends without its checksum',
    files: { 'no-sum.json.gz': truncatedTrail.subarray(0, -4) },
    found: ['sg-first', 'sg-last'],
    problems: [{ code: 'input/truncated-compression', file: 'no-sum.json.gz' }],
  },
  {
    it: 'a gzip file with damage in the middle: what came before the damage is found',
    files: { 'damaged.json.gz': damagedTrail },
    found: ['sg-first'],
    problems: [{ code: 'input/corrupt-compression', file: 'damaged.json.gz' }],
  },
  {
    it: 'a gzip file whose checksum is wrong',
    files: { 'sum.json.gz': badSumTrail },
    found: ['sg-first', 'sg-last'],
    problems: [{ code: 'input/corrupt-compression', file: 'sum.json.gz' }],
  },
  {
    it: 'a gzip file whose second member is cut: the first is found',
    files: {
      'members.json.gz': Buffer.concat([
        gzipSync(`${JSON.stringify(opening('sg-member'))}\n`),
        gzipSync(JSON.stringify(otherCall(5000))).subarray(0, 1000),
      ]),
    },
    found: ['sg-member'],
    problems: [{ code: 'input/truncated-compression', file: 'members.json.gz' }],
  },
  {
    it: 'a bomb: what came before is found, and reading stops',
    files: {
      'bomb.json.gz': gzipSync(
        Buffer.concat([
          Buffer.from(`{"Records":[${JSON.stringify(opening('sg-bait'))},`),
          Buffer.alloc(160 * megabyte, 0x20),
          Buffer.from(`${JSON.stringify(opening('sg-behind'))}]}`),
        ]),
      ),
    },
    found: ['sg-bait'],
    problems: [{ code: 'input/bomb', file: 'bomb.json.gz' }],
  },
  {
    it: 'no bomb when a higher ratio is allowed',
    files: {
      'blank.json.gz': gzipSync(
        Buffer.concat([
          Buffer.alloc(100 * megabyte, 0x20),
          Buffer.from(trailFile([opening('sg-behind')])),
        ]),
      ),
    },
    options: { maxRatio: 5000 },
    found: ['sg-behind'],
  },
  {
    it: 'a bomb packed in a bomb is unpacked once, and is then something else',
    files: { 'twice.json.gz': gzipSync(gzipSync(Buffer.alloc(megabyte))) },
    problems: [{ code: 'input/not-cloudtrail', file: 'twice.json.gz' }],
  },
  {
    it: 'bytes that are not UTF-8 in a record that counts: they are replaced, the record is read',
    files: {
      'latin1.json': Buffer.from(
        trailFile([opening('sg-before'), opening('sg-latin', { userAgent: 'M\u00fcller' })]),
        'latin1',
      ),
    },
    found: ['sg-before', 'sg-latin'],
    problems: [{ code: 'record/invalid-utf8', file: 'latin1.json', record: 1 }],
  },
  {
    it: 'a record that is not JSON in the middle of a good file: the rest counts',
    files: {
      'middle.json': `{"Records":[${JSON.stringify(opening('sg-before'))},{"eventVersion":"1.09","eventName":"AuthorizeSecurityGroupIngress",oops},${JSON.stringify(opening('sg-after'))}]}`,
    },
    found: ['sg-before', 'sg-after'],
    problems: [
      {
        code: 'record/bad-json',
        file: 'middle.json',
        record: 1,
        at: '{"eventVersion":"1.09","eventName":"AuthorizeSecurityGroupIngress",oops}',
      },
    ],
  },
  {
    it: 'a line that is not JSON among lines that are',
    files: {
      'lines.ndjson': `${JSON.stringify(opening('sg-before'))}\nnot JSON at all\n${JSON.stringify(opening('sg-after'))}\n`,
    },
    found: ['sg-before', 'sg-after'],
    problems: [{ code: 'record/bad-json', file: 'lines.ndjson' }],
  },
  {
    it: 'a line that a tool cut short: the lines behind it count',
    files: {
      'cut-line.ndjson': `${JSON.stringify(opening('sg-before'))}\n${JSON.stringify(opening('sg-cut')).slice(0, 500)}\n${JSON.stringify(opening('sg-after'))}\n`,
    },
    found: ['sg-before', 'sg-after'],
    problems: [{ code: 'record/bad-json', file: 'cut-line.ndjson', record: 1 }],
  },
  {
    it: 'a record whose end is missing in a trail file: the records behind it count',
    files: {
      'no-end.json': `{"Records":[${JSON.stringify(opening('sg-before'))},${JSON.stringify(opening('sg-cut')).slice(0, 500)},${JSON.stringify(opening('sg-after'))}]}`,
    },
    found: ['sg-before', 'sg-after'],
    problems: [{ code: 'record/bad-json', file: 'no-end.json', record: 1 }],
  },
  {
    it: 'a quote that is missing',
    files: {
      'quote.json': trailFile([
        opening('sg-before'),
        opening('sg-quote'),
        opening('sg-after'),
      ]).replace('"sg-quote"', '"sg-quote'),
    },
    found: ['sg-before', 'sg-after'],
    problems: [{ code: 'record/bad-json', file: 'quote.json', record: 1 }],
  },
  {
    it: 'a file that ends in the middle of a record: those before it count',
    files: {
      'short.json': trailFile([opening('sg-before'), opening('sg-short')]).slice(0, -300),
    },
    found: ['sg-before'],
    problems: [{ code: 'record/truncated', file: 'short.json', record: 1 }],
  },
  {
    it: 'a byte-order mark is no trouble',
    files: { 'bom.json': `\ufeff${trailFile([opening('sg-bom')])}` },
    found: ['sg-bom'],
  },
  {
    it: 'numbers as strings are no trouble',
    files: {
      'strings.json': trailFile([
        opening('sg-strings', {
          requestParameters: {
            groupId: 'sg-strings',
            ipPermissions: {},
            ipProtocol: '6',
            fromPort: '22',
            toPort: '22',
            cidrIp: '0.0.0.0/0',
          },
        }),
      ]),
    },
    found: ['sg-strings'],
  },
  ...(['eventID', 'eventTime', 'awsRegion', 'eventSource'] as const).map((field): Case => {
    const record: Record<string, unknown> = opening('sg-missing');
    delete record[field];
    return {
      it: `a record without ${field}`,
      files: { 'missing.json': trailFile([opening('sg-before'), record, opening('sg-after')]) },
      found: ['sg-before', 'sg-after'],
      problems: [{ code: 'record/bad-field', file: 'missing.json', record: 1 }],
    };
  }),
  {
    it: 'a record that names no account',
    files: {
      'nobody.json': trailFile([
        opening('sg-before'),
        opening('sg-nobody', { userIdentity: null, recipientAccountId: null }),
      ]),
    },
    found: ['sg-before'],
    problems: [{ code: 'record/bad-field', file: 'nobody.json', record: 1 }],
  },
  {
    it: 'a time that is none',
    files: {
      'time.json': trailFile([
        opening('sg-time', { eventTime: 'yesterday' }),
        opening('sg-time-too', { eventTime: '2026-02-30T25:00:00Z' }),
      ]),
    },
    problems: [
      { code: 'record/bad-field', file: 'time.json', record: 0 },
      { code: 'record/bad-field', file: 'time.json', record: 1 },
    ],
  },
  {
    it: 'a record without what it asked for is undetermined',
    files: { 'nothing.json': trailFile([opening('sg-asked', { requestParameters: null })]) },
    undetermined: ['event-sg-asked'],
  },
  {
    it: 'strings of 10 MB in records that count',
    files: {
      'long.json': trailFile([
        opening('sg-long-agent', { userAgent: 'x'.repeat(10 * megabyte) }),
        opening('sg-long-note', { note: '\\"{['.repeat(2 * megabyte) }),
        opening('sg-after'),
      ]),
    },
    found: ['sg-long-agent', 'sg-long-note', 'sg-after'],
  },
  {
    it: 'a string of 10 MB in a record that does not count',
    files: {
      'long-other.json': trailFile([
        { ...otherCall(1), userAgent: 'AuthorizeSecurityGroupIngress '.repeat(350_000) },
        opening('sg-after'),
      ]),
    },
    found: ['sg-after'],
  },
  {
    it: 'a record larger than is held: the next ones count',
    files: {
      'huge.json': trailFile([
        opening('sg-before'),
        opening('sg-huge', { userAgent: 'x'.repeat(80 * megabyte) }),
        opening('sg-after'),
      ]),
    },
    found: ['sg-before', 'sg-after'],
    problems: [{ code: 'record/too-large', file: 'huge.json', record: 1 }],
  },
  ...(['lists', 'objects'] as const).map((form): Case => ({
    it: `a record with ${form} nested a million deep: the next ones count`,
    files: {
      'deep.json': `{"Records":[${JSON.stringify(opening('sg-before'))},${withField(opening('sg-deep'), 'deep', nested(1_000_000, form))},${JSON.stringify(opening('sg-after'))}]}`,
    },
    found: ['sg-before', 'sg-after'],
    problems: [{ code: 'record/too-deep', file: 'deep.json', record: 1 }],
  })),
  {
    it: 'nesting a million deep in a record that does not count',
    files: {
      'deep-other.json': `{"Records":[${withField(otherCall(1), 'deep', nested(1_000_000))},${JSON.stringify(opening('sg-after'))}]}`,
    },
    found: ['sg-after'],
  },
  {
    it: 'a file of a million brackets and nothing else',
    files: { 'brackets.json': nested(1_000_000) },
    problems: [{ code: 'record/too-deep', file: 'brackets.json' }],
  },
  {
    it: 'a million brackets that never close',
    files: { 'open.json': '['.repeat(1_000_000) },
    problems: [{ code: 'record/truncated', file: 'open.json' }],
  },
  {
    it: 'nesting a million deep inside the text of an envelope',
    files: {
      'envelope.ndjson': `${JSON.stringify({ Message: withField(opening('sg-deep'), 'deep', nested(1_000_000)) })}\n${JSON.stringify({ Message: JSON.stringify(opening('sg-enveloped')) })}\n`,
    },
    found: ['sg-enveloped', 'sg-deep'],
  },
  {
    it: 'keys named for prototypes are keys like others',
    files: {
      'proto.json': `{"Records":[${withField(opening('sg-proto'), '__proto__', '{"polluted":true,"errorCode":"x","eventName":"DescribeInstances"}')},${JSON.stringify(
        opening('sg-inherits', { requestParameters: null }),
      ).replace(
        '"requestParameters":null',
        '"requestParameters":{"__proto__":{"groupId":"sg-inherits","ipProtocol":"tcp","fromPort":22,"toPort":22,"cidrIp":"0.0.0.0/0"}},"constructor":{"prototype":{"polluted":true}}',
      )}],"__proto__":{"Records":[]}}`,
    },
    found: ['sg-proto'],
    undetermined: ['event-sg-inherits'],
  },
  {
    it: 'an empty file',
    files: { 'empty.json': '' },
    problems: [{ code: 'input/empty', file: 'empty.json' }],
  },
  {
    it: 'an empty gzip file, and a gzip file of nothing',
    files: { 'empty.json.gz': '', 'nothing.json.gz': gzipSync('') },
    problems: [
      { code: 'input/empty', file: 'empty.json.gz' },
      { code: 'input/empty', file: 'nothing.json.gz' },
    ],
  },
  {
    it: 'a file without records is no trouble',
    files: { 'none.json': '{"Records":[]}', 'none-too.json': '[]' },
  },
  {
    it: 'files of something else',
    files: {
      'picture.png': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
      'notes.txt': 'AuthorizeSecurityGroupIngress is what we look for.\nNothing else.\n',
      'page.html': '<!doctype html><title>AuthorizeSecurityGroupIngress</title>',
      'table.csv': 'eventName,cidrIp\nAuthorizeSecurityGroupIngress,0.0.0.0/0\n',
      'package.json': '{"name":"something","version":"1.0.0"}',
      'number.json': '42',
      'archive.zip': Buffer.from('504b0304140000000800', 'hex'),
    },
    problems: [
      { code: 'input/not-cloudtrail', file: 'picture.png' },
      { code: 'input/not-cloudtrail', file: 'notes.txt' },
      { code: 'input/not-cloudtrail', file: 'page.html' },
      { code: 'input/not-cloudtrail', file: 'table.csv' },
      { code: 'input/not-cloudtrail', file: 'package.json' },
      { code: 'input/not-cloudtrail', file: 'number.json' },
      { code: 'input/not-cloudtrail', file: 'archive.zip' },
    ],
  },
  {
    it: 'a link to a file that is gone',
    files: {},
    links: { 'gone.json': 'nowhere/at-all.json' },
    problems: [{ code: 'input/not-readable', file: 'gone.json' }],
  },
  {
    it: 'a folder that leads back to itself is read once',
    files: { 'below/deeper/found.json': trailFile([opening('sg-below')]) },
    links: { 'below/deeper/up': '../..' },
    found: ['sg-below'],
    problems: [{ code: 'input/loop', file: 'below/deeper/up' }],
  },
  {
    it: 'a link to itself',
    files: {},
    links: { 'self.json': 'self.json' },
    problems: [{ code: 'input/loop', file: 'self.json' }],
  },
];

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'portcullis-bad-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

describe('a scan of a folder that holds a good file and', () => {
  it.each(cases)('$it', async ({ files, links = {}, found = [], problems = [], ...rest }) => {
    const folder = await mkdtemp(join(root, 'case-'));
    const contents: Case['files'] = { 'a-good.json': trailFile([opening('sg-good')]), ...files };
    for (const [name, content] of Object.entries(contents)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, name));

    const result = await scan([folder], { rules: [portRule('admin', [22])], ...rest.options });

    expect(result.exposures.map(({ groupId }) => groupId).toSorted()).toEqual(
      ['sg-good', ...found].toSorted(),
    );
    expect(result.undetermined.map(({ eventId }) => eventId)).toEqual(rest.undetermined ?? []);
    expect(
      result.problems.map(({ code, file }) => `${code} ${relative(folder, file)}`).toSorted(),
    ).toEqual(problems.map(({ code, file }) => `${code} ${file}`).toSorted());
    for (const expected of problems) {
      const problem = result.problems.find(
        ({ code, file, record }) =>
          code === expected.code &&
          relative(folder, file) === expected.file &&
          (expected.record === undefined || record === expected.record),
      );
      expect(problem).toBeDefined();
      // What was found, and what to do about it.
      expect(problem?.message.length).toBeGreaterThan(20);
      expect(catalogue[expected.code].nextStep).toMatch(/\.$/);
      if (expected.at !== undefined) {
        const content = Buffer.from(contents[expected.file] ?? '');
        const at = typeof expected.at === 'number' ? expected.at : content.indexOf(expected.at);
        expect(problem?.offset).toBe(at);
      }
    }
    const { stats } = result;
    expect(stats.records).toBe(
      stats.irrelevantRecords +
        stats.changeRecords +
        stats.undeterminedRecords +
        stats.rejectedRecords,
    );
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
