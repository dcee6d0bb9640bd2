// Rules for traffic that leaves: a group may reach SSH anywhere, and the rule is changed later by
// its id. Nobody can come in through it.

import { authorize, modifyRules } from '../estate/security-groups.ts';
import { ipv4World, Stage } from '../estate/stage.ts';

export function egressOnly(): Stage {
  const stage = new Stage('egress-only', 'harbor-production', 'eu-central-1');
  const jonas = stage.person('jonas.weber', '2026-11-02T12:30:00Z');
  const group = stage.group('deploy-runners');
  const outward = stage.tcp(22, { cidrIp: '10.0.0.0/8' });

  stage.change('2026-11-02T12:41:07Z', jonas, (asked) =>
    authorize(asked, group.id, [outward], 'Egress'),
  );
  stage.change('2026-11-02T12:44:50Z', jonas, (asked) =>
    modifyRules(asked, group.id, [{ ...outward, source: ipv4World }]),
  );
  return stage;
}
