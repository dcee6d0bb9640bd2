// A deployment opens the public web port, which is meant, and a debugging port beside it, which is
// not. CloudTrail delivers the opening after the closing.

import { agents, assumedRole } from '../estate/callers.ts';
import { roleNamed } from '../estate/company.ts';
import { authorize, revoke } from '../estate/security-groups.ts';
import { ipv4World, otherRule, Stage } from '../estate/stage.ts';

export function oddPort(): Stage {
  const stage = new Stage('odd-port', 'harbor-production', 'us-east-1');
  const terraform = assumedRole(
    stage.account,
    roleNamed(stage.account, 'terraform-apply'),
    stage.session('run-40765', '2026-11-05T11:47:00Z'),
    { sourceIp: '203.0.113.107', userAgent: agents.terraform },
  );
  const group = stage.group('storefront-edge');
  const web = stage.tcp(443, ipv4World, 'web');
  const debugging = stage.tcp(8080, ipv4World, 'debug');

  const opened = stage.change(
    '2026-11-05T11:51:12Z',
    terraform,
    (asked) => authorize(asked, group.id, [web, debugging]),
    { delivery: 'late' },
  );
  const closed = stage.change('2026-11-05T11:58:00Z', terraform, (asked) =>
    revoke(asked, group.id, [debugging]),
  );

  stage.expect({ ruleId: otherRule, group, ports: [8080], toPort: 8080, opened, closed });
  return stage;
}
