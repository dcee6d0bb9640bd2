// Puts errors that every AWS service may answer into a person's words: what happened, and what to do.

import { firstLine, nameOf } from './sdk-error.ts';

export type Explanation = { readonly message: string; readonly hint: string };

/**
 * @param service as people call it, for example `SQS`
 * @param permissions what is needed, as a sentence
 */
export function explainServiceError(
  error: unknown,
  service: string,
  permissions: string,
): Explanation {
  switch (nameOf(error)) {
    case 'AccessDenied':
    case 'AccessDeniedException':
    case 'UnauthorizedOperation':
      return { message: 'access is denied', hint: permissions };
    case 'ExpiredToken':
    case 'ExpiredTokenException':
      return {
        message: 'the credentials have expired',
        hint: 'Sign in again (aws sso login, or whatever issued them).',
      };
    case 'InvalidAccessKeyId':
    case 'InvalidClientTokenId':
    case 'InvalidSecurity':
    case 'SignatureDoesNotMatch':
    case 'UnrecognizedClientException':
      return badCredentials;
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return noCredentials(error);
    case 'RequestExpired':
    case 'RequestTimeTooSkewed':
      return {
        message: "this machine's clock differs too much from AWS's",
        hint: 'Set the clock.',
      };
    case 'RequestLimitExceeded':
    case 'RequestThrottled':
    case 'Throttling':
    case 'ThrottlingException':
    case 'TooManyRequestsException':
      return {
        message: `${service} asks to slow down`,
        hint: 'Nothing, if it passes; else look for others who ask at the same time.',
      };
    default:
      return {
        message: firstLine(error),
        hint: `Check the network, --endpoint-url, and that ${service} is there in the region.`,
      };
  }
}

export const badCredentials: Explanation = {
  message: 'the credentials are not valid',
  hint: 'Check AWS_ACCESS_KEY_ID and its companions, or choose other credentials with --profile.',
};

export function noCredentials(error: unknown): Explanation {
  return {
    message: `no usable credentials (${firstLine(error)})`,
    hint: 'Name a profile with --profile, set AWS_PROFILE, or sign in with aws sso login.',
  };
}
