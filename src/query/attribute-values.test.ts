import { describe, expect, test } from 'vitest';
import { attributeValues, compileAttribute } from './attribute-values.ts';

const record = {
  awsRegion: 'us-east-1',
  service: 'cloudtrail',
  tags: ['env:prod', 'env:test', 'team:red'],
  userIdentity: { arn: 'arn:aws:iam::1:root', mfa: null },
  items: [
    { port: 22, ranges: [{ cidr: 'a' }, { cidr: 'b' }] },
    { port: 443, ranges: [], open: false },
    'not an object',
  ],
  nested: [['x', ['y']], [], 'z'],
  'items.port': 8080,
};

describe('attributeValues', () => {
  test.each<[string, string, readonly (string | number | boolean)[]]>([
    ['finds a value', '@awsRegion', ['us-east-1']],
    ['finds a value in an object', '@userIdentity.arn', ['arn:aws:iam::1:root']],
    ['finds all values through arrays, in their order', '@items.ranges.cidr', ['a', 'b']],
    ['keeps numbers', '@items.port', [22, 443, 8080]],
    ['keeps flags', '@items.open', [false]],
    ['finds the elements of arrays in arrays in their order', '@nested', ['x', 'y', 'z']],
    ['finds a reserved attribute', 'service', ['cloudtrail']],
    ['finds the values of a tag', 'env', ['prod', 'test']],
    ['finds no tag as an attribute', '@env', []],
    ['gives no object', '@userIdentity', []],
    ['gives no null', '@userIdentity.mfa', []],
    ['finds nothing where there is nothing', '@a.b.c', []],
    ['finds nothing behind a text', '@awsRegion.length', []],
    ['finds nothing under the name of a prototype', '@constructor.name', []],
  ])('%s', (_name, attribute, expected) => {
    expect(attributeValues(record, attribute)).toEqual(expected);
    expect(compileAttribute(attribute)(record)).toEqual(expected);
  });

  test.each([undefined, null, 'text', 7])('of %j there are none', (value) => {
    expect(attributeValues(value, '@length')).toEqual([]);
    expect(attributeValues(value, 'length')).toEqual([]);
  });
});
