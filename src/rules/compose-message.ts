// Joins a rule's message with its triage steps. The steps stand once in the rule file, and appear
// in every signal's message with the commands filled in, and on the rule's page.

import type { TriageStep } from '../model/rule.ts';

/** The whole message template, in Markdown: what happened, then what to do where steps say so. */
export function composeMessage(message: string, triage: readonly TriageStep[]): string {
  if (triage.length === 0) return message.trim();
  return `${message.trim()}\n\n### Triage and response\n\n${triageMarkdown(triage)}`;
}

/** The steps as a numbered Markdown list, with details and commands inside their step. */
export function triageMarkdown(triage: readonly TriageStep[]): string {
  return triage.map((step, index) => stepMarkdown(step, `${index + 1}. `)).join('\n');
}

function stepMarkdown({ step, details, commands }: TriageStep, number: string): string {
  const indent = ' '.repeat(number.length);
  const blocks: string[][] = [];
  if (details.length > 0) blocks.push(details.map((detail) => `- ${detail}`));
  // A block each: what is copied as one is run as one, and some commands are alternatives.
  for (const command of commands) blocks.push(['```sh', ...command.trimEnd().split('\n'), '```']);
  const body = blocks.map((lines) => lines.map((line) => `${indent}${line}\n`).join(''));
  return [`${number}${step}\n`, ...body].join('\n');
}
