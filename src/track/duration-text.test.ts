import { expect, it } from 'vitest';

import { durationText } from './duration-text.ts';

it.each([
  [0, '0 s'],
  [0.4, '0 s'],
  [-5, '0 s'],
  [0.5, '1 s'],
  [1, '1 s'],
  [59, '59 s'],
  [60, '1 min'],
  [61, '1 min 1 s'],
  [109, '1 min 49 s'],
  [3599, '59 min 59 s'],
  [3600, '1 h'],
  [3601, '1 h'],
  [3660, '1 h 1 min'],
  [7325, '2 h 2 min'],
  [86_399, '23 h 59 min'],
  [86_400, '1 d'],
  [90_000, '1 d 1 h'],
  [266_400, '3 d 2 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
