// Whether calls are allowed, without doing anything: EC2 has dry runs, and SQS looks at permissions
// before it looks at receipts and numbers that cannot be.

import { accountClientConfig, type AccountAccess } from './account-access.ts';
import { nameOf, statusOf } from './sdk-error.ts';
import { explainServiceError } from './service-errors.ts';

export type Probe = {
  /** As IAM calls it: `ec2:DescribeRegions`. */
  readonly action: string;
  /** Null where it is allowed. */
  readonly refusal: {
    readonly isDenied: boolean;
    readonly message: string;
    readonly hint: string;
  } | null;
};

/** A doctor is not patient: what does not answer is a finding. */
const attempts = 2;

/** What an audit asks of EC2, in one region. */
export async function probeAudit(
  access: AccountAccess,
  region: string,
  abortSignal: AbortSignal,
): Promise<readonly Probe[]> {
  const sdk = await import('@aws-sdk/client-ec2');
  const client = new sdk.EC2Client({ ...(await accountClientConfig(access, attempts)), region });
  const options = { abortSignal };
  const DryRun = true;
  const nowhere = 'pl-00000000000000000';
  const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['DescribeRegions', () => client.send(new sdk.DescribeRegionsCommand({ DryRun }), options)],
    [
      'DescribeSecurityGroups',
      () => client.send(new sdk.DescribeSecurityGroupsCommand({ DryRun, MaxResults: 5 }), options),
    ],
    [
      'DescribeSecurityGroupRules',
      () =>
        client.send(new sdk.DescribeSecurityGroupRulesCommand({ DryRun, MaxResults: 5 }), options),
    ],
    [
      'DescribeManagedPrefixLists',
      () =>
        client.send(new sdk.DescribeManagedPrefixListsCommand({ DryRun, MaxResults: 5 }), options),
    ],
    [
      'GetManagedPrefixListEntries',
      () =>
        client.send(
          new sdk.GetManagedPrefixListEntriesCommand({ DryRun, PrefixListId: nowhere }),
          options,
        ),
    ],
  ];
  return Promise.all(
    calls.map(([operation, send]) =>
      probe(`ec2:${operation}`, 'EC2', send, [
        'DryRunOperation',
        'InvalidPrefixListID.NotFound',
        'InvalidPrefixListId.NotFound',
      ]),
    ),
  );
}

/** What a source asks of a queue. No message is received, hidden or deleted. */
export async function probeQueue(
  { url, region, ...access }: AccountAccess & { readonly url: string; readonly region?: string },
  abortSignal: AbortSignal,
): Promise<readonly Probe[]> {
  const sdk = await import('@aws-sdk/client-sqs');
  const config = await accountClientConfig(access, attempts);
  const client = new sdk.SQSClient({
    ...config,
    ...(region === undefined ? {} : { region }),
    ...(config.endpoint === undefined ? {} : { useQueueUrlAsEndpoint: false }),
  });
  const options = { abortSignal };
  const receipt = { Id: '0', ReceiptHandle: 'none' };
  const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      'ReceiveMessage',
      () =>
        client.send(
          // Nobody can receive no message.
          new sdk.ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 0 }),
          options,
        ),
    ],
    [
      'DeleteMessage',
      () =>
        client.send(
          new sdk.DeleteMessageBatchCommand({ QueueUrl: url, Entries: [receipt] }),
          options,
        ),
    ],
    [
      'ChangeMessageVisibility',
      () =>
        client.send(
          new sdk.ChangeMessageVisibilityBatchCommand({
            QueueUrl: url,
            Entries: [{ ...receipt, VisibilityTimeout: 0 }],
          }),
          options,
        ),
    ],
  ];
  return Promise.all(
    calls.map(([operation, send]) =>
      probe(`sqs:${operation}`, 'SQS', send, [
        'InvalidParameterValue',
        'ReadCountOutOfRange',
        'ReceiptHandleIsInvalid',
      ]),
    ),
  );
}

/** @param harmless names of errors that whoever may not do it is never told */
async function probe(
  action: string,
  service: string,
  send: () => Promise<unknown>,
  harmless: readonly string[],
): Promise<Probe> {
  try {
    await send();
    return { action, refusal: null };
  } catch (error) {
    if (harmless.includes(nameOf(error))) return { action, refusal: null };
    if (/QueueDoesNotExist|NonExistentQueue/.test(nameOf(error))) {
      const hint = 'Check the URL, and that the profile and region lead to the right account.';
      return {
        action,
        refusal: { isDenied: false, message: 'there is no such queue', hint },
      };
    }
    const explained = explainServiceError(error, service, `Allow ${action}.`);
    const isDenied =
      explained.message === 'access is denied' ||
      (statusOf(error) === 403 && /Denied|Unauthorized/.test(nameOf(error)));
    return { action, refusal: { isDenied, ...explained } };
  }
}
