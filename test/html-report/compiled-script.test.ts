// The page's script in the form in which the package carries it: compiled, then joined as from source.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';

import { linkModules } from '../../src/render/html/link-modules.ts';
import { runCommand } from '../support/run-command.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'portcullis-script-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the compiled script of the report', () => {
  it('joins into one script that parses', async () => {
    const tsc = resolve(root, 'node_modules/typescript/bin/tsc');
    const project = ['--project', resolve(root, 'src/render/html/client')];
    const output = ['--noEmit', 'false', '--rootDir', resolve(root, 'src'), '--outDir', folder];
    const { stdout, exitCode } = await runCommand(process.execPath, [tsc, project, output].flat());
    expect(stdout).toBe('');
    expect(exitCode).toBe(0);
    const script = linkModules('main', (name) =>
      readFileSync(join(folder, 'render/html/client', `${name}.js`), 'utf8'),
    );
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toContain('</script');
  });
});
