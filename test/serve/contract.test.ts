// What the contract says is what the server does: schemathesis makes requests from `openapi.json`, good
// and bad ones, and holds every answer against it.

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createOidcLogin } from '../../src/serve/access/oidc-login.ts';
import { createSessions } from '../../src/serve/access/sessions.ts';
import { startServer } from '../../src/serve/start-server.ts';
import { contractOf } from '../../src/serve/create-app.ts';
import { startLoginProvider } from '../support/login-provider.ts';
import { runCommand } from '../support/run-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { openServed } from '../support/served.ts';

const program = resolve(import.meta.dirname, '../../.portcullis/venv/bin/schemathesis');

/** What is too large is refused by its size, before anybody looks into it. */
const configuration = `
[checks]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "413", "414", "415", "429", "431"]
`;

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'allow_header_conformance',
  'ignored_auth',
];

test('no request that the contract leads to is answered with an error of ours, or otherwise than it says', async () => {
  if (!existsSync(program)) throw new Error(`There is no ${program}: \`npm test\` sets it up.`);
  const key = Buffer.alloc(32, 3);
  const clock = (): number => Date.now();
  const provider = await startLoginProvider({
    callback: 'http://127.0.0.1/auth/callback',
    groups: {},
  });
  onTestFinished(() => provider.stop());
  const settings = {
    issuer: provider.issuer,
    clientId: provider.clientId,
    scopes: ['openid'],
    roleClaim: 'groups',
    roles: { admin: [], responder: [], viewer: [] },
  };
  const sessions = await createSessions(
    { key: async () => key, ended: async () => new Set(), end: async () => undefined },
    clock,
    60,
  );
  const served = await openServed({
    access: { login: { oidc: createOidcLogin(settings, key, clock), sessions } },
    // A stream would go on for longer than anybody waits.
    streams: { most: 100, mostOfOne: 100, heartbeatSeconds: 1, lifeSeconds: 0.02 },
  });
  const ending = new AbortController();
  const server = await startServer(
    served.app,
    { host: '127.0.0.1', port: 0, isProtected: true },
    ending.signal,
  );
  onTestFinished(async () => {
    ending.abort();
    await server.ended;
  });
  const folder = await scratchFolder();
  await writeFile(join(folder, 'schemathesis.toml'), configuration);
  const result = await runCommand(
    program,
    [
      'run',
      `${server.url}/openapi.json`,
      `--header=Authorization: Bearer ${served.tokens.admin}`,
      `--checks=${checks.join(',')}`,
      '--phases=examples,coverage,fuzzing',
      '--max-examples=8',
      '--seed=7',
      '--workers=2',
      '--request-timeout=10',
      '--max-redirects=0',
      '--generation-database=none',
      '--no-color',
    ],
    { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: '1' } },
  );
  if (result.exitCode !== 0) {
    throw new Error(`${result.stdout.slice(-6000)}${result.stderr.slice(-2000)}`);
  }
  const operations = Object.values(contractOf(served.app, '1').paths ?? {}).flatMap(Object.keys);
  // All but the contract itself, which it reads instead.
  expect(result.stdout).toMatch(new RegExp(`Tested:\\s+${operations.length - 1}\\b`));
}, 240_000);

test('the contract is OpenAPI 3.1, names every operation once, and says what each answers', async () => {
  const served = await openServed();
  const answer = await served.request('GET', '/openapi.json');
  const document = (await answer.json()) as {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string; responses: object; tags: object }>>;
  };
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.values(document.paths).flatMap((each) => Object.entries(each));
  const names = operations.map(([, { operationId }]) => operationId);
  expect(new Set(names).size).toBe(names.length);
  for (const [method, { responses }] of operations) {
    const statuses = Object.keys(responses);
    expect(statuses).toEqual(
      expect.arrayContaining(['400', '405', '413', '414', '429', '500', '503']),
    );
    expect(statuses.some((status) => /^[23]/.test(status))).toBe(true);
    expect([method, statuses.includes('415')]).toEqual([method, method !== 'get']);
  }
});
