import { describe, expect, it } from 'vitest';

import { portRule } from '../../test/oracle/rules.ts';
import { askedPaths } from './asked-paths.ts';

const plain = { groupBy: [], title: '', message: '', cases: [] };
/** What is asked for whatever the rules say. */
const always = ['message', 'tags'];

describe('what is asked of a record', () => {
  it('is what the queries, words and groups of exposure rules name', () => {
    const rule = portRule(
      'ssh',
      [22],
      { where: '@a.where:x' },
      {
        ...plain,
        title: '{{@b.title}}',
        message: '{{#if @c.message}}!{{/if}}',
        groupBy: ['@d.group'],
        cases: [
          { where: '-@e.case:y', severity: 'low' },
          { where: null, severity: 'high' },
        ],
      },
    );
    expect(askedPaths([rule], ['@f.query:z'])?.toSorted()).toEqual(
      [...always, 'a.where', 'b.title', 'c.message', 'd.group', 'e.case', 'f.query'].toSorted(),
    );
  });

  it('is little where nobody asks', () => {
    expect(askedPaths([portRule('ssh', [22], {}, plain)], [''])).toEqual(always);
  });

  it('may be anything where a query asks for any attribute', () => {
    const rule = portRule('ssh', [22], { where: '*:thing' }, plain);
    expect(askedPaths([rule], [])).toBeNull();
    expect(askedPaths([], ['@a:x *:thing'])).toBeNull();
  });

  it.each([
    ['{{@evt.outcome}}', true],
    ['{{@evt}}', true],
    ['{{@evt.name}}', false],
    ['{{@evt.outcomes}}', false],
  ])('holds the answer of the call where %s needs it: %j', (title, needed) => {
    const asked = askedPaths([portRule('ssh', [22], {}, { ...plain, title })], []);
    expect(asked?.includes('responseElements')).toBe(needed);
  });
});
