// A reviewed template makes a bastion host's group with SSH for everybody. CloudFormation makes the
// calls, which is why the signal is less urgent; it is open all the same.

import { agents, assumedRole } from '../estate/callers.ts';
import { personNamed, roleNamed } from '../estate/company.ts';
import { authorize, createGroup } from '../estate/security-groups.ts';
import { adminRule, ipv4World, Stage } from '../estate/stage.ts';

export function cloudFormationBastion(): Stage {
  const stage = new Stage('cloudformation-bastion', 'harbor-production', 'us-east-1');
  const ada = personNamed('ada.novak');
  const session = stage.session(ada.email, '2026-11-10T09:55:00Z');
  const role = roleNamed(stage.account, ada.permissionSet);
  const inConsole = stage.person('ada.novak', '2026-11-10T09:55:00Z');
  const throughCloudFormation = assumedRole(stage.account, role, session, {
    sourceIp: ada.address,
    userAgent: agents.browser,
    invokedBy: 'cloudformation.amazonaws.com',
  });
  const group = stage.group('bastion-BastionSecurityGroup-1V9QK2EXAMPLE');

  stage.call('2026-11-10T10:11:40Z', inConsole, ['cloudformation', 'CreateStack'], {
    request: {
      stackName: 'bastion',
      templateURL: 'https://s3.amazonaws.com/templates/bastion.yaml',
    },
    response: {
      stackId: `arn:aws:cloudformation:us-east-1:${stage.account.id}:stack/bastion/${stage.random.uuid()}`,
    },
  });
  stage.change('2026-11-10T10:11:52Z', throughCloudFormation, (asked) =>
    createGroup(
      asked,
      { ...group, description: 'SSH to the bastion' },
      stage.place.region,
      stage.place.vpcId,
    ),
  );
  const opened = stage.change('2026-11-10T10:11:58Z', throughCloudFormation, (asked) =>
    authorize(asked, group.id, [stage.tcp(22, ipv4World)]),
  );

  stage.expect({
    ruleId: adminRule,
    group,
    severity: 'medium',
    ports: [22],
    opened,
    closed: null,
  });
  return stage;
}
