// The fields of a rule.yaml, each with what is expected there in words for a person.
// Only shapes are checked here; what ties fields to each other is checked in parse-rule.ts.

import { z } from 'zod';
import { severities } from '../model/exposure.ts';
import { aggregations, detectionMethods, filterActions, learningMethods } from '../model/rule.ts';

/** Largest keep-alive and largest duration of a signal: 24 hours. */
const maxSeconds = 86_400;

/** Seconds for which a signal takes in further openings, unless the rule says otherwise. */
const defaultKeepAlive = 3600;

/** Share of an address family from which on a port counts as open to the world. */
const defaultCoverageThreshold = 0.25;

const oneLine = 'a text of one line';

/** A text that is not empty. */
export function text(expected = 'a text'): z.ZodString {
  return z.string(expected).regex(/\S/, expected);
}

/** Printed in tables and titles, so line ends and control characters have no place in it. */
export function line(expected = oneLine): z.ZodString {
  // oxlint-disable-next-line no-control-regex
  return z.string(expected).regex(/^(?=.*\S)[^\u0000-\u001f\u007f-\u009f]*$/, expected);
}

export function list<T extends z.ZodType>(item: T, expected: string): z.ZodArray<T> {
  return z.array(item, expected);
}

export const severity = z.enum(severities, `one of ${severities.join(', ')}`);

const idExpected = 'lower-case words joined by hyphens, such as my-rule';

export const ruleId = z.string(idExpected).regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, idExpected);

const versionExpected = 'a semantic version such as 1.0.0';

const version = z
  .string(versionExpected)
  .regex(
    /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
    versionExpected,
  );

const dateExpected = 'a day of the calendar such as 2026-03-01';

const date = z.string(dateExpected).refine(isDay, dateExpected);

function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value);
}

function wholeNumber(least: number, most: number, expected: string): z.ZodNumber {
  return z.number(expected).int(expected).min(least, expected).max(most, expected);
}

const port = wholeNumber(0, 65_535, 'a port, a whole number from 0 to 65535');

const seconds = wholeNumber(0, maxSeconds, `whole seconds, from 0 to ${maxSeconds} (24 hours)`);

const thresholdExpected = 'a share of the address space, above 0 and up to 1, such as 0.25';

const tagExpected = 'a tag of the form key:value, such as tactic:TA0005-defense-evasion';

const urlExpected = 'an address that starts with https://';

const query = line('a query of one line, such as @userIdentity.type:Root');

const ports = list(
  z.strictObject(
    { port, service: line('the name of the service that usually listens there, such as SSH') },
    'a port with its service, such as { port: 22, service: SSH }',
  ),
  'a list of ports with their services',
).min(1, 'at least one port with its service');

const otherPorts = z.strictObject(
  {
    exceptPortsOf: list(ruleId, 'a list of rule ids').default([]),
    exceptTcpPorts: list(port, 'a list of ports').default([]),
    expectedPorts: list(port, 'a list of ports').default([]),
  },
  'a mapping of exceptPortsOf, exceptTcpPorts and expectedPorts',
);

const exposure = z.strictObject(
  {
    protocols: list(z.enum(['tcp', 'udp'], 'tcp or udp'), 'a list of tcp and udp')
      .min(1, 'at least one of tcp and udp')
      .default(['tcp']),
    ports: ports.optional(),
    otherPorts: otherPorts.optional(),
    coverageThreshold: z
      .number(thresholdExpected)
      .gt(0, thresholdExpected)
      .lte(1, thresholdExpected)
      .default(defaultCoverageThreshold),
    where: query.optional(),
  },
  'a mapping with either ports or otherPorts',
);

const step = z.strictObject(
  {
    step: line('what to do, in one line'),
    details: list(line(), 'a list of texts').default([]),
    commands: list(text(), 'a list of shell commands').default([]),
  },
  'a step, such as { step: Ask the owner of the group. }',
);

const attributeExpected = 'an attribute of the record, such as @userIdentity.arn';

export const ruleFileSchema = z.strictObject(
  {
    id: ruleId,
    name: line('the name of the rule, in one line'),
    version,
    enabled: z.boolean('true or false').default(true),
    severity,
    cases: list(
      z.strictObject({ where: query, severity }, 'a mapping of where and severity'),
      'a list of cases, each with where and severity',
    ).default([]),
    tags: list(line(tagExpected).regex(/^[a-z_]+:\S+$/, tagExpected), 'a list of tags').default([]),
    references: list(
      z.string(urlExpected).regex(/^https:\/\/[^\s<>()"`\\]+$/, urlExpected),
      'a list of addresses',
    ).default([]),
    goal: text('what the rule detects, as a text'),
    strategy: text('how the rule detects it, as a text'),
    exposure,
    groupBy: list(
      z.string(attributeExpected).regex(/^@[^\s@]+$/, attributeExpected),
      'a list of attributes',
    ).default([]),
    options: z
      .strictObject(
        {
          keepAlive: seconds.default(defaultKeepAlive),
          maxSignalDuration: seconds.default(maxSeconds),
        },
        'a mapping of keepAlive and maxSignalDuration, in seconds',
      )
      .default({ keepAlive: defaultKeepAlive, maxSignalDuration: maxSeconds }),
    triage: list(step, 'a list of steps').min(1, 'at least one step'),
    title: line('the title of a signal, as a template of one line'),
    message: text('the message of a signal, as a template'),
    changelog: list(
      z.strictObject(
        {
          version,
          date,
          changes: list(line(), 'a list of texts').min(1, 'at least one change'),
        },
        'a mapping of version, date and changes',
      ),
      'a list of versions, newest first',
    ).min(1, 'at least one version'),
  },
  'a mapping of the fields of a rule',
);

/** Seconds over which the records of a group are put together, unless the rule says otherwise. */
const defaultEvaluationWindow = 300;

const hour = 3600;
const day = 86_400;

/** Datadog's longest; shorter than an hour is a number of days that was not turned into seconds. */
const maxForgetAfter = 30 * day;
const defaultForgetAfter = 28 * day;

const nameExpected = 'a name of letters, digits and _, such as failed_logins';

const queryName = z.string(nameExpected).regex(/^[A-Za-z]\w*$/, nameExpected);

const fieldExpected = 'an attribute, such as @userIdentity.arn or service';

const field = z.string(fieldExpected).regex(/^@?[^\s@"]+$/, fieldExpected);

const fields = list(field, 'a list of attributes');

const forgetAfterExpected = `whole seconds, from ${hour} to ${maxForgetAfter} (30 days)`;

const learningExpected = `whole seconds: 0, or from ${hour} to ${maxForgetAfter} (30 days)`;

const newValueOptions = z.strictObject(
  {
    forgetAfter: wholeNumber(hour, maxForgetAfter, forgetAfterExpected).default(defaultForgetAfter),
    learningMethod: z
      .enum(learningMethods, `one of ${learningMethods.join(', ')}`)
      .default('duration'),
    learningDuration: wholeNumber(0, maxForgetAfter, learningExpected)
      .refine((value) => value === 0 || value >= hour, learningExpected)
      .default(0),
    learningThreshold: wholeNumber(0, 1_000_000, 'a whole number of records').default(0),
    instantaneousBaseline: z.boolean('true or false').default(false),
  },
  'a mapping of forgetAfter, learningDuration and their like',
);

const logQuery = z.strictObject(
  {
    name: queryName.optional(),
    query,
    aggregation: z.enum(aggregations, `one of ${aggregations.join(', ')}`).default('count'),
    distinctFields: fields.default([]),
    groupByFields: fields.optional(),
    hasOptionalGroupByFields: z.boolean('true or false').default(false),
    metrics: fields.default([]),
  },
  'a query, such as { name: logins, query: @evt.name:ConsoleLogin }',
);

const log = z.strictObject(
  {
    detectionMethod: z
      .enum(detectionMethods, `one of ${detectionMethods.join(', ')}`)
      .default('threshold'),
    queries: list(logQuery, 'a list of queries').min(1, 'at least one query'),
    filters: list(
      z.strictObject(
        { action: z.enum(filterActions, 'require or suppress'), query },
        'a mapping of action and query',
      ),
      'a list of filters, each with action and query',
    ).default([]),
    newValueOptions: newValueOptions.prefault({}),
  },
  'a mapping of queries, detectionMethod, filters and newValueOptions',
);

const caseNameExpected = 'the name of the case, in one line';

const caseName = z
  .string(caseNameExpected)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, caseNameExpected);

const { shape: exposureRuleFields } = ruleFileSchema;

export const logRuleFileSchema = z.strictObject(
  {
    id: exposureRuleFields.id,
    name: exposureRuleFields.name,
    version: exposureRuleFields.version,
    enabled: exposureRuleFields.enabled,
    cases: list(
      z.strictObject(
        {
          name: caseName.default(''),
          severity,
          condition: line('a condition of one line, such as logins > 3').optional(),
          notifications: list(line(), 'a list of texts').default([]),
        },
        'a mapping of severity, condition and name',
      ),
      'a list of cases, each with severity and condition',
    ).min(1, 'at least one case'),
    tags: exposureRuleFields.tags,
    references: exposureRuleFields.references,
    goal: exposureRuleFields.goal,
    strategy: exposureRuleFields.strategy,
    log,
    groupBy: fields.default([]),
    options: z
      .strictObject(
        {
          evaluationWindow: seconds.default(defaultEvaluationWindow),
          keepAlive: seconds.default(defaultKeepAlive),
          maxSignalDuration: seconds.default(maxSeconds),
        },
        'a mapping of evaluationWindow, keepAlive and maxSignalDuration, in seconds',
      )
      .prefault({}),
    // A message that came from elsewhere says what to do itself.
    triage: list(step, 'a list of steps').default([]),
    title: exposureRuleFields.title,
    message: exposureRuleFields.message,
    changelog: exposureRuleFields.changelog,
  },
  'a mapping of the fields of a rule',
);

/** The rule.yaml of an exposure rule as written, with defaults filled in. */
export type ExposureRuleFile = z.infer<typeof ruleFileSchema>;

/** The rule.yaml of a log rule as written, with defaults filled in. */
export type LogRuleFile = z.infer<typeof logRuleFileSchema>;

export type RuleFile = ExposureRuleFile | LogRuleFile;
