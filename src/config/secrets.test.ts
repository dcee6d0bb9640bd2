import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config } from './config-schema.ts';
import { parseConfig } from './parse-config.ts';
import { printConfig } from './print-config.ts';
import { maskConfig, plainSecrets, revealSection, type SecretPlaces } from './secrets.ts';

function configWith(store: string, clientSecret: string, externalId: string): Config {
  const account = { id: '111122223333', roleArn: 'arn:aws:iam::111122223333:role/a', externalId };
  const reading = parseConfig(null, '', [
    { path: ['store', 'address'], value: store, origin: '' },
    { path: ['aws', 'accounts'], value: [account], origin: '' },
    {
      path: ['serve'],
      value: {
        publicUrl: 'https://p.example.com',
        oidc: { issuer: 'https://id.example.com', clientId: 'c', clientSecret },
      },
      origin: '',
    },
  ]);
  if (!reading.ok) throw new Error(reading.errors[0].message);
  return reading.config;
}

const places: SecretPlaces = {
  env: { EXTERNAL_ID: 'from the environment', EMPTY: '' },
  readText: (path) =>
    path === '/run/secrets/oidc'
      ? Promise.resolve('from the file\n')
      : Promise.reject(new Error(`ENOENT ${path}`)),
};

describe('a secret that is shown', () => {
  test('is masked where it is in plain, and a reference is shown as it is', () => {
    const config = configWith('postgres://u:word@db/p', '${file:/run/secrets/oidc}', 'plain');
    const masked = maskConfig(config);
    expect(masked.store.address).toBe('postgres://u:***@db/p');
    expect(masked.serve.oidc?.clientSecret).toBe('${file:/run/secrets/oidc}');
    expect(masked.aws.accounts[0]?.externalId).toBe('***');
  });

  test.each([
    ['/var/lib/portcullis.db', '/var/lib/portcullis.db'],
    ['postgres://db/p', 'postgres://db/p'],
    ['postgres://db/p?password=hidden', 'postgres://db/p?password=***'],
    ['postgres://u:a b@db:x/p', '***'],
  ])('of the address %s shows %s', (address, shown) => {
    expect(maskConfig(configWith(address, 'a', 'b')).store.address).toBe(shown);
  });

  test('never gets into what is printed', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{12,30}$/);
    fc.assert(
      fc.property(secret, secret, secret, (password, clientSecret, externalId) => {
        const config = configWith(`postgres://u:${password}@db/p`, clientSecret, externalId);
        for (const format of ['yaml', 'json'] as const) {
          const text = printConfig(config, format);
          for (const hidden of [password, clientSecret, externalId]) {
            expect(text).not.toContain(hidden);
          }
        }
      }),
    );
  });

  test('is remarked upon where it is in plain', () => {
    expect(plainSecrets(configWith('postgres://u:word@db/p', 'plain', '${EXTERNAL_ID}'))).toEqual([
      'store.address',
      'serve.oidc.clientSecret',
    ]);
    expect(plainSecrets(configWith('/srv/p.db', '${A}', '${B}'))).toEqual([]);
  });
});

describe('secrets of channels', () => {
  const text = `channels:
  - { name: chat, type: slack, url: "https://hooks.example.com/T0/secret-part" }
  - { name: pager, type: pagerduty, routingKey: "\${file:/run/secrets/oidc}" }
  - { name: hook, type: webhook, url: "\${EXTERNAL_ID}", secret: "0123456789abcdef" }
  - { name: mail, type: email, host: smtp.example.com, user: "u", password: "word-in-plain", from: a@example.com, to: [b@example.com] }
`;
  const reading = parseConfig(text, 'portcullis.yaml', []);
  if (!reading.ok) throw new Error(reading.errors[0].message);
  const { config } = reading;

  test('are masked, each in its kind of channel', () => {
    const shown = printConfig(config);
    for (const hidden of ['secret-part', '0123456789abcdef', 'word-in-plain']) {
      expect(shown).not.toContain(hidden);
    }
    expect(shown).toContain('${file:/run/secrets/oidc}');
    expect(shown).toContain('https://events.pagerduty.com/v2/enqueue');
  });

  test('are looked up where they are used', async () => {
    const channels = await revealSection(config, 'channels', places);
    expect(channels[1]).toMatchObject({ routingKey: 'from the file' });
    expect(channels[2]).toMatchObject({ url: 'from the environment' });
  });
});

describe('a secret that is used', () => {
  test('comes from the environment or from a file, one line end aside', async () => {
    const config = configWith('${DATABASE}', '${file:/run/secrets/oidc}', '${EXTERNAL_ID}');
    expect((await revealSection(config, 'aws', places)).accounts[0]?.externalId).toBe(
      'from the environment',
    );
    expect((await revealSection(config, 'serve', places)).oidc?.clientSecret).toBe('from the file');
    expect(config.aws.accounts[0]?.externalId).toBe('${EXTERNAL_ID}');
  });

  test('is looked up for its section alone', async () => {
    const config = configWith('${MISSING}', 'plain', 'plain');
    await expect(revealSection(config, 'serve', places)).resolves.toEqual(config.serve);
    await expect(revealSection(config, 'store', places)).rejects.toMatchObject({
      code: 'config/no-secret',
      place: 'store.address',
    });
  });

  test.each([
    ['${MISSING}', /environment variable MISSING, which is not set/],
    ['${EMPTY}', /environment variable EMPTY, which is not set/],
    ['${file:/nowhere}', /file \/nowhere, which cannot be read/],
  ])('%s says where it should be', async (externalId, message) => {
    const config = configWith('p.db', 'plain', externalId);
    await expect(revealSection(config, 'aws', places)).rejects.toThrow(message);
  });
});
