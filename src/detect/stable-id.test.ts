import { expect, it } from 'vitest';

import { stableId } from './stable-id.ts';

it('an id is the same in every run, on every machine', () => {
  expect(stableId('exp', ['a', 'b'])).toBe(`exp-${stableId('x', ['a', 'b']).slice(2)}`);
  expect(stableId('exp', ['a', 'b'])).toBe('exp-0473ef2dc0d324ab659d');
});

it('an id tells its parts apart', () => {
  const ids = [['a', 'b'], ['ab'], ['a,b'], ['b', 'a'], ['a', 'b', '']].map((parts) =>
    stableId('x', parts),
  );
  expect(new Set(ids).size).toBe(ids.length);
});
