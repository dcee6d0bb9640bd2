import { describe, expect, it } from 'vitest';

import { readMessage } from './notified-objects.ts';

function created(key: string, bucket = 'logs'): object {
  return {
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: bucket }, object: { key } },
  };
}

function read(value: unknown) {
  return readMessage(JSON.stringify(value));
}

describe('a message', () => {
  it('names objects by URL-encoded keys', () => {
    const { objects } = read({ Records: [created('a/b%2Bc+d/%C3%BC.json')] });
    expect(objects).toEqual([{ bucket: 'logs', key: 'a/b+c d/ü.json' }]);
  });

  it('through EventBridge names them as they are', () => {
    const detail = { bucket: { name: 'logs' }, object: { key: 'a+b%20c.json' } };
    const { objects, rest } = read({ source: 'aws.s3', 'detail-type': 'Object Created', detail });
    expect(objects).toEqual([{ bucket: 'logs', key: 'a+b%20c.json' }]);
    expect(rest).toBeNull();
  });

  it('names each once, from several buckets, in order', () => {
    const { objects } = read({
      Records: [created('b'), created('a'), created('b'), created('b', 'x')],
    });
    expect(objects.map(({ bucket, key }) => `${bucket}/${key}`)).toEqual([
      'logs/b',
      'logs/a',
      'x/b',
    ]);
  });

  it('keeps what else it holds', () => {
    const record = { eventName: 'x', eventSource: 'ec2.amazonaws.com' };
    const { objects, rest } = read({ Records: [record, created('a')] });
    expect(objects).toHaveLength(1);
    expect(JSON.parse(rest ?? '')).toEqual([record]);
  });

  it('without notifications is kept to the letter', () => {
    for (const body of ['', 'text', '[1]', '{"Records":[]}', '{ "a" : 1 }', 'null', '"x"']) {
      expect(readMessage(body)).toEqual({ objects: [], rest: body });
    }
  });

  it('keeps a notification that names nothing, so that somebody hears of it', () => {
    const nameless = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: { bucket: {} } };
    const { objects, rest } = read({ Records: [nameless, created('%E0%A4%A')] });
    expect(objects).toEqual([]);
    expect(JSON.parse(rest ?? '')).toHaveLength(2);
  });

  it.each([
    ['a deletion', { ...created('a'), eventName: 'ObjectRemoved:Delete' }],
    ['a digest', created('AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/01/x.json.gz')],
    [
      "another service's log",
      created('AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/03/01/x.gz'),
    ],
    ["a folder's marker", created('AWSLogs/')],
  ])('about %s has nothing to read', (_, record) => {
    expect(read({ Records: [record] })).toEqual({ objects: [], rest: null });
  });

  it('wrapped again and again is not followed for ever', () => {
    let body: unknown = { Records: [created('a')] };
    for (let depth = 0; depth < 20; depth += 1) body = { Message: JSON.stringify(body) };
    const text = JSON.stringify(body);
    expect(readMessage(text)).toEqual({ objects: [], rest: text });
  });

  it('with keys of the prototype is read as any other', () => {
    const { objects } = readMessage('{"__proto__":{"Records":[]},"constructor":1}');
    expect(objects).toEqual([]);
  });
});
