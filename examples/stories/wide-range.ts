// A workshop group that admits everybody to every TCP port for an afternoon: one call, and every
// administrative and database port is open.

import { agents } from '../estate/callers.ts';
import { authorizeFlat, revokeFlat } from '../estate/security-groups.ts';
import {
  adminRule,
  databaseRule,
  everyAdminPort,
  everyDatabasePort,
  ipv4World,
  otherRule,
  Stage,
} from '../estate/stage.ts';

export function wideRange(): Stage {
  const stage = new Stage('wide-range', 'harbor-sandbox', 'us-east-1');
  const workshop = stage.user('workshop-01', '203.0.113.188', agents.cli);
  const group = stage.group('workshop');
  const allTcp = stage.row('tcp', 0, 65_535, ipv4World);

  const opened = stage.change('2026-11-07T12:00:00Z', workshop, (asked) =>
    authorizeFlat(asked, group.id, allTcp),
  );
  const closed = stage.change('2026-11-07T18:30:15Z', workshop, (asked) =>
    revokeFlat(asked, { groupId: group.id }, allTcp),
  );

  stage.expect({ ruleId: adminRule, group, ports: everyAdminPort, opened, closed });
  stage.expect({ ruleId: databaseRule, group, ports: everyDatabasePort, opened, closed });
  stage.expect({ ruleId: otherRule, group, ports: [0], toPort: 65_535, opened, closed });
  return stage;
}
