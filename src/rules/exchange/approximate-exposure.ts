// An exposure rule as the log rule that comes nearest to it, for tools that ask of records alone. It
// is not the same rule, and in what it differs is said, point by point.

import type { ExposureBody, ExposureRule } from '../../model/rule.ts';
import { and, not, or, parseQuery, printQuery, type Query, type Test } from '../../query/index.ts';
import type { LogRuleFile } from '../rule-schema.ts';
import type { Loss } from './exchange.ts';
import { extendedTitle } from './signal-title.ts';

export type Approximation = { readonly file: LogRuleFile; readonly losses: readonly Loss[] };

export function approximateExposure(rule: ExposureRule): Approximation {
  const { exposure } = rule;
  const opening = openingQuery(exposure);
  const queries = severityQueries(rule, opening);
  const groupBy = [
    ...(rule.groupBy.length === 0 ? ['@userIdentity.arn'] : rule.groupBy),
    '@requestParameters.groupId',
  ];
  const file: LogRuleFile = {
    id: rule.id,
    name: rule.name,
    version: rule.version,
    enabled: rule.enabled,
    cases: queries.map(({ name, severity }) => ({
      name: '',
      severity,
      condition: `${name} > 0`,
      notifications: [],
    })),
    tags: [...rule.tags],
    references: [...rule.references],
    goal: rule.goal,
    strategy: rule.strategy,
    log: {
      detectionMethod: 'threshold',
      queries: queries.map(({ name, query }) => ({
        name,
        query: printQuery(query),
        aggregation: 'count',
        distinctFields: [],
        hasOptionalGroupByFields: true,
        metrics: [],
      })),
      filters: [],
      newValueOptions: {
        forgetAfter: 28 * 86_400,
        learningMethod: 'duration',
        learningDuration: 0,
        learningThreshold: 0,
        instantaneousBaseline: false,
      },
    },
    groupBy,
    options: {
      evaluationWindow: 300,
      keepAlive: Math.max(300, rule.options.keepAliveSeconds),
      maxSignalDuration: Math.max(300, rule.options.maxSignalDurationSeconds),
    },
    triage: rule.triage.map(({ step, details, commands }) => ({
      step,
      details: [...details],
      commands: [...commands],
    })),
    title: extendedTitle(rule.name, groupBy),
    message:
      '`{{@evt.name}}` on `{{@requestParameters.groupId}}`, called by ' +
      '`{{@userIdentity.session_name}}` from `{{@network.client.ip}}`.\n',
    changelog: rule.changelog.map(({ version, date, changes }) => ({
      version,
      date,
      changes: [...changes],
    })),
  };
  return { file, losses: exposureLosses(rule) };
}

/** In what a rule over records differs from one over the rows of a group. */
export function exposureLosses({ exposure }: ExposureRule): readonly Loss[] {
  const { ports, coverageThreshold } = exposure;
  const lost = (field: string, reason: string): Loss => ({ field, reason });
  return [
    lost(
      'exposure',
      'a source and a port may stand in two rows of one call: a query asks each list as a whole, ' +
        'not row by row',
    ),
    lost(
      'exposure',
      'what a group has already is not known: sources are not added up over rows and calls, and a ' +
        'row that was opened before counts again',
    ),
    lost(
      'exposure',
      'the end is not seen: rows that are revoked, replaced by private ones, or gone with their ' +
        'group leave the signal open until it runs out',
    ),
    lost('exposure', 'what a prefix list holds is not known: its rows count as closed'),
    lost(
      'exposure.coverageThreshold',
      `a share of ${coverageThreshold} of the addresses is asked for by the length of a single block`,
    ),
    ...(ports === null
      ? [
          lost(
            'exposure.otherPorts',
            'ports that other rules name or that are meant to be public are not left out',
          ),
        ]
      : []),
    lost('message', 'tells what one call asked for, not which ports of the group are open'),
  ];
}

type SeverityQuery = {
  readonly name: string;
  readonly query: Query;
  readonly severity: ExposureRule['severity'];
};

/** Each record in one query alone, by the first case that holds for it. */
function severityQueries(rule: ExposureRule, opening: Query): readonly SeverityQuery[] {
  const queries: SeverityQuery[] = [];
  const before: Query[] = [];
  for (const [index, { where, severity }] of rule.cases.entries()) {
    const asked = where === null ? null : parseQuery(where);
    const query = and([opening, ...before.map(not<Query>), ...(asked === null ? [] : [asked])]);
    queries.push({ name: `case_${index + 1}`, query, severity });
    if (asked === null) return queries;
    before.push(asked);
  }
  const query = and([opening, ...before.map(not<Query>)]);
  return [...queries, { name: 'otherwise', query, severity: rule.severity }];
}

function openingQuery(exposure: ExposureBody): Query {
  const where = exposure.where === null ? [] : [parseQuery(exposure.where)];
  return and<Query>([
    parseQuery('source:cloudtrail @eventSource:ec2.amazonaws.com -@error.kind:*'),
    or([authorized(exposure), modified(exposure)]),
    ...where,
  ]);
}

/** Where a call names what it opens. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html */
type Places = {
  readonly protocol: string;
  readonly fromPort: string;
  readonly toPort: string;
  readonly sources: readonly string[];
};

const request = 'requestParameters';
const items = `${request}.ipPermissions.items`;

const nested: Places = {
  protocol: `${items}.ipProtocol`,
  fromPort: `${items}.fromPort`,
  toPort: `${items}.toPort`,
  sources: [`${items}.ipRanges.items.cidrIp`, `${items}.ipv6Ranges.items.cidrIpv6`],
};

const flat: Places = {
  protocol: `${request}.ipProtocol`,
  fromPort: `${request}.fromPort`,
  toPort: `${request}.toPort`,
  sources: [`${request}.cidrIp`],
};

const row = `${request}.ModifySecurityGroupRulesRequest.SecurityGroupRule.SecurityGroupRule`;

const replaced: Places = {
  protocol: `${row}.IpProtocol`,
  fromPort: `${row}.FromPort`,
  toPort: `${row}.ToPort`,
  sources: [`${row}.CidrIpv4`, `${row}.CidrIpv6`],
};

function authorized(exposure: ExposureBody): Query {
  return and<Query>([
    match('evt.name', equals('AuthorizeSecurityGroupIngress')),
    or([opened(nested, exposure), opened(flat, exposure)]),
  ]);
}

function modified(exposure: ExposureBody): Query {
  return and<Query>([
    match('evt.name', equals('ModifySecurityGroupRules')),
    opened(replaced, exposure),
  ]);
}

function opened(places: Places, exposure: ExposureBody): Query {
  const wide = wideBlocks(exposure.coverageThreshold);
  const sources = places.sources.map((path) => match(path, wide));
  const everything = match(places.protocol, equals('-1'));
  const protocols = or<Test>(
    exposure.protocols.flatMap((name) => [name, numbers[name]]).map(equals),
  );
  const ports = exposure.ports?.map(({ port }) =>
    and<Query>([
      match(places.fromPort, { kind: 'compare', operator: '<=', value: port }),
      match(places.toPort, { kind: 'compare', operator: '>=', value: port }),
    ]),
  );
  const inRange = and<Query>([
    match(places.protocol, protocols),
    ...(ports === undefined ? [] : [or(ports)]),
  ]);
  return and<Query>([or(sources), or([everything, inRange])]);
}

/** Protocols by number, as a call may name them. */
const numbers = { tcp: '6', udp: '17' } as const;

/** The lengths of blocks that alone cover a share of the addresses, in either family. */
function wideBlocks(coverageThreshold: number): Test {
  const longest = Math.floor(-Math.log2(coverageThreshold));
  return or<Test>(
    Array.from({ length: Math.max(0, longest) + 1 }, (_, length) => ({
      kind: 'like',
      pattern: [{ wildcard: '*' }, `/${length}`],
    })),
  );
}

function match(path: string, test: Test): Query {
  return { kind: 'match', attribute: { kind: 'path', path }, test };
}

function equals(value: string): Test {
  return { kind: 'equals', value };
}
