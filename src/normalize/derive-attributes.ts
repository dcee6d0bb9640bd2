// The attributes that Datadog's CloudTrail pipeline adds to a record, so that its queries and
// templates work here. What AWS wrote is never changed, and the record itself stays as it is.
// https://docs.datadoghq.com/integrations/amazon_cloudtrail/

import { asText, isObject, own, type JsonObject } from '../model/json.ts';
import { assumedRole, sessionName } from './actor.ts';

/**
 * A shallow copy of the record with the derived attributes beside AWS's own. An attribute whose
 * source is missing is absent. Costs a few small objects, however large the record.
 *
 * `evt.name`, which AWS never writes, is `eventName` whatever stood there before: the fast scan
 * knows `eventName` alone and must not miss a record that a query on `evt.name` would match.
 */
export function deriveAttributes(record: JsonObject): JsonObject {
  const identity = own(record, 'userIdentity');
  const errorCode = textOf(record, 'errorCode');
  const session = sessionName(identity) ?? undefined;
  const attributes = beside(record, {
    source: 'cloudtrail',
    service: 'cloudtrail',
    status: errorCode === undefined ? 'info' : 'error',
    level: errorCode === undefined ? undefined : 'Error',
    evt: { id: textOf(record, 'eventID'), outcome: hasFailed(record) ? 'failure' : 'success' },
    error: { kind: errorCode, message: textOf(record, 'errorMessage') },
    http: { useragent: textOf(record, 'userAgent') },
    network: { client: { ip: textOf(record, 'sourceIPAddress') } },
    usr: {
      id: textOf(identity, 'principalId'),
      name: session,
      account_id: textOf(identity, 'accountId'),
      access_key_id: textOf(identity, 'accessKeyId'),
    },
    userIdentity: { session_name: session, assumed_role: assumedRole(identity) },
  });
  const event = attributes['evt'];
  const name = textOf(record, 'eventName');
  return name !== undefined && isObject(event)
    ? { ...attributes, evt: { ...event, name } }
    : attributes;
}

/** A call is taken to have succeeded unless the record says otherwise, in any of AWS's ways. */
function hasFailed(record: JsonObject): boolean {
  const answer = own(record, 'responseElements');
  return (
    textOf(record, 'errorCode') !== undefined ||
    own(answer, '_return') === false ||
    own(answer, 'ConsoleLogin') === 'Failure'
  );
}

/** The object with what it lacks of `derived`, at any depth. */
function beside(object: JsonObject, derived: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...object };
  for (const [key, value] of Object.entries(derived)) {
    const present = own(object, key) ?? undefined;
    if (isObject(value)) {
      if (present !== undefined && !isObject(present)) continue;
      const inner = beside(present ?? {}, value);
      if (Object.keys(inner).length > 0) result[key] = inner;
    } else if (present === undefined && value !== undefined) {
      result[key] = value;
    }
  }
  return result;
}

function textOf(object: unknown, key: string): string | undefined {
  return asText(own(object, key));
}
