// From the text of a rule.yaml to its checked fields. Every error of the file is found in one go,
// each with line and column; a file with an error gives no rule at all.

import { PortcullisError } from '../errors/portcullis-error.ts';
import { compileQuery, QueryError } from '../query/index.ts';
import { compileTemplate, TemplateError } from '../template/index.ts';
import { own } from '../model/json.ts';
import { logRuleErrors } from './check-log-rule.ts';
import { checkShape, fieldError, pathText } from './check-shape.ts';
import { isLogRuleFile } from './rule-kind.ts';
import {
  logRuleFileSchema,
  ruleFileSchema,
  type ExposureRuleFile,
  type RuleFile,
} from './rule-schema.ts';
import { readYaml, type YamlFile, type YamlPath } from './yaml-file.ts';

export type ParsedRule =
  | { readonly ok: true; readonly data: RuleFile }
  | { readonly ok: false; readonly errors: readonly PortcullisError[] };

/**
 * @param file the path shown in errors
 * @param folder the name of the folder that holds the file
 */
export function parseRule(text: string, file: string, folder: string): ParsedRule {
  let yaml: YamlFile;
  try {
    yaml = readYaml(text, file);
  } catch (error) {
    if (error instanceof PortcullisError) return { ok: false, errors: [error] };
    throw error;
  }
  // The body says which kind of rule it is.
  const isLogRule = own(yaml.data, 'log') !== undefined;
  const shape = isLogRule ? checkShape(logRuleFileSchema, yaml) : checkShape(ruleFileSchema, yaml);
  if (!shape.ok) return shape;
  const { data } = shape;
  const errors = [
    ...idErrors(data, yaml, folder),
    ...(isLogRuleFile(data) ? logRuleErrors(data, yaml) : exposureErrors(data, yaml)),
    ...optionErrors(data, yaml),
    ...changelogErrors(data, yaml),
    ...queryErrors(data, yaml),
    ...templateErrors(data, yaml),
  ];
  return errors.length === 0 ? shape : { ok: false, errors };
}

type Check = (data: RuleFile, yaml: YamlFile) => readonly PortcullisError[];

function idErrors(data: RuleFile, yaml: YamlFile, folder: string): readonly PortcullisError[] {
  if (data.id === folder) return [];
  const hint = 'Rename the folder or the id, so that they are equal.';
  const expected = `${folder}, the name of the folder`;
  return [fieldError(yaml, ['id'], expected, { hint })];
}

function exposureErrors(
  { exposure }: ExposureRuleFile,
  yaml: YamlFile,
): readonly PortcullisError[] {
  const path = ['exposure'];
  if (exposure.ports === undefined && exposure.otherPorts === undefined) {
    const found = 'names no ports';
    const hint = 'Add a list of ports, or otherPorts to watch every port that no other rule names.';
    return [fieldError(yaml, path, 'either ports or otherPorts', { found, hint })];
  }
  if (exposure.ports !== undefined && exposure.otherPorts !== undefined) {
    const found = 'stands beside ports';
    return [fieldError(yaml, [...path, 'otherPorts'], 'only one of the two', { found })];
  }
  const seen = new Set<number>();
  return (exposure.ports ?? []).flatMap(({ port }, index) => {
    if (!seen.has(port)) {
      seen.add(port);
      return [];
    }
    return [fieldError(yaml, [...path, 'ports', index, 'port'], 'each port once')];
  });
}

const optionErrors: Check = ({ options: { keepAlive, maxSignalDuration } }, yaml) =>
  keepAlive <= maxSignalDuration
    ? []
    : [
        fieldError(
          yaml,
          ['options', 'keepAlive'],
          `at most maxSignalDuration, which is ${maxSignalDuration}`,
        ),
      ];

const changelogErrors: Check = ({ version, changelog }, yaml) => {
  const errors: PortcullisError[] = [];
  if (changelog[0]?.version !== version) {
    const hint = `Add an entry for ${version} at the top of the changelog, or correct the version.`;
    errors.push(
      fieldError(yaml, ['changelog', 0, 'version'], `${version}, the version of the rule`, {
        hint,
      }),
    );
  }
  for (const [index, entry] of changelog.entries()) {
    const newer = changelog[index - 1];
    if (newer === undefined) continue;
    const hint = 'The newest version stands first.';
    if (compareVersions(entry.version, newer.version) >= 0) {
      const expected = `a version before ${newer.version}, which stands above it`;
      errors.push(fieldError(yaml, ['changelog', index, 'version'], expected, { hint }));
    }
    if (entry.date > newer.date) {
      const expected = `a day not after ${newer.date}, which stands above it`;
      errors.push(fieldError(yaml, ['changelog', index, 'date'], expected, { hint }));
    }
  }
  return errors;
};

/** Semantic versioning's order, without build metadata. https://semver.org/#spec-item-11 */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = split(a);
  const [coreB, preB] = split(b);
  for (const index of [0, 1, 2]) {
    const difference = Number(coreA[index]) - Number(coreB[index]);
    if (difference !== 0) return difference;
  }
  if (preA === undefined || preB === undefined) {
    return Number(preA === undefined) - Number(preB === undefined);
  }
  for (let index = 0; index < Math.max(preA.length, preB.length); index += 1) {
    const order = compareIdentifiers(preA[index], preB[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function split(version: string): readonly [readonly string[], readonly string[] | undefined] {
  const hyphen = version.indexOf('-');
  return hyphen === -1
    ? [version.split('.'), undefined]
    : [version.slice(0, hyphen).split('.'), version.slice(hyphen + 1).split('.')];
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined);
  const [numberA, numberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numberA && numberB) return Number(a) - Number(b);
  if (numberA !== numberB) return numberA ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

const queryErrors: Check = (data, yaml) => {
  if (isLogRuleFile(data)) {
    const { queries, filters } = data.log;
    return [
      ...queries.flatMap(({ query }, at) =>
        queryError(query, ['log', 'queries', at, 'query'], yaml),
      ),
      ...filters.flatMap(({ query }, at) =>
        queryError(query, ['log', 'filters', at, 'query'], yaml),
      ),
    ];
  }
  return [
    ...data.cases.flatMap(({ where }, at) => queryError(where, ['cases', at, 'where'], yaml)),
    ...queryError(data.exposure.where, ['exposure', 'where'], yaml),
  ];
};

function queryError(
  query: string | undefined,
  path: YamlPath,
  yaml: YamlFile,
): readonly PortcullisError[] {
  if (query === undefined) return [];
  try {
    compileQuery(query);
    return [];
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const [line = '', caret = ''] = error.render().split('\n');
    return [
      new PortcullisError(
        'rule/bad-query',
        `the query ${pathText(path)} does not parse:\n  ${line}\n  ${caret}`,
        { place: yaml.placeWithin(path, error.position), hint: error.hint, cause: error },
      ),
    ];
  }
}

const templateErrors: Check = ({ title, message, triage }, yaml) => [
  ...templateError(title, ['title'], yaml),
  ...templateError(message, ['message'], yaml),
  ...triage.flatMap(({ step, details, commands }, index) => [
    ...templateError(step, ['triage', index, 'step'], yaml),
    ...details.flatMap((text, at) => templateError(text, ['triage', index, 'details', at], yaml)),
    ...commands.flatMap((text, at) => templateError(text, ['triage', index, 'commands', at], yaml)),
  ]),
];

function templateError(
  template: string,
  path: YamlPath,
  yaml: YamlFile,
): readonly PortcullisError[] {
  try {
    compileTemplate(template);
    return [];
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return [
      new PortcullisError('rule/bad-template', `${pathText(path)}: ${error.message}`, {
        place: yaml.placeWithin(path, offsetOf(template, error.line, error.column)),
        hint: error.hint,
        cause: error,
      }),
    ];
  }
}

/** Lines and columns count from 1. */
function offsetOf(text: string, line: number, column: number): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
}
