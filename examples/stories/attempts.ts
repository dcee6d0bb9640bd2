// Calls that would have opened a port and did not: one was not allowed, one was only tried out, one
// would have repeated a rule that was there, and one asked for a group that does not exist.

import { agents, assumedRole } from '../estate/callers.ts';
import { personNamed, roleNamed } from '../estate/company.ts';
import { authorize, authorizeFlat } from '../estate/security-groups.ts';
import { ipv4World, Stage } from '../estate/stage.ts';

export function attempts(): Stage {
  const stage = new Stage('attempts', 'harbor-sandbox', 'us-east-1');
  const noor = stage.person('noor.haddad', '2026-11-04T13:00:00Z');
  const who = personNamed('ada.novak');
  const ada = assumedRole(
    stage.account,
    roleNamed(stage.account, who.permissionSet),
    stage.session(who.email, '2026-11-04T13:20:00Z'),
    { sourceIp: who.address, userAgent: agents.cli },
  );
  const group = stage.group('notebook-cluster');
  const ssh = stage.tcp(22, ipv4World);

  stage.change('2026-11-04T13:05:51Z', noor, (asked) => authorize(asked, group.id, [ssh]), {
    error: {
      code: 'Client.UnauthorizedOperation',
      message: 'You are not authorized to perform this operation.',
    },
  });
  stage.change(
    '2026-11-04T13:24:18Z',
    ada,
    (asked) => authorizeFlat(asked, group.id, stage.tcp(3389, ipv4World)),
    {
      error: {
        code: 'Client.DryRunOperation',
        message: 'Request would have succeeded, but DryRun flag is set.',
      },
    },
  );
  stage.change('2026-11-04T13:25:02Z', ada, (asked) => authorizeFlat(asked, group.id, ssh), {
    error: {
      code: 'Client.InvalidPermission.Duplicate',
      message: `the specified rule "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW" already exists`,
    },
  });
  stage.change(
    '2026-11-04T13:26:40Z',
    ada,
    (asked) => authorizeFlat(asked, `sg-0${stage.random.hex(16)}`, ssh),
    {
      error: {
        code: 'Client.InvalidGroup.NotFound',
        message: 'The security group does not exist',
      },
    },
  );
  return stage;
}
