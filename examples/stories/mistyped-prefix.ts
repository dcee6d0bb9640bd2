// Somebody means to admit one address and writes /0 in place of /32. EC2 masks the address away, and
// file sharing is open to everybody until they notice.

import { agents, assumedRole } from '../estate/callers.ts';
import { roleNamed } from '../estate/company.ts';
import { authorizeFlat, revokeFlat } from '../estate/security-groups.ts';
import { adminRule, Stage } from '../estate/stage.ts';

export function mistypedPrefix(): Stage {
  const stage = new Stage('mistyped-prefix', 'harbor-security', 'us-east-1');
  const auditor = assumedRole(
    stage.account,
    roleNamed(stage.account, 'security-audit'),
    stage.session('auditor-ines', '2026-11-11T15:02:00Z'),
    { sourceIp: '198.51.100.7', userAgent: agents.cli },
  );
  const group = stage.group('evidence-share');
  const smb = stage.tcp(445, { cidrIp: '198.51.100.7/0' });

  const opened = stage.change('2026-11-11T15:20:00Z', auditor, (asked) =>
    authorizeFlat(asked, group.id, smb),
  );
  const closed = stage.change('2026-11-11T15:32:20Z', auditor, (asked) =>
    revokeFlat(asked, { groupId: group.id }, smb),
  );
  stage.change('2026-11-11T15:32:48Z', auditor, (asked) =>
    authorizeFlat(asked, group.id, stage.tcp(445, { cidrIp: '198.51.100.7/32' })),
  );

  stage.expect({ ruleId: adminRule, group, ports: [445], opened, closed });
  return stage;
}
