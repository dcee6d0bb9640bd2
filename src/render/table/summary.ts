// The last lines: what was found, what stands against it, and how much was read how fast.

import type { LookStats, ScanResult, ScanStats } from '../../model/scan-result.ts';
import type { RenderContext } from '../render-context.ts';
import { bytesText, countText, numberText, oneLine, suppressedText } from '../words.ts';
import { behind, type Frame, indent } from './frame.ts';
import { type Line, lineWidth, type Span, together, wrap } from './layout.ts';
import { openStyle } from './signal-block.ts';

export function summaryLines(result: ScanResult, frame: Frame, context: RenderContext): Line[] {
  const { inner } = frame;
  const { signals, stats } = result;
  const lines =
    signals.length > 0
      ? separated(tally(result), inner)
      : nothingFound(result, context).flatMap((line) => wrap(line, inner));
  return [...lines, ...separated(statFacts(stats), inner)].map(behind(indent));
}

function tally(result: ScanResult): Span[] {
  const { signals, exposures } = result;
  const open = exposures.filter(({ closedAt }) => closedAt === null).length;
  const state: Span =
    open > 0
      ? { text: `${numberText(open)} STILL OPEN`, style: openStyle }
      : { text: 'all closed again', style: 'green' };
  return [
    { text: countText(signals.length, 'signal'), style: 'bold' },
    { text: countText(exposures.length, 'exposure'), style: 'bold' },
    ...(exposures.length > 0 ? [state] : []),
    ...doubts(result).map((text) => ({ text, style: 'yellow' }) as const),
    ...suppressedFacts(result),
  ];
}

function suppressedFacts({ suppressed }: ScanResult): Span[] {
  return suppressed === undefined ? [] : [{ text: suppressedText(suppressed), style: 'dim' }];
}

/** An empty result is good news only as far as everything was read and could be judged. */
function nothingFound(result: ScanResult, context: RenderContext): Line[] {
  const but = doubts(result).map((text) => ({ text: ` But ${text}.`, style: 'yellow' }) as const);
  if (result.stats.records === 0 && result.stats.looked === undefined) {
    return [
      [{ text: 'No CloudTrail record was found in the input.', style: ['yellow', 'bold'] }, ...but],
    ];
  }
  const names = context.rules.map(({ name }) => oneLine(name)).join('; ');
  const facts = suppressedFacts(result);
  const verdict: Span[] =
    but.length === 0
      ? [
          { text: together('✓ '), style: ['green', 'bold'] },
          { text: 'No exposure to report.', style: ['green', 'bold'] },
        ]
      : [{ text: 'No exposure to report.', style: 'bold' }, ...but];
  return [
    verdict,
    ...(facts.length === 0 ? [] : [facts]),
    ...(names === '' ? [] : [[{ text: `Looked for: ${names}.`, style: 'dim' } as const]]),
  ];
}

/** What stands against taking the result for the whole truth. */
function doubts({ undetermined, problems, notRun = [] }: ScanResult): string[] {
  return [
    undetermined.length > 0
      ? `${countText(undetermined.length, 'change')} could not be judged`
      : '',
    problems.length > 0 ? `${countText(problems.length, 'problem')} came up while reading` : '',
    notRun.length > 0 ? `${countText(notRun.length, 'rule')} could not be run` : '',
  ].filter((doubt) => doubt !== '');
}

function statFacts(stats: ScanStats): Span[] {
  const seconds = stats.durationMs / 1000;
  const duration =
    seconds < 1
      ? `${Math.round(stats.durationMs)} ms`
      : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (stats.looked !== undefined) return dimmed([...lookFacts(stats.looked), duration]);
  const size =
    stats.compressedBytes === stats.bytes
      ? bytesText(stats.bytes)
      : `${bytesText(stats.compressedBytes)}, ${bytesText(stats.bytes)} unpacked`;
  return dimmed([
    `${countText(stats.files, 'file')} (${size})`,
    countText(stats.records, 'record'),
    duration,
    ...(seconds > 0 ? [`${bytesText(stats.bytes / seconds)}/s`] : []),
  ]);
}

function lookFacts({ accounts, regions, groups, rows }: LookStats): readonly string[] {
  return [
    countText(accounts, 'account'),
    countText(regions, 'region'),
    countText(groups, 'group'),
    countText(rows, 'row'),
  ];
}

function dimmed(facts: readonly string[]): Span[] {
  return facts.map((text) => ({ text, style: 'dim' }) as const);
}

/** Facts side by side with a dot between them; a line neither begins nor ends with a dot. */
function separated(facts: readonly Span[], width: number): Line[] {
  const dot: Span = { text: ' · ', style: 'dim' };
  const lines: Line[] = [];
  for (const fact of facts) {
    const line = lines.at(-1);
    const longer = line === undefined ? [fact] : [...line, dot, fact];
    if (line === undefined || lineWidth(longer) > width) lines.push(...wrap([fact], width));
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
