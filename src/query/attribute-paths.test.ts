import { expect, test } from 'vitest';
import { asksAny, attributePaths } from './attribute-paths.ts';
import { parseQuery } from './parse-query.ts';

test.each([
  ['@a.b:1 -(@c:x OR service:y)', ['a.b', 'c', 'service']],
  ['@a:(x OR y) @a:z', ['a']],
  ['CIDR(@network.client.ip, 10.0.0.0/8)', ['network.client.ip']],
  ['word *:thing *', []],
  ['', []],
])('the attributes of %j', (text, paths) => {
  expect(attributePaths(parseQuery(text))).toEqual(paths);
});

test.each([
  ['*:thing', true],
  ['@a:x (service:y OR -*:thing)', true],
  ['@a:x (service:y OR -@b:z) CIDR(@c, 10.0.0.0/8)', false],
  ['word', false],
  ['*', false],
])('whether %j asks for any attribute is %j', (text, any) => {
  expect(asksAny(parseQuery(text))).toBe(any);
});
