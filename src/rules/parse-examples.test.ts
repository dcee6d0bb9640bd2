import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PortcullisError } from '../errors/portcullis-error.ts';
import { isObject } from '../model/json.ts';
import { mergePatch, parseExamples, type Example } from './parse-examples.ts';

// Line numbers matter here: the tests below name them.
const valid = `base:
  eventID: e
  eventTime: '2026-03-01T08:00:00Z'
  eventName: Authorize
  requestParameters: { a: 1, b: { c: [1, 2] } }
records:
  other:
    patch: { requestParameters: { a: 2 } }
  further:
    like: other
    patch: { requestParameters: { b: null } }
cases:
  - name: the base
    fires: [{ ports: [22, '80-90/udp'], severity: high, closedAt: null }]
  - name: a patch
    patch: { eventName: Revoke }
    quiet: It removes.
  - name: a record with a patch on it
    like: further
    patch: { x: 1 }
    undetermined: Who knows.
  - name: a sequence
    records:
      - like: other
      - {}
      - patch: { eventID: own, eventTime: '2026-03-02T00:00:00Z' }
    rejected: Why not.
`;

const file = 'rules/my-rule/examples.yaml';

function examplesOf(text: string): readonly Example[] {
  const result = parseExamples(text, file);
  return result.ok ? result.examples : [];
}

function errorOf(from: string | RegExp, to: string): PortcullisError {
  const text = valid.replace(from, to);
  expect(text).not.toBe(valid);
  const result = parseExamples(text, file);
  const errors = result.ok ? [] : result.errors;
  expect(errors.map((error) => error.message)).toHaveLength(1);
  return errors[0]!;
}

function firstErrorOf(text: string): PortcullisError | undefined {
  const result = parseExamples(text, file);
  return result.ok ? undefined : result.errors[0];
}

describe('the records of a case', () => {
  const [base, patched, named, sequence] = examplesOf(valid);

  test('are the base where nothing else is said', () => {
    expect(base?.records).toEqual([
      {
        eventID: 'e',
        eventTime: '2026-03-01T08:00:00Z',
        eventName: 'Authorize',
        requestParameters: { a: 1, b: { c: [1, 2] } },
      },
    ]);
  });

  test('are the base with a patch', () => {
    expect(patched?.records).toMatchObject([
      { eventName: 'Revoke', eventTime: '2026-03-01T08:00:00Z' },
    ]);
  });

  test('are a named record, with all that it is like, and a patch on top', () => {
    expect(named?.records).toMatchObject([{ requestParameters: { a: 2 }, x: 1 }]);
    expect(named?.records[0]?.['requestParameters']).toEqual({ a: 2 });
  });

  test('in a sequence are events of their own, a minute apart, unless they say otherwise', () => {
    expect(sequence?.records.map(({ eventID, eventTime }) => [eventID, eventTime])).toEqual([
      ['e', '2026-03-01T08:00:00Z'],
      ['e-2', '2026-03-01T08:01:00Z'],
      ['own', '2026-03-02T00:00:00Z'],
    ]);
  });

  test('do not change the base of the next case', () => {
    expect(examplesOf(valid)[0]?.records).toEqual(base?.records);
  });
});

test('what is expected is read, and the place of the case', () => {
  expect(examplesOf(valid).map(({ name, place, expected }) => [name, place, expected])).toEqual([
    [
      'the base',
      `${file}:13:5`,
      {
        signals: [{ ports: ['22', '80-90/udp'], severity: 'high', closedAt: null }],
        quiet: null,
        undetermined: null,
        rejected: null,
      },
    ],
    [
      'a patch',
      `${file}:15:5`,
      { signals: [], quiet: 'It removes.', undetermined: null, rejected: null },
    ],
    [
      'a record with a patch on it',
      `${file}:18:5`,
      { signals: [], quiet: null, undetermined: 'Who knows.', rejected: null },
    ],
    [
      'a sequence',
      `${file}:22:5`,
      { signals: [], quiet: null, undetermined: null, rejected: 'Why not.' },
    ],
  ]);
});

describe('what is wrong is an error at its line and column', () => {
  test.each([
    ['no cases', /cases:\n[^]*/, 'cases: []\n', '12:8', /^cases is an empty list/],
    ['no base', /base:\n(?: .*\n)*/, '', '1:1', /^base is missing; expected a mapping: a record/],
    ['a misspelled outcome', 'quiet:', 'queit:', '17:5', /^unknown field "queit"/],
    [
      'a severity that there is not',
      'severity: high',
      'severity: hi',
      '14:51',
      /^cases\[0\]\.fires\[0\]\.severity is "hi"/,
    ],
    [
      'a port that is no port',
      "'80-90/udp'",
      'http',
      '14:27',
      /^cases\[0\]\.fires\[0\]\.ports\[1\] is "http"; expected a port such as 22/,
    ],
    [
      'a time with a zone',
      'closedAt: null',
      'closedAt: 2026-03-01T08:00:00+01:00',
      '14:67',
      /closedAt is "2026-.*; expected a time as CloudTrail writes it/,
    ],
    [
      'a record that is not there',
      'like: further',
      'like: furthr',
      '19:11',
      /^cases\[2\]\.like is "furthr"; expected other, further$/,
    ],
    [
      'a record like itself',
      'like: other\n    patch',
      'like: further\n    patch',
      '10:11',
      /^records\.further\.like is "further"; expected the name of a record that is not/,
    ],
    [
      'a name that two cases have',
      'name: a patch',
      'name: the base',
      '15:11',
      /^cases\[1\]\.name is "the base"; expected a name that no other case has$/,
    ],
    [
      'a case that expects nothing',
      '    quiet: It removes.\n',
      '',
      '15:5',
      /^cases\[1\] does not say what to expect/,
    ],
    [
      'a case that is quiet and fires',
      'quiet: It',
      'undetermined: x\n    quiet: It',
      '18:12',
      /^cases\[1\]\.quiet stands beside another outcome/,
    ],
    [
      'records beside a patch',
      '    records:\n',
      '    patch: {}\n    records:\n',
      '25:7',
      /^cases\[3\]\.records stands beside like or patch/,
    ],
  ] as const)('%s', (_, from, to, place, message) => {
    // A record like itself is wrong wherever it is used, too; one place is enough to look at.
    const error =
      from === 'like: other\n    patch' ? firstErrorOf(valid.replace(from, to)) : errorOf(from, to);
    expect(error?.code).toBe('rule/bad-field');
    expect(error?.message).toMatch(message);
    expect(error?.place).toBe(`${file}:${place}`);
  });

  test('a misspelled record has a hint', () => {
    expect(errorOf('like: further', 'like: furthr').hint).toBe('Did you mean `further`?');
  });
});

describe('a patch', () => {
  const json = fc.dictionary(
    fc.constantFrom('a', 'b', '__proto__', 'constructor'),
    fc.oneof(fc.integer(), fc.constant(null), fc.dictionary(fc.string(), fc.integer())),
  );

  test('that is the target with nothing removed changes nothing', () => {
    fc.assert(
      fc.property(json, (target) => {
        const withoutNull = mergePatch({}, target);
        expect(mergePatch(withoutNull, withoutNull)).toEqual(withoutNull);
      }),
    );
  });

  test('applied twice does what it does once', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  test('leaves no field that it set to null', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const merged = mergePatch(target, patch);
        for (const [key, value] of Object.entries(patch)) {
          expect(isObject(merged) && Object.hasOwn(merged, key)).toBe(value !== null);
        }
      }),
    );
  });

  test('replaces a list as a whole', () => {
    expect(mergePatch({ a: [1, 2, 3] }, { a: [4] })).toEqual({ a: [4] });
  });
});
