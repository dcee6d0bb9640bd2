// A log rule of ours as Datadog's API has it. The JSON and the Terraform writer both print what this
// makes. https://docs.datadoghq.com/api/latest/security-monitoring/

import type { Severity } from '../../model/exposure.ts';
import type { LogRule } from '../../model/rule.ts';
import { compileTemplate } from '../../template/index.ts';
import { triageMarkdown } from '../compose-message.ts';
import type { LogRuleFile } from '../rule-schema.ts';
import { toLogRule } from '../to-rule.ts';
import { Losses, type Loss } from './exchange.ts';
import { messageSections } from './message-sections.ts';
import { secondsPerDay, strategyMissing, titleAttributes } from './read-datadog-rule.ts';
import { extendedTitle, plainTitle } from './signal-title.ts';

/** A rule in the order in which Datadog prints its fields. */
export type DatadogRule = {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly queries: readonly DatadogQuery[];
  readonly options: {
    readonly evaluationWindow: number;
    readonly detectionMethod: string;
    readonly maxSignalDuration: number;
    readonly keepAlive: number;
    readonly newValueOptions?: {
      readonly forgetAfter: number;
      readonly learningDuration: number;
      readonly learningThreshold: number;
      readonly learningMethod: string;
      readonly instantaneousBaseline: boolean;
    };
  };
  readonly cases: readonly {
    readonly name: string;
    readonly status: Severity;
    readonly notifications: readonly string[];
    readonly condition?: string;
  }[];
  readonly message: string;
  readonly tags: readonly string[];
  readonly hasExtendedTitle: boolean;
  readonly type: 'log_detection';
  readonly filters: readonly { readonly action: string; readonly query: string }[];
  readonly version: number;
};

export type DatadogQuery = {
  readonly query: string;
  readonly groupByFields: readonly string[];
  readonly hasOptionalGroupByFields: boolean;
  readonly distinctFields: readonly string[];
  /** The one of `metrics`, for readers that know no list. */
  readonly metric?: string;
  readonly metrics?: readonly string[];
  readonly aggregation: string;
  readonly name: string;
  readonly dataSource: 'logs';
};

export type WrittenDatadogRule = { readonly rule: DatadogRule; readonly losses: readonly Loss[] };

/** Everything that a log rule detects has its equal in Datadog; some of what it tells has not. */
export function writeDatadogRule(file: LogRuleFile): WrittenDatadogRule {
  const losses = new Losses();
  const rule = toLogRule(file);
  const { options } = rule;
  const isNewValue = options.detectionMethod === 'new_value';
  nameUncommon(rule, losses);
  const written: DatadogRule = {
    name: rule.name,
    isEnabled: rule.enabled,
    queries: rule.queries.map(writeQuery),
    options: {
      evaluationWindow: options.evaluationWindowSeconds,
      detectionMethod: options.detectionMethod,
      maxSignalDuration: options.maxSignalDurationSeconds,
      keepAlive: options.keepAliveSeconds,
      ...(isNewValue && { newValueOptions: writeNewValueOptions(options.newValue) }),
    },
    cases: rule.cases.map(({ name, severity, condition, notifications }) => ({
      name,
      status: severity,
      notifications,
      ...(condition !== null && { condition }),
    })),
    message: writeMessage(file, losses),
    tags: rule.tags,
    hasExtendedTitle: isTitleExtended(rule, losses),
    type: 'log_detection',
    filters: rule.filters,
    version: Number(rule.version.split('.')[0]),
  };
  if (!/^[1-9]\d*\.0\.0$/.test(rule.version)) {
    losses.add('version', `is ${rule.version}; Datadog counts versions in whole numbers`);
  }
  return { rule: written, losses: losses.found };
}

/** What Datadog's pages list for each; it refuses others. */
const seconds = [0, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const forgetAfterDays = [1, 2, 7, 14, 21, 28];
const learningDays = [0, 1, 7];
const learningRecords = [0, 1];

/** Names numbers that are right here and that Datadog does not take. */
function nameUncommon({ options }: LogRule, losses: Losses): void {
  const { newValue } = options;
  const check = (field: string, value: number, unit: string, taken: readonly number[]): void => {
    if (taken.includes(value)) return;
    losses.add(field, `is ${value}${unit}; Datadog takes ${taken.join(', ')}`);
  };
  check('options.evaluationWindow', options.evaluationWindowSeconds, ' seconds', seconds);
  check('options.keepAlive', options.keepAliveSeconds, ' seconds', seconds);
  check('options.maxSignalDuration', options.maxSignalDurationSeconds, ' seconds', seconds);
  if (options.detectionMethod !== 'new_value') return;
  const path = 'log.newValueOptions';
  const days = (value: number): number => value / secondsPerDay;
  check(`${path}.forgetAfter`, days(newValue.forgetAfterSeconds), ' days', forgetAfterDays);
  check(`${path}.learningDuration`, days(newValue.learningDurationSeconds), ' days', learningDays);
  check(`${path}.learningThreshold`, newValue.learningThreshold, ' records', learningRecords);
}

function writeQuery(query: LogRule['queries'][number]): DatadogQuery {
  const { metrics } = query;
  const [first] = metrics;
  return {
    query: query.query,
    groupByFields: query.groupByFields,
    hasOptionalGroupByFields: query.hasOptionalGroupByFields,
    distinctFields: query.distinctFields,
    ...(first !== undefined && metrics.length === 1 && { metric: first }),
    ...(first !== undefined && { metrics }),
    aggregation: query.aggregation,
    name: query.name,
    dataSource: 'logs',
  };
}

function writeNewValueOptions(
  options: LogRule['options']['newValue'],
): NonNullable<DatadogRule['options']['newValueOptions']> {
  return {
    forgetAfter: Math.ceil(options.forgetAfterSeconds / secondsPerDay),
    learningDuration: Math.ceil(options.learningDurationSeconds / secondsPerDay),
    learningThreshold: options.learningThreshold,
    learningMethod: options.learningMethod,
    instantaneousBaseline: options.instantaneousBaseline,
  };
}

function isTitleExtended({ name, title, queries }: LogRule, losses: Losses): boolean {
  const plain = plainTitle(name);
  if (title === plain) return false;
  if (title === extendedTitle(name, titleAttributes(queries))) return true;
  losses.add('title', 'is a template; Datadog makes titles of the name and the group-by values');
  return titleAttributes(queries).length > 0;
}

/**
 * Datadog's message is one document: goal, strategy, triage and references are parts of it. What the
 * message says already, as that of an imported rule does, is not said twice.
 */
function writeMessage(file: LogRuleFile, losses: Losses): string {
  const { message, triage, references } = file;
  const sections = messageSections(message);
  const before = (['goal', 'strategy'] as const).flatMap((field) =>
    isSaid(file, field, sections) ? [] : [`## ${capital(field)}\n\n${file[field].trim()}`],
  );
  const missing = references.filter((address) => !message.includes(address));
  const after = [
    ...(triage.length === 0 ? [] : [`## Triage and response\n\n${triageMarkdown(triage).trim()}`]),
    ...(missing.length === 0
      ? []
      : [`## References\n\n${missing.map((address) => `- ${address}`).join('\n')}`]),
  ];
  const whole =
    before.length + after.length === 0
      ? message
      : [...before, message.trim(), ...after].join('\n\n').concat('\n');
  for (const attribute of compileTemplate(whole).attributes) {
    if (attribute.startsWith('signal.')) {
      losses.add('message', `shows @${attribute}, which Datadog does not know and leaves empty`);
    }
  }
  return whole;
}

/** What an import puts in these fields is in the message, or stands for something missing there. */
function isSaid(
  { name, goal, strategy }: LogRuleFile,
  field: 'goal' | 'strategy',
  sections: ReadonlyMap<string, string>,
): boolean {
  return field === 'goal'
    ? goal === (sections.get('goal') ?? name)
    : strategy === (sections.get('strategy') ?? strategyMissing);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
