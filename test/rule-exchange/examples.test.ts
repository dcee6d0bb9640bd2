// Examples that an import makes: they are what the rule does, on records that its queries describe.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detect } from '../../src/pipeline.ts';
import { makeExamples } from '../../src/rules/exchange/make-examples.ts';
import { parseExamples, type Example } from '../../src/rules/parse-examples.ts';
import { logRuleFileSchema } from '../../src/rules/rule-schema.ts';
import { testRule } from '../../src/rules/test-rules.ts';
import { toLogRule } from '../../src/rules/to-rule.ts';
import { datadogRule } from './arbitrary-datadog-rule.ts';
import { fileOf, importText } from './exchange.ts';

type Fields = Readonly<Record<string, unknown>>;

function ruleOf(queries: readonly object[], changes: Fields = {}): ReturnType<typeof toLogRule> {
  const { log = {}, ...others } = changes;
  return toLogRule(
    logRuleFileSchema.parse({
      id: 'r',
      name: 'R',
      version: '1.0.0',
      cases: [{ severity: 'high', condition: 'a > 0' }],
      goal: 'g',
      strategy: 's',
      log: { queries, ...(log as object) },
      title: 't',
      message: 'm',
      changelog: [{ version: '1.0.0', date: '2026-01-01', changes: ['c'] }],
      ...others,
    }),
  );
}

function examplesOf(rule: ReturnType<typeof toLogRule>): readonly Example[] {
  const text = makeExamples(rule, detect);
  if (text === null) return [];
  const parsed = parseExamples(text, 'examples.yaml');
  if (!parsed.ok) throw parsed.errors[0]!;
  return parsed.examples;
}

function firing(rule: ReturnType<typeof toLogRule>): Example | undefined {
  return examplesOf(rule).find(({ expected }) => expected.signals.length > 0);
}

describe('a record is made for', () => {
  test.each([
    '@evt.name:StopLogging',
    '@eventName:(A OR B) -@errorCode:*',
    '@userIdentity.type:Root',
    '-@userIdentity.type:IAMUser',
    '@userIdentity.type:(A* *B -C)',
    '@a.b:[1 TO 5} @c:>2 @d:<=3 @e:[* TO 4}',
    'CIDR(@network.client.ip, 10.0.0.0/8)',
    '-CIDR(@sourceIPAddress, 198.51.100.0/24)',
    '@error.kind:AccessDenied',
    'status:error',
    '-status:info @level:Error',
    '@evt.outcome:failure @evt.name:A',
    '@usr.name:kim @usr.id:X* @http.useragent:*curl*',
    'source:cloudtrail (@x:1 OR -(@y:2 OR @z:3))',
    '*:*needle*',
    '@userIdentity.sessionContext.sessionIssuer.userName:?x*y?',
    '@a:"é \\\\ * ?"',
    '@requestParameters.x:* @requestParameters.y:(* -1)',
    '@evt.name:AuthorizeSecurityGroupIngress @requestParameters.groupName:x',
    '*',
    '-word',
  ])('%s', (query) => {
    expect(firing(ruleOf([{ query }]))?.records).toHaveLength(1);
  });

  test('a group that the usual record lacks', () => {
    const rule = ruleOf([
      { query: '@evt.name:A', groupByFields: ['@requestParameters.bucketName'] },
    ]);
    expect(firing(rule)?.records).toMatchObject([{ requestParameters: { bucketName: 'value' } }]);
  });

  test('a query with filters', () => {
    const filters = [
      { action: 'require', query: '@a:1' },
      { action: 'suppress', query: '@userIdentity.userName:sam' },
    ];
    expect(firing(ruleOf([{ query: '@evt.name:A' }], { log: { filters } }))).toBeDefined();
  });
});

describe('records are made that add up:', () => {
  const counted = (condition: string): Fields => ({ cases: [{ severity: 'low', condition }] });

  test.each<[string, number, readonly object[], Fields]>([
    ['a count', 6, [{ query: '@evt.name:A' }], counted('a > 5')],
    ['exactly', 3, [{ query: '@evt.name:A' }], counted('a == 3')],
    [
      'several values',
      4,
      [{ query: '@evt.name:A', aggregation: 'cardinality', distinctFields: ['@awsRegion'] }],
      counted('a >= 4'),
    ],
    [
      'a sum',
      1,
      [{ query: '@evt.name:A', aggregation: 'sum', metrics: ['@b.size'] }],
      counted('a > 1000'),
    ],
    [
      'a largest',
      1,
      [{ query: '@evt.name:A', aggregation: 'max', metrics: ['@b.size'] }],
      counted('a >= 7'),
    ],
    [
      'two queries',
      3,
      [{ query: '@evt.name:A' }, { query: '@evt.name:B' }],
      counted('a > 1 && b > 0'),
    ],
    [
      'one or the other',
      2,
      [{ query: '@evt.name:A' }, { query: '@evt.name:B' }],
      counted('a > 1 || b > 0'),
    ],
    [
      'more than a minute each would leave room for',
      20,
      [{ query: '@evt.name:A' }],
      { ...counted('a >= 20'), options: { evaluationWindow: 60 } },
    ],
  ])('%s', (_, count, queries, changes) => {
    expect(firing(ruleOf(queries, changes))?.records).toHaveLength(count);
  });

  test.each(['duration', 'threshold'])('what is new after learning by %s', (learningMethod) => {
    const log = {
      detectionMethod: 'new_value',
      newValueOptions: { learningMethod, learningDuration: 604_800, learningThreshold: 2 },
    };
    const queries = [{ query: '@evt.name:A', aggregation: 'new_value', metrics: ['@awsRegion'] }];
    const rule = ruleOf(queries, { log, cases: [{ severity: 'low' }] });
    expect(firing(rule)?.records).toHaveLength(learningMethod === 'duration' ? 2 : 3);
  });
});

describe('no record is made', () => {
  test.each([
    ['of what cannot be', '@evt.name:A -@evt.name:A', 'a > 0'],
    ['of another source', 'source:guardduty', 'a > 0'],
    ['of words', 'word', 'a > 0'],
    ['of more than anyone reads', '@evt.name:A', 'a > 1000000000'],
    ['of a query that is too long to look through', `@evt.name:(${'A OR '.repeat(900)}B)`, 'a > 0'],
  ])('%s, and the file says so', (_, query, condition) => {
    const rule = ruleOf([{ query }], { cases: [{ severity: 'low', condition }] });
    expect(firing(rule)).toBeUndefined();
    expect(examplesOf(rule)).toHaveLength(1);
    expect(makeExamples(rule, detect)).toContain(
      '# No record on which the rule fires could be made',
    );
  });

  test('nor a file, where not even quiet can be shown', () => {
    const queries = [{ query: '*', aggregation: 'geo_data' }];
    expect(makeExamples(ruleOf(queries), detect)).toBeNull();
  });

  test('of alternatives without end, in a moment', () => {
    const terms = Array.from({ length: 60 }, (_, index) => `(@a${index}:1 OR @a${index}:2)`);
    const query = `${terms.join(' ')} @x:y -@x:y`;
    const startMs = performance.now();
    expect(firing(ruleOf([{ query }]))).toBeUndefined();
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});

test('whatever the rule, examples that are written hold', async () => {
  let fired = 0;
  await fc.assert(
    fc.asyncProperty(datadogRule, async (made) => {
      const [imported] = await importText(JSON.stringify(made), 'datadog-json');
      const rule = toLogRule(fileOf(imported!));
      const text = imported?.folder?.examples ?? null;
      if (text === null) return;
      const parsed = parseExamples(text, 'examples.yaml');
      if (!parsed.ok) throw parsed.errors[0]!;
      for (const { example, differences } of testRule(rule, parsed.examples, detect, () => 0)
        .results) {
        expect(differences).toEqual([]);
        fired += example.expected.signals.length;
      }
    }),
    { numRuns: 60 },
  );
  expect(fired).toBeGreaterThan(5);
});
