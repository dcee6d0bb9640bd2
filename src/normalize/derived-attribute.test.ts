import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../model/json.ts';
import { attributeValues, type Scalar } from '../query/index.ts';
import { deriveAttributes } from './derive-attributes.ts';
import { isPlain, readDerived } from './derived-attribute.ts';

const derived = [
  'source',
  'service',
  'status',
  'level',
  'evt.id',
  'evt.name',
  'evt.outcome',
  'error.kind',
  'error.message',
  'http.useragent',
  'network.client.ip',
  'usr.id',
  'usr.name',
  'usr.account_id',
  'usr.access_key_id',
  'userIdentity.session_name',
  'userIdentity.assumed_role',
];
const others = [
  'eventName',
  'awsRegion',
  'userIdentity',
  'userIdentity.type',
  'userIdentity.arn',
  'responseElements._return',
];

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('A', 'B', 'AKIA1', 'arn:aws:sts::1:assumed-role/r/s') },
  fc.constantFrom('', 7, null, true, ['x', 'y'], { a: 1 }),
);
const optional = { requiredKeys: [] as [] };
const identity = fc.record(
  {
    type: fc.constantFrom('AssumedRole', 'IAMUser', 'Root', 'AWSService', 'New', 3),
    principalId: text,
    arn: text,
    accountId: text,
    accessKeyId: text,
    userName: text,
    invokedBy: text,
    sessionContext: fc.record({ sessionIssuer: fc.record({ userName: text }, optional) }, optional),
  },
  optional,
);
const plainRecord: fc.Arbitrary<JsonObject> = fc.record(
  {
    eventID: text,
    eventName: text,
    awsRegion: text,
    errorCode: text,
    errorMessage: text,
    sourceIPAddress: text,
    userAgent: text,
    userIdentity: fc.oneof({ weight: 5, arbitrary: identity }, text),
    responseElements: fc.oneof(
      fc.record({ _return: fc.boolean(), ConsoleLogin: fc.constantFrom('Failure', 'Success') }),
      text,
    ),
    'evt.name': text,
    'network.client': fc.record({ ip: text }),
    'userIdentity.session_name': text,
  },
  optional,
);

/** What the record tells without its derived attributes beside it. */
function plainValues(plain: JsonObject, path: string): readonly Scalar[] {
  const read = readDerived(path);
  expect(read).toBeDefined();
  const value = read?.(plain);
  return [...(value === undefined ? [] : [value]), ...attributeValues(plain, `@${path}`)];
}

describe('one derived attribute', () => {
  test.each([...derived, ...others])(
    '@%s of a plain record is what it is beside all others',
    (path) => {
      fc.assert(
        fc.property(plainRecord, (plain) => {
          expect(isPlain(plain)).toBe(true);
          expect(plainValues(plain, path)).toEqual(
            attributeValues(deriveAttributes(plain), `@${path}`),
          );
        }),
        { numRuns: 200 },
      );
    },
  );

  test.each(derived)('@%s is read by itself', (path) => {
    expect(readDerived(path)).toBeTypeOf('function');
  });

  test.each(others)('@%s is the record’s own', (path) => {
    expect(readDerived(path)).toBeNull();
  });

  test.each(['evt', 'usr', 'network.client', 'error.code', 'http.useragent.x', 'level.a'])(
    '@%s takes all of them',
    (path) => {
      expect(readDerived(path)).toBeUndefined();
    },
  );
});

describe('a record', () => {
  test('is plain without anything of its own in the places of derived attributes', () => {
    expect(isPlain({})).toBe(true);
    expect(isPlain({ eventName: 'A', userIdentity: { type: 'Root' }, 'evt.name': 'B' })).toBe(true);
    expect(isPlain({ userIdentity: ['session_name'] })).toBe(true);
  });

  test.each(['evt', 'source', 'service', 'status', 'level', 'error', 'http', 'network', 'usr'])(
    'is not with %s, even of nothing',
    (place) => {
      expect(isPlain({ [place]: null })).toBe(false);
    },
  );

  test.each(['session_name', 'assumed_role'])('is not with %s of its caller', (place) => {
    expect(isPlain({ userIdentity: { [place]: null } })).toBe(false);
  });
});
