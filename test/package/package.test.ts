// The package as its users get it: packed, installed in an empty folder by the real npm, run as a
// command, and imported by a program that the compiler has checked against the package's own types.

import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { formatNames } from '../../src/render/formats.ts';
import {
  copyProject,
  projectFiles,
  projectRoot,
  removeFolder,
  temporaryFolder,
} from '../support/project-copy.ts';
import { runCommand, type CommandOptions, type CommandResult } from '../support/run-command.ts';

const root = temporaryFolder();
const project = join(root, 'project');
const consumer = join(root, 'consumer');

const packed = z.array(
  z.object({
    filename: z.string(),
    unpackedSize: z.number(),
    files: z.array(z.object({ path: z.string() })),
  }),
);

let packedFiles: readonly string[] = [];
let unpackedBytes = 0;

function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return runCommand(program, args, {
    cwd: consumer,
    ...options,
    env: { PATH: path, ...options.env },
  });
}

async function mustRun(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await run(program, args, options);
  if (result.exitCode !== 0) {
    throw new Error(`${[program, ...args].join(' ')}:\n${result.stdout}${result.stderr}`);
  }
  return result;
}

const aRecord = {
  eventVersion: '1.08',
  eventTime: '2026-03-01T08:00:00Z',
  eventID: '3b1f4c3e-0000-4000-8000-000000000001',
  eventSource: 'ec2.amazonaws.com',
  eventName: 'AuthorizeSecurityGroupIngress',
  awsRegion: 'us-east-1',
  recipientAccountId: '111122223333',
  sourceIPAddress: '198.51.100.7',
  userAgent: 'aws-cli/2.15.0',
  userIdentity: {
    type: 'IAMUser',
    accountId: '111122223333',
    arn: 'arn:aws:iam::111122223333:user/alice',
    userName: 'alice',
  },
  requestParameters: {
    groupId: 'sg-0a1b2c3d4e5f60718',
    ipPermissions: {},
    ipProtocol: 'tcp',
    fromPort: 22,
    toPort: 22,
    cidrIp: '0.0.0.0/0',
  },
  responseElements: { _return: true },
};

beforeAll(async () => {
  copyProject(project);
  symlinkSync(join(projectRoot, 'node_modules'), join(project, 'node_modules'));
  mkdirSync(consumer);
  const { stdout } = await mustRun('npm', ['pack', '--json', '--pack-destination', root], {
    cwd: project,
  });
  // What the build says stands before npm's JSON.
  const [tarball] = packed.parse(JSON.parse(stdout.slice(stdout.search(/^\[/m))));
  if (tarball === undefined) throw new Error('npm packed nothing');
  packedFiles = tarball.files.map(({ path }) => path);
  unpackedBytes = tarball.unpackedSize;

  writeFileSync(join(consumer, 'package.json'), '{ "private": true, "type": "module" }\n');
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
  await mustRun('npm', [...install, join(root, tarball.filename)]);
  writeFileSync(join(consumer, 'log.json'), JSON.stringify({ Records: [aRecord] }));
});

afterAll(() => removeFolder(root));

describe('the package', () => {
  test('holds the code, the rules, the license and the documentation', () => {
    const rules = readdirSync(join(projectRoot, 'rules')).map((id) => `rules/${id}/rule.yaml`);
    expect(packedFiles).toEqual(
      expect.arrayContaining([
        'dist/cli/main.js',
        'dist/index.js',
        'dist/index.d.ts',
        'dist/query/index.js',
        'dist/query/index.d.ts',
        'dist/lambda/index.js',
        'dist/lambda/index.d.ts',
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'docs/rules/writing.md',
        ...rules,
      ]),
    );
  });

  test('holds no tests, no sources and nothing large', () => {
    const unwanted = /\.test\.|(?<!\.d)\.ts$|^src\/|^test\/|\/kernel\/|tsconfig/;
    expect(packedFiles.filter((path) => unwanted.test(path))).toEqual([]);
    expect(unpackedBytes).toBeLessThan(5_000_000);
  });

  test('has in dist/ every module and asset of src/', () => {
    const modules = projectFiles(join(projectRoot, 'src'))
      .filter((path) => !/\.test\.ts$|^src\/decode\/kernel\/|tsconfig\.json$/.test(path))
      .map((path) => path.replace(/^src\//, 'dist/').replace(/(?<!\.d)\.ts$/, '.js'));
    const present = new Set(packedFiles);
    expect(modules.filter((path) => !present.has(path))).toEqual([]);
  });

  test('says where everything is: each path that its manifest names exists', () => {
    const manifest = z
      .object({ bin: z.record(z.string(), z.string()), exports: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')));
    const named = JSON.stringify([manifest.bin, manifest.exports]).match(/dist\/[^"]+/g) ?? [];
    expect(named.length).toBeGreaterThan(4);
    expect(packedFiles).toEqual(expect.arrayContaining(named));
  });
});

describe('the installed command', () => {
  const command = join(consumer, 'node_modules/.bin/portcullis');

  test('prints its version', async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')));
    expect(await run(command, ['--version'])).toMatchObject({
      exitCode: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  test('finds what a file shows', async () => {
    const result = await run(command, ['scan', 'log.json', '--format', 'json']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      exposures: [{ port: 22, groupId: 'sg-0a1b2c3d4e5f60718', openedAt: '2026-03-01T08:00:00Z' }],
      signals: [{ severity: 'high', status: 'open' }],
      problems: [],
    });
  });

  test('finds the same when threads read', async () => {
    const folder = join(consumer, 'many');
    mkdirSync(folder);
    for (let index = 0; index < 40; index += 1) {
      const record = {
        ...aRecord,
        eventID: `3b1f4c3e-0000-4000-8000-${String(index).padStart(12, '0')}`,
      };
      writeFileSync(join(folder, `${index}.json`), JSON.stringify({ Records: [record] }));
    }
    const result = await run(command, ['scan', 'many', '--format', 'json']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      stats: { files: 40 },
      exposures: [{ port: 22 }],
    });
  });

  test.each(formatNames)('writes the format %s', async (format) => {
    const result = await run(command, ['scan', 'log.json', '--format', format]);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain('sg-0a1b2c3d4e5f60718');
  });

  test('finds its rules', async () => {
    const result = await run(command, ['rules', 'list']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    for (const id of readdirSync(join(projectRoot, 'rules'))) expect(result.stdout).toContain(id);
  });
});

describe('the installed library', () => {
  // The compiler as a user's project would have it: strict, and looking into the package's types too.
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    types: ['node'],
    typeRoots: [join(projectRoot, 'node_modules/@types')],
    noEmit: true,
  };

  async function expectTypesRight(
    folder: string,
    files: Readonly<Record<string, string>>,
  ): Promise<void> {
    mkdirSync(join(consumer, folder));
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(consumer, folder, name), text);
    }
    const config = { compilerOptions, files: Object.keys(files) };
    writeFileSync(join(consumer, folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(projectRoot, 'node_modules/.bin/tsc');
    const result = await run(compiler, ['--project', folder]);
    expect(`${result.stdout}${result.stderr}`).toBe('');
    expect(result.exitCode).toBe(0);
  }

  const program = `
import { readFileSync } from 'node:fs';
import {
  builtInRulesDirectory,
  detect,
  loadRules,
  PortcullisError,
  scan,
  type DetectResult,
  type Exposure,
  type Rule,
  type ScanResult,
} from 'portcullis';
import { createLambdaHandler } from 'portcullis/lambda';
import { compileQuery, parseQuery } from 'portcullis/query';

const rules: readonly Rule[] = await loadRules([builtInRulesDirectory()]);
const log = JSON.parse(readFileSync('log.json', 'utf8')) as { Records: unknown[] };
const detected: DetectResult = detect(log.Records, { rules });
const scanned: ScanResult = await scan(['log.json'], { rules });
const byAlice = compileQuery(parseQuery('@userIdentity.userName:alice'));

function brief(exposures: readonly Exposure[]): string {
  return exposures.map(({ port, openedBy }) => \`\${port} \${openedBy.sessionName}\`).join();
}

let code = '';
try {
  await scan(['no such file'], { rules });
} catch (error) {
  if (error instanceof PortcullisError) code = error.code;
}

console.log(brief(detected.exposures));
console.log(brief(scanned.exposures), scanned.problems.length);
console.log(log.Records.filter(byAlice).length);
console.log(code);

const told: string[] = [];
const handler = createLambdaHandler({
  sinks: [(signals) => void told.push(...signals.map(({ ruleId }) => ruleId))],
});
console.log((await handler(log)).batchItemFailures.length, told.join());
`;

  test('is used by a program that type-checks and runs', async () => {
    await expectTypesRight('program', { 'main.ts': program });
    const result = await run(process.execPath, ['program/main.ts']);
    expect(result).toMatchObject({
      stderr: '',
      stdout: '22 alice\n22 alice 0\n1\nusage/no-input\n0 aws-sg-admin-port-open-to-world\n',
      exitCode: 0,
    });
  });

  test('is used rightly by every TypeScript example in the documentation', async () => {
    const pages = projectFiles().filter((path) => path.endsWith('.md'));
    const examples = pages.flatMap((page) =>
      [...readFileSync(join(projectRoot, page), 'utf8').matchAll(/^```ts\n([^]*?)^```$/gm)].map(
        ([, text = ''], index): [string, string] => [
          `${page.replaceAll(/\W/g, '-')}-${index + 1}.ts`,
          `${text}\nexport {};\n`,
        ],
      ),
    );
    expect(examples.length).toBeGreaterThan(2);
    await expectTypesRight('examples', Object.fromEntries(examples));
  });

  test('gives nothing but what its manifest exports', async () => {
    const result = await run(process.execPath, [
      '--input-type=module',
      '--eval',
      `await import('portcullis/dist/pipeline.js')`,
    ]);
    expect(result.stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  test.each(['index', 'query/index'])('documents every value that %s exports', (entry) => {
    const types = join(consumer, 'node_modules/portcullis/dist', `${entry}.d.ts`);
    const statements = [
      ...readFileSync(types, 'utf8').matchAll(/^export \{ (.*) \} from '(.*)\.ts';$/gm),
    ];
    expect(statements.length).toBeGreaterThan(3);
    for (const [, names = '', module = ''] of statements) {
      const declarations = readFileSync(join(dirname(types), `${module}.d.ts`), 'utf8');
      for (const name of names.split(', ').filter((text) => !text.startsWith('type '))) {
        expect(declarations).toMatch(new RegExp(`\\*/\\nexport declare \\w+ ${name}\\b`));
      }
    }
  });
});
