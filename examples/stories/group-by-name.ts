// In a default VPC a group may be called by its name alone. A lesson about old protocols opens
// Telnet so, and shuts it so.

import { agents, assumedRole } from '../estate/callers.ts';
import { personNamed, roleNamed } from '../estate/company.ts';
import { authorizeFlat, createGroup, revokeFlat } from '../estate/security-groups.ts';
import { adminRule, ipv4World, Stage } from '../estate/stage.ts';

export function groupByName(): Stage {
  const stage = new Stage('group-by-name', 'harbor-sandbox', 'us-east-1');
  const who = personNamed('sam.okafor');
  const sam = assumedRole(
    stage.account,
    roleNamed(stage.account, who.permissionSet),
    stage.session(who.email, '2026-11-13T09:20:00Z'),
    { sourceIp: who.address, userAgent: agents.cli },
  );
  const group = stage.group('lab-telnet');
  const telnet = stage.tcp(23, ipv4World);

  stage.change('2026-11-13T09:38:12Z', sam, (asked) =>
    createGroup(asked, { ...group, description: 'telnet lesson' }, stage.place.region, null),
  );
  const opened = stage.change('2026-11-13T09:40:00Z', sam, (asked) =>
    authorizeFlat(asked, group.id, telnet, { groupName: group.name }),
  );
  const closed = stage.change('2026-11-13T10:05:30Z', sam, (asked) =>
    revokeFlat(asked, { groupName: group.name }, telnet),
  );

  stage.expect({ ruleId: adminRule, group, ports: [23], opened, closed });
  return stage;
}
