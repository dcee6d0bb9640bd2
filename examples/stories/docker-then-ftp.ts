// The same person opens one port of a group after another while trying something out: two calls
// within the hour, one story to tell.

import { authorize, revoke } from '../estate/security-groups.ts';
import { adminRule, ipv4World, Stage } from '../estate/stage.ts';

export function dockerThenFtp(): Stage {
  const stage = new Stage('docker-then-ftp', 'harbor-sandbox', 'us-west-2');
  const sam = stage.person('sam.okafor', '2026-11-12T12:50:00Z');
  const group = stage.group('container-trial');
  const docker = stage.tcp(2375, ipv4World);
  const ftp = stage.tcp(21, ipv4World);

  const dockerOpened = stage.change('2026-11-12T13:05:00Z', sam, (asked) =>
    authorize(asked, group.id, [docker]),
  );
  const ftpOpened = stage.change('2026-11-12T13:31:00Z', sam, (asked) =>
    authorize(asked, group.id, [ftp]),
  );
  const dockerClosed = stage.change('2026-11-12T14:02:10Z', sam, (asked) =>
    revoke(asked, group.id, [docker]),
  );
  const ftpClosed = stage.change('2026-11-12T14:02:12Z', sam, (asked) =>
    revoke(asked, group.id, [ftp]),
  );

  stage.expectTogether([
    { ruleId: adminRule, group, ports: [2375], opened: dockerOpened, closed: dockerClosed },
    { ruleId: adminRule, group, ports: [21], opened: ftpOpened, closed: ftpClosed },
  ]);
  return stage;
}
