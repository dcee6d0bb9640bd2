// One signal: severity, group and place; then a row for each exposure or fold of exposures; then who
// opened it, and who closed it.

import type { Actor } from '../../model/actor.ts';
import { isFoundByAudit } from '../../model/audit.ts';
import type { Exposure, Severity } from '../../model/exposure.ts';
import type { LogSignal, Signal } from '../../model/signal.ts';
import { type FoldedExposures, foldExposures, type SignalStory } from '../fold.ts';
import {
  actorName,
  addressText,
  countText,
  coverageText,
  durationText,
  portText,
  secondsSince,
  serviceName,
  timeText,
  toolName,
} from '../words.ts';
import { behind, brief, clip, type Frame, hanging, indent } from './frame.ts';
import {
  type Line,
  lineText,
  lineWidth,
  row,
  type Span,
  type Style,
  together,
  wrap,
} from './layout.ts';

const severityStyles: Readonly<Record<Severity, Style>> = {
  critical: ['magenta', 'bold'],
  high: ['red', 'bold'],
  medium: ['yellow', 'bold'],
  low: ['cyan', 'bold'],
  info: ['gray', 'bold'],
};

export const openStyle: Style = ['red', 'bold'];

/** The titles of the columns, and a blank line. */
export function headingLines({ columns, isWide }: Frame): Line[] {
  const titles = ['PORT', 'OPEN TO', 'OPENED (UTC)', 'CLOSED (UTC)', 'OPEN FOR'];
  const shown = isWide ? titles : titles.filter((title) => title !== 'CLOSED (UTC)');
  const cells = shown.map((text): Line => [{ text: together(text), style: 'dim' }]);
  return [...row(cells, columns ?? []).map(behind({ text: '    ' })), []];
}

export function signalBlock({ signal, exposures }: SignalStory, frame: Frame, now: Date): Line[] {
  const style = severityStyles[signal.severity];
  const details = [
    ...foldExposures(exposures).flatMap((fold) => exposureLines(fold, frame, now)),
    ...(signal.groupId === null ? recordLines(signal, frame) : []),
    ...whoLines(signal, exposures, frame),
  ];
  return [...hanging(titleLines(signal, frame, style)), ...details.map(behind(indent))].map(
    behind({ text: '▌ ', style }),
  );
}

/** Severity and subject; at the right account and region, and the rule where there is room. */
function titleLines(signal: Signal, { inner, isWide }: Frame, style: Style): Line[] {
  const left: Line = [
    { text: together(signal.severity.toUpperCase().padEnd(9)), style },
    ...subjectSpans(signal),
  ];
  const place = `${brief(signal.accountId, 20)} ${brief(signal.region, 20)}`;
  const right = isWide ? `${brief(signal.ruleId, 40)}  ${place}` : place;
  return sideBySide(left, [{ text: together(right), style: 'dim' }], inner);
}

/** The group; of a signal that is about records, its title. */
function subjectSpans(signal: Signal): Span[] {
  if (signal.groupId === null) return [{ text: clip(signal.title, 120), style: 'bold' }];
  const name = brief(signal.groupName ?? '', 40);
  return [
    { text: brief(signal.groupId, 40), style: 'bold' },
    ...(name === '' ? [] : [{ text: ` ${name}` }]),
  ];
}

/** How many records, when, and what they have in common. */
function recordLines(signal: LogSignal, { detail }: Frame): Line[] {
  const { firstSeen, lastSeen, eventCount, groupBy, newValues } = signal;
  const time =
    firstSeen === lastSeen
      ? `at ${together(timeText(firstSeen))}`
      : `from ${together(timeText(firstSeen))} to ${together(timeText(lastSeen))}`;
  const found: Line = [
    { text: together(countText(eventCount, 'record')), style: 'bold' },
    { text: ` ${time}` },
    ...(signal.case === '' ? [] : [{ text: ` (${clip(signal.case, 60)})`, style: 'dim' } as const]),
  ];
  const facts = [
    ...groupBy.map(({ attribute, value }) => [attribute, value ?? 'missing'] as const),
    ...newValues.map((value) => ['new', value] as const),
  ].map(([name, value]): Line => [
    { text: `${brief(name, 40)} `, style: 'dim' },
    { text: brief(value, 120) },
  ]);
  return [found, ...facts].flatMap((line) => wrap(line, detail));
}

/** Two ends of one line, or the second below the first where they do not fit. */
function sideBySide(left: Line, right: Line, width: number): Line[] {
  const gap = width - lineWidth(left) - lineWidth(right);
  // Two columns less, as lines after the first are indented.
  if (gap < 2) return [...wrap(left, width - 2), ...wrap(right, width - 2)];
  return wrap([...left, { text: together(' '.repeat(gap)) }, ...right], width);
}

function exposureLines(fold: FoldedExposures, frame: Frame, now: Date): Line[] {
  const { detail, columns, isWide } = frame;
  const { openedAt, closedAt, durationSeconds } = fold.first;
  const ports = listedPorts(fold.exposures);
  const reach = reachCell(fold.first, (columns?.[1].width ?? 0) >= 28);
  const opened: Line = [{ text: brief(timeText(openedAt)) }];
  const isFound = isFoundByAudit(fold.first);
  const lasted = isFound
    ? atLeastText(durationSeconds)
    : durationText(durationSeconds ?? secondsSince(openedAt, now));
  const stillOpen: Line = [{ text: together('STILL OPEN'), style: openStyle }];

  if (columns === null) {
    const state: Line =
      closedAt === null
        ? [...stillOpen, { text: ` for ${together(lasted)}` }]
        : [{ text: `closed after ${together(lasted)}` }];
    const when: Line = [
      { text: isFound ? 'found open ' : 'opened ' },
      ...opened,
      { text: ', ' },
      ...state,
    ];
    return [ports, reach, when].flatMap((line) => wrap(line, detail));
  }
  const howLong: Line = [{ text: together(lasted), style: closedAt === null ? 'red' : 'green' }];
  const closed: Line = closedAt === null ? stillOpen : [{ text: brief(timeText(closedAt)) }];
  const end = closedAt === null ? [...stillOpen, { text: ' ' }, ...howLong] : howLong;
  const rest = isWide ? [reach, opened, closed, howLong] : [reach, opened, end];
  if (wrap(ports, columns[0].width).length <= 2) return row([ports, ...rest], columns);
  // Many ports read better on whole lines than in a tall, narrow column.
  const { length } = fold.exposures;
  const count: Line = [{ text: together(countText(length, 'port')), style: 'bold' }];
  return [...row([count, ...rest], columns), ...wrap(ports, detail)];
}

/** How long what an audit found has been open: since before it was found. */
function atLeastText(durationSeconds: number | null): string {
  return durationSeconds === null ? 'unknown' : `${durationText(durationSeconds)}+`;
}

function listedPorts(exposures: readonly Exposure[]): Line {
  return exposures.map((exposure, index) => {
    const comma = index < exposures.length - 1 ? ', ' : '';
    return { text: `${brief(portText(exposure), 40)}${comma}`, style: 'bold' };
  });
}

/** How wide, and from which CIDRs where that is not simply everybody and there is room. */
function reachCell({ ipv4Coverage, ipv6Coverage, sources }: Exposure, isRoomy: boolean): Line {
  const words = coverageText(ipv4Coverage, ipv6Coverage).replace(/\(.*\)/, together);
  const isPartial = ipv4Coverage < 1 && ipv6Coverage < 1;
  if (!isRoomy || !isPartial || sources.length > 3) return [{ text: words }];
  const cidrs = sources.map((cidr) => brief(cidr, 44)).join(', ');
  return [{ text: words }, { text: ` (${cidrs})`, style: 'dim' }];
}

function whoLines(
  { actor, closedBy }: Signal,
  exposures: readonly Exposure[],
  { detail }: Frame,
): Line[] {
  const opener = actorSpans(actor);
  const opened: Line = exposures.some(isFoundByAudit)
    ? [{ text: 'found open; when it was opened, and by whom, is not known', style: 'dim' }]
    : [{ text: 'by ', style: 'dim' }, ...opener];
  if (closedBy === null) return wrap(opened, detail);
  const closer = actorSpans(closedBy);
  const closed: Line =
    lineText(closer) === lineText(opener)
      ? [{ text: ', closed by the same', style: 'dim' }]
      : [{ text: ', closed by ', style: 'dim' }, ...closer];
  return wrap([...opened, ...closed], detail);
}

/** Who, from where and with what, as far as the log tells. */
function actorSpans(actor: Actor): Span[] {
  const address = addressText(actor);
  const tool = toolName(actor);
  return [
    { text: brief(actorName(actor)), style: 'bold' },
    ...aside('through', serviceName(actor)),
    ...aside('from', address),
    ...aside('with', tool !== null && tool.length <= 30 ? tool : null),
  ];
}

function aside(preposition: string, what: string | null): Span[] {
  if (what === null) return [];
  return [{ text: ` ${preposition} `, style: 'dim' }, { text: brief(what) }];
}
