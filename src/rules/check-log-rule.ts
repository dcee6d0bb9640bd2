// What ties the fields of a log rule's rule.yaml to each other: labels and conditions, aggregations
// and the attributes they need, windows. Shapes were checked before.

import { PortcullisError } from '../errors/portcullis-error.ts';
import { conditionLabels, parseCondition, type Condition } from '../query/condition.ts';
import { QueryError } from '../query/index.ts';
import { fieldError, pathText } from './check-shape.ts';
import { didYouMean } from './did-you-mean.ts';
import type { LogRuleFile } from './rule-schema.ts';
import { defaultQueryName } from './to-rule.ts';
import type { YamlFile, YamlPath } from './yaml-file.ts';

/** Values that a new-value query takes together; Datadog has the same limit. */
const mostMetrics = 5;

type Labels = ReadonlyMap<string, { readonly groupByCount: number }>;

/** Everything that is wrong with the rule, each with its place. */
export function logRuleErrors(data: LogRuleFile, yaml: YamlFile): readonly PortcullisError[] {
  const labels: Labels = new Map(
    data.log.queries.map(({ name, groupByFields }, index) => [
      name ?? defaultQueryName(index),
      { groupByCount: (groupByFields ?? data.groupBy).length },
    ]),
  );
  return [
    ...nameErrors(data, yaml),
    ...data.log.queries.flatMap((query, index) => attributeErrors(query, index, yaml)),
    ...data.cases.flatMap((_, index) => caseErrors(data, index, labels, yaml)),
    ...windowErrors(data, yaml),
  ];
}

function nameErrors({ log }: LogRuleFile, yaml: YamlFile): readonly PortcullisError[] {
  const seen = new Set<string>();
  return log.queries.flatMap(({ name }, index) => {
    const label = name ?? defaultQueryName(index);
    if (!seen.has(label)) {
      seen.add(label);
      return [];
    }
    const path = ['log', 'queries', index, ...(name === undefined ? [] : ['name'])];
    const found = `is called ${label}, as a query above it`;
    return [fieldError(yaml, path, 'a name that no other query has', { found })];
  });
}

function attributeErrors(
  { aggregation, distinctFields, metrics }: LogRuleFile['log']['queries'][number],
  index: number,
  yaml: YamlFile,
): readonly PortcullisError[] {
  const path = ['log', 'queries', index];
  const need = (
    list: readonly string[],
    field: string,
    most: number,
    expected: string,
  ): readonly PortcullisError[] => {
    if (list.length >= 1 && list.length <= most) return [];
    const found = `of the aggregation ${aggregation} names ${list.length === 0 ? 'none' : list.length} in ${field}`;
    return [fieldError(yaml, path, expected, { found })];
  };
  switch (aggregation) {
    case 'cardinality':
      return need(distinctFields, 'distinctFields', Infinity, 'the attributes to count');
    case 'sum':
    case 'max':
      return need(metrics, 'metrics', 1, 'the one attribute that holds the number');
    case 'new_value':
      return need(metrics, 'metrics', mostMetrics, `one to ${mostMetrics} attributes to watch`);
    case 'count':
    case 'geo_data':
    case 'event_count':
    case 'none':
      return [];
    default:
      return aggregation satisfies never;
  }
}

function caseErrors(
  { cases, log }: LogRuleFile,
  index: number,
  labels: Labels,
  yaml: YamlFile,
): readonly PortcullisError[] {
  const condition = cases[index]?.condition;
  const path = ['cases', index, 'condition'];
  if (condition === undefined) {
    if (log.detectionMethod !== 'threshold') return [];
    const hint = `Add one, such as ${[...labels.keys()][0] ?? 'a'} > 0.`;
    return [fieldError(yaml, ['cases', index], 'a condition', { found: 'has no condition', hint })];
  }
  let tree: Condition;
  try {
    tree = parseCondition(condition);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return [conditionError(error, path, yaml)];
  }
  const unknown = conditionLabels(tree).filter((label) => !labels.has(label));
  if (unknown.length > 0) return unknown.map((label) => unknownLabel(label, labels, path, yaml));
  return meets(tree, labels)
    ? []
    : [
        new PortcullisError(
          'rule/bad-condition',
          `${pathText(path)} joins queries with && that group by different numbers of attributes`,
          {
            place: yaml.place(path),
            hint: 'Their groups never meet: give them the same groupByFields, or join them with ||.',
          },
        ),
      ];
}

function conditionError(error: QueryError, path: YamlPath, yaml: YamlFile): PortcullisError {
  const [line = '', caret = ''] = error.render().split('\n');
  return new PortcullisError(
    'rule/bad-condition',
    `the condition ${pathText(path)} does not parse:\n  ${line}\n  ${caret}`,
    { place: yaml.placeWithin(path, error.position), hint: error.hint, cause: error },
  );
}

function unknownLabel(
  label: string,
  labels: Labels,
  path: YamlPath,
  yaml: YamlFile,
): PortcullisError {
  const known = [...labels.keys()];
  const meant = didYouMean(label, known);
  return new PortcullisError(
    'rule/bad-condition',
    `${pathText(path)} asks for ${label}, but the queries are ${known.join(', ')}`,
    {
      place: yaml.place(path),
      hint:
        meant === undefined
          ? 'Name one of the queries, or give a query this name.'
          : `Did you mean ${meant}?`,
    },
  );
}

/** Whether what `&&` joins can hold for one group: equally many group-by attributes. */
function meets(condition: Condition, labels: Labels): boolean {
  switch (condition.kind) {
    case 'compare':
      return true;
    case 'or':
      return condition.terms.every((term) => meets(term, labels));
    case 'and': {
      const counts = conditionLabels(condition).map((label) => labels.get(label)?.groupByCount);
      return new Set(counts).size === 1;
    }
    default:
      return condition satisfies never;
  }
}

function windowErrors({ log, options }: LogRuleFile, yaml: YamlFile): readonly PortcullisError[] {
  const { evaluationWindow, keepAlive } = options;
  if (log.detectionMethod !== 'threshold' || evaluationWindow <= keepAlive) return [];
  const expected = `at least evaluationWindow, which is ${evaluationWindow}`;
  return [fieldError(yaml, ['options', 'keepAlive'], expected, { found: `is ${keepAlive}` })];
}
