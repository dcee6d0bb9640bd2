// Sigma rules over CloudTrail as log rules: one query that asks what the detection asks, and a signal
// for each caller whose records match. https://sigmahq.io/sigma-specification/

import { isAlias, isScalar, LineCounter, parseAllDocuments, visit, type Document } from 'yaml';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import type { Severity } from '../../model/exposure.ts';
import { isObject, type JsonObject } from '../../model/json.ts';
import { and, printQuery } from '../../query/index.ts';
import { logRuleFileSchema } from '../rule-schema.ts';
import { Losses, type ForeignRule, type LogRuleDraft } from './exchange.ts';
import { ForeignObject } from './foreign-object.ts';
import { asTemplate, isTemplate, oneLine } from './plain-text.ts';
import { ruleIdOf } from './rule-id.ts';
import { readDetection } from './sigma-detection.ts';
import { tagFromSigma } from './sigma-tags.ts';
import { extendedTitle } from './signal-title.ts';

/**
 * The rules of a YAML file, which may hold several documents.
 *
 * @param file the path shown in errors
 * @param today the day of the import, `YYYY-MM-DD`, for rules that do not tell when they changed
 * @throws PortcullisError `rule/bad-import` where the text is not YAML or holds no rule
 */
export function readSigma(text: string, file: string, today: string): readonly ForeignRule[] {
  const rules = documentsOf(text, file).map((document) => readRule(document, today));
  if (rules.length > 0) return rules;
  throw new PortcullisError('rule/bad-import', 'the file holds no Sigma rule', { place: file });
}

function documentsOf(text: string, file: string): readonly unknown[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
  return documents
    .filter(({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null))
    .map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw notYaml(error.message, file, lines, error.pos[0], error);
      keepDigits(document);
      let missing: number | undefined;
      visit(document, {
        Alias: (_, alias) => {
          if (isAlias(alias) && alias.resolve(document) === undefined) missing = alias.range?.[0];
        },
      });
      if (missing !== undefined) throw notYaml('an alias has no anchor', file, lines, missing);
      try {
        return document.toJS({ maxAliasCount: 100 }) as unknown;
      } catch (error_) {
        throw notYaml('its aliases unpack to too much', file, lines, 0, error_);
      }
    });
}

function notYaml(
  problem: string,
  file: string,
  lines: LineCounter,
  offset: number,
  cause?: unknown,
): PortcullisError {
  const { line, col } = lines.linePos(offset);
  return new PortcullisError('rule/bad-import', `not YAML: ${problem}`, {
    place: `${file}:${Math.max(1, line)}:${Math.max(1, col)}`,
    cause,
  });
}

/** The number of an account may begin with a zero, and may have more digits than a number keeps. */
function keepDigits(document: Document): void {
  visit(document, {
    Scalar: (_, scalar) => {
      const { source, value } = scalar;
      const isNumber = isScalar(scalar) && typeof value === 'number' && source !== undefined;
      if (isNumber && /^\d+$/.test(source) && source !== String(value)) scalar.value = source;
    },
  });
}

/** Fields that tell where a rule stands among others, and not what it is. */
const passedOver = ['name', 'scope', 'regression_tests_path', 'simulation', 'enrichment'];

function readRule(document: unknown, today: string): ForeignRule {
  const losses = new Losses();
  if (!isObject(document)) {
    losses.refuse('', 'is not a mapping');
    return { name: '', draft: null, losses: losses.found };
  }
  const rule = new ForeignObject(document, '', losses);
  const name = oneLine(rule.text('title') ?? '');
  const draft = readDraft(rule, document, name, today, losses);
  if (draft !== null) rule.nameOthers('has no equal here; it is left out');
  return { name, draft: losses.isFatal ? null : draft, losses: losses.found };
}

/** Documents that are no rule over single records. */
const kinds: Readonly<Record<string, string>> = {
  correlation: 'joins the matches of other rules, which is not supported',
  filter: 'narrows other rules, which is not supported',
  action: 'spreads a rule over several documents, the old way of writing several',
};

function readDraft(
  rule: ForeignObject,
  document: JsonObject,
  name: string,
  today: string,
  losses: Losses,
): LogRuleDraft | null {
  const kind = Object.keys(kinds).find((key) => Object.hasOwn(document, key));
  if (kind !== undefined) {
    losses.refuse(kind, kinds[kind] ?? '');
    return null;
  }
  if (name === '') losses.refuse('title', 'is missing');
  else if (ruleIdOf(name) === null) {
    losses.refuse('title', 'has no letter or digit of which to make an id');
  }
  const taxonomy = rule.text('taxonomy') ?? 'sigma';
  if (taxonomy !== 'sigma') losses.refuse('taxonomy', `is ${taxonomy}; fields are named otherwise`);
  const needs = readLogSource(rule, losses);
  const detection = rule.any('detection');
  if (!isObject(detection)) losses.refuse('detection', 'is missing');
  const query = isObject(detection) ? readDetection(detection, losses) : null;
  const severity = readLevel(rule, losses);
  const day = dayOf(rule.any('modified')) ?? dayOf(rule.any('date')) ?? today;
  const status = rule.text('status');
  rule.passOver(['modified', 'date', ...passedOver]);
  return {
    id: ruleIdOf(name) ?? '',
    name,
    version: '1.0.0',
    enabled: status === 'deprecated' || status === 'unsupported' ? false : undefined,
    cases: [{ severity, condition: 'matches > 0' }],
    tags: readTags(rule, losses),
    references: readReferences(rule, losses),
    goal: rule.text('description')?.trim() || name,
    strategy: strategyOf(rule, status, needs),
    log: {
      queries: [
        {
          name: 'matches',
          query: query === null ? '*' : printQuery(and([cloudTrail, query])),
          hasOptionalGroupByFields: true,
        },
      ],
    },
    groupBy,
    triage: triageOf(rule),
    title: extendedTitle(name, groupBy),
    message: messageOf(rule),
    changelog: [{ version: '1.0.0', date: day, changes: ['Imported from Sigma.'] }],
  };
}

/** Sigma alerts on each record; here the alerts of one caller are one signal. */
const groupBy = ['@userIdentity.arn'];

/** True of every record; it tells people, and Datadog, which records these are. */
const cloudTrail = {
  kind: 'match',
  attribute: { kind: 'reserved', name: 'source' },
  test: { kind: 'equals', value: 'cloudtrail' },
} as const;

/** What the log source says one has to set up; empty when nothing. */
function readLogSource(rule: ForeignObject, losses: Losses): string {
  const source = rule.object('logsource');
  const [product, service, category] = ['product', 'service', 'category'].map((key) =>
    source?.text(key),
  );
  if (product !== 'aws' || service !== 'cloudtrail' || category !== undefined) {
    const named = [product, service, category].filter((part) => part !== undefined).join(' ');
    losses.refuse('logsource', `is ${named || 'missing'}; it should be aws cloudtrail`);
  }
  return oneLine(source?.text('definition') ?? '');
}

const severities: Readonly<Record<string, Severity>> = {
  informational: 'info',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
};

function readLevel(rule: ForeignObject, losses: Losses): Severity {
  const level = rule.text('level');
  if (level === undefined) {
    losses.add('level', 'is missing; medium stands in its place');
    return 'medium';
  }
  const severity = Object.hasOwn(severities, level) ? severities[level] : undefined;
  if (severity === undefined) losses.refuse('level', `is ${JSON.stringify(level)}, which is none`);
  return severity ?? 'medium';
}

/** `2023-10-28`, and `2023/10/28` as rules were dated before. */
function dayOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const day = value.replaceAll('/', '-');
  const { date } = logRuleFileSchema.shape.changelog.element.shape;
  return date.safeParse(day).success ? day : null;
}

function readTags(rule: ForeignObject, losses: Losses): string[] {
  return (rule.texts('tags') ?? []).flatMap((tag, index) => {
    const known = tagFromSigma(tag);
    if (known === null) losses.add(`tags[${index}]`, `is ${JSON.stringify(tag)}; it is left out`);
    return known === null ? [] : [known];
  });
}

function readReferences(rule: ForeignObject, losses: Losses): string[] {
  const { element } = logRuleFileSchema.shape.references.unwrap();
  return (rule.texts('references') ?? []).flatMap((reference, index) => {
    const address = reference.trim().replace(/^http:/, 'https:');
    if (element.safeParse(address).success) {
      if (address !== reference.trim()) {
        losses.add(`references[${index}]`, 'begins with http://; https:// stands in its place');
      }
      return [address];
    }
    losses.add(`references[${index}]`, 'is no address that begins with https://; it is left out');
    return [];
  });
}

function strategyOf(rule: ForeignObject, status: string | undefined, needs: string): string {
  const related = rule.any('related');
  const others = (Array.isArray(related) ? (related as readonly unknown[]) : []).flatMap((other) =>
    isObject(other) && typeof other['id'] === 'string' ? [other['id']] : [],
  );
  const source = [
    `From the Sigma rule ${rule.text('id') ?? 'without an id'}`,
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(rule.has('author') ? [`by ${oneLine(rule.text('author') ?? '')}`] : []),
    ...(rule.has('license') ? [`under ${oneLine(rule.text('license') ?? '')}`] : []),
    ...(others.length === 0 ? [] : [`related to ${others.join(', ')}`]),
  ];
  return [
    'Look for records that match the query; those of one caller make one signal.',
    ...(needs === '' ? [] : [`It needs: ${needs}`]),
    `${source.map(oneLine).join(', ')}.`,
  ].join('\n\n');
}

function triageOf(rule: ForeignObject): NonNullable<LogRuleDraft['triage']> {
  const stated = rule.any('falsepositives');
  const list: readonly unknown[] = Array.isArray(stated) ? stated : [stated];
  const harmless = list
    .filter((text) => typeof text === 'string')
    .map((text) => asTemplate(oneLine(text)))
    .filter((text) => text !== '');
  return [
    {
      step: 'Find out whether `{{@userIdentity.session_name}}` was meant to call `{{@evt.name}}`.',
      details: harmless.map((text) => `Known to be harmless: ${text}`),
    },
    { step: 'If not, look at what else the caller did, and rotate the credentials.' },
  ];
}

/** Who did what, and the fields that the rule's author thought worth showing. */
function messageOf(rule: ForeignObject): string {
  const fields = rule.any('fields');
  const shown = (Array.isArray(fields) ? (fields as readonly unknown[]) : []).flatMap((field) => {
    const line = typeof field === 'string' ? `- \`${field}\`: \`{{@${field}}}\`` : '';
    return line !== '' && isTemplate(line) && !/[`\n]/.test(String(field)) ? [line] : [];
  });
  const call =
    '`{{@evt.name}}` of `{{@eventSource}}`, called by `{{@userIdentity.session_name}}` from ' +
    '`{{@network.client.ip}}` in `{{@awsRegion}}`.';
  return [call, ...(shown.length === 0 ? [] : [shown.join('\n')])].join('\n\n').concat('\n');
}
