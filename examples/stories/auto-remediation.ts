// Somebody opens SSH from the command line, and the company's own guard takes the rule back by its
// id 42 seconds later.

import { agents, assumedRole } from '../estate/callers.ts';
import { personNamed, roleNamed } from '../estate/company.ts';
import { authorizeFlat, revokeById } from '../estate/security-groups.ts';
import { adminRule, ipv4World, Stage } from '../estate/stage.ts';

export function autoRemediation(): Stage {
  const stage = new Stage('auto-remediation', 'harbor-production', 'eu-central-1');
  const who = personNamed('lucia.ferri');
  const lucia = assumedRole(
    stage.account,
    roleNamed(stage.account, who.permissionSet),
    stage.session(who.email, '2026-11-11T09:58:00Z'),
    { sourceIp: who.address, userAgent: agents.cli },
  );
  const guard = assumedRole(
    stage.account,
    roleNamed(stage.account, 'sg-guard'),
    stage.session('sg-guard', '2026-11-11T10:15:38Z'),
    { sourceIp: '192.0.2.91', userAgent: agents.python },
  );
  const group = stage.group('reports-worker');
  const ssh = stage.tcp(22, ipv4World);

  const opened = stage.change('2026-11-11T10:15:00Z', lucia, (asked) =>
    authorizeFlat(asked, group.id, ssh),
  );
  const closed = stage.change('2026-11-11T10:15:42Z', guard, (asked) =>
    revokeById(asked, group.id, [ssh.ruleId]),
  );

  stage.expect({ ruleId: adminRule, group, ports: [22], opened, closed });
  return stage;
}
