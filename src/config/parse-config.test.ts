import { describe, expect, test } from 'vitest';
import type { PortcullisError } from '../errors/portcullis-error.ts';
import type { Config } from './config-schema.ts';
import type { Override } from './merged-settings.ts';
import { parseConfig } from './parse-config.ts';

function configOf(text: string | null, overrides: readonly Override[] = []): Config {
  const reading = parseConfig(text, 'portcullis.yaml', overrides);
  if (!reading.ok) throw new Error(reading.errors.map(({ message }) => message).join('\n'));
  return reading.config;
}

function errorsOf(text: string, overrides: readonly Override[] = []): readonly PortcullisError[] {
  const reading = parseConfig(text, 'portcullis.yaml', overrides);
  return reading.ok ? [] : reading.errors;
}

/** Where each error is, what it says and what to do. */
function told(errors: readonly PortcullisError[]): readonly string[] {
  return errors.map(({ place, message, hint }) => `${place} ${message} | ${hint}`);
}

describe('without a file', () => {
  test('everything has a default', () => {
    expect(configOf(null)).toEqual({
      rules: { folders: [], enable: [], disable: [] },
      suppressions: { files: [] },
      store: { address: 'portcullis.db' },
      aws: { regions: [], accounts: [] },
      sources: [],
      serve: {
        listen: '127.0.0.1',
        port: 8443,
        trustedProxies: [],
        rateLimits: { requestsPerMinute: 600, loginsPerMinute: 10 },
      },
      channels: [],
      retention: { days: 400 },
      audit: { everySeconds: 21_600 },
      protected: { roles: [] },
    });
  });

  test.each(['', '# nothing yet\n', '---\n'])('%j sets nothing', (text) => {
    expect(configOf(text)).toEqual(configOf(null));
  });
});

describe('an error has its place and a hint', () => {
  test.each([
    ['sevre: {}', 'portcullis.yaml:1:1 unknown field "sevre"', 'Did you mean `serve`?'],
    ['serve:\n  prot: 1', 'portcullis.yaml:2:3 unknown field "prot"', 'Did you mean `port`?'],
    ['serve: { port: 70000 }', 'portcullis.yaml:1:16 serve.port is 70000', 'docs/configuration.md'],
    ['sources:\n  - { name: a, kind: sqss }', 'portcullis.yaml:2:22', 'Did you mean `sqs`?'],
    ['sources:\n  - { name: a }', 'portcullis.yaml:2:5 sources[0].kind is missing', '`kind`'],
    [
      'sources:\n  - { name: a, kind: folder, paht: . }',
      'portcullis.yaml:2:30 unknown field "paht"; expected sources[0] to have only name, kind, path, pollSeconds',
      'Did you mean `path`?',
    ],
    ['aws:\n  accounts:\n    - id: 111122223333', 'portcullis.yaml:3:11', 'configuration.md'],
    ['store: here', 'portcullis.yaml:1:8 store is "here"', 'configuration.md'],
    ['- a', 'portcullis.yaml:1:1 the file is a list', 'configuration.md'],
    ['serve: { port: 1', 'portcullis.yaml:1:17 not well-formed YAML', 'same column'],
  ])('%j', (text, start, hint) => {
    const [error] = errorsOf(text);
    expect(error?.code).toBe('config/bad-file');
    expect(`${error?.place} ${error?.message}`).toContain(start);
    expect(error?.hint).toContain(hint);
  });

  test('and all of them are found at once', () => {
    expect(told(errorsOf('serve: { port: x }\nretention: { days: 0 }\nstoer: {}\n'))).toHaveLength(
      3,
    );
  });

  test('a secret is not shown, even where it is no secret', () => {
    const text = 'aws:\n  accounts:\n    - { id: "111122223333", externalId: 987654 }\n';
    expect(told(errorsOf(text)).join('\n')).toContain('externalId is of another kind');
    expect(told(errorsOf(text)).join('\n')).not.toContain('987654');
  });
});

describe('settings that contradict each other', () => {
  const account = (rest: string): string =>
    `aws:\n  accounts:\n    - { id: "111122223333"${rest} }\n`;

  test.each([
    [
      'two sources of one name',
      'sources:\n  - { name: a, kind: folder, path: x }\n  - { name: a, kind: lookup-events }',
      'portcullis.yaml:3:13 sources[1].name is "a"; expected a name that no other source has',
    ],
    [
      'an account twice',
      `${account('')}    - { id: "111122223333" }`,
      'portcullis.yaml:4:13 aws.accounts[1].id is "111122223333"; expected each account once',
    ],
    [
      'a role in another account',
      account(', roleArn: "arn:aws:iam::444455556666:role/audit"'),
      'expected a role in the account 111122223333',
    ],
    [
      'an external id without a role',
      account(', externalId: "${ID}"'),
      'aws.accounts[0].externalId is there without a role; expected a roleArn beside it',
    ],
    [
      'a rule on and off',
      'rules: { enable: [a], disable: [b, a] }',
      'portcullis.yaml:1:36 rules.disable[1] is "a"; expected a rule to be run or not, not both',
    ],
    [
      'logins that have nowhere to come back to',
      'serve:\n  oidc: { issuer: "https://id.example.com", clientId: portcullis }',
      'serve.oidc is there alone; expected serve.publicUrl beside it',
    ],
  ])('%s', (_, text, expected) => {
    const errors = told(errorsOf(text));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(expected);
  });
});

describe('what is laid over the file', () => {
  const port = (value: unknown, origin = '--port'): Override => ({
    path: ['serve', 'port'],
    value,
    origin,
  });

  test('wins, and leaves what stands beside it', () => {
    const config = configOf('serve: { port: 1, listen: "::1" }', [port(2)]);
    expect(config.serve).toMatchObject({ port: 2, listen: '::1' });
  });

  test('the last one wins', () => {
    expect(configOf(null, [port(2), port(3)]).serve.port).toBe(3);
  });

  test('is named as the place of its errors', () => {
    expect(told(errorsOf('serve: { port: 1 }', [port('x', 'PORT (environment)')]))).toEqual([
      expect.stringMatching(/^PORT \(environment\) serve\.port is "x"; expected a whole number/),
    ]);
  });

  test('does not hide that the file is wrong beside it, or instead of it', () => {
    expect(told(errorsOf('serve: { prot: 1 }', [port(2)]))[0]).toContain('portcullis.yaml:1:10');
    expect(told(errorsOf('serve: 3', [port(2)]))[0]).toContain('portcullis.yaml:1:8 serve is 3');
    expect(told(errorsOf('- a', [port(2)]))[0]).toContain('the file is a list');
  });
});
