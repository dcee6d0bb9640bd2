import { describe, expect, test } from 'vitest';
import { parseQuery } from '../../query/index.ts';
import { matchesCloudTrail, searchesMessage } from './cloudtrail-match.ts';

describe('whether a query matches CloudTrail records', () => {
  test.each([
    ['*', true],
    ['source:cloudtrail', true],
    ['source:(a OR cloud*)', true],
    ['service:x', false],
    ['-source:x', true],
    ['source:x @a:b', false],
    ['source:cloudtrail @a:b', null],
    ['source:x OR @a:b', null],
    ['source:cloudtrail OR @a:b', true],
    ['source:x OR service:y', false],
    ['-(source:cloudtrail @a:b)', null],
    ['host:x', null],
    ['CIDR(@a, 10.0.0.0/8)', null],
    ['word', false],
    ['-word', true],
  ])('%s: %s', (query, expected) => {
    expect(matchesCloudTrail(parseQuery(query))).toBe(expected);
  });
});

test.each([
  ['@a:b -("c d" OR @e:f)', true],
  ['@a:b', false],
  ['* CIDR(@a, 10.0.0.0/8)', false],
])('%s searches the message: %s', (query, expected) => {
  expect(searchesMessage(parseQuery(query))).toBe(expected);
});
