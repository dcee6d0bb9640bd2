// A deployment opens SSH to all of IPv6 and to nobody on IPv4, where a look for 0.0.0.0/0 finds
// nothing. Two days later the whole group is deleted, and the exposure with it.

import { agents, assumedRole } from '../estate/callers.ts';
import { roleNamed } from '../estate/company.ts';
import { authorize, createGroup, deleteGroup } from '../estate/security-groups.ts';
import { adminRule, ipv6World, Stage } from '../estate/stage.ts';

export function ipv6Only(): Stage {
  const stage = new Stage('ipv6-only', 'harbor-production', 'eu-central-1');
  const deployment = assumedRole(
    stage.account,
    roleNamed(stage.account, 'github-actions'),
    stage.session('deploy-search-1187', '2026-11-09T11:40:20Z'),
    { sourceIp: '203.0.113.121', userAgent: agents.javascript },
  );
  const group = stage.group('search-ipv6');

  stage.change('2026-11-09T11:40:58Z', deployment, (asked) =>
    createGroup(
      asked,
      { ...group, description: 'search over IPv6' },
      stage.place.region,
      stage.place.vpcId,
    ),
  );
  const opened = stage.change('2026-11-09T11:41:00Z', deployment, (asked) =>
    authorize(asked, group.id, [
      stage.tcp(22, ipv6World),
      stage.tcp(443, ipv6World),
      stage.tcp(22, { cidrIp: '10.20.0.0/16' }),
    ]),
  );
  const terraform = assumedRole(
    stage.account,
    roleNamed(stage.account, 'terraform-apply'),
    stage.session('run-40812', '2026-11-11T07:10:00Z'),
    { sourceIp: '203.0.113.104', userAgent: agents.terraform },
  );
  const closed = stage.change('2026-11-11T07:15:22Z', terraform, (asked) =>
    deleteGroup(asked, group.id),
  );

  stage.expect({
    ruleId: adminRule,
    group,
    ports: [22],
    sources: ['::/0'],
    // The private network of the third row is all that IPv4 may come from.
    ipv4Coverage: 2 ** -16,
    ipv6Coverage: 1,
    opened,
    closed,
  });
  return stage;
}
