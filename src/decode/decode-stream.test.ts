import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import { StreamDecoder, type DecodeTotals } from './decode-stream.ts';
import { RecordScanner } from './record-scanner.ts';

const eventNames = new Set(['AuthorizeSecurityGroupIngress']);
const scanner = new RecordScanner({ eventNames });

async function decode(
  bytes: Uint8Array | string,
  { pieceBytes = 1_000_000, maxRatio = 500 } = {},
): Promise<{ ids: unknown[]; problems: Problem[]; totals: DecodeTotals }> {
  const records: JsonObject[] = [];
  const problems: Problem[] = [];
  const decoder = new StreamDecoder(
    scanner,
    { record: (record) => records.push(record), problem: (problem) => problems.push(problem) },
    { file: 'a file', maxRatio },
  );
  const buffer = Buffer.from(bytes);
  for (let at = 0; at < buffer.length; at += pieceBytes) {
    await decoder.push(buffer.subarray(at, at + pieceBytes));
  }
  const totals = await decoder.finish();
  return { ids: records.map((record) => record['eventID']), problems, totals };
}

const record = (id: string): JsonObject => ({
  eventVersion: '1.08',
  eventSource: 'ec2.amazonaws.com',
  eventName: 'AuthorizeSecurityGroupIngress',
  eventID: id,
});
const text = (id: string): string => JSON.stringify(record(id));
const trail = JSON.stringify({ Records: [record('1'), record('2')] });
const logsPayload = JSON.stringify({
  messageType: 'DATA_MESSAGE',
  logEvents: [{ message: text('1') }, { message: text('2') }],
});
const bridge = (id: string): string =>
  JSON.stringify({ 'detail-type': 'AWS API Call via CloudTrail', detail: record(id) });

describe('packing', () => {
  const packings: readonly (readonly [string, Uint8Array | string])[] = [
    ['none', trail],
    ['gzip', gzipSync(trail)],
    [
      'several gzip members',
      Buffer.concat([gzipSync(`[${text('1')}]`), gzipSync(`[${text('2')}]`)]),
    ],
    ['zstd', zstdCompressSync(trail)],
    ['gzip in base64', gzipSync(trail).toString('base64')],
    [
      'gzip in base64 with line ends',
      gzipSync(trail).toString('base64').replaceAll(/.{76}/g, '$&\n'),
    ],
    ['a byte-order mark', `\uFEFF${trail}`],
    ['a byte-order mark in gzip', gzipSync(`\uFEFF${trail}`)],
  ];
  it.each(packings)('%s', async (_name, bytes) => {
    for (const pieceBytes of [1, 3, 100, 1_000_000]) {
      const { ids, problems, totals } = await decode(bytes, { pieceBytes });
      expect({ ids, problems }).toEqual({ ids: ['1', '2'], problems: [] });
      expect(totals).toMatchObject({ candidateRecords: 2, rejected: false });
      expect(totals.compressedBytes).toBe(Buffer.from(bytes).length);
    }
  });
});

describe('envelopes', () => {
  const envelopes: readonly (readonly [string, string])[] = [
    ['a trail file', trail],
    ['a trail file, pretty-printed', JSON.stringify(JSON.parse(trail), null, 2)],
    ['a bare array', `[${text('1')},${text('2')}]`],
    ['records in lines', `${text('1')}\n${text('2')}\n`],
    ['one record after the other', text('1') + text('2')],
    ['trail files one after the other', `{"Records":[${text('1')}]}{"Records":[${text('2')}]}`],
    [
      'LookupEvents',
      JSON.stringify({ Events: ['1', '2'].map((id) => ({ CloudTrailEvent: text(id) })) }),
    ],
    ['EventBridge events', `${bridge('1')}\n${bridge('2')}`],
    [
      'EventBridge in SQS',
      JSON.stringify({ Messages: ['1', '2'].map((id) => ({ Body: bridge(id) })) }),
    ],
    [
      'EventBridge in SNS in SQS in a Lambda event',
      JSON.stringify({
        Records: ['1', '2'].map((id) => ({
          body: JSON.stringify({ Type: 'Notification', Message: bridge(id) }),
        })),
      }),
    ],
    ['a CloudWatch Logs payload', logsPayload],
    [
      'a CloudWatch Logs payload in a Lambda event',
      JSON.stringify({ awslogs: { data: gzipSync(logsPayload).toString('base64') } }),
    ],
    [
      'a CloudWatch Logs payload in Kinesis',
      JSON.stringify({
        Records: [{ kinesis: { data: gzipSync(logsPayload).toString('base64') } }],
      }),
    ],
    [
      'a CloudWatch Logs payload in Firehose',
      JSON.stringify({ records: [{ data: gzipSync(logsPayload).toString('base64') }] }),
    ],
  ];
  it.each(envelopes)('%s', async (_name, document) => {
    const { ids, problems } = await decode(document);
    expect({ ids, problems }).toEqual({ ids: ['1', '2'], problems: [] });
  });

  const empty: readonly (readonly [string, unknown])[] = [
    ['a trail file without records', { Records: [] }],
    [
      'a control message with a text',
      {
        messageType: 'CONTROL_MESSAGE',
        logEvents: [{ id: '1', message: 'CWL CONTROL MESSAGE: x' }],
      },
    ],
    ['a control message', { messageType: 'CONTROL_MESSAGE', logEvents: [{ id: '', message: '' }] }],
    ['a test event', { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }],
    ['a digest', { digestS3Object: 'key', logFiles: [{ s3Object: 'x' }] }],
    [
      'an Insights event',
      { Records: [{ eventCategory: 'Insight', insightDetails: { eventName: 'x' } }] },
    ],
  ];
  it.each(empty)('%s holds no records, and that is fine', async (_name, document) => {
    const { ids, problems } = await decode(JSON.stringify(document));
    expect({ ids, problems }).toEqual({ ids: [], problems: [] });
  });

  it('takes account and region of an EventBridge event where its record lacks them', async () => {
    const records: JsonObject[] = [];
    const decoder = new StreamDecoder(
      scanner,
      { record: (found) => records.push(found), problem: () => undefined },
      { file: '-', maxRatio: 500 },
    );
    await decoder.push(
      Buffer.from(
        JSON.stringify({ 'detail-type': 'x', account: '1', region: 'r', detail: record('1') }),
      ),
    );
    await decoder.finish();
    expect(records).toEqual([{ ...record('1'), recipientAccountId: '1', awsRegion: 'r' }]);
  });

  it('says which object a notification names', async () => {
    const notification = {
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'b' }, object: { key: 'k' } },
    };
    const bridged = { 'detail-type': 'Object Created', source: 'aws.s3', detail: notification.s3 };
    for (const document of [notification, bridged]) {
      const { problems } = await decode(JSON.stringify(document), {});
      expect(problems.map((problem) => problem.code)).toEqual(
        document === bridged ? ['input/notification'] : [],
      );
    }
  });
});

describe('what cannot be read', () => {
  const cases: readonly (readonly [string, Uint8Array | string, Problem['code'], string[]])[] = [
    ['an empty file', '', 'input/empty', []],
    ['an empty gzip file', gzipSync(''), 'input/empty', []],
    ['another JSON file', '{"name":"portcullis"}', 'input/not-cloudtrail', []],
    ['text', 'hello', 'input/not-cloudtrail', []],
    ['cut gzip', gzipSync(trail).subarray(0, -12), 'input/truncated-compression', ['1']],
    [
      'a broken message in an envelope',
      '{"Type":"Notification","Message":"{oops"}',
      'record/bad-json',
      [],
    ],
  ];
  it.each(cases)('%s', async (_name, bytes, code, ids) => {
    const decoded = await decode(bytes);
    expect(decoded.problems.map((problem) => problem.code)).toEqual([code]);
    expect(decoded.ids.slice(0, ids.length)).toEqual(ids);
    expect(decoded.problems[0]?.message).toMatch(/\. [A-Z]/);
  });

  it('counts what it does not list', async () => {
    const lines = Array.from({ length: 50 }, () => 'no JSON\n{"eventName":"x","eventSource":"y"}');
    const { problems, totals } = await decode(lines.join('\n'));
    expect(totals.rejectedRecords).toBe(50);
    expect(problems).toHaveLength(11);
    expect(problems.at(-1)).toMatchObject({ code: 'input/more' });
  });

  it('stops at a bomb, and keeps what came before', async () => {
    const bomb = gzipSync(`${text('1')}\n${' '.repeat(100_000_000)}`);
    const { ids, problems, totals } = await decode(bomb, { pieceBytes: 4_096 });
    expect(ids).toEqual(['1']);
    expect(problems.map((problem) => problem.code)).toEqual(['input/bomb']);
    expect(totals.bytes).toBeLessThan(80_000_000);
    expect((await decode(bomb, { maxRatio: 2_000 })).problems).toEqual([]);
  });
});
