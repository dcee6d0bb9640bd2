import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flagSettings, loadConfig, readConfig } from './load-config.ts';
import { settingVariables } from './setting-variables.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-config-'));
  await mkdir(join(folder, 'etc'));
  await writeFile(
    join(folder, 'etc/prod.yaml'),
    `rules: { folders: [rules] }
suppressions: { files: [accepted.yaml, /srv/accepted.yaml] }
store: { address: state/portcullis.db }
aws: { accounts: [{ id: "111122223333", roleArn: "arn:aws:iam::111122223333:role/audit", externalId: "\${file:external-id}" }] }
sources: [{ name: logs, kind: folder, path: ../logs }]
channels: [{ name: log, type: ocsf-file, path: findings.ndjson }]
`,
  );
});

afterAll(() => rm(folder, { recursive: true }));

const file = 'etc/prod.yaml';

describe('the file', () => {
  test('is the one that is named, or the one of the variable, or the usual one, or none', async () => {
    const named = await readConfig({ file, folder, env: { PORTCULLIS_CONFIG: 'nowhere' } });
    expect(named.file).toBe(join(folder, file));
    const ofVariable = await readConfig({ folder, env: { PORTCULLIS_CONFIG: file } });
    expect(ofVariable.file).toBe(join(folder, file));
    expect((await readConfig({ folder, env: {} })).file).toBeNull();
    await writeFile(join(folder, 'portcullis.yaml'), 'retention: { days: 7 }\n');
    const usual = await loadConfig({ folder, env: {} });
    await rm(join(folder, 'portcullis.yaml'));
    expect(usual.retention.days).toBe(7);
  });

  test('has to be there when it is named', async () => {
    await expect(loadConfig({ file: 'none.yaml', folder, env: {} })).rejects.toMatchObject({
      code: 'config/not-readable',
      message: 'there is no such file',
    });
  });

  test('has paths that start at its folder', async () => {
    const config = await loadConfig({ file, folder, env: {} });
    expect(config.rules.folders).toEqual([join(folder, 'etc/rules')]);
    expect(config.suppressions.files).toEqual([
      join(folder, 'etc/accepted.yaml'),
      '/srv/accepted.yaml',
    ]);
    expect(config.store.address).toBe(join(folder, 'etc/state/portcullis.db'));
    expect(config.sources[0]).toMatchObject({ path: join(folder, 'logs') });
    expect(config.channels[0]).toMatchObject({ path: join(folder, 'etc/findings.ndjson') });
    expect(config.aws.accounts[0]?.externalId).toBe(`\${file:${join(folder, 'etc/external-id')}}`);
  });
});

describe('an address of a store that is no path stays as it is', () => {
  test.each([':memory:', 'postgres://db/portcullis', 'sqlite:data.db', '${DATABASE}'])(
    '%s',
    async (address) => {
      const env = { PORTCULLIS_STORE_ADDRESS: address };
      expect((await loadConfig({ folder, env })).store.address).toBe(address);
    },
  );
});

describe('the environment and flags', () => {
  test('are laid over the file, flags over the environment, and their paths start elsewhere', async () => {
    const env = {
      PORTCULLIS_RULES_FOLDERS: 'mine, theirs,',
      PORTCULLIS_STORE_ADDRESS: 'env.db',
      PORTCULLIS_SERVE_PORT: '81',
      PORTCULLIS_RETENTION_DAYS: '',
    };
    const flags = flagSettings([
      { flag: '--store', path: ['store', 'address'], value: 'flag.db' },
      { flag: '--port', path: ['serve', 'port'], value: undefined },
      { flag: '--region', path: ['aws', 'regions'], value: [] },
    ]);
    const config = await loadConfig({ file, folder, env, flags });
    expect(config.rules.folders).toEqual([join(folder, 'mine'), join(folder, 'theirs')]);
    expect(config.store.address).toBe(join(folder, 'flag.db'));
    expect(config.serve.port).toBe(81);
    expect(config.retention.days).toBe(400);
  });

  test('have a variable for every setting that is a text, a number or a list of texts', () => {
    expect(settingVariables.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'PORTCULLIS_STORE_ADDRESS',
        'PORTCULLIS_AWS_ENDPOINT_URL',
        'PORTCULLIS_AWS_REGIONS',
        'PORTCULLIS_SERVE_OIDC_CLIENT_SECRET',
        'PORTCULLIS_SERVE_RATE_LIMITS_REQUESTS_PER_MINUTE',
      ]),
    );
    expect(new Set(settingVariables.map(({ name }) => name)).size).toBe(settingVariables.length);
  });

  test('are named where they are wrong', async () => {
    const env = { PORTCULLIS_SERVE_PORT: 'http' };
    await expect(loadConfig({ folder, env })).rejects.toMatchObject({
      code: 'config/bad-file',
      place: 'PORTCULLIS_SERVE_PORT (environment)',
    });
  });

  test('several mistakes are counted, and the first is told', async () => {
    const env = { PORTCULLIS_SERVE_PORT: 'http', PORTCULLIS_RETENTION_DAYS: '0' };
    await expect(loadConfig({ folder, env })).rejects.toThrow(/serve\.port .* \(and 1 more error;/);
  });

  test('a variable that is nearly one draws a remark, one that a secret needs does not', async () => {
    await writeFile(
      join(folder, 'near.yaml'),
      'store: { address: "${PORTCULLIS_STORE_ADRESS}" }\n',
    );
    const env = { PORTCULLIS_SERVE_PROT: '1', PORTCULLIS_STORE_ADRESS: 'x', PORTCULLIS_OTHER: '1' };
    const { remarks } = await readConfig({ file: 'near.yaml', folder, env });
    expect(remarks).toEqual([
      'The environment variable PORTCULLIS_SERVE_PROT sets nothing. Did you mean PORTCULLIS_SERVE_PORT?',
    ]);
  });
});
