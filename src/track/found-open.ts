// The words for what an audit found open. A rule's own words tell of a call and of its caller, and
// here there is neither.

import { compileTemplate } from '../template/index.ts';

export const foundOpenTitle = compileTemplate(
  '{{@signal.ports}} of {{@signal.groupId}} found open to the world',
);

export const foundOpenMessage =
  compileTemplate(`An audit found **{{@signal.ports}}** of security group \`{{@signal.groupId}}\`{{#if @signal.groupName}} (\`{{@signal.groupName}}\`){{/if}} open to {{@signal.sources}}. When it was opened, and by whom, is not known.

- Account and region: \`{{@signal.accountId}}\`, \`{{@signal.region}}\`{{#if @signal.vpcId}}, in \`{{@signal.vpcId}}\`{{/if}}
- Found: {{@signal.firstSeen}}

{{#is_exact_match "@signal.status" "closed"}}It was closed by \`{{@signal.closedBy}}\` at {{@signal.closedAt}}, after {{@signal.duration}} or more.{{else}}**It is still open**, as far as is known.{{/is_exact_match}}

### Triage and response

1. Find out who opened it, and when. CloudTrail keeps the calls of the last 90 days at hand:

   \`\`\`sh
   aws cloudtrail lookup-events --region {{@signal.region}} --lookup-attributes AttributeKey=ResourceName,AttributeValue={{@signal.groupId}}
   \`\`\`

2. Where it is not meant to be open, remove the rule that lets the world in, or narrow its source. This lists the rules of the group with their \`sgr-\` ids:

   \`\`\`sh
   aws ec2 describe-security-group-rules --region {{@signal.region}} --filters Name=group-id,Values={{@signal.groupId}} --output table
   \`\`\`

3. Where it is meant to be open, say so in a suppression, with the reason and an end.`);
