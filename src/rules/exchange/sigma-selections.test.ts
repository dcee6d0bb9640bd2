import { describe, expect, test } from 'vitest';
import { parseQuery } from '../../query/index.ts';
import { Losses, type Loss } from './exchange.ts';
import { writeDetection } from './sigma-selections.ts';

function write(query: string, isApproximate = false): [unknown, readonly Loss[]] {
  const losses = new Losses();
  return [writeDetection(parseQuery(query), 'q', isApproximate, losses), losses.found];
}

describe('a query is the detection', () => {
  test.each<[string, object]>([
    [
      'source:cloudtrail @evt.name:(A OR B) @eventSource:x -@userIdentity.invokedBy:y',
      {
        selection: { eventName: ['A', 'B'], eventSource: 'x' },
        filter: { 'userIdentity.invokedBy': 'y' },
        condition: 'selection and not filter',
      },
    ],
    [
      '@a:b OR @c:d',
      { selection: [{ 'a|cased': 'b' }, { 'c|cased': 'd' }], condition: 'selection' },
    ],
    [
      '(@a:1 @b:2) OR (@a:3 -@b:4)',
      {
        selection: { a: '1', b: '2' },
        selection_2: { a: '3' },
        filter: { b: '4' },
        condition: 'selection or (selection_2 and not filter)',
      },
    ],
    [
      '@a:1 @a:2',
      { selection: { a: '1' }, selection_2: { a: '2' }, condition: 'selection and selection_2' },
    ],
    [
      '-(@a:1 -(@b:2 OR -@c:3))',
      {
        filter: { a: '1' },
        selection: { b: '2' },
        filter_2: { c: '3' },
        condition: 'not (filter and not (selection or not filter_2))',
      },
    ],
    [
      '@a:(x* OR *y OR *z* OR p*q OR w)',
      {
        selection: [
          { 'a|startswith|cased': 'x' },
          { 'a|endswith|cased': 'y' },
          { 'a|contains|cased': 'z' },
          { 'a|cased': ['p*q', 'w'] },
        ],
        condition: 'selection',
      },
    ],
    [String.raw`@a:"1*\\?"`, { selection: { a: String.raw`1\*\\\?` }, condition: 'selection' }],
    [
      '@a:* -@b:*',
      {
        selection: { 'a|exists': true },
        filter: { 'b|exists': true },
        condition: 'selection and not filter',
      },
    ],
    ['@a:>=2 @b:<3', { selection: { 'a|gte': 2, 'b|lt': 3 }, condition: 'selection' }],
    ['@a:{2 TO *]', { selection: { 'a|gt': 2 }, condition: 'selection' }],
    [
      'CIDR(@network.client.ip, 10.0.0.0/8)',
      {
        selection: { 'sourceIPAddress|cidr': '10.0.0.0/8' },
        condition: 'selection',
      },
    ],
    [
      'CIDR(@a, 10.0.0.0/8, ::/0)',
      {
        selection: { 'a|cidr': ['10.0.0.0/8', '::/0'] },
        condition: 'selection',
      },
    ],
    [
      '@error.kind:A status:error',
      {
        selection: { errorCode: 'A', 'errorCode|exists': true },
        condition: 'selection',
      },
    ],
    [
      '@a:1 -status:error',
      {
        selection: { a: '1' },
        filter: { 'errorCode|exists': true },
        condition: 'selection and not filter',
      },
    ],
    ['@level:Error', { selection: { 'errorCode|exists': true }, condition: 'selection' }],
    [
      '@a:1 (status:(info OR error) service:cloud*) -host',
      {
        selection: { a: '1' },
        condition: 'selection',
      },
    ],
    ['recipientAccountId:1', { selection: { recipientAccountId: '1' }, condition: 'selection' }],
  ])('%s', (query, detection) => {
    expect(write(query)).toEqual([detection, []]);
  });
});

describe('what Sigma cannot ask is refused:', () => {
  test.each([
    ['*', 'matches every record'],
    ['source:guardduty @a:1', 'matches no CloudTrail record'],
    ['word', 'matches no CloudTrail record'],
    ['*:*x*', 'looks into every attribute'],
    ['@userIdentity.session_name:x', 'is derived and in no record'],
    ['@a\\|b:x', 'whose name has a |'],
    ['@a:[* TO *]', 'asks whether @a is a number'],
  ])('%s', (query, reason) => {
    const [detection, losses] = write(query);
    expect(detection).toBeNull();
    expect(losses[0]?.field).toBe('q');
    expect(losses[0]?.reason).toContain(reason);
  });
});

test('a value within two limits is named, for lists', () => {
  const [detection, losses] = write('@a:[1 TO 5}');
  expect(detection).toEqual({ selection: { 'a|gte': 1, 'a|lt': 5 }, condition: 'selection' });
  expect(losses[0]?.reason).toContain('within two limits');
});

test('a part of any attribute is a keyword, when that is near enough', () => {
  const [detection, losses] = write('*:*x\\*y* @a:1', true);
  expect(detection).toEqual({
    selection: { a: '1' },
    selection_2: ['x\\*y'],
    condition: 'selection and selection_2',
  });
  expect(losses).toHaveLength(1);
  expect(write('*:x', true)[0]).toBeNull();
});
