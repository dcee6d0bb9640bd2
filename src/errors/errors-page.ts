// The page of error codes, docs/errors.md, made from the catalogue; a test fails when it is stale.

import { catalogue, type ErrorEntry } from './catalogue.ts';

export function errorsPage(): string {
  const entries = Object.entries<ErrorEntry>(catalogue);
  const ofKind = (kind: ErrorEntry['kind']): string =>
    entries
      .filter(([, entry]) => entry.kind === kind)
      .map(
        ([code, { meaning, nextStep }]) =>
          `### \`${code}\`\n\n${meaning}\n\n*Next step:* ${nextStep}`,
      )
      .join('\n\n');
  return (
    `# Error codes\n\n` +
    `Every error has a code that stays the same from version to version. ` +
    `This page is made from the catalogue in the code by \`npm run docs\`.\n\n` +
    `## Faults\n\n` +
    `A fault ends the command with exit code 2. It is printed with its place, where it has one, ` +
    `and with the next step to take. The HTTP API answers with the same codes, and goes on.\n\n` +
    `${ofKind('fault')}\n\n` +
    `## Problems\n\n` +
    `A problem is reported and everything else is still read: it stands in \`problems\` of the JSON ` +
    `output and below the table. With \`--strict\` a problem makes the exit code 2.\n\n` +
    `${ofKind('problem')}\n`
  );
}
