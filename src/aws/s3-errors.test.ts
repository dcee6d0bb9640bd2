import { describe, expect, it } from 'vitest';

import { explainS3Error, listingFault, readingFault } from './s3-errors.ts';

function s3Error(name: string, message = '', httpStatusCode?: number): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

describe("S3's errors", () => {
  it.each([
    [s3Error('NoSuchBucket'), 'there is no bucket named logs', 'spelling'],
    [s3Error('InvalidBucketName'), 'logs is not a bucket name', 's3://BUCKET/PREFIX'],
    [s3Error('AccessDenied'), 'access is denied', 's3:ListBucket'],
    [s3Error('Forbidden', 'UnknownError', 403), 'access is denied', 's3:GetObject'],
    [s3Error('ExpiredToken'), 'the credentials have expired', 'aws sso login'],
    [s3Error('InvalidAccessKeyId'), 'the credentials are not valid', '--profile'],
    [s3Error('SignatureDoesNotMatch'), 'the credentials are not valid', 'AWS_ACCESS_KEY_ID'],
    [
      s3Error('CredentialsProviderError', 'Could not load credentials from any providers\nat x'),
      'no usable credentials (Could not load credentials from any providers)',
      '--profile',
    ],
    [s3Error('RequestTimeTooSkewed'), "this machine's clock differs too much from AWS's", 'clock'],
    [
      s3Error('PermanentRedirect', '', 301),
      'the bucket is in another region than was asked',
      'AWS_REGION',
    ],
    [s3Error('NoSuchKey', '', 404), 'the object is no longer there', 'lifecycle'],
    [s3Error('InvalidObjectState', '', 403), 'the object is archived in Glacier', 'restore-object'],
    [s3Error('PreconditionFailed', '', 412), 'the object was replaced while it was being read', ''],
    [s3Error('SlowDown', '', 503), 'S3 asks to slow down, after several attempts still', 'Wait'],
    [s3Error('Unknown', '', 404), 'there is nothing under this name', 'spelling'],
    [
      s3Error('Error', 'getaddrinfo ENOTFOUND s3.nowhere'),
      'getaddrinfo ENOTFOUND s3.nowhere',
      'network',
    ],
    [
      new AggregateError([new Error('connect ECONNREFUSED ::1:9')]),
      'connect ECONNREFUSED ::1:9',
      'network',
    ],
    [s3Error('TimeoutError'), 'TimeoutError', 'network'],
    ['a string', 'a string', 'network'],
  ])('%s becomes %j', (error, message, hint) => {
    const explanation = explainS3Error(error, 'logs');
    expect(explanation.message).toBe(message);
    expect(explanation.hint).toContain(hint);
  });

  it('become faults with the place, the hint and the cause', () => {
    const cause = s3Error('AccessDenied');
    expect(listingFault(cause, 'logs', 'AWSLogs/')).toMatchObject({
      code: 's3/access',
      message: 'Cannot list s3://logs/AWSLogs/: access is denied.',
      place: 's3://logs/AWSLogs/',
      cause,
    });
    expect(readingFault(cause, 'logs', 'x.json')).toMatchObject({
      code: 's3/access',
      message: 'access is denied',
      place: 's3://logs/x.json',
      cause,
    });
  });
});
