import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../model/json.ts';
import { printQuery } from '../../query/index.ts';
import { Losses, type Loss } from './exchange.ts';
import { readDetection } from './sigma-detection.ts';

function read(detection: JsonObject): {
  readonly query: string | null;
  readonly losses: readonly Loss[];
} {
  const losses = new Losses();
  const query = readDetection(detection, losses);
  return { query: query === null ? null : printQuery(query), losses: losses.found };
}

function selected(selection: unknown): ReturnType<typeof read> {
  return read({ selection, condition: 'selection' });
}

describe('a selection is the query', () => {
  test.each<[string, unknown, string]>([
    ['a map', { eventName: 'A', eventType: 'B' }, '@eventName:A @eventType:B'],
    ['a list of maps', [{ eventName: 'A' }, { eventType: 'B' }], '@eventName:A OR @eventType:B'],
    ['a list of values', { eventName: ['A', 'B C'] }, '@eventName:(A OR "B C")'],
    ['all of a list', { 'eventName|contains|all': ['A', 'B'] }, '@eventName:(*A* *B*)'],
    ['a beginning', { 'eventName|startswith': 'A' }, '@eventName:A*'],
    ['an end', { 'eventName|endswith': 'A' }, '@eventName:*A'],
    ['a part', { 'eventName|contains': 'A' }, '@eventName:*A*'],
    ['wildcards', { eventName: 'A*?' }, '@eventName:A*?'],
    ['escaped wildcards', { eventName: String.raw`A\*` }, String.raw`@eventName:"A*"`],
    ['any value', { eventName: '*' }, '@eventName:*'],
    ['no value', { errorCode: null }, '-@errorCode:*'],
    ['no value or one', { errorCode: [null, 'A'] }, '-@errorCode:* OR @errorCode:A'],
    ['an empty value', { errorCode: '' }, '@errorCode:""'],
    ['a number', { 'a.b': 22 }, '@a.b:22'],
    ['a truth', { readOnly: false }, '@readOnly:false'],
    ['a field that is there', { 'a|exists': true }, '@a:*'],
    ['a field that is not', { 'a|exists': 'false' }, '-@a:*'],
    ['numbers compared', { 'a|gte': 2, 'b|lt': '3' }, '@a:>=2 @b:<3'],
    ['another value', { 'a|neq': [1, 2] }, '-@a:(1 OR 2)'],
    ['none of several', { 'eventName|contains|neq': 'A' }, '-@eventName:*A*'],
    ['a cased value', { 'userAgent|cased': 'aB' }, '@userAgent:aB'],
    ['a cased part', { 'userAgent|contains|cased': 'aB' }, '@userAgent:*aB*'],
    ['blocks', { 'a|cidr': ['10.0.0.0/8', '::1'] }, 'CIDR(@a, 10.0.0.0/8, ::1/128)'],
    ['one address', { 'a|cidr': '10.0.0.1' }, 'CIDR(@a, 10.0.0.1/32)'],
    ['an expression', { 'a|re': '^x.*(1|2)$' }, '@a:(x*1 OR x*2)'],
    ['flags of one', { 'a|re|i|s': '^1.$' }, '@a:1?'],
    ['several lines of one', { 'a|re|m': '1.' }, '@a:*1?*'],
    [
      'names in the case of AWS',
      { eventSource: 'S3.amazonaws.com' },
      '@eventSource:s3.amazonaws.com',
    ],
    ['an odd name', { 'a b': 1 }, String.raw`@a\ b:1`],
  ])('%s', (_, selection, query) => {
    expect(selected(selection)).toEqual({ query, losses: [] });
  });
});

describe('upper and lower case', () => {
  test('differ only here, and that is named, where AWS may write either', () => {
    const { query, losses } = selected({ 'userAgent|contains': ['kali', 'parrot'] });
    expect(query).toBe('@userAgent:(*kali* OR *parrot*)');
    expect(losses).toEqual([
      {
        field: 'detection.selection.userAgent|contains',
        reason:
          'takes upper and lower case for one; here its values are compared in just this case',
      },
    ]);
  });

  test('of an expression are told apart as Sigma does', () => {
    expect(selected({ 'userAgent|re': '^aB$' }).losses).toEqual([]);
    expect(selected({ 'userAgent|re|i': '^aB$' }).losses).toHaveLength(1);
    expect(selected({ 'awsRegion|re|i': '^US$' })).toEqual({ query: '@awsRegion:us', losses: [] });
  });
});

describe('keywords', () => {
  test('are looked for in each value, which is named', () => {
    const { query, losses } = selected(['10.0', 'kali']);
    expect(query).toBe('*:*10.0* OR *:*kali*');
    expect(losses.map(({ field, reason }) => `${field} ${reason.slice(0, 22)}`)).toEqual([
      'detection.selection looks for keywords in ',
      'detection.selection takes upper and lower ',
    ]);
  });

  test('all of them', () => {
    expect(selected({ '|all': ['10', '11'] }).query).toBe('*:(*10* *11*)');
    expect(selected({ '|contains|all': ['10', '11'] }).query).toBe('*:(*10* *11*)');
  });

  test('one alone', () => {
    expect(selected('10').query).toBe('*:*10*');
  });

  test('that every record has here are refused', () => {
    for (const keyword of ['', 'success', 'trail', '*']) {
      expect(selected([keyword]).query).toBeNull();
    }
  });
});

describe('conditions', () => {
  const detection = {
    sel_a: { x: 1 },
    sel_b: { x: 2 },
    _base: { x: 3 },
    filter: { x: 4 },
  };

  test.each([
    ['sel_a and not filter', '@x:1 -@x:4'],
    ['1 of sel_*', '@x:1 OR @x:2'],
    ['all of sel_*', '@x:1 @x:2'],
    ['1 of them', '@x:1 OR @x:2 OR @x:4'],
    ['all of *_*', '@x:1 @x:2 @x:3'],
    ['_base', '@x:3'],
  ])('%s', (condition, query) => {
    expect(read({ ...detection, condition })).toEqual({ query, losses: [] });
  });

  test('several of them are alternatives', () => {
    expect(read({ ...detection, condition: ['sel_a', 'filter'] }).query).toBe('@x:1 OR @x:4');
  });

  test('a selection that is not asked for need not be one', () => {
    expect(read({ sel: { x: 1 }, odd: [], condition: 'sel' }).losses).toEqual([]);
  });

  test('a time frame has nothing to count in it', () => {
    const { query, losses } = read({ ...detection, timeframe: '5m', condition: 'sel_a' });
    expect(query).toBe('@x:1');
    expect(losses.map(({ field }) => field)).toEqual(['detection.timeframe']);
  });
});

describe('what the query language cannot ask is refused:', () => {
  test.each<[string, JsonObject, string]>([
    ['another field', { 'a|fieldref': 'b' }, 'compares two fields'],
    ['an expression', { 'a|re': '[a-z]+' }, 'is a regular expression'],
    ['an expression over lines', { 'a|re|m': '^a' }, 'is a regular expression'],
    ['an expression that is none', { 'a|re': 1 }, 'is a regular expression'],
    ['flags', { 'a|re|x': 'a' }, 'joins re and x'],
    [
      'encodings',
      { 'a|base64offset|contains': 'x' },
      'joins the modifiers base64offset and contains',
    ],
    ['dashes', { 'a|windash': '-x' }, 'has the modifier windash'],
    ['placeholders', { 'a|expand': '%x%' }, 'has the modifier expand'],
    ['the hour', { 'a|hour': 3 }, 'has the modifier hour'],
    ['the text of an object', { 'requestParameters|contains': 'x' }, 'looks into the text of'],
    ['no block', { 'a|cidr': 'x' }, 'is no block of addresses'],
    ['a block of a number', { 'a|cidr': 1 }, 'is no block of addresses'],
    ['no number', { 'a|gt': 'x' }, 'compares with what is not a number'],
    ['an empty number', { 'a|gt': '' }, 'compares with what is not a number'],
    ['no truth', { 'a|exists': 'perhaps' }, 'is neither true nor false'],
    ['part of nothing', { 'a|contains': null }, 'looks for null with contains'],
    ['a map as a value', { a: { b: 1 } }, 'is not a value'],
    ['an empty list', { a: [] }, 'is an empty list'],
    ['keywords at an end', { '|endswith': 'x' }, 'looks for keywords with endswith'],
    ['a keyword that is none', { '|all': [null] }, 'is no keyword'],
  ])('%s', (_, selection, reason) => {
    const { query, losses } = selected(selection);
    expect(query).toBeNull();
    expect(losses.map((loss) => loss.field)).toEqual([
      `detection.selection.${Object.keys(selection).join('')}`,
    ]);
    expect(losses[0]?.reason).toContain(reason);
  });

  test.each<[string, JsonObject, string]>([
    ['a missing condition', { a: { x: 1 } }, 'is not a text'],
    ['no conditions', { a: { x: 1 }, condition: [] }, 'is missing'],
    ['a selection that is missing', { condition: 'b' }, 'asks for b, which is no selection'],
    ['itself', { condition: 'condition' }, 'asks for condition, which is no selection'],
    ['a pattern of none', { a: { x: 1 }, condition: '1 of b*' }, 'finds no selection by b*'],
    [
      'them where there are none',
      { _a: { x: 1 }, condition: 'all of them' },
      'finds no selection by them',
    ],
    ['counting', { a: { x: 1 }, condition: 'a | count() > 2' }, 'counts matches'],
  ])('%s', (_, detection, reason) => {
    const { query, losses } = read(detection);
    expect(query).toBeNull();
    expect(losses[0]?.field).toBe('detection.condition');
    expect(losses[0]?.reason).toContain(reason);
  });

  test.each([[[]], [{}], [null]])('the empty selection %j', (selection) => {
    expect(selected(selection).losses).toEqual([
      { field: 'detection.selection', reason: 'is empty' },
    ]);
  });
});
