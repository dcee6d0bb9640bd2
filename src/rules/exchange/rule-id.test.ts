import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ruleId } from '../rule-schema.ts';
import { ruleIdOf } from './rule-id.ts';

test.each([
  ['AWS Config modified', 'aws-config-modified'],
  ['  EC2: "opened" (to the world)!', 'ec2-opened-to-the-world'],
  ['Déjà vu', 'deja-vu'],
  ['22', '22'],
  ['日本', null],
  ['', null],
])('%j is %j', (name, id) => {
  expect(ruleIdOf(name)).toBe(id);
});

test('a long name ends at a word, a long word is cut', () => {
  expect(ruleIdOf(`${'word '.repeat(19)}longer words follow`)).toBe(
    'word-'.repeat(19).slice(0, -1),
  );
  expect(ruleIdOf('x'.repeat(200))).toBe('x'.repeat(100));
});

test('whatever the name, the id is one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const id = ruleIdOf(name);
      if (id !== null) expect(ruleId.safeParse(id).success).toBe(true);
      expect(ruleIdOf(` ${name.toUpperCase()} `)?.length ?? 0).toBeLessThanOrEqual(100);
    }),
  );
});
