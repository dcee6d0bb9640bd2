// An intrusion. A leaked key of a pipeline in the sandbox is tried out from an unknown address, turns
// out to be allowed to assume an old administrator role in production, looks around there, opens SSH
// and Remote Desktop, and makes itself a user to come back with. The security team answers at dawn.

import { agents, assumedRole, otherAccount } from '../estate/callers.ts';
import { roleNamed, userNamed } from '../estate/company.ts';
import { authorize, revokeById } from '../estate/security-groups.ts';
import { adminRule, ipv4World, Stage } from '../estate/stage.ts';

const attackerAddress = '203.0.113.213';
const attackerAgent =
  'aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/linux#6.12.25-amd64 md/arch#x86_64 lang/python#3.13.4 md/pyimpl#CPython m/E,b md/distrib#kali cfg/retry-mode#standard md/installer#exe md/prompt#off';

export function leakedKey(): Stage {
  const production = new Stage('leaked-key', 'harbor-production', 'us-east-1');
  const sandbox = production.elsewhere('harbor-sandbox', 'us-east-1');
  const role = roleNamed(production.account, 'legacy-admin');
  const user = userNamed(sandbox.account, 'ci-artifacts');
  const key = sandbox.user('ci-artifacts', attackerAddress, attackerAgent);
  const denied = (action: string) => ({
    error: {
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${sandbox.account.id}:user/ci-artifacts is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    },
  });

  sandbox.call('2026-11-12T02:11:05Z', key, ['sts', 'GetCallerIdentity']);
  sandbox.call(
    '2026-11-12T02:11:40Z',
    key,
    ['s3', 'ListBuckets'],
    {},
    denied('s3:ListAllMyBuckets'),
  );
  sandbox.call('2026-11-12T02:11:52Z', key, ['iam', 'ListUsers'], {}, denied('iam:ListUsers'));

  const session = production.session('backup-check', '2026-11-12T02:13:02Z');
  const sharedEventId = production.random.uuid();
  const assumed = {
    request: {
      roleArn: `arn:aws:iam::${production.account.id}:role/${role.name}`,
      roleSessionName: session.name,
    },
    response: {
      credentials: {
        accessKeyId: session.accessKeyId,
        sessionToken: `IQoJb3JpZ2luX2VjE${production.random.base64(300)}`,
        expiration: 'Nov 12, 2026, 3:13:02 AM',
      },
      assumedRoleUser: {
        assumedRoleId: `${role.roleId}:${session.name}`,
        arn: `arn:aws:sts::${production.account.id}:assumed-role/${role.name}/${session.name}`,
      },
    },
  };
  // One call, told to the account it came from and to the account it leads into.
  sandbox.call('2026-11-12T02:13:02Z', key, ['sts', 'AssumeRole'], assumed, { sharedEventId });
  production.call(
    '2026-11-12T02:13:02Z',
    otherAccount(sandbox.account.id, user.userId, {
      sourceIp: attackerAddress,
      userAgent: attackerAgent,
    }),
    ['sts', 'AssumeRole'],
    assumed,
    { sharedEventId },
  );

  const intruder = assumedRole(production.account, role, session, {
    sourceIp: attackerAddress,
    userAgent: attackerAgent,
  });
  const group = production.group('payments-admin');
  const ssh = production.tcp(22, ipv4World);
  const rdp = production.tcp(3389, ipv4World);
  const looksAround = [
    ['2026-11-12T02:13:30Z', 'sts', 'GetCallerIdentity'],
    ['2026-11-12T02:14:11Z', 'iam', 'GetAccountAuthorizationDetails'],
    ['2026-11-12T02:15:36Z', 'ec2', 'DescribeInstances'],
    ['2026-11-12T02:15:59Z', 'ec2', 'DescribeSecurityGroups'],
    ['2026-11-12T02:16:40Z', 'secretsmanager', 'ListSecrets'],
    ['2026-11-12T02:18:02Z', 'ec2', 'GetPasswordData'],
  ] as const;
  for (const [at, service, name] of looksAround) {
    production.call(at, intruder, [service, name], {
      request:
        name === 'GetPasswordData' ? { instanceId: production.place.instances[0] ?? '' } : null,
    });
  }
  const opened = production.change('2026-11-12T02:19:27Z', intruder, (asked) =>
    authorize(asked, group.id, [ssh, rdp]),
  );
  production.call('2026-11-12T02:21:50Z', intruder, ['iam', 'CreateUser'], {
    request: { userName: 'svc-monitor' },
    response: {
      user: { path: '/', userName: 'svc-monitor', createDate: 'Nov 12, 2026, 2:21:50 AM' },
    },
  });
  production.call('2026-11-12T02:22:08Z', intruder, ['iam', 'AttachUserPolicy'], {
    request: { userName: 'svc-monitor', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
  });
  production.call('2026-11-12T02:22:31Z', intruder, ['iam', 'CreateAccessKey'], {
    request: { userName: 'svc-monitor' },
    response: {
      accessKey: {
        userName: 'svc-monitor',
        status: 'Active',
        createDate: 'Nov 12, 2026, 2:22:31 AM',
      },
    },
  });

  const priya = production.person('priya.raman', '2026-11-12T06:20:00Z');
  const closed = production.change('2026-11-12T06:31:52Z', priya, (asked) =>
    revokeById(asked, group.id, [ssh.ruleId, rdp.ruleId]),
  );
  production.call('2026-11-12T06:34:20Z', priya, ['iam', 'DeleteUser'], {
    request: { userName: 'svc-monitor' },
  });
  const priyaInSandbox = sandbox.person('priya.raman', '2026-11-12T06:20:00Z');
  sandbox.call('2026-11-12T06:36:05Z', priyaInSandbox, ['iam', 'UpdateAccessKey'], {
    request: { userName: 'ci-artifacts', status: 'Inactive', accessKeyId: user.accessKeyId },
  });
  // Somebody still tries the key afterwards.
  sandbox.call(
    '2026-11-12T07:02:44Z',
    sandbox.user('ci-artifacts', attackerAddress, agents.cli),
    ['sts', 'GetCallerIdentity'],
    {},
    {
      error: {
        code: 'InvalidClientTokenId',
        message: 'The security token included in the request is invalid.',
      },
    },
  );

  production.expect({ ruleId: adminRule, group, ports: [22, 3389], opened, closed });
  return production;
}
