// Who makes a call, in every form that CloudTrail records.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

import {
  exampleId,
  identityStoreId,
  roleNamed,
  userNamed,
  type Account,
  type Person,
  type Role,
} from './company.ts';
import type { Random } from './random.ts';
import { cloudTrailTime, type Caller, type JsonFields } from './record.ts';

/** Temporary credentials, and when they were issued. */
export type Session = {
  readonly name: string;
  readonly accessKeyId: string;
  readonly createdMs: number;
};

export const agents = {
  browser:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
  cli: 'aws-cli/2.32.4 md/awscrt#0.29.0 ua/2.1 os/linux#6.8.0-79-generic md/arch#x86_64 lang/python#3.13.9 md/pyimpl#CPython m/E,b,Z cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#',
  terraform:
    'APN/1.0 HashiCorp/1.0 Terraform/1.14.0 (+https://www.terraform.io) terraform-provider-aws/6.22.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.40.0 ua/2.1 os/linux lang/go#1.24.10 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.271.0 m/i,e',
  python:
    'Boto3/1.41.5 md/Botocore#1.41.5 ua/2.1 os/linux#6.1.156-177.286.amzn2023.x86_64 md/arch#x86_64 lang/python#3.13.9 md/pyimpl#CPython exec-env/AWS_Lambda_python3.13 m/b,Z cfg/retry-mode#legacy Botocore/1.41.5',
  java: 'aws-sdk-java/2.39.2 ua/2.1 api/S3#2.39.x os/Linux#6.1.156 lang/java#21.0.9 md/OpenJDK_64-Bit_Server_VM#21.0.9+10-LTS md/vendor#Amazon.com_Inc. md/en exec-env/AWS_ECS_FARGATE m/D,E,N',
  go: 'aws-sdk-go-v2/1.39.6 ua/2.1 os/linux lang/go#1.25.3 md/GOOS#linux md/GOARCH#arm64 api/ec2#1.262.0 m/E',
  agent: 'aws-sdk-go/1.55.5 (go1.23.12; linux; amd64) amazon-ssm-agent/3.3.3270.0',
  ecsAgent: 'Amazon ECS Agent - v1.100.1 (a5f8d3ac) (+http://aws.amazon.com/ecs/)',
  javascript:
    'aws-sdk-js/3.940.0 ua/2.1 os/linux#5.10.245 lang/js md/nodejs#24.11.1 exec-env/AWS_Lambda_nodejs24.x api/dynamodb#3.940.0 m/E,e',
} as const;

const tls13: JsonFields = { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256' };
const tls12: JsonFields = { tlsVersion: 'TLSv1.2', cipherSuite: 'ECDHE-RSA-AES128-GCM-SHA256' };

export function newSession(
  account: Account,
  name: string,
  createdMs: number,
  random: Random,
): Session {
  return { name, createdMs, accessKeyId: exampleId('ASIA', account.infix, random) };
}

type Surroundings = {
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly fromConsole?: boolean;
  readonly invokedBy?: string;
};

function attributes(session: Session, mfa: boolean): JsonFields {
  return { creationDate: cloudTrailTime(session.createdMs), mfaAuthenticated: String(mfa) };
}

/** A session of a role: people through single sign-on, pipelines, instances, functions. */
export function assumedRole(
  account: Account,
  role: Role,
  session: Session,
  around: Surroundings,
  context: JsonFields = {},
): Caller {
  return {
    userIdentity: {
      type: 'AssumedRole',
      principalId: `${role.roleId}:${session.name}`,
      arn: `arn:aws:sts::${account.id}:assumed-role/${role.name}/${session.name}`,
      accountId: account.id,
      accessKeyId: session.accessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: role.roleId,
          arn: `arn:aws:iam::${account.id}:role${role.path}${role.name}`,
          accountId: account.id,
          userName: role.name,
        },
        attributes: attributes(session, false),
        ...context,
      },
      ...(around.invokedBy !== undefined && { invokedBy: around.invokedBy }),
    },
    sourceIp: around.invokedBy ?? around.sourceIp,
    userAgent: around.invokedBy ?? around.userAgent,
    fromConsole: around.fromConsole === true,
    tls: around.invokedBy === undefined ? tls13 : null,
  };
}

/** A person in the web console, through IAM Identity Center. */
export function consoleSession(account: Account, who: Person, session: Session): Caller {
  return assumedRole(account, roleNamed(account, who.permissionSet), session, {
    sourceIp: who.address,
    userAgent: agents.browser,
    fromConsole: true,
  });
}

/** A long-term key of an IAM user. */
export function iamUser(account: Account, userName: string, around: Surroundings): Caller {
  const user = userNamed(account, userName);
  return {
    userIdentity: {
      type: 'IAMUser',
      principalId: user.userId,
      arn: `arn:aws:iam::${account.id}:user/${user.name}`,
      accountId: account.id,
      accessKeyId: user.accessKeyId,
      userName: user.name,
    },
    sourceIp: around.sourceIp,
    userAgent: around.userAgent,
    fromConsole: false,
    tls: tls13,
  };
}

/** The account's root user in the console, with a second factor. */
export function rootUser(account: Account, session: Session, sourceIp: string): Caller {
  return {
    userIdentity: {
      type: 'Root',
      principalId: account.id,
      arn: `arn:aws:iam::${account.id}:root`,
      accountId: account.id,
      accessKeyId: session.accessKeyId,
      sessionContext: { sessionIssuer: {}, attributes: attributes(session, true) },
    },
    sourceIp,
    userAgent: agents.firefox,
    fromConsole: true,
    tls: tls13,
  };
}

/** Credentials that an IAM user handed on with `GetFederationToken`. */
export function federatedUser(
  account: Account,
  userName: string,
  session: Session,
  around: Surroundings,
): Caller {
  const user = userNamed(account, userName);
  return {
    userIdentity: {
      type: 'FederatedUser',
      principalId: `${account.id}:${session.name}`,
      arn: `arn:aws:sts::${account.id}:federated-user/${session.name}`,
      accountId: account.id,
      accessKeyId: session.accessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: 'IAMUser',
          principalId: user.userId,
          arn: `arn:aws:iam::${account.id}:user/${user.name}`,
          accountId: account.id,
          userName: user.name,
        },
        attributes: attributes(session, false),
      },
    },
    sourceIp: around.sourceIp,
    userAgent: around.userAgent,
    fromConsole: false,
    tls: tls12,
  };
}

/** Somebody whom a SAML provider vouched for, at the moment of `AssumeRoleWithSAML`. */
export function samlUser(provider: string, userName: string, random: Random): Caller {
  return {
    userIdentity: {
      type: 'SAMLUser',
      principalId: `${random.base64(27)}=:${userName}`,
      userName,
      identityProvider: `${random.base64(27)}=`,
    },
    sourceIp: '198.51.100.201',
    userAgent: `aws-internal/3 ${provider}`,
    fromConsole: false,
    tls: tls13,
  };
}

/** A workload that an OpenID provider vouched for, at the moment of `AssumeRoleWithWebIdentity`. */
export function webIdentityUser(provider: string, subject: string, around: Surroundings): Caller {
  return {
    userIdentity: {
      type: 'WebIdentityUser',
      principalId: `arn:aws:iam::333344445555:oidc-provider/${provider}:sts.amazonaws.com:${subject}`,
      userName: subject,
      identityProvider: `arn:aws:iam::333344445555:oidc-provider/${provider}`,
    },
    sourceIp: around.sourceIp,
    userAgent: around.userAgent,
    fromConsole: false,
    tls: tls13,
  };
}

/** A person in the access portal, before any account is entered. */
export function identityCenterUser(account: Account, who: Person): Caller {
  return {
    userIdentity: {
      type: 'IdentityCenterUser',
      accountId: account.id,
      onBehalfOf: {
        userId: who.identityCenterId,
        identityStoreArn: `arn:aws:identitystore::${account.id}:identitystore/${identityStoreId}`,
      },
      credentialId: `${who.identityCenterId.slice(0, 10)}-portal`,
    },
    sourceIp: who.address,
    userAgent: agents.browser,
    fromConsole: false,
    tls: tls13,
  };
}

/** An AWS service for itself. */
export function awsService(service: string): Caller {
  const host = `${service}.amazonaws.com`;
  return {
    userIdentity: { type: 'AWSService', invokedBy: host },
    sourceIp: host,
    userAgent: host,
    fromConsole: false,
    tls: null,
  };
}

/** Somebody in another account, of whom this account sees the account alone. */
export function otherAccount(accountId: string, principalId: string, around: Surroundings): Caller {
  return {
    userIdentity: { type: 'AWSAccount', principalId, accountId },
    sourceIp: around.sourceIp,
    userAgent: around.userAgent,
    fromConsole: false,
    tls: tls13,
  };
}
