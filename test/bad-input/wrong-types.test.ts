// Records with a value of the wrong type at every path. A call that mattered still tells what it
// did, or is reported; nothing in a record makes the reader crash, and none vanishes silently.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isObject } from '../../src/model/json.ts';
import { detect, type DetectResult } from '../../src/pipeline.ts';
import { exposureRule, portRule } from '../oracle/rules.ts';
import { opening } from './bad-files.ts';

const rules = [
  portRule('admin', [22], {}, { cases: [{ where: '@userIdentity.invokedBy:x', severity: 'low' }] }),
  exposureRule('other', { protocols: ['tcp', 'udp'] }),
];

type Path = readonly (string | number)[];

const row = {
  groupOwnerId: '111122223333',
  groupId: 'sg-1',
  securityGroupRuleId: 'sgr-1',
  isEgress: false,
  ipProtocol: 'tcp',
  fromPort: 22,
  toPort: 22,
  cidrIpv4: '0.0.0.0/0',
};
const flat = opening('sg-1');
const nested = opening('sg-1', {
  requestParameters: {
    groupId: 'sg-1',
    ipPermissions: {
      items: [
        {
          ipProtocol: 'tcp',
          fromPort: 22,
          toPort: 22,
          groups: {},
          ipRanges: { items: [{ cidrIp: '0.0.0.0/0', description: 'd' }] },
          ipv6Ranges: { items: [{ cidrIpv6: '::/0' }] },
          prefixListIds: {},
        },
      ],
    },
  },
});
const answered = opening('sg-1', {
  requestParameters: { omitted: true, reason: 'too large' },
  responseElements: { _return: true, securityGroupRuleSet: { items: [row] } },
});
const modified = opening('sg-1', {
  eventName: 'ModifySecurityGroupRules',
  requestParameters: {
    ModifySecurityGroupRulesRequest: {
      GroupId: 'sg-1',
      SecurityGroupRule: {
        SecurityGroupRuleId: 'sgr-1',
        tag: 1,
        SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIpv4: '0.0.0.0/0' },
      },
    },
  },
});
const revoked = (requestParameters: unknown, responseElements: unknown = { _return: true }) =>
  opening('sg-1', {
    eventID: 'event-revoke',
    eventTime: '2026-03-01T08:10:00Z',
    eventName: 'RevokeSecurityGroupIngress',
    requestParameters,
    responseElements,
  });
const byContent = revoked(flat.requestParameters);
const byId = revoked({
  groupId: 'sg-1',
  securityGroupRuleIds: { items: [{ securityGroupRuleId: 'sgr-1' }] },
});
const byAnswer = revoked(
  { omitted: true },
  { _return: true, revokedSecurityGroupRuleSet: { items: [row] } },
);
const deleted = opening('sg-1', {
  eventID: 'event-delete',
  eventTime: '2026-03-01T08:10:00Z',
  eventName: 'DeleteSecurityGroup',
  requestParameters: { groupId: 'sg-1' },
});
const namesList = opening('sg-1', {
  requestParameters: {
    groupId: 'sg-1',
    ipPermissions: {
      items: [
        {
          ipProtocol: 'tcp',
          fromPort: 22,
          toPort: 22,
          prefixListIds: { items: [{ prefixListId: 'pl-1' }] },
        },
      ],
    },
  },
});
const listCreated = opening('sg-none', {
  eventID: 'event-list',
  eventTime: '2026-03-01T07:00:00Z',
  eventName: 'CreateManagedPrefixList',
  requestParameters: {
    CreateManagedPrefixListRequest: {
      PrefixListName: 'all',
      AddressFamily: 'IPv4',
      MaxEntries: 1,
      Entry: { Cidr: '0.0.0.0/0', tag: 1 },
    },
  },
  responseElements: {
    CreateManagedPrefixListResponse: { prefixList: { prefixListId: 'pl-1', version: 1 } },
  },
});

/** A call whose effect is known, the calls it needs around it, and how to see that it counted. */
type Subject = {
  readonly it: string;
  readonly record: object;
  readonly around: readonly object[];
  readonly counted: (result: DetectResult) => boolean;
};

const isOpen = ({ exposures }: DetectResult) =>
  exposures.some(({ ruleId, closedAt }) => ruleId === 'admin' && closedAt === null);
const isShut = ({ exposures }: DetectResult) =>
  exposures.some(({ ruleId }) => ruleId === 'admin') &&
  exposures.every(({ closedAt }) => closedAt !== null);

const subjects: readonly Subject[] = [
  { it: 'a flat opening', record: flat, around: [], counted: isOpen },
  { it: 'a nested opening', record: nested, around: [], counted: isOpen },
  { it: 'an answered opening', record: answered, around: [], counted: isOpen },
  { it: 'an opening by modification', record: modified, around: [], counted: isOpen },
  { it: 'an opening through a list', record: namesList, around: [listCreated], counted: isOpen },
  { it: 'the creation of a list', record: listCreated, around: [namesList], counted: isOpen },
  { it: 'a removal by content', record: byContent, around: [flat], counted: isShut },
  { it: 'a removal by id', record: byId, around: [answered], counted: isShut },
  { it: 'a removal told by its answer', record: byAnswer, around: [flat], counted: isShut },
  { it: 'a deletion', record: deleted, around: [flat], counted: isShut },
];

/** Every path in a value, leaves and branches. */
function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  const inner = Array.isArray(value)
    ? value.flatMap((item: unknown, index) => pathsIn(item, [...at, index]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => pathsIn(item, [...at, key]))
      : [];
  return at.length === 0 ? inner : [at, ...inner];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      Array.isArray(inner)
        ? (inner as unknown[])[Number(key)]
        : isObject(inner)
          ? inner[key]
          : undefined,
    value,
  );
}

const gone = Symbol('gone');

/** A copy of the value with another one at the path, or with nothing there. */
function withValue(value: unknown, path: Path, replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) =>
      index !== key
        ? [item]
        : rest.length === 0 && replacement === gone
          ? []
          : [withValue(item, rest, replacement)],
    );
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) =>
      name !== key
        ? [[name, item]]
        : rest.length === 0 && replacement === gone
          ? []
          : [[name, withValue(item, rest, replacement)]],
    ),
  );
}

const kindOf = (value: unknown) =>
  value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;

const oddValues: readonly unknown[] = [
  gone,
  null,
  true,
  0,
  -7,
  1.5,
  1e300,
  'odd',
  '',
  [],
  [[]],
  [null],
  {},
  { items: null },
  { items: 7 },
  { items: [null, 7, 'odd', [], {}] },
  { item: {} },
  JSON.parse('{"__proto__":{"items":[]},"toString":1,"constructor":2}'),
];

/**
 * Where a value of another type rightly makes the call another one, or one that did nothing here:
 * without its name a record is not known for what it is; 0 is the number of a protocol; a list may
 * be created empty; and a removal may name a row that is not there.
 */
function meansSomethingElse(path: Path, odd: unknown, isRemoval: boolean): boolean {
  const name = String(path.at(-1));
  const isNothing = odd === gone || odd === null;
  if (path[0] === 'eventName') return true;
  if (/^ipProtocol$/i.test(name)) return odd === 0;
  if (name === 'Entry') return isNothing || (Array.isArray(odd) && odd.length === 0);
  if (!isRemoval) return false;
  if (path.includes('securityGroupRuleIds')) return odd === 'odd';
  return /^(from|to)Port$/.test(name) && (isNothing || odd === '');
}

describe.each(subjects)('$it with a wrong type anywhere', ({ record, around, counted }) => {
  it('counts as it is', () => {
    const result = detect([record, ...around], { rules });
    expect(counted(result)).toBe(true);
    expect(result.problems).toEqual([]);
    expect(result.undetermined).toEqual([]);
  });

  it('counts all the same, or is reported', () => {
    const silent: string[] = [];
    for (const path of pathsIn(record)) {
      const original = valueAt(record, path);
      for (const odd of oddValues) {
        if (kindOf(odd) === kindOf(original)) continue;
        if (meansSomethingElse(path, odd, counted === isShut)) continue;
        const result = detect([withValue(record, path, odd), ...around], { rules });
        const reported = result.problems.length + result.undetermined.length > 0;
        if (!reported && !counted(result)) {
          silent.push(`${path.join('.')} = ${odd === gone ? 'gone' : JSON.stringify(odd)}`);
        }
      }
    }
    expect(silent).toEqual([]);
  });
});

describe('a record that is wrong in several places', () => {
  it('never makes the reader crash, and leaves the others alone', () => {
    const good = opening('sg-good', { eventID: 'event-good' });
    const anything = fc.anything({ withNullPrototype: true, maxDepth: 3 });
    const mutations = fc.array(
      fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...oddValues), anything)),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(fc.constantFrom(...subjects), mutations, ({ record, around }, changes) => {
        let odd: unknown = record;
        for (const [choice, value] of changes) {
          const paths = pathsIn(odd);
          const path = paths[choice % Math.max(1, paths.length)];
          if (path) odd = withValue(odd, path, value);
        }
        // As it would come out of a file.
        const read: unknown = JSON.parse(JSON.stringify(odd, jsonSafe) ?? 'null');
        const { exposures, signals } = detect([read, ...around, good], { rules });
        expect(exposures.some(({ groupId }) => groupId === 'sg-good')).toBe(true);
        expect(signals.every(({ title }) => typeof title === 'string')).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('may be no record at all', () => {
    const good = opening('sg-good');
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), (values) => {
        const { exposures, problems } = detect([...values, good], { rules });
        expect(exposures.map(({ groupId }) => groupId)).toContain('sg-good');
        expect(problems.map(({ record }) => record)).toEqual(
          values.flatMap((value, index) => (isObject(value) ? [] : [index])),
        );
      }),
      { numRuns: 500 },
    );
  });
});

function jsonSafe(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
