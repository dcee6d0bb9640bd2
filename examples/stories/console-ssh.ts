// Somebody needs to look at one web server for a moment, opens SSH in the console, and shuts it
// again twenty minutes later. CloudTrail delivers the shutting twice.

import { authorize, revoke } from '../estate/security-groups.ts';
import { adminRule, ipv4World, Stage } from '../estate/stage.ts';

export function consoleSsh(): Stage {
  const stage = new Stage('console-ssh', 'harbor-production', 'us-east-1');
  const tomas = stage.person('tomas.reyes', '2026-11-03T08:51:12Z');
  const group = stage.group('storefront-web');
  const ssh = stage.tcp(22, ipv4World, 'debugging checkout');

  stage.call('2026-11-03T09:12:55Z', tomas, ['ec2', 'DescribeSecurityGroups'], {
    request: {
      securityGroupSet: {},
      securityGroupIdSet: { items: [{ groupId: group.id }] },
      filterSet: {},
    },
  });
  const opened = stage.change('2026-11-03T09:14:20Z', tomas, (asked) =>
    authorize(asked, group.id, [ssh]),
  );
  const closed = stage.change(
    '2026-11-03T09:34:41Z',
    tomas,
    (asked) => revoke(asked, group.id, [ssh]),
    { delivery: 'twice' },
  );

  stage.expect({ ruleId: adminRule, group, ports: [22], opened, closed });
  return stage;
}
