// Terraform makes a group that admits all traffic: protocol -1, with ports that it sends as 0 and 0.
// A network engineer finds it the next morning and narrows the rule in place.

import { agents, assumedRole } from '../estate/callers.ts';
import { roleNamed } from '../estate/company.ts';
import { authorize, createGroup, modifyRules } from '../estate/security-groups.ts';
import {
  adminRule,
  databaseRule,
  everyAdminPort,
  everyDatabasePort,
  ipv4World,
  otherRule,
  Stage,
} from '../estate/stage.ts';

export function terraformAllTraffic(): Stage {
  const stage = new Stage('terraform-all-traffic', 'harbor-production', 'eu-central-1');
  const terraform = assumedRole(
    stage.account,
    roleNamed(stage.account, 'terraform-apply'),
    stage.session('run-40771', '2026-11-05T14:18:30Z'),
    { sourceIp: '203.0.113.104', userAgent: agents.terraform },
  );
  const group = stage.group('inventory-batch');
  const everything = stage.row('-1', 0, 0, ipv4World);
  const outward = stage.row('-1', 0, 0, ipv4World);

  stage.change('2026-11-05T14:20:01Z', terraform, (asked) =>
    createGroup(
      asked,
      { ...group, description: 'Managed by Terraform' },
      stage.place.region,
      stage.place.vpcId,
    ),
  );
  stage.change('2026-11-05T14:20:03Z', terraform, (asked) =>
    authorize(asked, group.id, [outward], 'Egress'),
  );
  const opened = stage.change('2026-11-05T14:20:04Z', terraform, (asked) =>
    authorize(asked, group.id, [everything]),
  );
  const jonas = stage.person('jonas.weber', '2026-11-06T08:30:00Z');
  const closed = stage.change('2026-11-06T08:47:30Z', jonas, (asked) =>
    modifyRules(asked, group.id, [
      { ...everything, from: -1, to: -1, source: { cidrIp: '10.20.0.0/16' } },
    ]),
  );

  stage.expect({ ruleId: adminRule, group, ports: everyAdminPort, opened, closed });
  stage.expect({ ruleId: databaseRule, group, ports: everyDatabasePort, opened, closed });
  stage.expect({
    ruleId: otherRule,
    group,
    protocol: 'all',
    ports: [0],
    toPort: 65_535,
    opened,
    closed,
  });
  return stage;
}
