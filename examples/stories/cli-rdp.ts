// A build script opens Remote Desktop with one line of the command-line tool, which CloudTrail
// records in its flat form. Nobody has shut it since.

import { agents } from '../estate/callers.ts';
import { authorizeFlat } from '../estate/security-groups.ts';
import { adminRule, ipv4World, Stage } from '../estate/stage.ts';

export function cliRdp(): Stage {
  const stage = new Stage('cli-rdp', 'harbor-sandbox', 'us-west-2');
  const builder = stage.user('build-windows', '203.0.113.186', agents.cli);
  const group = stage.group('windows-builders');

  stage.call('2026-11-04T10:02:05Z', builder, ['sts', 'GetCallerIdentity']);
  const opened = stage.change('2026-11-04T10:02:07Z', builder, (asked) =>
    authorizeFlat(asked, group.id, stage.tcp(3389, ipv4World)),
  );

  stage.expect({ ruleId: adminRule, group, ports: [3389], opened, closed: null });
  return stage;
}
