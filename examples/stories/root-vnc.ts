// The root user of the management account signs in on a Sunday evening and opens VNC. The security
// team shuts it in the morning.

import { rootUser } from '../estate/callers.ts';
import { authorize, revoke } from '../estate/security-groups.ts';
import { adminRule, ipv4World, Stage } from '../estate/stage.ts';

export function rootVnc(): Stage {
  const stage = new Stage('root-vnc', 'harbor-management', 'us-east-1');
  const root = rootUser(
    stage.account,
    stage.session('root', '2026-11-08T20:10:41Z'),
    '198.51.100.10',
  );
  const group = stage.group('finance-desktop');
  const vnc = stage.tcp(5900, ipv4World);

  stage.call(
    '2026-11-08T20:10:41Z',
    root,
    ['signin', 'ConsoleLogin'],
    { response: { ConsoleLogin: 'Success' } },
    { eventType: 'AwsConsoleSignIn', additional: { MobileVersion: 'No', MFAUsed: 'Yes' } },
  );
  const opened = stage.change('2026-11-08T20:14:33Z', root, (asked) =>
    authorize(asked, group.id, [vnc]),
  );
  const priya = stage.person('priya.raman', '2026-11-09T07:40:00Z');
  const closed = stage.change('2026-11-09T07:58:10Z', priya, (asked) =>
    revoke(asked, group.id, [vnc]),
  );

  stage.expect({ ruleId: adminRule, group, ports: [5900], opened, closed });
  return stage;
}
