// Who made a call, read from the `userIdentity` of its record.
// Never throws: what is missing or of the wrong type is null, a type unknown today passes through.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

import type { Actor } from '../model/actor.ts';
import { asText, own, type JsonObject } from '../model/json.ts';

export function readActor(record: JsonObject): Actor {
  const identity = own(record, 'userIdentity');
  return {
    type: textOf(identity, 'type') ?? 'Unknown',
    arn: textOf(identity, 'arn') ?? null,
    sessionName: sessionName(identity),
    accessKeyId: textOf(identity, 'accessKeyId') ?? null,
    sourceIp: textOf(record, 'sourceIPAddress') ?? null,
    userAgent: textOf(record, 'userAgent') ?? null,
    invokedBy: textOf(identity, 'invokedBy') ?? null,
  };
}

/**
 * The name a person would recognize the caller by, from `userIdentity`: the session of a role, the
 * user's name, `root`, the service, the other account. Null where the record tells none.
 */
export function sessionName(identity: unknown): string | null {
  switch (textOf(identity, 'type') ?? '') {
    case 'Root':
      return 'root';
    case 'AssumedRole':
      return endOfArn(identity) ?? afterColon(identity) ?? null;
    case 'IAMUser':
      return (
        textOf(identity, 'userName') ?? endOfArn(identity) ?? endOfPrincipalId(identity) ?? null
      );
    case 'AWSService':
    case 'AWSAccount':
      return (
        textOf(identity, 'invokedBy') ??
        textOf(identity, 'accountId') ??
        textOf(identity, 'principalId') ??
        null
      );
    default:
      return (
        textOf(identity, 'userName') ??
        // IAM Identity Center tells the person by id alone.
        textOf(own(identity, 'onBehalfOf'), 'userId') ??
        endOfPrincipalId(identity) ??
        endOfArn(identity) ??
        // Some services write neither a type nor a principal.
        textOf(identity, 'invokedBy') ??
        null
      );
  }
}

/** The name of the role that the caller had assumed, or undefined where there is none. */
export function assumedRole(identity: unknown): string | undefined {
  if (textOf(identity, 'type') !== 'AssumedRole') return undefined;
  const issuer = own(own(identity, 'sessionContext'), 'sessionIssuer');
  // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION: a role's path is not part of it.
  return textOf(issuer, 'userName') ?? asText(textOf(identity, 'arn')?.split('/').at(-2));
}

function textOf(object: unknown, key: string): string | undefined {
  return asText(own(object, key));
}

/** What follows the last `/`: names of users and sessions hold no slash, paths before them do. */
function endOfArn(identity: unknown): string | undefined {
  const arn = textOf(identity, 'arn');
  return arn?.includes('/') ? asText(arn.slice(arn.lastIndexOf('/') + 1)) : undefined;
}

/** `AROA…:session`: what follows the last `:` of the id; the bare id of a role names no session. */
function afterColon(identity: unknown): string | undefined {
  return textOf(identity, 'principalId')?.includes(':') ? endOfPrincipalId(identity) : undefined;
}

/** What follows the last `:`, or all of an id that has none. */
function endOfPrincipalId(identity: unknown): string | undefined {
  const id = textOf(identity, 'principalId');
  return asText(id?.slice(id.lastIndexOf(':') + 1));
}
