// The results of rule tests as a person and as a build server read them.
// Names come from files that anyone may write, so control characters never reach either.

import type { RuleTestResult } from './test-rules.ts';

export type TestTally = { readonly passed: number; readonly failed: number };

export function tally(tested: readonly RuleTestResult[]): TestTally {
  const results = tested.flatMap(({ results: ofRule }) => ofRule);
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  return { passed: results.length - failed, failed };
}

/** One line a case, what differs below it, a summary last. `verbose` lists passed cases too. */
export function testText(
  tested: readonly RuleTestResult[],
  options: { readonly verbose: boolean },
): string {
  const lines: string[] = [];
  for (const { rule, results } of tested) {
    const failed = results.filter(({ differences }) => differences.length > 0).length;
    const outcome = failed === 0 ? 'ok  ' : 'FAIL';
    const cases = results.length === 1 ? '1 case' : `${results.length} cases`;
    lines.push(
      `${outcome} ${rule.id} ${rule.version} (${cases}${failed === 0 ? '' : `, ${failed} failed`})`,
    );
    for (const { example, differences } of results) {
      const passed = differences.length === 0;
      if (passed && !options.verbose) continue;
      lines.push(`     ${passed ? 'ok  ' : 'FAIL'} ${example.name}`);
      if (passed) continue;
      lines.push(...differences.map((difference) => `          ${difference}`));
      lines.push(`          at ${example.place}`);
    }
  }
  const { passed, failed } = tally(tested);
  const rules = tested.length === 1 ? '1 rule' : `${tested.length} rules`;
  lines.push('', `${rules}, ${passed + failed} cases: ${passed} passed, ${failed} failed`);
  return `${lines.map(harmless).join('\n')}\n`;
}

/** JUnit XML: a suite per rule, a case per example. Times in seconds. */
export function testJunit(tested: readonly RuleTestResult[]): string {
  const all = tally(tested);
  const suites = tested.map((result) => {
    const { passed, failed } = tally([result]);
    const cases = result.results.map(({ example, differences, durationMs }) => {
      const attributes =
        `name="${xml(example.name)}" classname="${xml(result.rule.id)}" ` +
        `file="${xml(example.place)}" time="${seconds(durationMs)}"`;
      if (differences.length === 0) return `    <testcase ${attributes}/>`;
      return (
        `    <testcase ${attributes}>\n` +
        `      <failure message="${xml(differences[0] ?? '')}">${xml(differences.join('\n'))}` +
        `</failure>\n    </testcase>`
      );
    });
    const durationMs = result.results.reduce((sum, { durationMs: of }) => sum + of, 0);
    return (
      `  <testsuite name="${xml(result.rule.id)}" tests="${passed + failed}" ` +
      `failures="${failed}" errors="0" skipped="0" time="${seconds(durationMs)}">\n` +
      `${cases.join('\n')}\n  </testsuite>`
    );
  });
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<testsuites name="portcullis rules" tests="${all.passed + all.failed}" ` +
    `failures="${all.failed}" errors="0">\n${suites.join('\n')}\n</testsuites>\n`
  );
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function harmless(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD');
}

function xml(text: string): string {
  // XML 1.0 has no way to write most control characters or lone surrogates, escaped or not.
  return (
    text
      // oxlint-disable-next-line no-control-regex
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '\uFFFD')
      .toWellFormed()
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  );
}
