// Who the credentials at hand belong to, as AWS says. Asking needs no permission.

import { PortcullisError } from '../errors/portcullis-error.ts';
import { asText, own } from '../model/json.ts';
import { accountClientConfig, homeRegion, type AccountAccess } from './account-access.ts';
import { nameOf } from './sdk-error.ts';
import { explainServiceError } from './service-errors.ts';

export type CallerIdentity = {
  readonly accountId: string;
  readonly arn: string;
  /** How far this machine's clock is ahead of AWS's, to a second or so; null where AWS does not say. */
  readonly clockAheadMs: number | null;
};

/** @throws PortcullisError `aws/no-identity` */
export async function callerIdentity(
  access: AccountAccess,
  signal?: AbortSignal,
): Promise<CallerIdentity> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  try {
    const config = await accountClientConfig(access);
    const client = new STSClient({ ...config, region: await homeRegion(access) });
    let clockAheadMs: number | null = null;
    client.middlewareStack.add(
      (next) => async (args) => {
        const sentMs = Date.now();
        const answer = await next(args);
        // The header has whole seconds, and was written between sending and now.
        const aheadMs = (sentMs + Date.now()) / 2 - serverTimeMs(answer.response) - 500;
        clockAheadMs = Number.isNaN(aheadMs) ? null : aheadMs;
        return answer;
      },
      { step: 'deserialize', name: 'noteServerTime' },
    );
    const answer = await client.send(
      new GetCallerIdentityCommand({}),
      signal === undefined ? {} : { abortSignal: signal },
    );
    return { accountId: answer.Account ?? '', arn: answer.Arn ?? '', clockAheadMs };
  } catch (error) {
    const { message, hint } =
      access.role !== undefined && nameOf(error) === 'AccessDenied'
        ? roleRefused(access.role.arn)
        : explainServiceError(error, 'STS', 'sts:AssumeRole is needed for roles.');
    throw new PortcullisError(
      'aws/no-identity',
      `Whose credentials these are cannot be told: ${message}`,
      {
        hint,
        cause: error,
      },
    );
  }
}

/** From the header `Date`; NaN where there is none. */
function serverTimeMs(response: unknown): number {
  const date = asText(own(own(response, 'headers'), 'date'));
  return date === undefined ? Number.NaN : Date.parse(date);
}

/** STS refuses a role for either of two reasons, and does not say which. */
export function roleRefused(arn: string): { readonly message: string; readonly hint: string } {
  return {
    message: `the role ${arn} may not be taken on`,
    hint: 'sts:AssumeRole on the role is needed, and its trust policy has to name this identity, with the external id if it asks for one.',
  };
}
