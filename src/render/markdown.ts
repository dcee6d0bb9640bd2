// A ticket's text for each signal, newest first: the message of its rule, under a heading that says
// how things stand. Whatever came out of a log is escaped; a rule's message already is.

import { isFoundByAudit } from '../model/audit.ts';
import type { ScanResult } from '../model/scan-result.ts';
import { escapeMarkdown, escapeMarkdownCode, stripControlsKeepLines } from '../template/escape.ts';
import { type FoldedExposures, foldExposures, newestFirst, type SignalStory } from './fold.ts';
import type { RenderContext } from './render-context.ts';
import {
  actorName,
  countText,
  coverageText,
  durationText,
  portText,
  secondsSince,
  suppressedText,
  timeText,
} from './words.ts';

export function* renderMarkdown(result: ScanResult, context: RenderContext): Generator<string> {
  yield `# ${headline(result)}\n`;
  for (const story of newestFirst(result)) {
    yield `\n${signalSection(story, context.now)}\n`;
  }
  if (result.undetermined.length > 0) {
    yield '\n## Changes that could not be judged\n\n';
    for (const change of result.undetermined) {
      const place = [change.groupId ?? '', change.accountId, change.region].filter(
        (part) => part !== '',
      );
      yield `- ${instant(change.eventTime)}, ${code(change.eventName)} in ${place.map(code).join(' ')}: ${escapeMarkdown(change.reason)} (event ${code(change.eventId)})\n`;
    }
  }
  if (result.problems.length > 0) {
    yield '\n## Problems while reading\n\n';
    for (const { code: problem, file, record, message } of result.problems) {
      const where = `${code(file)}${record === undefined ? '' : `, record ${record}`}`;
      yield `- ${where}: ${escapeMarkdown(message)} (\`${problem}\`)\n`;
    }
  }
  const { notRun = [], suppressed } = result;
  if (suppressed !== undefined) {
    yield `\n## Suppressed\n\n${escapeMarkdown(suppressedText(suppressed))}.\n`;
    for (const { signal, exposures, suppressions } of suppressed.hidden ?? []) {
      const by = suppressions.map(({ id, reason }) => `${code(id)} (${escapeMarkdown(reason)})`);
      const folds = foldExposures(exposures).map(
        (fold) => `  - ${exposureText(fold, context.now)}\n`,
      );
      yield `\n- SUPPRESSED by ${by.join(', ')}: ${signal.severity.toUpperCase()}, ${escapeMarkdown(signal.title)}, signal ${code(signal.id)} of rule ${code(signal.ruleId)}, first seen ${instant(signal.firstSeen)}\n${folds.join('')}`;
    }
  }
  if (notRun.length > 0) {
    yield '\n## Rules that were not run\n\n';
    for (const { ruleId, reason } of notRun) yield `- ${code(ruleId)}: ${escapeMarkdown(reason)}\n`;
  }
}

function headline({ signals, exposures }: ScanResult): string {
  if (signals.length === 0) return 'No exposure to report';
  const open = exposures.filter(({ closedAt }) => closedAt === null).length;
  const counts = [countText(signals.length, 'signal'), countText(exposures.length, 'exposure')];
  if (exposures.length > 0) counts.push(open === 0 ? 'all closed again' : `${open} still open`);
  return counts.join(', ');
}

function signalSection({ signal, exposures }: SignalStory, now: Date): string {
  const state = signal.groupId !== null && signal.closedAt === null ? ', STILL OPEN' : '';
  return [
    `## ${signal.severity.toUpperCase()}${state}: ${escapeMarkdown(signal.title)}`,
    foldExposures(exposures)
      .map((fold) => `- ${exposureText(fold, now)}\n`)
      .join('') + `- Signal ${code(signal.id)} of rule ${code(signal.ruleId)}`,
    stripControlsKeepLines(signal.message).trim(),
  ].join('\n\n');
}

function exposureText(fold: FoldedExposures, now: Date): string {
  const { ipv4Coverage, ipv6Coverage, openedAt, closedAt, closedBy, durationSeconds } = fold.first;
  const ports = fold.exposures.map((exposure) => escapeMarkdown(portText(exposure))).join(', ');
  const by = closedBy === null ? '' : ` by ${escapeMarkdown(actorName(closedBy))}`;
  const isFound = isFoundByAudit(fold.first);
  const after = durationText(durationSeconds ?? secondsSince(openedAt, now));
  const state =
    closedAt === null
      ? `**still open**${isFound ? '' : ` after ${after}`}`
      : `closed ${instant(closedAt)}${by}, after ${after}${isFound ? ' or more' : ''}`;
  const begin = isFound ? 'found open' : 'opened';
  return `**${ports}**, ${coverageText(ipv4Coverage, ipv6Coverage)}: ${begin} ${instant(openedAt)}, ${state}`;
}

function instant(time: string): string {
  return `${escapeMarkdown(timeText(time))} UTC`;
}

function code(text: string): string {
  const inside = escapeMarkdownCode(text);
  return inside.trim() === '' ? '' : `\`${inside}\``;
}
