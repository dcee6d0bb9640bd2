import { describe, expect, test } from 'vitest';
import { parseQuery } from './parse-query.ts';
import { QueryError } from './query-error.ts';

describe('the text of a query error', () => {
  test('shows the query, a caret under the place and what to write instead', () => {
    expect(new QueryError('it is wrong', 'Write it right.', 'a b c', 2).render()).toBe(
      ['a b c', '  ^ it is wrong, at column 3', '    Write it right.'].join('\n'),
    );
  });

  test('shows the line with the error alone', () => {
    const error = new QueryError('it is wrong', 'Write it right.', 'a\nb c\nd', 4);
    expect(error.render()).toBe(
      ['b c', '  ^ it is wrong, at line 2, column 3', '    Write it right.'].join('\n'),
    );
  });

  test('cuts a long line around the place', () => {
    const text = `${'a'.repeat(100)}X${'b'.repeat(100)}`;
    const [line, caret] = new QueryError('it is wrong', 'Write it right.', text, 100)
      .render()
      .split('\n');
    expect(line).toBe(`…${'a'.repeat(60)}X${'b'.repeat(59)}…`);
    expect(caret?.indexOf('^')).toBe(line?.indexOf('X'));
  });

  test('does not cut a line that is short enough', () => {
    const text = `${'a'.repeat(60)}X${'b'.repeat(59)}`;
    expect(new QueryError('p', 'h', text, 60).render().split('\n')[0]).toBe(text);
    expect(new QueryError('p', 'h', `${text}b`, 60).render().split('\n')[0]).toBe(`${text}…`);
    expect(new QueryError('p', 'h', `a${text}`, 61).render().split('\n')[0]).toBe(`…${text}`);
  });

  test('counts characters, not halves of them', () => {
    const error = new QueryError('it is wrong', 'Write it right.', '😀😀x', 4);
    expect(error.column).toBe(3);
    expect(error.render().split('\n')[1]).toBe('  ^ it is wrong, at column 3');
  });

  test('shows a blank for what would steer a terminal, so that the caret stays in place', () => {
    const error = new QueryError('it is wrong', 'Write it right.', '\u001b[31m\t\u202ex', 7);
    expect(error.render().split('\n').slice(0, 2)).toEqual([
      ' [31m  x',
      '       ^ it is wrong, at column 8',
    ]);
  });

  test('is right at the end of the query', () => {
    expect(new QueryError('it is wrong', 'Write it right.', 'a (', 3).render()).toBe(
      ['a (', '   ^ it is wrong, at column 4', '     Write it right.'].join('\n'),
    );
  });
});

test('a query error says what it is', () => {
  let caught: unknown;
  try {
    parseQuery('a (b');
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(QueryError);
  expect(caught).toBeInstanceOf(Error);
  expect(caught).toMatchObject({
    name: 'QueryError',
    message: 'the parenthesis is never closed, at column 3',
    text: 'a (b',
    position: 2,
    line: 1,
    column: 3,
    hint: 'Write ) after its last term, or \\( for the character.',
  });
});
