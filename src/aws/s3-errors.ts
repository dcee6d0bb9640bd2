// Puts S3's errors into a person's words: what happened, and what to do about it.

import { PortcullisError } from '../errors/portcullis-error.ts';
import { firstLine, nameOf, statusOf } from './sdk-error.ts';
import { badCredentials, noCredentials, type Explanation } from './service-errors.ts';

/** An error while listing `s3://bucket/prefix`, as the fault that ends the command. */
export function listingFault(error: unknown, bucket: string, prefix: string): PortcullisError {
  const address = `s3://${bucket}/${prefix}`;
  const { message, hint } = explainS3Error(error, bucket);
  return new PortcullisError('s3/access', `Cannot list ${address}: ${message}.`, {
    place: address,
    hint,
    cause: error,
  });
}

/** An error while reading `s3://bucket/key`. Whoever reads on makes a problem of it. */
export function readingFault(error: unknown, bucket: string, key: string): PortcullisError {
  const { message, hint } = explainS3Error(error, bucket);
  return new PortcullisError('s3/access', message, {
    place: `s3://${bucket}/${key}`,
    hint,
    cause: error,
  });
}

const permissions =
  's3:ListBucket on the bucket and s3:GetObject on its objects are needed (kms:Decrypt too, where a KMS key encrypts them); --profile chooses another identity.';

export function explainS3Error(error: unknown, bucket: string): Explanation {
  switch (nameOf(error)) {
    case 'NoSuchBucket':
      return {
        message: `there is no bucket named ${bucket}`,
        hint: 'Check the spelling, and that --profile and --endpoint-url lead to the right place.',
      };
    case 'InvalidBucketName':
      return {
        message: `${bucket} is not a bucket name`,
        hint: 'Write s3://BUCKET/PREFIX; bucket names are 3 to 63 lower-case letters, digits, dots and hyphens.',
      };
    case 'AccessDenied':
    case 'AllAccessDisabled':
    case 'AccountProblem':
      return { message: 'access is denied', hint: permissions };
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'TokenRefreshRequired':
      return {
        message: 'the credentials have expired',
        hint: 'Sign in again (aws sso login, or whatever issued them), then scan again.',
      };
    case 'InvalidAccessKeyId':
    case 'InvalidToken':
    case 'SignatureDoesNotMatch':
    case 'InvalidClientTokenId':
    case 'UnrecognizedClientException':
      return badCredentials;
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return noCredentials(error);
    case 'RequestTimeTooSkewed':
      return {
        message: "this machine's clock differs too much from AWS's",
        hint: 'Set the clock, then scan again.',
      };
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return {
        message: 'the bucket is in another region than was asked',
        hint: 'Set AWS_REGION to the region of the bucket.',
      };
    case 'NoSuchKey':
    case 'NotFound':
      return {
        message: 'the object is no longer there',
        hint: 'Nothing, if it was deleted on purpose or by a lifecycle rule.',
      };
    case 'InvalidObjectState':
      return {
        message: 'the object is archived in Glacier',
        hint: 'Restore it (aws s3api restore-object), then scan again.',
      };
    case 'PreconditionFailed':
      return {
        message: 'the object was replaced while it was being read',
        hint: 'Scan again.',
      };
    case 'SlowDown':
    case 'ServiceUnavailable':
    case 'RequestLimitExceeded':
    case 'ThrottlingException':
      return {
        message: 'S3 asks to slow down, after several attempts still',
        hint: 'Wait for the other readers of the bucket to finish, then scan again.',
      };
    default:
      return explainByStatus(error);
  }
}

/** S3 does not name every error, and the network knows no S3. */
function explainByStatus(error: unknown): Explanation {
  switch (statusOf(error)) {
    case 403:
      return { message: 'access is denied', hint: permissions };
    case 404:
      return {
        message: 'there is nothing under this name',
        hint: 'Check the spelling of bucket and key.',
      };
    case undefined:
    default:
      return {
        message: firstLine(error),
        hint: 'Check the network, --endpoint-url and AWS_REGION, then scan again.',
      };
  }
}
