// A Datadog detection rule, as its API gives it, in our terms. The same reader serves rules that come
// as JSON and as Terraform. https://docs.datadoghq.com/api/latest/security-monitoring/

import { severities, type Severity } from '../../model/exposure.ts';
import { isObject } from '../../model/json.ts';
import {
  aggregations,
  detectionMethods,
  filterActions,
  learningMethods,
} from '../../model/rule.ts';
import { conditionLabels, parseCondition } from '../../query/condition.ts';
import { parseQuery, printQuery, QueryError, type Query } from '../../query/index.ts';
import { compileTemplate, TemplateError } from '../../template/index.ts';
import { logRuleFileSchema } from '../rule-schema.ts';
import { defaultQueryName } from '../to-rule.ts';
import { matchesCloudTrail, searchesMessage } from './cloudtrail-match.ts';
import { Losses, type ForeignRule, type LogRuleDraft } from './exchange.ts';
import { ForeignObject } from './foreign-object.ts';
import { linkedAddresses, messageSections } from './message-sections.ts';
import { asTemplate, oneLine } from './plain-text.ts';
import { ruleIdOf } from './rule-id.ts';
import { extendedTitle, plainTitle } from './signal-title.ts';

export const secondsPerDay = 86_400;

/** What stands for the strategy of a rule whose message tells none. */
export const strategyMissing = 'Look at every record with the queries below.';

type LogQueryDraft = LogRuleDraft['log']['queries'][number];
type Case = LogRuleDraft['cases'][number];

/** What Datadog keeps about a rule without its being part of the rule. */
const bookkeeping = [
  'id',
  'createdAt',
  'updatedAt',
  'creationAuthorId',
  'updateAuthorId',
  'creator',
  'updater',
  'defaultRuleId',
  'defaultTags',
  'isDefault',
  'isPartner',
  'isBeta',
  'isDeprecated',
  'deprecationDate',
  'blocking',
  'metadata',
  'complianceSignalOptions',
];

/** @param today the day of the import, `YYYY-MM-DD`, for rules that do not tell when they changed */
export function readDatadogRule(json: unknown, today: string): ForeignRule {
  const losses = new Losses();
  if (!isObject(json)) {
    losses.refuse('', 'is not an object');
    return { name: '', draft: null, losses: losses.found };
  }
  const rule = new ForeignObject(json, '', losses);
  const name = readName(rule, losses);
  const draft = readDraft(rule, name, today, losses);
  rule.nameOthers('has no equal here; it is left out');
  return { name, draft: losses.isFatal ? null : draft, losses: losses.found };
}

function readName(rule: ForeignObject, losses: Losses): string {
  const name = rule.text('name') ?? '';
  const line = oneLine(name);
  if (line === '') losses.refuse('name', 'is empty');
  else if (ruleIdOf(line) === null) {
    losses.refuse('name', 'has no letter or digit of which to make an id');
  } else if (line !== name.trim()) losses.add('name', 'is put on one line');
  return line;
}

function readDraft(rule: ForeignObject, name: string, today: string, losses: Losses): LogRuleDraft {
  const type = rule.text('type') ?? 'log_detection';
  if (type !== 'log_detection') {
    losses.refuse('type', `is ${type}; only log_detection is a rule over records`);
  }
  if (rule.boolean('isDeleted') === true) losses.refuse('isDeleted', 'is true');
  for (const [key, reason] of Object.entries(refused)) {
    if (rule.has(key)) losses.refuse(key, reason);
  }
  const options = readOptions(rule.object('options'), losses);
  const queries = readQueries(rule.objects('queries'), losses);
  nameNotRun(options.detectionMethod, queries, losses);
  const labels = queries.map(({ name: label }, index) => label ?? defaultQueryName(index));
  const filters = readFilters(rule.objects('filters'), losses);
  const cases = readCases(rule.objects('cases'), labels, losses);
  const message = readMessage(rule, name, losses);
  const sections = messageSections(message);
  const revision = rule.number('version') ?? 1;
  const version = `${Number.isSafeInteger(revision) && revision > 0 ? revision : 1}.0.0`;
  const updatedAt = rule.number('updatedAt');
  const groups = queries.map(({ groupByFields }) => groupByFields ?? []);
  const [firstGroup = []] = groups;
  const isGroupedAlike = groups.every((group) => group.join('\n') === firstGroup.join('\n'));
  const title =
    rule.boolean('hasExtendedTitle') === true
      ? extendedTitle(name, titleAttributes(queries))
      : plainTitle(name);
  rule.passOver(bookkeeping);
  return {
    id: ruleIdOf(name) ?? '',
    name,
    version,
    enabled: rule.boolean('isEnabled') === false ? false : undefined,
    cases,
    tags: readTags(rule.texts('tags') ?? [], losses),
    references: linkedAddresses(message).filter(isReference),
    goal: sections.get('goal') ?? name,
    strategy: sections.get('strategy') ?? strategyMissing,
    log: {
      detectionMethod: options.detectionMethod,
      queries: isGroupedAlike ? queries.map(withoutGroups) : queries,
      filters,
      newValueOptions: options.newValueOptions,
    },
    groupBy: isGroupedAlike ? firstGroup : [],
    options: options.windows,
    title,
    message,
    changelog: [
      {
        version,
        date: updatedAt === undefined ? today : (dayOf(updatedAt) ?? today),
        changes: ['Imported from Datadog.'],
      },
    ],
  };
}

function withoutGroups(query: LogQueryDraft): LogQueryDraft {
  const { groupByFields: _groups, ...rest } = query;
  return rest;
}

/** Parts of a rule without which it would find more, or other things, than in Datadog. */
const refused: Readonly<Record<string, string>> = {
  referenceTables: 'narrows the queries by a table that lies in Datadog',
  calculatedFields: 'computes attributes, which there is no language for here',
  thirdPartyCases: 'rates the findings of another product',
  schedulingOptions: 'runs the rule at set times over what lies in Datadog',
};

function readTags(tags: readonly string[], losses: Losses): string[] {
  const { element } = logRuleFileSchema.shape.tags.unwrap();
  return tags.filter((tag, index) => {
    const isTag = element.safeParse(tag).success;
    if (!isTag) {
      losses.add(
        `tags[${index}]`,
        `is ${JSON.stringify(tag)}; a tag here is key:value with a lower-case key; it is left out`,
      );
    }
    return isTag;
  });
}

function readMessage(rule: ForeignObject, name: string, losses: Losses): string {
  const message = rule.text('message') ?? '';
  if (message.trim() === '') {
    losses.add('message', 'is empty; the name of the rule stands in its place');
    return plainTitle(name);
  }
  try {
    compileTemplate(message);
    return message;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    losses.add('message', `${error.message}; its braces are shown as they are`);
    return asTemplate(message);
  }
}

function isReference(address: string): boolean {
  return logRuleFileSchema.shape.references.unwrap().element.safeParse(address).success;
}

/** What tells the signals of a rule apart: its groups, or the values that are new. */
export function titleAttributes(
  queries: readonly {
    readonly groupByFields?: readonly string[] | undefined;
    readonly metrics?: readonly string[] | undefined;
  }[],
): readonly string[] {
  const grouped = new Set(queries.flatMap(({ groupByFields = [] }) => groupByFields));
  return [
    ...(grouped.size > 0 ? grouped : new Set(queries.flatMap(({ metrics = [] }) => metrics))),
  ];
}

function dayOf(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 || ms < 0
    ? undefined
    : date.toISOString().slice(0, 10);
}

/** What loads and is not run: said once here, and again by every scan. */
function nameNotRun(
  method: Options['detectionMethod'],
  queries: readonly LogQueryDraft[],
  losses: Losses,
): void {
  const outcome = 'the rule is kept, and not run';
  if (method !== 'threshold' && method !== 'new_value') {
    losses.add(
      'options.detectionMethod',
      `is ${method}, which is done in Datadog alone; ${outcome}`,
    );
    return;
  }
  const run: readonly unknown[] =
    method === 'new_value' ? ['new_value'] : ['count', 'cardinality', 'sum', 'max'];
  queries.forEach(({ aggregation }, index) => {
    if (run.includes(aggregation)) return;
    losses.add(
      `queries[${index}].aggregation`,
      `is ${aggregation}, which ${method} cannot go by here; ${outcome}`,
    );
  });
}

type Options = {
  readonly detectionMethod: NonNullable<LogRuleDraft['log']['detectionMethod']>;
  readonly windows: NonNullable<LogRuleDraft['options']>;
  readonly newValueOptions: LogRuleDraft['log']['newValueOptions'];
};

function readOptions(options: ForeignObject | undefined, losses: Losses): Options {
  const detectionMethod = oneOf(options, 'detectionMethod', detectionMethods, 'threshold', losses);
  if (options === undefined) {
    return { detectionMethod, windows: {}, newValueOptions: undefined };
  }
  const windows = {
    evaluationWindow: options.number('evaluationWindow'),
    keepAlive: options.number('keepAlive'),
    maxSignalDuration: options.number('maxSignalDuration'),
  };
  const newValue = options.object('newValueOptions');
  // How long Datadog may take to look back; here the past is read or it is not.
  newValue?.passOver(['instantaneousBaselineTimeoutMinutes']);
  const newValueOptions = newValue && readNewValueOptions(newValue, losses);
  if (options.boolean('decreaseCriticalityBasedOnEnv') === true) {
    losses.add(
      options.pathOf('decreaseCriticalityBasedOnEnv'),
      'lowers the severity by a tag env, which CloudTrail records do not have; it is left out',
    );
  }
  options.nameOthers('is for a way of detection that is not run here; it is left out');
  return { detectionMethod, windows, newValueOptions };
}

function readNewValueOptions(
  options: ForeignObject,
  losses: Losses,
): NonNullable<Options['newValueOptions']> {
  const seconds = (days: number | undefined): number | undefined =>
    days === undefined ? undefined : Math.round(days * secondsPerDay);
  const read = {
    forgetAfter: seconds(options.number('forgetAfter')),
    learningMethod: oneOf(options, 'learningMethod', learningMethods, 'duration', losses),
    learningDuration: seconds(options.number('learningDuration')),
    learningThreshold: options.number('learningThreshold'),
    instantaneousBaseline: options.boolean('instantaneousBaseline') || undefined,
  };
  options.nameOthers('has no equal here; it is left out');
  return read;
}

function readQueries(queries: readonly ForeignObject[], losses: Losses): LogQueryDraft[] {
  if (queries.length === 0) losses.refuse('queries', 'is empty');
  return queries.map((query) => {
    const dataSource = query.text('dataSource') ?? 'logs';
    if (dataSource !== 'logs') {
      losses.refuse(query.pathOf('dataSource'), `is ${dataSource}; records come from logs`);
    }
    for (const key of ['index', 'indexes']) {
      if (query.has(key)) {
        losses.add(query.pathOf(key), 'names indexes of Datadog; every record is looked at');
      }
    }
    if (query.has('customQueryExtension')) {
      losses.refuse(query.pathOf('customQueryExtension'), 'changes the query in ways of its own');
    }
    const metrics = query.texts('metrics') ?? [];
    const metric = query.text('metric') ?? '';
    const read = {
      name: readLabel(query, losses),
      query: readQuery(query, losses) ?? '*',
      aggregation: oneOf(query, 'aggregation', aggregations, 'count', losses),
      distinctFields: readFields(query, 'distinctFields', losses),
      groupByFields: readFields(query, 'groupByFields', losses),
      hasOptionalGroupByFields: query.boolean('hasOptionalGroupByFields') || undefined,
      metrics: metrics.length > 0 || metric === '' ? [...metrics] : [metric],
    };
    query.nameOthers('has no equal here; it is left out');
    return read;
  });
}

/** The label of a query; one without is called by a letter, in Datadog as here. */
function readLabel(query: ForeignObject, losses: Losses): string | undefined {
  const label = query.text('name') ?? '';
  if (label === '') return undefined;
  const { name } = logRuleFileSchema.shape.log.shape.queries.element.shape;
  if (!name.safeParse(label).success) {
    losses.refuse(
      query.pathOf('name'),
      `is ${JSON.stringify(label)}; a name has letters, digits and _`,
    );
  }
  return label;
}

/** The query on one line, as it was written where that is possible. */
function readQuery(parent: ForeignObject, losses: Losses): string | undefined {
  const text = parent.text('query');
  const path = parent.pathOf('query');
  if (text === undefined) {
    losses.refuse(path, 'is missing');
    return undefined;
  }
  let query: Query;
  try {
    query = parseQuery(text);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    losses.refuse(path, `does not parse: ${error.message}. ${error.hint}`);
    return undefined;
  }
  nameQuietness(query, path, losses);
  if (isLine(text)) return text;
  const canonical = printQuery(query);
  if (isLine(canonical)) return canonical;
  losses.refuse(path, 'holds a line end or control character in a value');
  return undefined;
}

/** Names what keeps a query from ever matching a CloudTrail record. */
function nameQuietness(query: Query, path: string, losses: Losses): void {
  if (searchesMessage(query)) {
    losses.add(path, 'looks for words in the message, which CloudTrail records do not have');
  } else if (matchesCloudTrail(query) === false) {
    losses.add(path, 'asks for another source; it matches no CloudTrail record');
  }
}

function isLine(text: string): boolean {
  return /^(?=.*\S)[^\p{Cc}]*$/u.test(text);
}

function readFields(query: ForeignObject, key: string, losses: Losses): string[] {
  const { element } = logRuleFileSchema.shape.groupBy.unwrap();
  const fields = query.texts(key) ?? [];
  fields.forEach((field, index) => {
    if (!element.safeParse(field).success) {
      losses.refuse(`${query.pathOf(key)}[${index}]`, `is ${JSON.stringify(field)}, no attribute`);
    }
  });
  return [...fields];
}

function readFilters(
  filters: readonly ForeignObject[],
  losses: Losses,
): NonNullable<LogRuleDraft['log']['filters']> {
  return filters.map((filter) => {
    const action = oneOf(filter, 'action', filterActions, null, losses);
    const query = readQuery(filter, losses) ?? '*';
    filter.nameOthers('has no equal here; it is left out');
    return { action, query };
  });
}

function readCases(
  cases: readonly ForeignObject[],
  labels: readonly string[],
  losses: Losses,
): Case[] {
  if (cases.length === 0) losses.refuse('cases', 'is empty');
  return cases.map((one) => {
    const name = (one.text('name') ?? '').replaceAll(/\p{Cc}+/gu, ' ');
    const condition = one.text('condition') ?? '';
    if (condition !== '') checkCondition(condition, one.pathOf('condition'), labels, losses);
    // A severity that was set by hand on a rule of Datadog's own goes before the rule's.
    const status = one.has('customStatus') ? 'customStatus' : 'status';
    const severity: Severity = oneOf(one, status, severities, null, losses);
    one.passOver(['status']);
    if (one.has('actions')) {
      losses.add(one.pathOf('actions'), 'acts in Datadog when the case holds; it is left out');
    }
    const read = {
      name: name === '' ? undefined : name,
      severity,
      condition: condition === '' ? undefined : onOneLine(condition),
      notifications: [...(one.texts('notifications') ?? [])],
    };
    one.nameOthers('has no equal here; it is left out');
    return read;
  });
}

function onOneLine(text: string): string {
  return isLine(text) ? text : text.replaceAll(/\s+/g, ' ').trim();
}

function checkCondition(
  condition: string,
  path: string,
  labels: readonly string[],
  losses: Losses,
): void {
  try {
    for (const label of conditionLabels(parseCondition(condition))) {
      if (!labels.includes(label)) losses.refuse(path, `asks for ${label}, which is no query`);
    }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    losses.refuse(path, `does not parse: ${error.message}`);
  }
}

/** @param missing what a missing value stands for; null where there must be one */
function oneOf<T extends string>(
  object: ForeignObject | undefined,
  key: string,
  values: readonly T[],
  missing: T | null,
  losses: Losses,
): T {
  const [first] = values;
  const text = object?.text(key);
  const found =
    text === undefined ? (missing ?? undefined) : values.find((value) => value === text);
  if (found !== undefined) return found;
  const what = text === undefined ? 'is missing' : `is ${JSON.stringify(text)}`;
  losses.refuse(object?.pathOf(key) ?? key, `${what}; it should be one of ${values.join(', ')}`);
  // Never shown: the rule is refused.
  return missing ?? first!;
}
