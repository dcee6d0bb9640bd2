// Three databases of a trial are opened with one call. Redis is shut by revoking, MongoDB by
// narrowing its rule to one address; PostgreSQL is forgotten.

import { authorize, modifyRules, revoke } from '../estate/security-groups.ts';
import { databaseRule, ipv4World, Stage } from '../estate/stage.ts';

export function databasePorts(): Stage {
  const stage = new Stage('database-ports', 'harbor-sandbox', 'us-west-2');
  const mei = stage.person('mei.tanaka', '2026-11-10T08:40:00Z');
  const group = stage.group('trial-databases');
  const postgres = stage.tcp(5432, ipv4World);
  const redis = stage.tcp(6379, ipv4World);
  const mongo = stage.tcp(27017, ipv4World);

  const opened = stage.change('2026-11-10T09:00:30Z', mei, (asked) =>
    authorize(asked, group.id, [postgres, redis, mongo]),
  );
  const redisClosed = stage.change('2026-11-10T11:10:00Z', mei, (asked) =>
    revoke(asked, group.id, [redis]),
  );
  const mongoClosed = stage.change('2026-11-10T11:25:30Z', mei, (asked) =>
    modifyRules(asked, group.id, [{ ...mongo, source: { cidrIp: '198.51.100.58/32' } }]),
  );

  const common = { ruleId: databaseRule, group, opened };
  stage.expectTogether([
    { ...common, ports: [5432], closed: null },
    { ...common, ports: [6379], closed: redisClosed },
    { ...common, ports: [27017], closed: mongoClosed },
  ]);
  return stage;
}
