import { expect, it } from 'vitest';

import { formatS3Address, isS3Address, parseS3Address } from './s3-address.ts';

it.each([
  ['s3://bucket', { bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
  ['s3://bucket/AWSLogs/1111', { bucket: 'bucket', prefix: 'AWSLogs/1111' }],
  ['S3://bucket/a b/%20//c', { bucket: 'bucket', prefix: 'a b/%20//c' }],
])('%s is a bucket and a prefix, taken as it stands', (text, address) => {
  expect(isS3Address(text)).toBe(true);
  expect(parseS3Address(text)).toEqual(address);
});

it('a path is no address', () => {
  expect(isS3Address('s3/bucket')).toBe(false);
  expect(isS3Address('./s3://bucket')).toBe(false);
});

it('an address without a bucket is refused', () => {
  expect(() => parseS3Address('s3:///prefix')).toThrow(
    expect.objectContaining({ code: 'usage/bad-option', place: 's3:///prefix' }),
  );
});

it('is written as it is read', () => {
  const { bucket, prefix } = parseS3Address(formatS3Address('bucket', 'a/b c.json'));
  expect([bucket, prefix]).toEqual(['bucket', 'a/b c.json']);
});
