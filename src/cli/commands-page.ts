// The page docs/commands.md: the help of every command, as the command itself prints it.

import type { Command } from 'commander';

const width = 96;

/** @param program with all commands added */
export function commandsPage(program: Command): string {
  const parts = [
    '# Commands',
    'Made from the help of the commands themselves by `npm run docs`. Exit codes: 0 when the command did its work; 1 when what was asked about is so (`--fail-on`, a failing rule test, a rule that could not be carried over whole); 2 when it could not do its work.',
    ...pagesBelow(program, ''),
  ];
  return `${parts.join('\n\n')}\n`;
}

function pagesBelow(command: Command, parents: string): readonly string[] {
  const name = `${parents} ${command.name()}`.trim();
  return [
    `## ${name}`,
    `\`\`\`text\n${helpOf(command)}\n\`\`\``,
    ...command.commands.flatMap((child) => pagesBelow(child, name)),
  ];
}

/** Help as on a terminal of fixed width, with the examples that are added to it. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => width,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}
