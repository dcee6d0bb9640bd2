// A policy forbids 0.0.0.0/0, so somebody admits the internet in two halves. Taking one half back
// leaves the other, which is still half of the internet.

import { agents, federatedUser } from '../estate/callers.ts';
import { authorizeFlat, revokeFlat } from '../estate/security-groups.ts';
import { adminRule, Stage } from '../estate/stage.ts';

export function twoHalves(): Stage {
  const stage = new Stage('two-halves', 'harbor-sandbox', 'us-east-1');
  const contractor = federatedUser(
    stage.account,
    'workshop-01',
    stage.session('contractor-lena', '2026-11-06T15:48:00Z'),
    { sourceIp: '198.51.100.219', userAgent: agents.cli },
  );
  const group = stage.group('jump-host');
  const lower = stage.tcp(22, { cidrIp: '0.0.0.0/1' });
  const upper = stage.tcp(22, { cidrIp: '128.0.0.0/1' });

  const opened = stage.change('2026-11-06T16:05:10Z', contractor, (asked) =>
    authorizeFlat(asked, group.id, lower),
  );
  stage.change('2026-11-06T16:05:48Z', contractor, (asked) =>
    authorizeFlat(asked, group.id, upper),
  );
  stage.change('2026-11-06T17:30:00Z', contractor, (asked) =>
    revokeFlat(asked, { groupId: group.id }, lower),
  );
  const closed = stage.change('2026-11-06T17:31:12Z', contractor, (asked) =>
    revokeFlat(asked, { groupId: group.id }, upper),
  );

  stage.expect({
    ruleId: adminRule,
    group,
    ports: [22],
    sources: ['0.0.0.0/1', '128.0.0.0/1'],
    opened,
    closed,
  });
  return stage;
}
