import { describe, expect, it } from 'vitest';

import { explainServiceError } from './service-errors.ts';

function awsError(name: string, message = ''): Error {
  return Object.assign(new Error(message), { name });
}

describe("a service's errors", () => {
  it.each([
    ['AccessDeniedException', 'access is denied', 'x:Do is needed.'],
    ['ExpiredTokenException', 'the credentials have expired', 'aws sso login'],
    ['UnrecognizedClientException', 'the credentials are not valid', '--profile'],
    ['RequestTimeTooSkewed', "this machine's clock differs too much from AWS's", 'clock'],
    ['ThrottlingException', 'X asks to slow down', 'others'],
    ['RequestThrottled', 'X asks to slow down', 'others'],
  ])('%s becomes %j', (name, message, hint) => {
    const explanation = explainServiceError(awsError(name), 'X', 'x:Do is needed.');
    expect(explanation.message).toBe(message);
    expect(explanation.hint).toContain(hint);
  });

  it('that say what is missing are quoted', () => {
    const error = awsError('CredentialsProviderError', 'Could not load credentials.\nat x');
    expect(explainServiceError(error, 'X', '').message).toBe(
      'no usable credentials (Could not load credentials)',
    );
  });

  it('that nobody expected are given in their own words', () => {
    expect(explainServiceError(awsError('Odd', 'Something odd.'), 'X', '')).toMatchObject({
      message: 'Something odd',
      hint: expect.stringContaining('X is there in the region') as unknown,
    });
    expect(explainServiceError('a text', 'X', '').message).toBe('a text');
  });
});
