import { describe, expect, it, test } from 'vitest';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { parseSuppressions } from './parse-suppressions.ts';

function faultOf(text: string): unknown {
  try {
    return parseSuppressions(text, 'a.yaml');
  } catch (error) {
    if (!(error instanceof PortcullisError)) throw error;
    const { code, place, message, hint } = error;
    return { code, place, message, hint };
  }
}

const one = (fields: string): string => `suppressions:\n  - {${fields}}\n`;

describe('a file of suppressions', () => {
  it('gives each with its time in milliseconds; a day begins and ends with its edges', () => {
    const text = one(
      ' id: a, rule: all, query: "@exposures.port:22", reason: known, creator: me, start: 2026-03-02, end: 2026-03-06 ',
    );
    expect(parseSuppressions(text, 'a.yaml')).toEqual([
      {
        id: 'a',
        ruleId: null,
        query: '@exposures.port:22',
        reason: 'known',
        creator: 'me',
        startMs: Date.UTC(2026, 2, 2),
        endMs: Date.UTC(2026, 2, 7) - 1,
      },
    ]);
  });

  it('gives a suppression without an id the same one wherever it stands', () => {
    const id = (before: string): string | undefined =>
      parseSuppressions(`suppressions:\n${before}  - { rule: x, query: b, reason: c }\n`, 'f').at(
        -1,
      )?.id;
    expect(id('')).toMatch(/^sup-[0-9a-f]{20}$/);
    expect(id('  - { rule: y, query: b, reason: c }\n')).toBe(id(''));
  });
});

test.each([
  ['rule: all, query: "@a:("', 'a.yaml:2:5', /reason is missing/],
  ['rule: all, query: "@a:(", reason: b', 'a.yaml:2:29', /does not parse:\n {2}@a:\(\n {2,}\^/],
  ['rule: all, query: a, reason: b, until: c', 'a.yaml:2:38', /unknown field "until"/],
  ['rule: all, query: a, reason: b, end: 2026-02-30', 'a.yaml:2:43', /expected a day/],
  ['rule: all, query: a, reason: b, start: "2026-03-01T08:00:00+01:00"', 'a.yaml:2:45', /UTC/],
  ['rule: all, query: a, reason: b, start: 2026-03-02, end: 2026-03-01', 'a.yaml:2:62', /before/],
  ['rule: Big Rule, query: a, reason: b', 'a.yaml:2:12', /the id of a rule, or all/],
])('%s is wrong at %s', (fields, place, message) => {
  expect(faultOf(one(fields))).toMatchObject({
    code: 'suppression/bad-file',
    place,
    message: expect.stringMatching(message) as unknown,
  });
});

test('the same twice is wrong, and so is what is no YAML', () => {
  const line = '  - { rule: all, query: a, reason: b }\n';
  expect(faultOf(`suppressions:\n${line}${line}`)).toMatchObject({ place: 'a.yaml:3:5' });
  expect(faultOf('suppressions: [')).toMatchObject({ code: 'suppression/bad-file' });
});
