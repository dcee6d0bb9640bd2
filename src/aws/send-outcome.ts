// What an AWS service's error means for a message: whether another try may help. What is wrong with
// the message stays wrong; credentials, permissions and load may change.

import type { SendOutcome } from '../ports.ts';
import { nameOf, statusOf } from './sdk-error.ts';
import { explainServiceError } from './service-errors.ts';

const forGood: ReadonlySet<string> = new Set([
  'InvalidInputException',
  'InvalidParameter',
  'InvalidParameterException',
  'InvalidParameterValue',
  'MessageTooLong',
  'PutEventsRequestEntrySizeExceeded',
  'ValidationError',
  'ValidationException',
]);

/** @param service as people call it */
export function outcomeOfError(error: unknown, service: string, permissions: string): SendOutcome {
  const { message } = explainServiceError(error, service, permissions);
  const reason = `${service}: ${message}`.slice(0, 300);
  const isFinal = forGood.has(nameOf(error)) || statusOf(error) === 413;
  return isFinal ? { kind: 'refused', reason } : { kind: 'retry', reason, afterSeconds: null };
}

/** The outcome of one of several things that a request carried. */
export function outcomeOfPart(
  service: string,
  code: string | undefined,
  message: string | undefined,
): SendOutcome {
  if (code === undefined) return { kind: 'sent' };
  const reason = `${service}: ${code}${message === undefined ? '' : `, ${message}`}`.slice(0, 300);
  return forGood.has(code) || code === 'InvalidInput'
    ? { kind: 'refused', reason }
    : { kind: 'retry', reason, afterSeconds: null };
}
