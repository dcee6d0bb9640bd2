import { expect, it } from 'vitest';

import { SharedValues } from './shared-values.ts';

it('gives the object that was given first for each that is equal', () => {
  const shared = new SharedValues();
  const first = { name: 'alice', keys: ['a'] };
  expect(shared.object(first)).toBe(first);
  expect(shared.object(structuredClone(first))).toBe(first);
  expect(shared.object({ name: 'bob', keys: ['a'] })).toEqual({ name: 'bob', keys: ['a'] });
});

it('gives texts as they are, however many there were', () => {
  const shared = new SharedValues();
  const texts = Array.from({ length: 20_003 }, (_, index) => `text ${index}`);
  expect(texts.map((text) => shared.text(text))).toEqual(texts);
  expect(texts.map((text) => shared.text(text))).toEqual(texts);
});

it('begins anew after 20,000 different objects, so that it stays small', () => {
  const shared = new SharedValues();
  const first = { index: 0 };
  shared.object(first);
  for (let index = 1; index < 20_000; index += 1) shared.object({ index });
  expect(shared.object({ index: 0 })).toBe(first);
  shared.object({ index: 20_000 });
  const again = { index: 0 };
  expect(shared.object(again)).toBe(again);
});
