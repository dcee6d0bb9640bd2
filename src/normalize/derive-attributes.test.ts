import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asObject, type JsonObject } from '../model/json.ts';
import { deriveAttributes } from './derive-attributes.ts';

const record = {
  eventName: 'AuthorizeSecurityGroupIngress',
  eventID: 'e-1',
  eventSource: 'ec2.amazonaws.com',
  sourceIPAddress: '203.0.113.7',
  userAgent: 'aws-cli/2.15',
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:alice',
    arn: 'arn:aws:sts::111122223333:assumed-role/Admin/alice',
    accountId: '111122223333',
    accessKeyId: 'ASIAEXAMPLE',
  },
  requestParameters: { groupId: 'sg-1' },
  responseElements: { _return: true },
};

test('adds the attributes of Datadog’s pipeline beside those of AWS', () => {
  expect(deriveAttributes(record)).toEqual({
    ...record,
    source: 'cloudtrail',
    service: 'cloudtrail',
    status: 'info',
    evt: { name: 'AuthorizeSecurityGroupIngress', id: 'e-1', outcome: 'success' },
    http: { useragent: 'aws-cli/2.15' },
    network: { client: { ip: '203.0.113.7' } },
    usr: {
      id: 'AROAEXAMPLE:alice',
      name: 'alice',
      account_id: '111122223333',
      access_key_id: 'ASIAEXAMPLE',
    },
    userIdentity: { ...record.userIdentity, session_name: 'alice', assumed_role: 'Admin' },
  });
});

test('a refused call has an error, a status and a level', () => {
  const refused = { errorCode: 'Client.UnauthorizedOperation', errorMessage: 'You are not …' };
  expect(deriveAttributes(refused)).toEqual({
    ...refused,
    source: 'cloudtrail',
    service: 'cloudtrail',
    status: 'error',
    level: 'Error',
    evt: { outcome: 'failure' },
    error: { kind: 'Client.UnauthorizedOperation', message: 'You are not …' },
  });
});

test('a record that tells nothing gets nothing but where it comes from', () => {
  expect(deriveAttributes({})).toEqual({
    source: 'cloudtrail',
    service: 'cloudtrail',
    status: 'info',
    evt: { outcome: 'success' },
  });
});

describe('the outcome is a failure', () => {
  test.each<[string, JsonObject]>([
    ['with an error code', { errorCode: 'AccessDenied' }],
    ['when the answer is false', { responseElements: { _return: false } }],
    ['of a console login that failed', { responseElements: { ConsoleLogin: 'Failure' } }],
  ])('%s', (_name, failed) => {
    expect(deriveAttributes(failed)['evt']).toEqual({ outcome: 'failure' });
  });

  test.each<[string, JsonObject]>([
    ['with an empty error code', { errorCode: '' }],
    ['with a message alone', { errorMessage: 'a warning' }],
    ['of a console login that succeeded', { responseElements: { ConsoleLogin: 'Success' } }],
  ])('but not %s', (_name, succeeded) => {
    expect(deriveAttributes(succeeded)['evt']).toEqual({ outcome: 'success' });
  });
});

describe('what the record says itself', () => {
  test('stays as it is', () => {
    const own = {
      eventName: 'RunInstances',
      errorCode: 'AccessDenied',
      sourceIPAddress: '203.0.113.7',
      userAgent: 'aws-cli',
      source: 'own',
      service: 'own',
      status: 'own',
      level: 'own',
      evt: { id: 'own', outcome: 'own', category: 'own' },
      error: { kind: 'own' },
      http: 'own',
      network: { client: { ip: 'own' }, bytes: 3 },
      usr: ['own'],
      userIdentity: { type: 'Root', session_name: 'own' },
    };
    expect(deriveAttributes(own)).toEqual({
      ...own,
      evt: { ...own.evt, name: 'RunInstances' },
    });
  });

  test('is completed where it is null', () => {
    expect(
      deriveAttributes({ status: null, network: null, sourceIPAddress: '203.0.113.7' }),
    ).toEqual(
      expect.objectContaining({ status: 'info', network: { client: { ip: '203.0.113.7' } } }),
    );
  });

  test('is completed at every depth', () => {
    const partly = { sourceIPAddress: '203.0.113.7', network: { client: { port: 443 }, bytes: 3 } };
    expect(deriveAttributes(partly)['network']).toEqual({
      client: { port: 443, ip: '203.0.113.7' },
      bytes: 3,
    });
  });

  test('is not changed, whatever it is', () => {
    const anyRecord = fc.dictionary(
      fc.constantFrom('eventName', 'evt', 'usr', 'userIdentity', 'network', 'errorCode', 'x'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(anyRecord, (value) => {
        const before = structuredClone(value);
        const derived = deriveAttributes(value);
        expect(value).toEqual(before);
        const scalars = Object.entries(before).filter(
          ([, own]) => own !== null && typeof own !== 'object',
        );
        expect(derived).toMatchObject(Object.fromEntries(scalars));
      }),
    );
  });
});

test('evt.name is eventName even where something else stood there', () => {
  const odd = { eventName: 'RunInstances', evt: { name: 'ListBuckets' } };
  expect(deriveAttributes(odd)['evt']).toEqual({ name: 'RunInstances', outcome: 'success' });
});

test('a key named like a prototype is data', () => {
  const odd: unknown = JSON.parse('{"__proto__":{"source":"evil"},"eventName":"X"}');
  const derived = deriveAttributes(asObject(odd) ?? {});
  expect(Object.hasOwn(derived, '__proto__')).toBe(true);
  expect(Object.getPrototypeOf(derived)).toBe(Object.prototype);
  expect(derived['source']).toBe('cloudtrail');
});
