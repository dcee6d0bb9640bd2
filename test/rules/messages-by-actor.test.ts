// Every message of every built-in rule, for every kind of caller that CloudTrail knows, escaped for
// every place where it is shown: it names the caller, leaves nothing empty, and lets nothing of what
// the caller chose act there.

import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { Signal } from '../../src/model/signal.ts';
import { deriveAttributes } from '../../src/normalize/derive-attributes.ts';
import { detect } from '../../src/pipeline.ts';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { compileTemplate } from '../../src/template/index.ts';
import type { Target } from '../../src/template/escape.ts';

const rules = await loadRules([builtInRulesDirectory()]);

/** Each kind of `userIdentity`, with the name by which a person knows the caller. */
const callers: readonly (readonly [type: string, name: string, identity: JsonObject])[] = [
  [
    'IAMUser',
    'sam',
    { type: 'IAMUser', userName: 'sam', arn: 'arn:aws:iam::111122223333:user/ops/sam' },
  ],
  [
    'AssumedRole',
    'run-7',
    {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:run-7',
      arn: 'arn:aws:sts::111122223333:assumed-role/deploy/run-7',
      sessionContext: { sessionIssuer: { type: 'Role', userName: 'deploy' } },
    },
  ],
  ['Root', 'root', { type: 'Root', arn: 'arn:aws:iam::111122223333:root' }],
  [
    'FederatedUser',
    'lena',
    {
      type: 'FederatedUser',
      principalId: '111122223333:lena',
      arn: 'arn:aws:sts::111122223333:federated-user/lena',
    },
  ],
  [
    'SAMLUser',
    'ada@example.com',
    { type: 'SAMLUser', principalId: 'SAMLEXAMPLE:ada@example.com', userName: 'ada@example.com' },
  ],
  [
    'WebIdentityUser',
    'user-12',
    { type: 'WebIdentityUser', principalId: 'accounts.example.com:user-12', userName: 'user-12' },
  ],
  [
    'IdentityCenterUser',
    '94482488-3041-7014-d5a1-2fd5d6ca3e8c',
    {
      type: 'IdentityCenterUser',
      accountId: '111122223333',
      onBehalfOf: { userId: '94482488-3041-7014-d5a1-2fd5d6ca3e8c' },
    },
  ],
  [
    'AWSService',
    'autoscaling.amazonaws.com',
    { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' },
  ],
  ['AWSAccount', '444455556666', { type: 'AWSAccount', accountId: '444455556666' }],
  [
    'AssumedRole through CloudFormation',
    'ada',
    {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:ada',
      arn: 'arn:aws:sts::111122223333:assumed-role/admin/ada',
      invokedBy: 'cloudformation.amazonaws.com',
    },
  ],
];

const targets: readonly Target[] = ['markdown', 'html', 'slack', 'terminal', 'plain'];

function opening(userIdentity: JsonObject, eventName = 'AuthorizeSecurityGroupIngress') {
  return {
    eventTime: '2026-03-01T08:00:00Z',
    eventID: `e-${eventName}`,
    eventSource: 'ec2.amazonaws.com',
    eventName,
    awsRegion: 'us-east-1',
    recipientAccountId: '111122223333',
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.27.31',
    userIdentity,
    requestParameters: {
      groupId: 'sg-0a1b2c3d4e5f60718',
      ipPermissions: {
        // An administrative port, a database's and another, one row each.
        items: [22, 5432, 9999].map((port) => ({
          ipProtocol: 'tcp',
          fromPort: port,
          toPort: port,
          ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] },
        })),
      },
    },
    responseElements: { _return: true },
  };
}

/** The signal that a rule makes of a record, and all that its templates can ask for. */
function told(rule: Rule, record: JsonObject): { signal: Signal; context: JsonObject } | undefined {
  const { signals, exposures } = detect([record], { rules: [{ ...rule, enabled: true }] });
  const [signal] = signals;
  if (signal === undefined) return undefined;
  const ports = exposures.map(({ port, service }) =>
    service === null ? port : `${port} (${service})`,
  );
  const attributes = {
    ...signal,
    actor: signal.actor.sessionName,
    ports: ports.join(', '),
    portList: exposures.map(({ port }) => String(port)),
    sources: '0.0.0.0/0',
    sourceList: ['0.0.0.0/0'],
  };
  return { signal, context: { ...deriveAttributes(record), signal: attributes } };
}

/** A log rule that groups by ARN makes nothing of a caller without one. */
function isLeftOut(rule: Rule, { arn }: JsonObject): boolean {
  return rule.kind === 'log' && arn === undefined;
}

/** What an empty attribute leaves behind, and what no reader should see. */
const faults = /\{\{|\}\}|undefined|\bnull\b|\[object|NaN|(?<!`)``(?!`)|\*{4}/;

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What would act in each place. */
const markup: Readonly<Record<Target, RegExp>> = {
  html: /<(?:img|!channel)/,
  slack: /<(?:img|!channel)/,
  markdown: /^[^`]*(?<!\\)<img/,
  terminal: controls,
  plain: controls,
};

describe.each(rules)('$id', (rule) => {
  const leftOut = callers.filter(([, , identity]) => isLeftOut(rule, identity));

  test('makes no signal of a caller without what it groups by', () => {
    const made = leftOut.filter(([, , identity]) => told(rule, opening(identity)) !== undefined);
    expect(made).toEqual([]);
  });

  describe.each(callers.filter((caller) => !leftOut.includes(caller)))(
    '%s',
    (_, name, identity) => {
      test('title and message name the caller, and nothing in them is empty', () => {
        const found = told(rule, opening(identity));
        expect(found?.signal.title).toContain(name);
        expect(found?.signal.message).toContain(`\`${name}\``);
        expect(found?.signal.title).not.toMatch(faults);
        expect(found?.signal.message).not.toMatch(faults);
      });

      test.each(targets)('for %s', (target) => {
        const found = told(rule, opening(identity));
        for (const template of [rule.title, rule.message]) {
          const text = compileTemplate(template).render(found?.context ?? {}, target);
          // Markdown outside of code has its dots and dashes escaped.
          expect(text.replaceAll('\\', '')).toContain(name);
          expect(text).not.toMatch(faults);
          expect(text).not.toMatch(controls);
        }
      });
    },
  );

  const hostile =
    '\u001b]0;owned\u0007<img src=x onerror=alert(1)>\u009b31m<!channel>[x](https://evil.example)\u202e`$(id)`';

  test.each(targets)('of a caller who means harm, for %s', (target) => {
    const identity = {
      type: 'IAMUser',
      userName: hostile,
      arn: `arn:aws:iam::111122223333:user/${hostile}`,
      principalId: hostile,
      accessKeyId: hostile,
    };
    const record = { ...opening(identity), sourceIPAddress: hostile, userAgent: hostile };
    const found = told(rule, record);
    expect(found).toBeDefined();
    for (const template of [rule.title, rule.message]) {
      const text = compileTemplate(template).render(found?.context ?? {}, target);
      expect(text).not.toMatch(controls);
      expect(text).toContain('owned');
      // In Markdown, a backslash stands before it; plain text and terminals have no markup.
      expect(text).not.toMatch(markup[target]);
    }
  });

  test.each(['markdown', 'plain'] as const)('as a signal says it, in %s', (target) => {
    const identity = { type: 'IAMUser', userName: hostile, arn: `arn:aws:iam::1:user/${hostile}` };
    const { signal } = told(rule, opening(identity)) ?? {};
    const text = target === 'markdown' ? signal?.message : signal?.title;
    expect(text).toContain('owned');
    expect(text).not.toMatch(controls);
  });
});

test('the callers are all that CloudTrail has', () => {
  const types = new Set(callers.map(([, , { type }]) => type));
  expect([...types]).toEqual([
    'IAMUser',
    'AssumedRole',
    'Root',
    'FederatedUser',
    'SAMLUser',
    'WebIdentityUser',
    'IdentityCenterUser',
    'AWSService',
    'AWSAccount',
  ]);
});
