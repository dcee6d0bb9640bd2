import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { ExposureRule } from '../model/rule.ts';
import { builtInRulesDirectory, loadRules, readRules } from './load-rules.ts';
import { prepareRules } from './prepare-rules.ts';
import { readPrepared } from './prepared-rules.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portcullis rules '));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function ruleText(id: string, exposure = '{ ports: [{ port: 8443, service: Console }] }'): string {
  return `id: ${id}
name: A rule
version: 1.0.0
severity: low
goal: g
strategy: s
exposure: ${exposure}
triage: [{ step: Look. }]
title: t
message: m
changelog: [{ version: 1.0.0, date: 2026-11-24, changes: [First.] }]
`;
}

async function put(path: string, text: string | Uint8Array): Promise<void> {
  const file = join(directory, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
}

async function exposureRules(...directories: string[]): Promise<readonly ExposureRule[]> {
  return (await loadRules(directories)).filter((rule) => rule.kind === 'exposure');
}

async function errorsOf(...directories: string[]): Promise<readonly PortcullisError[]> {
  const { errors } = await readRules(directories);
  return errors;
}

async function errorOf(...directories: string[]): Promise<PortcullisError> {
  const errors = await errorsOf(...directories);
  expect(errors.map((error) => `${error.place} ${error.message}`)).toHaveLength(1);
  return errors[0]!;
}

describe('the built-in rules', () => {
  test('load, with the ports of the detection contract', async () => {
    const rules = await exposureRules(builtInRulesDirectory());
    expect(rules.map(({ id, severity, enabled }) => [id, severity, enabled])).toEqual([
      ['aws-sg-admin-port-open-to-world', 'high', true],
      ['aws-sg-database-port-open-to-world', 'high', true],
      ['aws-sg-open-to-world', 'medium', true],
    ]);
    const [admin, database, other] = rules.map((rule) => rule.exposure);
    expect(admin?.ports).toEqual([
      { port: 21, service: 'FTP' },
      { port: 22, service: 'SSH' },
      { port: 23, service: 'Telnet' },
      { port: 445, service: 'SMB' },
      { port: 2375, service: 'Docker daemon' },
      { port: 3389, service: 'RDP' },
      { port: 5900, service: 'VNC' },
      { port: 5985, service: 'WinRM HTTP' },
      { port: 5986, service: 'WinRM HTTPS' },
    ]);
    expect(database?.ports?.map(({ port }) => port)).toEqual([
      1433, 3306, 5432, 5984, 6379, 6984, 9200, 27017,
    ]);
    expect(other).toMatchObject({
      protocols: ['tcp', 'udp'],
      ports: null,
      exceptTcpPorts: [
        21, 22, 23, 445, 1433, 2375, 3306, 3389, 5432, 5900, 5984, 5985, 5986, 6379, 6984, 9200,
        27017,
      ],
      expectedPorts: [80, 443],
    });
    for (const { coverageThreshold } of rules.map((rule) => rule.exposure)) {
      expect(coverageThreshold).toBe(0.25);
    }
  });

  test('carry tactic, technique and sub-technique', async () => {
    for (const { tags } of await loadRules([builtInRulesDirectory()])) {
      expect(tags).toContain('tactic:TA0005-defense-evasion');
      expect(tags).toContain('technique:T1562-impair-defenses');
      expect(tags).toContain('sub_technique:T1562.007-disable-or-modify-cloud-firewall');
    }
  });

  test('are the same whether prepared or checked afresh', async () => {
    const prepared = await readRules([builtInRulesDirectory()]);
    const checked = await readRules([builtInRulesDirectory()], new Map());
    expect(checked.errors).toEqual([]);
    expect(prepared).toEqual(checked);
  });
});

describe('rules of one’s own', () => {
  test('are loaded beside the built-in ones, in the order of their folders', async () => {
    await put('b-rule/rule.yaml', ruleText('b-rule'));
    await put('a-rule/rule.yaml', ruleText('a-rule'));
    await put('README.md', 'not a rule');
    await put('.git/config', 'not a rule');
    const rules = await loadRules([builtInRulesDirectory(), directory]);
    expect(rules.map(({ id }) => id).slice(-2)).toEqual(['a-rule', 'b-rule']);
  });

  test('may be one folder', async () => {
    await put('a-rule/rule.yaml', ruleText('a-rule'));
    const rules = await loadRules([`${join(directory, 'a-rule')}/`]);
    expect(rules.map(({ id }) => id)).toEqual(['a-rule']);
  });

  test('may be reached through a symbolic link', async () => {
    await put('real/a-rule/rule.yaml', ruleText('a-rule'));
    await mkdir(join(directory, 'linked'));
    await symlink(join(directory, 'real', 'a-rule'), join(directory, 'linked', 'a-rule'));
    await put('real/LICENSE', 'not a rule');
    await symlink(join(directory, 'real', 'LICENSE'), join(directory, 'linked', 'LICENSE'));
    expect(await loadRules([join(directory, 'linked')])).toHaveLength(1);
  });

  test('that are named twice are loaded once', async () => {
    await put('a-rule/rule.yaml', ruleText('a-rule'));
    const { rules, errors } = await readRules([directory, join(directory, 'a-rule')]);
    expect(errors).toEqual([]);
    expect(rules.map((rule) => rule.directory)).toEqual([join(directory, 'a-rule')]);
  });

  test('may leave ports to built-in rules', async () => {
    const exposure = '{ otherPorts: { exceptPortsOf: [aws-sg-database-port-open-to-world] } }';
    await put('a-rule/rule.yaml', ruleText('a-rule', exposure));
    const rules = await exposureRules(builtInRulesDirectory(), directory);
    expect(rules.at(-1)?.exposure.exceptTcpPorts).toContain(5432);
  });
});

describe('what does not load stops the command', () => {
  test('with the first error thrown', async () => {
    await put('a-rule/rule.yaml', 'id: [');
    await put('b-rule/rule.yaml', ruleText('c-rule'));
    await expect(loadRules([directory])).rejects.toMatchObject({
      name: 'PortcullisError',
      code: 'rule/bad-yaml',
      place: `${join(directory, 'a-rule', 'rule.yaml')}:1:6`,
    });
    const places = (await errorsOf(directory)).map((error) => error.place);
    expect(places).toEqual([
      `${join(directory, 'a-rule', 'rule.yaml')}:1:6`,
      `${join(directory, 'b-rule', 'rule.yaml')}:1:5`,
    ]);
  });

  test('a directory that is not there', async () => {
    const error = await errorOf(join(directory, 'nowhere'));
    expect(error.code).toBe('rule/not-readable');
    expect(error.message).toBe('there is no such file or folder');
    expect(error.place).toBe(join(directory, 'nowhere'));
  });

  test('a file in place of a directory', async () => {
    await put('file', '');
    expect((await errorOf(join(directory, 'file'))).message).toBe('it is not a folder');
  });

  test('a directory without rules', async () => {
    expect((await errorOf(directory)).message).toBe('the folder holds no rules');
  });

  test('a folder without rule.yaml', async () => {
    await put('a-rule/notes.txt', '');
    const error = await errorOf(directory);
    expect(error.code).toBe('rule/not-readable');
    expect(error.message).toBe('there is no such file or folder');
    expect(error.place).toBe(join(directory, 'a-rule', 'rule.yaml'));
  });

  test.each([
    ['a-rule/rule.yml', '"rule.yml" is not read as a rule', 'Rename it to rule.yaml.'],
    ['a-rule/other.yaml', '"other.yaml" is not read as a rule', 'other/rule.yaml.'],
    ['my-rule.yaml', '"my-rule.yaml" is not read as a rule', 'my-rule/rule.yaml.'],
  ])('a rule in a file that nothing reads: %s', async (path, message, hint) => {
    await put(path, ruleText('a-rule'));
    const error = await errorOf(directory);
    expect(error.message).toBe(message);
    expect(error.place).toBe(join(directory, path));
    expect(error.hint).toContain(hint);
  });

  test('a symbolic link that leads nowhere', async () => {
    await symlink(join(directory, 'nowhere'), join(directory, 'a-rule'));
    expect((await errorOf(directory)).message).toBe('there is no such file or folder');
  });

  test('a stray file, without hiding the errors of the rules beside it', async () => {
    await put('a-rule/rule.yaml', ruleText('b-rule'));
    await put('stray.yaml', '');
    const places = (await errorsOf(directory)).map((error) => error.place);
    expect(places).toEqual([
      join(directory, 'stray.yaml'),
      `${join(directory, 'a-rule', 'rule.yaml')}:1:5`,
    ]);
  });

  test('a file that is not UTF-8', async () => {
    await put('a-rule/rule.yaml', new Uint8Array([0x69, 0x64, 0x3a, 0x20, 0xff]));
    const error = await errorOf(directory);
    expect(error.code).toBe('rule/bad-yaml');
    expect(error.message).toBe('the file is not UTF-8');
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    await put('a-rule/rule.yaml', ruleText('a-rule'));
    await chmod(join(directory, 'a-rule', 'rule.yaml'), 0);
    expect((await errorOf(directory)).message).toBe('you may not read it');
  });

  test('a rule.yaml that is a folder', async () => {
    await mkdir(join(directory, 'a-rule', 'rule.yaml'), { recursive: true });
    expect((await errorOf(directory)).message).toBe('it is a folder, not a file');
  });

  test('an id that a built-in rule has', async () => {
    const id = 'aws-sg-open-to-world';
    await put(`${id}/rule.yaml`, `# mine\n${ruleText(id)}`);
    const error = await errorOf(builtInRulesDirectory(), directory);
    expect(error.code).toBe('rule/duplicate-id');
    expect(error.message).toMatch(/^the id aws-sg-open-to-world is taken by .*rule\.yaml$/);
    expect(error.place).toBe(`${join(directory, id, 'rule.yaml')}:2:5`);
  });

  test('ports that are left to a rule that there is not', async () => {
    const exposure = '{ otherPorts: { exceptPortsOf: [b-rule, aws-sg-admin-port-open-to-wrld] } }';
    await put('a-rule/rule.yaml', ruleText('a-rule', exposure));
    await put('b-rule/rule.yaml', ruleText('b-rule'));
    const error = await errorOf(builtInRulesDirectory(), directory);
    expect(error.code).toBe('rule/bad-field');
    expect(error.message).toBe(
      'exposure.otherPorts.exceptPortsOf[1] is "aws-sg-admin-port-open-to-wrld"; ' +
        'expected the id of a rule that is loaded',
    );
    expect(error.place).toBe(`${join(directory, 'a-rule', 'rule.yaml')}:7:51`);
    expect(error.hint).toBe('Did you mean `aws-sg-admin-port-open-to-world`?');
  });

  test('but not with an error about a rule that is there and does not load', async () => {
    await put(
      'a-rule/rule.yaml',
      ruleText('a-rule', '{ otherPorts: { exceptPortsOf: [b-rule] } }'),
    );
    await put('b-rule/rule.yaml', ruleText('b-rule', '{}'));
    const error = await errorOf(directory);
    expect(error.place).toBe(`${join(directory, 'b-rule', 'rule.yaml')}:7:11`);
  });
});

describe('prepared rules', () => {
  test('count while the text of the rule is the same, and not a letter longer', async () => {
    await put('a-rule/rule.yaml', ruleText('a-rule'));
    const json = await prepareRules([join(directory, 'a-rule')]);
    await put('prepared.json', json.replace('"low"', '"critical"'));
    const prepared = await readPrepared(join(directory, 'prepared.json'));

    const same = await readRules([directory], prepared);
    expect(same.rules[0]?.rule).toMatchObject({ severity: 'critical' });

    await put('a-rule/rule.yaml', `${ruleText('a-rule')}# edited\n`);
    const edited = await readRules([directory], prepared);
    expect(edited.rules[0]?.rule).toMatchObject({ severity: 'low' });
  });

  test('that are not there are none', async () => {
    expect(await readPrepared(join(directory, 'nowhere.json'))).toEqual(new Map());
  });

  test('are not made of a rule with an error', async () => {
    await put('a-rule/rule.yaml', 'id: a-rule\n');
    await expect(prepareRules([join(directory, 'a-rule')])).rejects.toBeInstanceOf(PortcullisError);
  });
});
