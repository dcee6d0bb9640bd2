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
  const attributes: Record<string, unknown> = { ...record };
  put(attributes, 'source', 'cloudtrail');
  put(attributes, 'service', 'cloudtrail');
  put(attributes, 'status', errorCode === undefined ? 'info' : 'error');
  if (errorCode !== undefined) put(attributes, 'level', 'Error');
  const event = beside(attributes, 'evt');
  if (event !== undefined) {
    put(event, 'id', textOf(record, 'eventID'));
    put(event, 'outcome', hasFailed(record) ? 'failure' : 'success');
    const name = textOf(record, 'eventName');
    if (name !== undefined) event['name'] = name;
  }
  const errorMessage = textOf(record, 'errorMessage');
  if (errorCode !== undefined || errorMessage !== undefined) {
    const error = beside(attributes, 'error');
    put(error, 'kind', errorCode);
    put(error, 'message', errorMessage);
  }
  const userAgent = textOf(record, 'userAgent');
  if (userAgent !== undefined) put(beside(attributes, 'http'), 'useragent', userAgent);
  const address = textOf(record, 'sourceIPAddress');
  if (address !== undefined) put(beside(beside(attributes, 'network'), 'client'), 'ip', address);
  if (isObject(identity)) {
    const id = textOf(identity, 'principalId');
    const accountId = textOf(identity, 'accountId');
    const accessKeyId = textOf(identity, 'accessKeyId');
    if ((id ?? session ?? accountId ?? accessKeyId) !== undefined) {
      const user = beside(attributes, 'usr');
      put(user, 'id', id);
      put(user, 'name', session);
      put(user, 'account_id', accountId);
      put(user, 'access_key_id', accessKeyId);
    }
    const who = beside(attributes, 'userIdentity');
    put(who, 'session_name', session);
    put(who, 'assumed_role', assumedRole(identity));
  }
  return attributes;
}

/** A call is taken to have succeeded unless the record says otherwise, in any of AWS's ways. */
export function hasFailed(record: JsonObject): boolean {
  const answer = own(record, 'responseElements');
  return (
    textOf(record, 'errorCode') !== undefined ||
    own(answer, '_return') === false ||
    own(answer, 'ConsoleLogin') === 'Failure'
  );
}

/** A copy of the object at the key, put in its place; a new one where there is nothing. */
function beside(
  attributes: Record<string, unknown> | undefined,
  key: string,
): Record<string, unknown> | undefined {
  const present = own(attributes, key) ?? {};
  if (attributes === undefined || !isObject(present)) return undefined;
  const copy: Record<string, unknown> = { ...present };
  attributes[key] = copy;
  return copy;
}

/** Gives the object a value for a key that it has none for. */
function put(object: Record<string, unknown> | undefined, key: string, value: unknown): void {
  if (object === undefined || value === undefined) return;
  if ((own(object, key) ?? undefined) === undefined) object[key] = value;
}

function textOf(object: unknown, key: string): string | undefined {
  return asText(own(object, key));
}
