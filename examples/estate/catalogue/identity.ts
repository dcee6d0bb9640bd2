// Background events of the services that say who may do what: STS, IAM, KMS, secrets, sign-in.

import { people } from '../company.ts';
import type { Json } from '../record.ts';
import { printedTime, reads, writes, type EventShape, type Scene } from './shape.ts';

const hourMs = 3_600_000;

function roleArn({ place, random }: Scene): string {
  const role = random.pick(place.account.roles);
  return `arn:aws:iam::${place.account.id}:role${role.path}${role.name}`;
}

function roleName({ place, random }: Scene): string {
  return random.pick(place.account.roles).name;
}

function credentials({ place, random, timeMs }: Scene): Json {
  return {
    accessKeyId: `ASIA${place.account.infix}${random.base32(5)}EXAMPLE`,
    sessionToken: `IQoJb3JpZ2luX2VjE${random.base64(random.between(220, 380))}`,
    expiration: printedTime(timeMs + hourMs),
  };
}

function assumedUser({ place, random }: Scene, roleSession: string): Json {
  const role = random.pick(place.account.roles);
  return {
    assumedRoleId: `${role.roleId}:${roleSession}`,
    arn: `arn:aws:sts::${place.account.id}:assumed-role/${role.name}/${roleSession}`,
  };
}

function assumeRole(scene: Scene): Json {
  return {
    roleArn: roleArn(scene),
    roleSessionName: scene.one('functions'),
    durationSeconds: scene.random.pick([900, 3600, 3600, 43200]),
  };
}

function assumedRole(scene: Scene): Json {
  return {
    credentials: credentials(scene),
    assumedRoleUser: assumedUser(scene, scene.one('instances')),
  };
}

const roleResource = (scene: Scene) => [
  { accountId: scene.place.account.id, type: 'AWS::IAM::Role', ARN: roleArn(scene) },
];

function keyResource({ place, one }: Scene) {
  return [{ accountId: place.account.id, type: 'AWS::KMS::Key', ARN: one('kmsKeys') }];
}

function encryptionContext({ place, random, one }: Scene): Json {
  const { account, region } = place;
  switch (random.below(5)) {
    case 0:
      return { PARAMETER_ARN: `arn:aws:ssm:${region}:${account.id}:parameter${one('parameters')}` };
    case 1:
      return { SecretARN: one('secrets'), SecretVersionId: random.uuid() };
    case 2:
      return { 'aws:s3:arn': `arn:aws:s3:::${one('buckets')}` };
    case 3:
      return { 'aws:ebs:id': one('volumes') };
    default:
      return {
        'aws:lambda:FunctionArn': `arn:aws:lambda:${region}:${account.id}:function:${one('functions')}`,
      };
  }
}

/** A policy as IAM receives it: JSON inside a JSON string, with the console's line breaks. */
function policyDocument({ place, random }: Scene, statements: number): string {
  const actions = [
    's3:GetObject',
    's3:ListBucket',
    'dynamodb:Query',
    'dynamodb:PutItem',
    'sqs:SendMessage',
    'sqs:ReceiveMessage',
    'kms:Decrypt',
    'logs:PutLogEvents',
    'secretsmanager:GetSecretValue',
    'ecr:BatchGetImage',
  ];
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: Array.from({ length: statements }, (_, index) => ({
        Sid: `Allow${index}`,
        Effect: 'Allow',
        Action: [random.pick(actions), random.pick(actions)],
        Resource: [
          `arn:aws:s3:::${random.pick(place.buckets)}/*`,
          `arn:aws:dynamodb:${place.region}:${place.account.id}:table/${random.pick(place.tables)}`,
        ],
        Condition: { StringEquals: { 'aws:SourceVpce': place.vpcEndpoint } },
      })),
    },
    null,
    random.pick([0, 2, 4]),
  );
}

function trustPolicy(service: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: `${service}.amazonaws.com` },
        Action: 'sts:AssumeRole',
      },
    ],
  });
}

const iam = { global: true } as const;

export const identityEvents: readonly EventShape[] = [
  writes(
    'sts',
    'AssumeRole',
    62,
    [{ service: 'lambda' }, { service: 'ec2' }, { service: 'ecs-tasks' }, { service: 'ssm' }],
    assumeRole,
    assumedRole,
    { resources: roleResource },
  ),
  writes('sts', 'AssumeRole', 18, ['workload', 'cross-account'], assumeRole, assumedRole, {
    resources: roleResource,
    failure: { share: 0.06, code: 'AccessDenied' },
  }),
  writes('sts', 'AssumeRoleWithWebIdentity', 10, ['web-identity'], assumeRole, assumedRole, {
    resources: roleResource,
  }),
  writes(
    'sts',
    'AssumeRoleWithSAML',
    2,
    ['saml'],
    (scene) => ({
      principalArn: `arn:aws:iam::${scene.place.account.id}:saml-provider/harborpine`,
      roleArn: roleArn(scene),
      durationSeconds: 3600,
      sAMLAssertionID: `_${scene.random.uuid()}`,
    }),
    assumedRole,
    { resources: roleResource },
  ),
  reads('sts', 'GetCallerIdentity', 26, ['pipeline', 'person', 'user', 'workload']),
  writes(
    'sts',
    'GetFederationToken',
    1,
    ['user'],
    ({ random }) => ({ name: random.pick(people).name, durationSeconds: 3600 }),
    (scene) => ({ credentials: credentials(scene) }),
  ),
  reads('sts', 'GetAccessKeyInfo', 1, ['person'], ({ place, random }) => ({
    accessKeyId: `AKIA${place.account.infix}${random.base32(5)}EXAMPLE`,
  })),

  reads(
    'kms',
    'Decrypt',
    74,
    ['workload', { linked: 'AWSServiceRoleForRDS' }, 'workload'],
    (scene) => ({
      encryptionContext: encryptionContext(scene),
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    }),
    { resources: keyResource, failure: { share: 0.01, code: 'AccessDenied' } },
  ),
  reads(
    'kms',
    'GenerateDataKey',
    44,
    ['workload', { service: 'cloudtrail' }, { service: 'delivery.logs' }],
    (scene) => ({
      keyId: scene.one('kmsKeys'),
      encryptionContext: encryptionContext(scene),
      keySpec: 'AES_256',
    }),
    { resources: keyResource },
  ),
  reads(
    'kms',
    'Encrypt',
    7,
    ['workload'],
    (scene) => ({
      keyId: scene.one('kmsKeys'),
      encryptionContext: encryptionContext(scene),
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    }),
    { resources: keyResource },
  ),
  reads(
    'kms',
    'DescribeKey',
    11,
    ['pipeline', 'person', 'workload'],
    ({ one }) => ({ keyId: one('kmsKeys') }),
    { resources: keyResource },
  ),
  reads('kms', 'ListAliases', 4, ['person', 'pipeline'], () => ({ limit: 100 })),
  reads(
    'kms',
    'GetKeyRotationStatus',
    3,
    ['pipeline', { service: 'config' }],
    ({ one }) => ({ keyId: one('kmsKeys') }),
    { resources: keyResource },
  ),
  reads(
    'kms',
    'GetKeyPolicy',
    2,
    ['pipeline'],
    ({ one }) => ({ keyId: one('kmsKeys'), policyName: 'default' }),
    { resources: keyResource },
  ),
  writes(
    'kms',
    'CreateGrant',
    8,
    [{ linked: 'AWSServiceRoleForAutoScaling' }, 'workload'],
    (scene) => ({
      keyId: scene.one('kmsKeys'),
      granteePrincipal: `${scene.place.region}.ec2.amazonaws.com`,
      operations: [
        'Decrypt',
        'GenerateDataKeyWithoutPlaintext',
        'ReEncryptFrom',
        'ReEncryptTo',
        'CreateGrant',
        'DescribeKey',
      ],
      constraints: { encryptionContextSubset: { 'aws:ebs:id': scene.one('volumes') } },
      retiringPrincipal: `ec2.${scene.place.region}.amazonaws.com`,
    }),
    ({ random, one }) => ({ grantId: random.hex(64), keyId: one('kmsKeys') }),
    { resources: keyResource },
  ),
  writes(
    'kms',
    'RetireGrant',
    3,
    [{ service: 'ec2' }],
    () => null,
    () => null,
    { resources: keyResource },
  ),

  reads(
    'secretsmanager',
    'GetSecretValue',
    17,
    ['workload'],
    ({ one }) => ({ secretId: one('secrets') }),
    { failure: { share: 0.02, code: 'AccessDenied' } },
  ),
  reads('secretsmanager', 'DescribeSecret', 5, ['pipeline', 'person'], ({ one }) => ({
    secretId: one('secrets'),
  })),
  reads('secretsmanager', 'ListSecrets', 2, ['person'], () => ({ maxResults: 100 })),
  writes(
    'secretsmanager',
    'RotateSecret',
    0.6,
    [{ service: 'secretsmanager' }],
    ({ random, one }) => ({ secretId: one('secrets'), clientRequestToken: random.uuid() }),
    ({ random, one }) => ({ aRN: one('secrets'), versionId: random.uuid() }),
  ),

  reads(
    'iam',
    'GetRole',
    9,
    ['pipeline', 'person'],
    (scene) => ({ roleName: roleName(scene) }),
    iam,
  ),
  reads(
    'iam',
    'GetRolePolicy',
    4,
    ['pipeline'],
    (scene) => ({ roleName: roleName(scene), policyName: 'inline' }),
    iam,
  ),
  reads(
    'iam',
    'ListRolePolicies',
    5,
    ['pipeline'],
    (scene) => ({ roleName: roleName(scene) }),
    iam,
  ),
  reads(
    'iam',
    'ListAttachedRolePolicies',
    6,
    ['pipeline', 'person'],
    (scene) => ({ roleName: roleName(scene) }),
    iam,
  ),
  reads(
    'iam',
    'ListInstanceProfilesForRole',
    2,
    ['pipeline'],
    (scene) => ({ roleName: roleName(scene) }),
    iam,
  ),
  reads(
    'iam',
    'GetPolicy',
    4,
    ['pipeline', 'person'],
    ({ place, one }) => ({
      policyArn: `arn:aws:iam::${place.account.id}:policy/${one('services')}`,
    }),
    iam,
  ),
  reads(
    'iam',
    'GetPolicyVersion',
    4,
    ['pipeline', 'person'],
    ({ place, random, one }) => ({
      policyArn: `arn:aws:iam::${place.account.id}:policy/${one('services')}`,
      versionId: `v${random.between(1, 9)}`,
    }),
    iam,
  ),
  reads('iam', 'ListRoles', 2, ['person', { service: 'access-analyzer' }], () => null, iam),
  reads('iam', 'ListUsers', 2, ['person', 'root'], () => null, iam),
  reads(
    'iam',
    'GetUser',
    2,
    ['person', 'user'],
    ({ place, random }) => ({ userName: random.pick(place.account.users).name }),
    iam,
  ),
  reads(
    'iam',
    'ListAccessKeys',
    2,
    ['person'],
    ({ place, random }) => ({ userName: random.pick(place.account.users).name }),
    iam,
  ),
  reads(
    'iam',
    'GetAccessKeyLastUsed',
    1,
    ['person'],
    ({ place, random }) => ({ accessKeyId: random.pick(place.account.users).accessKeyId }),
    iam,
  ),
  reads('iam', 'GetAccountSummary', 2, ['person', 'root'], () => null, iam),
  reads('iam', 'ListMFADevices', 1, ['person', 'root'], () => null, iam),
  reads(
    'iam',
    'SimulatePrincipalPolicy',
    0.5,
    ['pipeline'],
    (scene) => ({ policySourceArn: roleArn(scene), actionNames: ['s3:GetObject', 'kms:Decrypt'] }),
    iam,
  ),
  writes(
    'iam',
    'GenerateCredentialReport',
    0.5,
    [{ service: 'securityhub' }],
    () => null,
    () => ({ state: 'STARTED' }),
    iam,
  ),
  writes(
    'iam',
    'CreateRole',
    0.6,
    ['pipeline'],
    (scene) => ({
      roleName: `${scene.one('services')}-task`,
      assumeRolePolicyDocument: trustPolicy('ecs-tasks'),
      tags: [{ key: 'managed-by', value: 'terraform' }],
    }),
    ({ place, random, one }) => ({
      role: {
        path: '/',
        roleName: `${one('services')}-task`,
        roleId: `AROA${place.account.infix}${random.base32(5)}EXAMPLE`,
      },
    }),
    iam,
  ),
  writes(
    'iam',
    'PutRolePolicy',
    2,
    ['pipeline', 'person'],
    (scene) => ({
      roleName: roleName(scene),
      policyName: 'inline',
      policyDocument: policyDocument(scene, scene.random.between(1, 6)),
    }),
    () => null,
    iam,
  ),
  writes(
    'iam',
    'CreatePolicyVersion',
    1.5,
    ['pipeline', 'person'],
    (scene) => ({
      policyArn: `arn:aws:iam::${scene.place.account.id}:policy/${scene.one('services')}`,
      policyDocument: policyDocument(scene, scene.random.between(3, 10)),
      setAsDefault: true,
    }),
    ({ random, timeMs }) => ({
      policyVersion: {
        versionId: `v${random.between(2, 40)}`,
        isDefaultVersion: true,
        createDate: printedTime(timeMs),
      },
    }),
    iam,
  ),
  writes(
    'iam',
    'AttachRolePolicy',
    0.8,
    ['pipeline'],
    (scene) => ({
      roleName: roleName(scene),
      policyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
    }),
    () => null,
    { ...iam, failure: { share: 0.1, code: 'AccessDenied' } },
  ),
  writes(
    'iam',
    'TagRole',
    0.5,
    ['pipeline'],
    (scene) => ({
      roleName: roleName(scene),
      tags: [{ key: 'owner', value: scene.one('services') }],
    }),
    () => null,
    iam,
  ),

  writes(
    'signin',
    'ConsoleLogin',
    2.5,
    ['person', 'root'],
    () => null,
    () => ({ ConsoleLogin: 'Success' }),
    {
      eventType: 'AwsConsoleSignIn',
      additional: ({ place, random }) => ({
        LoginTo: `https://${place.region}.console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_${place.region}_${random.hex(16)}`,
        MobileVersion: 'No',
        MFAUsed: 'Yes',
      }),
      global: true,
    },
  ),
  writes(
    'signin',
    'SwitchRole',
    0.4,
    ['person'],
    () => null,
    () => ({ SwitchRole: 'Success' }),
    {
      eventType: 'AwsConsoleSignIn',
      additional: (scene) => ({
        SwitchFrom: roleArn(scene),
        RedirectTo: 'https://console.aws.amazon.com/ec2/home',
      }),
      global: true,
    },
  ),
  reads('sso', 'ListAccountRoles', 2, ['identity-center'], ({ place }) => ({
    accessToken: 'HIDDEN_DUE_TO_SECURITY_REASONS',
    accountId: place.account.id,
  })),
  reads('sso', 'Authenticate', 1, ['identity-center'], () => null, {
    eventType: 'AwsServiceEvent',
    details: () => ({ CredentialVerification: 'Success' }),
  }),
  writes(
    'sso',
    'Federate',
    1.5,
    ['identity-center'],
    () => null,
    () => null,
    {
      eventType: 'AwsServiceEvent',
      details: ({ place, random }) => ({
        role_name: random.pick(people).permissionSet,
        account_id: place.account.id,
      }),
    },
  ),

  reads(
    'organizations',
    'DescribeOrganization',
    3,
    ['pipeline', { service: 'securityhub' }, { service: 'config' }],
    () => null,
    iam,
  ),
  reads('organizations', 'ListAccounts', 2, ['pipeline', 'person'], () => null, {
    ...iam,
    failure: { share: 0.2, code: 'AccessDeniedException' },
  }),
  reads('access-analyzer', 'ListFindings', 1, ['person'], ({ place, random }) => ({
    analyzerArn: `arn:aws:access-analyzer:${place.region}:${place.account.id}:analyzer/organization`,
    maxResults: random.pick([50, 100]),
  })),
];
