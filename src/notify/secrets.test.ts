import { describe, expect, test } from 'vitest';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { scratchFolder } from '../../test/support/scratch-folder.ts';
import { redact, reveal } from './secrets.ts';

describe('a secret', () => {
  test('is taken as it is written', () => {
    expect(reveal('abc$', 'the key', {})).toBe('abc$');
  });

  test('is taken from the environment where a name stands in its place', () => {
    expect(reveal('${KEY}', 'the key', { KEY: 'abc' })).toBe('abc');
  });

  test('is taken from a file, one line end aside', async () => {
    const folder = await scratchFolder({ key: 'abc\n', bare: 'abc', more: 'abc\n\n' });
    expect(reveal(`\${file:${folder}/key}`, 'the key', {})).toBe('abc');
    expect(reveal(`\${file:${folder}/bare}`, 'the key', {})).toBe('abc');
    expect(reveal(`\${file:${folder}/more}`, 'the key', {})).toBe('abc\n');
  });

  test.each([
    ['${KEY}', /KEY is not set/],
    ['${file:/nowhere/key}', /nowhere\/key cannot be read/],
    ['${file:}', /neither/],
    ['${1}', /neither/],
  ])('that is %s is an error where that leads nowhere', (written, message) => {
    const take = (): string => reveal(written, 'the key of channel x', { KEY: '' });
    expect(take).toThrow(PortcullisError);
    expect(take).toThrow(/^the key of channel x refers/);
    expect(take).toThrow(message);
  });

  test('does not show in a text, however an address writes it', () => {
    expect(redact('a s/1 b s%2F1 c', ['s/1'])).toBe('a *** b *** c');
  });

  test('that is a part of another does not leave the rest of it', () => {
    expect(redact('secret-one', ['secret', 'secret-one'])).toBe('***');
  });
});
