import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../model/json.ts';
import { assumedRole, readActor, sessionName } from './actor.ts';

const assumedRoleIdentity = {
  type: 'AssumedRole',
  principalId: 'AROAEXAMPLE:alice@example.com',
  arn: 'arn:aws:sts::111122223333:assumed-role/Admin/alice@example.com',
  accountId: '111122223333',
  accessKeyId: 'ASIAEXAMPLE',
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      arn: 'arn:aws:iam::111122223333:role/ops/Admin',
      userName: 'Admin',
    },
  },
};

describe('the session name of', () => {
  test.each<[string, JsonObject, string | null]>([
    ['an IAM user is the user’s name', { type: 'IAMUser', userName: 'bob' }, 'bob'],
    [
      'an IAM user without a name is the end of the ARN, whatever the path',
      { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/team/ops/bob' },
      'bob',
    ],
    [
      'an IAM user with nothing else is the unique id',
      { type: 'IAMUser', principalId: 'AIDAEXAMPLE' },
      'AIDAEXAMPLE',
    ],
    ['an assumed role is the session', assumedRoleIdentity, 'alice@example.com'],
    [
      'an assumed role without an ARN is the session in the principal id',
      { type: 'AssumedRole', principalId: 'AROAEXAMPLE:i-0abc' },
      'i-0abc',
    ],
    [
      'an assumed role whose ARN names no session is the session in the principal id',
      { type: 'AssumedRole', arn: 'arn:aws:sts::1:assumed-role/Admin/', principalId: 'AROA:s' },
      's',
    ],
    [
      'an assumed role whose ARN has no parts is the session in the principal id',
      { type: 'AssumedRole', arn: 'broken', principalId: 'AROA:s' },
      's',
    ],
    [
      'an assumed role is never the bare id of the role',
      { type: 'AssumedRole', principalId: 'AROAEXAMPLE' },
      null,
    ],
    [
      'an assumed role is not the user name, which is the role’s',
      { type: 'AssumedRole', userName: 'Admin' },
      null,
    ],
    ['the root user is root', { type: 'Root', userName: 'my-alias', accountId: '1' }, 'root'],
    [
      'a federated user is the name in the principal id',
      { type: 'FederatedUser', principalId: '111122223333:carol' },
      'carol',
    ],
    [
      'a federated user without a principal is the end of the ARN',
      { type: 'FederatedUser', arn: 'arn:aws:sts::111122223333:federated-user/carol' },
      'carol',
    ],
    [
      'a SAML user is the user name',
      { type: 'SAMLUser', principalId: 'HASH=:uid', userName: 'dave' },
      'dave',
    ],
    [
      'a SAML user without a name is the end of the principal id',
      { type: 'SAMLUser', principalId: 'HASH=:dave' },
      'dave',
    ],
    [
      'a web identity is the user id at the end of the principal id',
      { type: 'WebIdentityUser', principalId: 'accounts.google.com:app.example:1234' },
      '1234',
    ],
    [
      'an Identity Center user is the id of the person',
      {
        type: 'IdentityCenterUser',
        principalId: '111122223333:internal',
        onBehalfOf: { userId: '94482488-3041-7a', identityStoreArn: 'arn:aws:identitystore::1:x' },
      },
      '94482488-3041-7a',
    ],
    [
      'an Identity Center user with a name is the name',
      { type: 'IdentityCenterUser', userName: 'erin', onBehalfOf: { userId: '94482488' } },
      'erin',
    ],
    [
      'an AWS service is the service',
      { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' },
      'autoscaling.amazonaws.com',
    ],
    [
      'another account is its id',
      { type: 'AWSAccount', principalId: 'AROAEXAMPLE:x', accountId: '444455556666' },
      '444455556666',
    ],
    [
      'another account through a service is the service',
      { type: 'AWSAccount', accountId: '444455556666', invokedBy: 'config.amazonaws.com' },
      'config.amazonaws.com',
    ],
    [
      'another account without an id is the principal',
      { type: 'AWSAccount', principalId: 'AIDAEXAMPLE' },
      'AIDAEXAMPLE',
    ],
    ['a directory user is the user name', { type: 'Directory', userName: 'frank' }, 'frank'],
    [
      'a role that acts itself is the end of the ARN',
      { type: 'Role', arn: 'arn:aws:iam::111122223333:role/ops/Deploy' },
      'Deploy',
    ],
    ['a type not known today is the user name', { type: 'MartianUser', userName: 'zed' }, 'zed'],
    [
      'a caller without a type, as some services write it, is the service',
      { accountId: '111122223333', invokedBy: 'secretsmanager.amazonaws.com' },
      'secretsmanager.amazonaws.com',
    ],
    ['an empty identity is unknown', {}, null],
    ['an IAM user without any name is unknown', { type: 'IAMUser' }, null],
    ['a service without a name is unknown', { type: 'AWSService' }, null],
    ['a name of a wrong type is unknown', { type: 'IAMUser', userName: 7, arn: ['a/b'] }, null],
    ['an empty name is unknown', { type: 'SAMLUser', userName: '', principalId: '' }, null],
    ['a person of a wrong type is unknown', { type: 'IdentityCenterUser', onBehalfOf: 'x' }, null],
  ])('%s', (_name, identity, expected) => {
    expect(sessionName(identity)).toBe(expected);
  });

  test.each([undefined, null, 'alice', 7, ['IAMUser'], true])(
    'an identity that is no object (%j) is unknown',
    (identity) => {
      expect(sessionName(identity)).toBeNull();
    },
  );

  test('an inherited property is not data', () => {
    expect(sessionName(Object.create({ type: 'Root' }))).toBeNull();
  });
});

describe('readActor', () => {
  test('reads every field of a call by an assumed role through a service', () => {
    const actor = readActor({
      userIdentity: { ...assumedRoleIdentity, invokedBy: 'cloudformation.amazonaws.com' },
      sourceIPAddress: 'cloudformation.amazonaws.com',
      userAgent: 'cloudformation.amazonaws.com',
    });
    expect(actor).toEqual({
      type: 'AssumedRole',
      arn: 'arn:aws:sts::111122223333:assumed-role/Admin/alice@example.com',
      sessionName: 'alice@example.com',
      accessKeyId: 'ASIAEXAMPLE',
      sourceIp: 'cloudformation.amazonaws.com',
      userAgent: 'cloudformation.amazonaws.com',
      invokedBy: 'cloudformation.amazonaws.com',
    });
  });

  test('says null for all that a record does not tell', () => {
    expect(readActor({})).toEqual({
      type: 'Unknown',
      arn: null,
      sessionName: null,
      accessKeyId: null,
      sourceIp: null,
      userAgent: null,
      invokedBy: null,
    });
  });

  test('lets a type through that AWS adds later', () => {
    expect(readActor({ userIdentity: { type: 'MartianUser' } }).type).toBe('MartianUser');
  });

  test('never throws, and gives text or null, whatever the record holds', () => {
    const identity = fc.record(
      {
        type: fc.oneof(fc.constantFrom('IAMUser', 'AssumedRole', 'Root', 'AWSService'), fc.json()),
        arn: fc.oneof(fc.string(), fc.jsonValue()),
        principalId: fc.oneof(fc.string(), fc.jsonValue()),
        userName: fc.jsonValue(),
        invokedBy: fc.jsonValue(),
        onBehalfOf: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const record = fc.record(
      {
        userIdentity: fc.oneof(identity, fc.jsonValue()),
        sourceIPAddress: fc.jsonValue(),
        userAgent: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(record, (value) => {
        for (const part of Object.values(readActor(value))) {
          expect(part === null || (typeof part === 'string' && part !== '')).toBe(true);
        }
      }),
    );
  });
});

describe('assumedRole', () => {
  test.each<[string, JsonObject, string | undefined]>([
    ['is the name of the session’s issuer', assumedRoleIdentity, 'Admin'],
    [
      'is in the ARN where the issuer is missing',
      { type: 'AssumedRole', arn: 'arn:aws:sts::1:assumed-role/Admin/alice' },
      'Admin',
    ],
    ['is unknown where the ARN has no parts', { type: 'AssumedRole', arn: 'Admin' }, undefined],
    ['is unknown without an ARN', { type: 'AssumedRole' }, undefined],
    [
      'is none for a user, whatever the session says',
      { ...assumedRoleIdentity, type: 'IAMUser' },
      undefined,
    ],
  ])('%s', (_name, identity, expected) => {
    expect(assumedRole(identity)).toBe(expected);
  });
});
