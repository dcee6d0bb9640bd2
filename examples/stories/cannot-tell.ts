// Two calls whose effect the logs do not tell: a request so large that CloudTrail left it out, and a
// rule for a prefix list that another account owns.

import { agents, assumedRole } from '../estate/callers.ts';
import { roleNamed } from '../estate/company.ts';
import { authorize } from '../estate/security-groups.ts';
import { Stage } from '../estate/stage.ts';

export function cannotTell(): Stage {
  const stage = new Stage('cannot-tell', 'harbor-sandbox', 'us-west-2');
  const pipeline = assumedRole(
    stage.account,
    roleNamed(stage.account, 'terraform-apply'),
    stage.session('run-40833', '2026-11-12T11:55:00Z'),
    { sourceIp: '203.0.113.105', userAgent: agents.terraform },
  );
  const leftOut = (originalSize: number) => ({
    omitted: true,
    originalSize,
    reason: 'requestParameters too large',
  });
  const omitted = stage.call(
    '2026-11-12T12:03:33Z',
    pipeline,
    ['ec2', 'AuthorizeSecurityGroupIngress'],
    {
      request: leftOut(118_406),
      response: { omitted: true, originalSize: 264_310, reason: 'responseElements too large' },
    },
  );

  const production = stage.elsewhere('harbor-production', 'eu-central-1');
  const jonas = production.person('jonas.weber', '2026-11-12T14:00:00Z');
  const shared = { prefixListId: `pl-0${production.random.hex(16)}` };
  const group = production.group('partner-access');
  const unknownList = production.change('2026-11-12T14:22:10Z', jonas, (asked) =>
    authorize(asked, group.id, [production.tcp(22, shared, 'partners')]),
  );

  stage.cannotTell(omitted);
  production.cannotTell(unknownList);
  return stage;
}
