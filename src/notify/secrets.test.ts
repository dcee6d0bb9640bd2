import { describe, expect, test } from 'vitest';
import { PortcullisError } from '../errors/portcullis-error.ts';
import { redact, reveal } from './secrets.ts';

describe('a secret', () => {
  test('is taken as it is written', () => {
    expect(reveal('abc$', 'the key', {})).toBe('abc$');
  });

  test('is taken from the environment where a name stands in its place', () => {
    expect(reveal('${KEY}', 'the key', { KEY: 'abc' })).toBe('abc');
  });

  test('that is not in the environment is an error that names the variable', () => {
    const take = (): string => reveal('${KEY}', 'the key of channel x', { KEY: '' });
    expect(take).toThrow(PortcullisError);
    expect(take).toThrow(/the key of channel x.*KEY.*not set/);
  });

  test('does not show in a text, however an address writes it', () => {
    expect(redact('a s/1 b s%2F1 c', ['s/1'])).toBe('a *** b *** c');
  });

  test('that is a part of another does not leave the rest of it', () => {
    expect(redact('secret-one', ['secret', 'secret-one'])).toBe('***');
  });
});
