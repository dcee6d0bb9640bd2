// Runs the project's checks and tests and ends with their sum. `fast` is what a person runs while
// working; `all` is what has to pass before a change is taken. Whatever fails, the rest still runs,
// and the exit code is 0 only when everything passed.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { z } from 'zod';

type Step = { readonly name: string; readonly command: readonly string[] };
type Outcome = { readonly exitCode: number; readonly output: string; readonly seconds: number };
type Tally = { passed: number; failed: number; skipped: number };

/** The part of vitest's JSON report that is read here. */
const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});
type VitestReport = z.infer<typeof vitestReport>;

const root = resolve(import.meta.dirname, '..');
const reports = resolve(root, 'reports/tests');

const staticSteps: readonly Step[] = [
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '--quiet'] },
  { name: 'types', command: ['tsc'] },
  { name: 'types of pages', command: ['tsc', '--project', 'src/render/html/client'] },
  { name: 'types, browser', command: ['tsc', '--project', 'src/render/html/client'] },
];

const fastProjects = ['unit'];
const allProjects = ['unit', 'wide', 'alone'];

function run(command: readonly string[]): Promise<Outcome> {
  const [program = '', ...args] = command;
  const start = performance.now();
  return new Promise((done) => {
    const chunks: Buffer[] = [];
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => void chunks.push(chunk);
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => keep(Buffer.from(`${error.message}\n`)));
    child.on('close', (code) => {
      done({
        exitCode: code ?? 1,
        output: Buffer.concat(chunks).toString(),
        seconds: (performance.now() - start) / 1000,
      });
    });
  });
}

function line(mark: string, name: string, rest: string): void {
  console.log(`${mark.padEnd(4)}  ${name.padEnd(20)}  ${rest}`);
}

function seconds(outcome: Outcome): string {
  return `${outcome.seconds.toFixed(1)} s`;
}

async function runStatic(step: Step, total: Tally): Promise<void> {
  const outcome = await run(step.command);
  const passed = outcome.exitCode === 0;
  total[passed ? 'passed' : 'failed'] += 1;
  line(passed ? 'ok' : 'FAIL', step.name, seconds(outcome));
  if (!passed) console.log(outcome.output);
}

/** The suite that a test file belongs to: `unit` below src/, else its folder below test/. */
function suiteOf(file: string): string {
  const [top, folder = ''] = relative(root, file).split(sep);
  return top === 'test' ? folder : 'unit';
}

function readReport(path: string): VitestReport | null {
  try {
    return vitestReport.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

function tallyOf(report: VitestReport): { suites: Map<string, Tally>; skipped: string[] } {
  const suites = new Map<string, Tally>();
  const skipped: string[] = [];
  for (const file of report.testResults) {
    const name = suiteOf(file.name);
    const tally = suites.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
    suites.set(name, tally);
    for (const test of file.assertionResults) {
      if (test.status === 'passed') tally.passed += 1;
      else if (test.status === 'failed') tally.failed += 1;
      else {
        tally.skipped += 1;
        skipped.push(`${relative(root, file.name)}: ${test.fullName}`);
      }
    }
    // A file that broke outside of its tests, as at an import, has a failure but no failed test.
    const hasFailedTest = file.assertionResults.some((test) => test.status === 'failed');
    if (file.status === 'failed' && !hasFailedTest) tally.failed += 1;
  }
  return { suites, skipped };
}

async function runTests(project: string, total: Tally): Promise<void> {
  const reportFile = resolve(reports, `${project}.json`);
  const outcome = await run([
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
  ]);
  const report = readReport(reportFile);
  const { suites, skipped } =
    report === null ? { suites: new Map<string, Tally>(), skipped: [] } : tallyOf(report);
  let failed = 0;
  for (const [suite, tally] of suites) {
    const parts = [`${tally.passed} passed`];
    if (tally.failed > 0) parts.push(`${tally.failed} failed`);
    if (tally.skipped > 0) parts.push(`${tally.skipped} skipped`);
    line(tally.failed > 0 ? 'FAIL' : 'ok', suite, parts.join(', '));
    total.passed += tally.passed;
    total.skipped += tally.skipped;
    failed += tally.failed;
  }
  // The runner may also fail for a reason that no test carries, such as an error after the last one.
  if (failed === 0 && outcome.exitCode !== 0) {
    line('FAIL', `${project} tests`, `exit code ${outcome.exitCode}`);
    failed = 1;
  }
  total.failed += failed;
  if (failed > 0) console.log(outcome.output);
  for (const name of skipped) console.log(`      skipped: ${name}`);
  console.log(`      (${project} tests took ${seconds(outcome)})`);
}

async function main(kind: string | undefined): Promise<void> {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  await Promise.all(staticSteps.map((step) => runStatic(step, total)));
  for (const project of kind === 'all' ? allProjects : fastProjects) await runTests(project, total);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main(process.argv[2]);
