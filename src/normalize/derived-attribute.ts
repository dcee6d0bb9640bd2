// One derived attribute of a record, without the object that has them all: what many queries ask of
// one record is little, and most records have nothing of their own where derived attributes stand.
// Says on such a record what `deriveAttributes` says.

import { asText, isObject, own, type JsonObject } from '../model/json.ts';
import { assumedRole, sessionName } from './actor.ts';
import { hasFailed } from './derive-attributes.ts';

/** The attribute of a record; undefined where it has none. */
export type ReadDerived = (record: JsonObject) => string | undefined;

const ofRecord =
  (key: string): ReadDerived =>
  (record) =>
    asText(own(record, key));

const ofIdentity =
  (read: (identity: JsonObject) => string | null | undefined): ReadDerived =>
  (record) => {
    const identity = own(record, 'userIdentity');
    return isObject(identity) ? (read(identity) ?? undefined) : undefined;
  };

const ofIdentityKey = (key: string): ReadDerived => ofIdentity((it) => asText(own(it, key)));

const readers: ReadonlyMap<string, ReadDerived> = new Map<string, ReadDerived>([
  ['source', () => 'cloudtrail'],
  ['service', () => 'cloudtrail'],
  ['status', (record) => (asText(own(record, 'errorCode')) === undefined ? 'info' : 'error')],
  ['level', (record) => (asText(own(record, 'errorCode')) === undefined ? undefined : 'Error')],
  ['evt.id', ofRecord('eventID')],
  ['evt.name', ofRecord('eventName')],
  ['evt.outcome', (record) => (hasFailed(record) ? 'failure' : 'success')],
  ['error.kind', ofRecord('errorCode')],
  ['error.message', ofRecord('errorMessage')],
  ['http.useragent', ofRecord('userAgent')],
  ['network.client.ip', ofRecord('sourceIPAddress')],
  ['usr.id', ofIdentityKey('principalId')],
  ['usr.name', ofIdentity(sessionName)],
  ['usr.account_id', ofIdentityKey('accountId')],
  ['usr.access_key_id', ofIdentityKey('accessKeyId')],
  ['userIdentity.session_name', ofIdentity(sessionName)],
  ['userIdentity.assumed_role', ofIdentity(assumedRole)],
]);

/** Where derived attributes stand, at the top of the record and in `userIdentity`. */
const placesOfRecord = [
  'evt',
  'source',
  'service',
  'status',
  'level',
  'error',
  'http',
  'network',
  'usr',
];
const placesOfIdentity = ['session_name', 'assumed_role'];

/** Whether a record has nothing of its own where a derived attribute would stand. */
export function isPlain(record: JsonObject): boolean {
  for (const place of placesOfRecord) if (Object.hasOwn(record, place)) return false;
  const identity = own(record, 'userIdentity');
  if (!isObject(identity)) return true;
  for (const place of placesOfIdentity) if (Object.hasOwn(identity, place)) return false;
  return true;
}

/**
 * How to read an attribute of a plain record, named by its dotted path: a reader where it is derived;
 * null where the record itself has it, if anything has; undefined where it takes all of the derived
 * ones, as for an object of them.
 */
export function readDerived(path: string): ReadDerived | null | undefined {
  const reader = readers.get(path);
  if (reader !== undefined) return reader;
  const [top = ''] = path.split('.', 1);
  return placesOfRecord.includes(top) ? undefined : null;
}
