// A group admits the offices to WinRM through a prefix list. Days later somebody adds the whole
// internet to the list: no call names the group, and yet the group is open. Restoring the list's
// first version shuts it.

import {
  addToPrefixList,
  authorize,
  createPrefixList,
  restorePrefixList,
} from '../estate/security-groups.ts';
import { adminRule, Stage } from '../estate/stage.ts';

export function prefixListGrows(): Stage {
  const stage = new Stage('prefix-list-grows', 'harbor-production', 'us-east-1');
  const group = stage.group('windows-fleet');
  const offices = { id: `pl-0${stage.random.hex(16)}`, name: 'offices' };
  const jonas = stage.person('jonas.weber', '2026-11-02T08:20:00Z');

  stage.change('2026-11-02T08:30:14Z', jonas, (asked) =>
    createPrefixList(asked, offices, ['198.51.100.0/24', '203.0.113.0/25']),
  );
  stage.change('2026-11-02T08:36:02Z', jonas, (asked) =>
    authorize(asked, group.id, [stage.row('tcp', 5985, 5986, { prefixListId: offices.id })]),
  );
  const sam = stage.person('sam.okafor', '2026-11-06T15:01:00Z');
  const opened = stage.change('2026-11-06T15:22:09Z', sam, (asked) =>
    addToPrefixList(asked, offices, 1, ['0.0.0.0/0']),
  );
  const jonasAgain = stage.person('jonas.weber', '2026-11-09T07:59:00Z');
  const closed = stage.change('2026-11-09T08:05:44Z', jonasAgain, (asked) =>
    restorePrefixList(asked, offices, 2, 1),
  );

  stage.expect({ ruleId: adminRule, group, ports: [5985, 5986], opened, closed });
  return stage;
}
