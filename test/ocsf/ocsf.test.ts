// What `--format ocsf` prints, held against the published OCSF 1.8.0 schema; and the validator that
// does so, held against findings that are broken on purpose.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Rule } from '../../src/model/rule.ts';
import type { ScanResult } from '../../src/model/scan-result.ts';
import { renderOcsf } from '../../src/render/ocsf.ts';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { scan } from '../../src/scan.ts';
import { arbitraryResult } from '../support/arbitrary-results.ts';
import {
  aContext,
  adminRule,
  aFullResult,
  anExposure,
  aScanResult,
} from '../support/scan-results.ts';
import { compileSchema, type OcsfSchema, schemaSource } from './compile-schema.ts';
import { validateEvent } from './ocsf-validator.ts';

const json = z.record(z.string(), z.unknown());
type Json = z.infer<typeof json>;

const corpus = resolve(import.meta.dirname, '../../../shared/corpus/invictus');
const isThere = existsSync(schemaSource);
let schema: OcsfSchema;

beforeAll(async () => {
  if (isThere) schema = await compileSchema();
});

function findings(result: ScanResult, context = aContext()): Json[] {
  const text = [...renderOcsf(result, context)].join('');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => json.parse(JSON.parse(line)));
}

function ruleOf(id: string): Rule {
  return { ...adminRule, id };
}

function errorsOf(event: unknown): string[] {
  return validateEvent(schema, event).errors.map(({ path, problem }) => `${path} ${problem}`);
}

describe.skipIf(!isThere)(`with the published schema in ${schemaSource}`, () => {
  describe('a finding', () => {
    test('is valid for every signal of a scan that finds a little of everything', () => {
      const found = findings(aFullResult());
      expect(found).toHaveLength(4);
      expect(found.flatMap(errorsOf)).toEqual([]);
    });

    test('is valid whatever a record holds, and whether or not its rule is known', () => {
      fc.assert(
        fc.property(arbitraryResult(), fc.boolean(), (result, isKnown) => {
          const rules = isKnown ? result.signals.map(({ ruleId }) => ruleOf(ruleId)) : [];
          const found = findings(result, aContext({ rules }));
          expect(found).toHaveLength(result.signals.length);
          expect(found.flatMap(errorsOf)).toEqual([]);
        }),
        { numRuns: 150 },
      );
    });

    test.skipIf(!existsSync(corpus))(`is valid for the real files in ${corpus}`, async () => {
      const rules = await loadRules([builtInRulesDirectory()]);
      const found = findings(await scan([corpus], { rules }), aContext({ rules }));
      expect(found.map((finding) => finding['type_name'])).toEqual(['Detection Finding: Close']);
      expect(found.flatMap(errorsOf)).toEqual([]);
      expect(at(found[0], 'evidences', 0, 'api')['operation']).toBe(
        'AuthorizeSecurityGroupIngress',
      );
    });

    test('leaves out a recommended attribute only for a reason', () => {
      const result = aScanResult({
        signals: [
          {
            exposures: [
              anExposure({
                vpcId: 'vpc-0123456789abcdef0',
                openedByEventName: 'AuthorizeSecurityGroupIngress',
              }),
            ],
          },
        ],
      });
      const { missingRecommended } = validateEvent(schema, findings(result)[0]);
      // Evidence and resources have attributes for every kind of thing that a product may have seen.
      const missing = missingRecommended.filter((path) => !/^(?:evidences|resources)\b/.test(path));
      expect(missing).toEqual([
        // CloudTrail has the number of an account only.
        'cloud.account.name',
        // A rule's tags name techniques, whatever the version of ATT&CK.
        'finding_info.attacks[].version',
        // The events are CloudTrail's own, not OCSF's.
        'finding_info.related_events[].severity_id',
        'finding_info.related_events[].type_uid',
        // Set by who receives findings, from several places or for several tenants.
        'metadata.reporter',
        'metadata.tenant_uid',
      ]);
    });
  });

  describe('the validator', () => {
    const broken: readonly [what: string, change: (finding: Json) => void, error: string][] = [
      ['a required attribute left out', (f) => delete f['severity_id'], 'severity_id is required'],
      [
        'a required attribute of an object left out',
        (f) => delete at(f, 'finding_info')['uid'],
        'finding_info.uid is required',
      ],
      [
        'a required attribute of an applied profile left out',
        (f) => delete f['cloud'],
        'cloud is required',
      ],
      [
        'an attribute of a profile that is not applied',
        (f) => (f['action_id'] = 1),
        'action_id belongs to a profile that is not applied: security_control',
      ],
      [
        'a profile that the class does not have',
        (f) => (at(f, 'metadata')['profiles'] = ['cloud', 'trace']),
        'metadata.profiles is not a profile of the class: "trace"',
      ],
      ['an unknown attribute', (f) => (f['sevrity'] = 1), 'sevrity is not in the schema'],
      [
        'an unknown attribute deep inside',
        (f) => (at(f, 'evidences', 0, 'actor', 'user')['nick'] = 'a'),
        'evidences[0].actor.user.nick is not in the schema',
      ],
      ['text for a number', (f) => (f['time'] = '1'), 'time is not of type long_t: "1"'],
      [
        'a fraction for a whole number',
        (f) => (f['time'] = 1.5),
        'time is not of type long_t: 1.5',
      ],
      ['null for a text', (f) => (f['message'] = null), 'message is not of type string_t: null'],
      ['a text for an object', (f) => (f['cloud'] = 'AWS'), 'cloud is not an object'],
      ['one for many', (f) => (f['resources'] = {}), 'resources is not an array'],
      ['many for one', (f) => (f['message'] = ['a']), 'message is not of type string_t: ["a"]'],
      [
        'a number outside of an enumeration',
        (f) => (f['severity_id'] = 7),
        'severity_id is not in the enumeration: 7',
      ],
      [
        'a caption that is not the number’s',
        (f) => (f['severity'] = 'Low'),
        'severity_id is "High", but severity is "Low"',
      ],
      [
        'an address that is none',
        (f) => (at(f, 'evidences', 0, 'src_endpoint')['ip'] = 'not an address'),
        'evidences[0].src_endpoint.ip does not look like ip_t: "not an address"',
      ],
      [
        'a port out of range',
        (f) => (at(f, 'evidences', 0, 'dst_endpoint')['port'] = 65_536),
        'evidences[0].dst_endpoint.port is out of range for port_t: 65536',
      ],
      [
        'none of several of which one is needed',
        (f) => (at(f, 'finding_info')['attacks'] = [{ version: '17.1' }]),
        'finding_info.attacks[0] needs at_least_one of tactic, technique, sub_technique',
      ],
      [
        'two of several of which just one may be there',
        (f) => (f['vulnerabilities'] = [{ cve: { uid: 'CVE-1' }, cwe: { uid: 'CWE-1' } }]),
        'vulnerabilities[0] needs just_one of advisory, cve, cwe',
      ],
      [
        'a deprecated attribute',
        (f) => (at(f, 'evidences', 0, 'actor')['invoked_by'] = 'a'),
        'evidences[0].actor.invoked_by is deprecated',
      ],
      [
        'a type that does not follow from class and activity',
        (f) => (f['type_uid'] = 200_499),
        'type_uid is not class_uid * 100 + activity_id',
      ],
      ['an unknown class', (f) => (f['class_uid'] = 2999), 'class_uid names no class: 2999'],
      [
        'another version of the schema',
        (f) => (at(f, 'metadata')['version'] = '1.7.0'),
        'metadata.version is not 1.8.0: "1.7.0"',
      ],
    ];

    test.each(broken)('objects to %s', (_, change, error) => {
      const [finding] = findings(aFullResult());
      if (finding === undefined) throw new Error('There is no finding.');
      expect(errorsOf(finding)).toEqual([]);
      change(finding);
      expect(errorsOf(finding)).toContain(error);
    });

    test('objects to what is no object', () => {
      expect(errorsOf('finding')).toEqual([' is not an object']);
    });
  });
});

/** The object at a path inside a finding, to change it there. */
function at(value: unknown, ...path: (string | number)[]): Json {
  const inner = path.reduce<unknown>(
    (outer, key) => (isObject(outer) ? outer[key] : undefined),
    value,
  );
  if (!isObject(inner)) throw new Error(`There is no object at ${path.join('.')}.`);
  return inner;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
