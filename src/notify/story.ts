// What a notice says, in plain words and apart from any channel's markup. Every text is one line
// without control characters, and not escaped: whoever shows it does that. Links and commands are made
// of checked parts alone.

import type { Actor } from '../model/actor.ts';
import type { Exposure, Severity } from '../model/exposure.ts';
import type { LogSignal, Signal } from '../model/signal.ts';
import type { Notice } from '../model/stored.ts';
import {
  actorName,
  addressText,
  countText,
  coverageText,
  durationText,
  oneLine,
  portText,
  serviceName,
  timeText,
  toolName,
} from '../render/words.ts';
import { escapeShell } from '../template/escape.ts';

export type Story = {
  readonly severity: Severity;
  /** `Opened`, `Opened again`, `Closed after 3h 4m`, `Corrected`, `Withdrawn`, … */
  readonly what: string;
  /** Whether it is still a matter of concern. */
  readonly isOpen: boolean;
  /** The signal's title. */
  readonly title: string;
  /** One sentence: who did what, from where, and how things stand. */
  readonly summary: string;
  /** In order of interest; none is empty. */
  readonly facts: readonly Fact[];
  /** Page of the group in AWS's console; null where there is none. */
  readonly consoleUrl: string | null;
  /** What to do now, most urgent first; empty where nothing is to be done. */
  readonly steps: readonly Step[];
};

export type Fact = { readonly name: string; readonly value: string };

export type Step = { readonly text: string; readonly command: string | null };

/** How many sources, ports or names a fact lists. */
const LISTED = 12;

export function storyOf(notice: Notice): Story {
  const { kind, signal } = notice;
  const isOver = kind === 'closed' || kind === 'withdrawn' || kind === 'archived';
  const isOpen = !isOver && (signal.status === 'open' || kind === 'opened');
  return {
    severity: signal.severity,
    what: whatHappened(notice),
    isOpen,
    title: oneLine(signal.title),
    summary: summaryOf(notice),
    facts: factsOf(notice).filter(({ value }) => value !== ''),
    consoleUrl: consoleUrl(signal),
    steps: isOpen ? stepsOf(signal) : [],
  };
}

function whatHappened({ kind, signal, triage }: Notice): string {
  switch (kind) {
    case 'opened':
      return signal.groupId === null ? 'Found' : 'Opened';
    case 'reopened':
      return 'Opened again';
    case 'closed':
      return signal.durationSeconds === null
        ? 'Closed'
        : `Closed after ${durationText(signal.durationSeconds)}`;
    case 'corrected':
      return 'Corrected';
    case 'withdrawn':
      return 'Withdrawn';
    case 'under_review':
      return triage === undefined ? 'Under review' : `Under review by ${named(triage.by)}`;
    case 'archived':
      return triage === undefined ? 'Archived' : `Archived by ${named(triage.by)}`;
    default:
      return kind satisfies never;
  }
}

function summaryOf({ kind, signal, exposures, correction, triage }: Notice): string {
  const told = correction === null ? '' : oneLine(correction);
  switch (kind) {
    case 'opened':
    case 'reopened':
      return `${openingText(signal, exposures)}${stateText(signal)}`;
    case 'closed': {
      const by = signal.closedBy === null ? '' : ` by ${actorName(signal.closedBy)}`;
      return `${subjectText(signal)} is closed again${by}, after ${durationText(signal.durationSeconds ?? 0)}.`;
    }
    case 'corrected':
      return `What was told before was not quite so: ${told}.${stateText(signal)}`;
    case 'withdrawn':
      return `What was told of ${subjectText(signal)} no longer counts: ${told}.`;
    case 'under_review':
    case 'archived': {
      const reason = oneLine(triage?.reason ?? '');
      return `${subjectText(signal)}: ${kind === 'archived' ? 'archived' : 'somebody looks at it'}${reason === '' ? '' : ` (${reason})`}.${stateText(signal)}`;
    }
    default:
      return kind satisfies never;
  }
}

function openingText(signal: Signal, exposures: readonly Exposure[]): string {
  const who = actorName(signal.actor);
  const address = addressText(signal.actor);
  const from = address === null ? '' : ` from ${address}`;
  if (signal.groupId === null) {
    return `${countText(signal.eventCount, 'record')} of ${who}${from}.`;
  }
  const ports = portsText(exposures);
  const width = widthText(exposures);
  const where = `${subjectText(signal)} to ${width.startsWith('whole') ? 'the ' : ''}${width}`;
  return `${who}${from} opened ${ports === '' ? 'ports' : ports} on ${where}.`;
}

function stateText({ status, groupId, durationSeconds }: Signal): string {
  if (groupId === null) return '';
  if (status === 'open') return ' Still open.';
  return ` Closed after ${durationText(durationSeconds ?? 0)}.`;
}

/** The group with its name; of a log rule, what its records have in common. */
function subjectText(signal: Signal): string {
  if (signal.groupId === null) return `rule ${oneLine(signal.ruleId)}`;
  const name = oneLine(signal.groupName ?? '');
  return `${oneLine(signal.groupId)}${name === '' ? '' : ` (${name})`}`;
}

function factsOf({ signal, exposures, correction, replaces }: Notice): readonly Fact[] {
  const { actor, closedBy } = signal;
  return [
    { name: 'Who', value: actorText(actor) },
    { name: 'From', value: addressText(actor) ?? '' },
    { name: 'With', value: [toolName(actor), viaText(actor)].filter(Boolean).join(', ') },
    ...(signal.groupId === null ? recordFacts(signal) : exposureFacts(exposures)),
    { name: 'Group', value: signal.groupId === null ? '' : subjectText(signal) },
    { name: 'VPC', value: signal.groupId === null ? '' : oneLine(signal.vpcId ?? '') },
    { name: 'Account', value: oneLine(signal.accountId) },
    { name: 'Region', value: oneLine(signal.region) },
    { name: 'First seen', value: `${timeText(signal.firstSeen)} UTC` },
    {
      name: 'Closed',
      value: signal.closedAt === null ? '' : `${timeText(signal.closedAt)} UTC`,
    },
    { name: 'Closed by', value: closedBy === null ? '' : actorText(closedBy) },
    { name: 'Correction', value: oneLine(correction ?? '') },
    { name: 'Told before as', value: oneLine(replaces ?? '') },
    { name: 'Rule', value: oneLine(signal.ruleId) },
    { name: 'Signal', value: oneLine(signal.id) },
  ];
}

function exposureFacts(exposures: readonly Exposure[]): readonly Fact[] {
  if (exposures.length === 0) return [];
  return [
    { name: 'Ports', value: portsText(exposures) },
    { name: 'How wide', value: widthText(exposures) },
    {
      name: 'Sources',
      value: listed(exposures.flatMap(({ sources }) => sources.map(oneLine))),
    },
  ];
}

function recordFacts({ eventCount, groupBy, newValues }: LogSignal): readonly Fact[] {
  return [
    { name: 'Records', value: countText(eventCount, 'record') },
    {
      name: 'In common',
      value: listed(
        groupBy.flatMap(({ attribute, value }) =>
          value === null ? [] : [`${oneLine(attribute)} ${oneLine(value)}`],
        ),
      ),
    },
    { name: 'New', value: listed(newValues.map(oneLine)) },
  ];
}

function portsText(exposures: readonly Exposure[]): string {
  return listed(exposures.toSorted((a, b) => a.port - b.port).map(portText));
}

/** The widest of them. */
function widthText(exposures: readonly Exposure[]): string {
  if (exposures.length === 0) return 'the world';
  return coverageText(
    Math.max(...exposures.map(({ ipv4Coverage }) => ipv4Coverage)),
    Math.max(...exposures.map(({ ipv6Coverage }) => ipv6Coverage)),
  );
}

function listed(values: readonly string[]): string {
  const distinct = [...new Set(values)].filter((value) => value !== '');
  if (distinct.length <= LISTED) return distinct.join(', ');
  return `${distinct.slice(0, LISTED).join(', ')} and ${distinct.length - LISTED} more`;
}

function actorText(actor: Actor): string {
  const name = actorName(actor);
  const arn = oneLine(actor.arn ?? '');
  return arn === '' || arn === name ? name : `${name} (${arn})`;
}

function viaText(actor: Actor): string {
  const service = serviceName(actor);
  return service === null ? '' : `through ${service}`;
}

function named(name: string): string {
  const line = oneLine(name);
  return line === '' ? 'somebody' : line;
}

function stepsOf(signal: Signal): readonly Step[] {
  const id = escapeShell(oneLine(signal.id), 'shell');
  const investigate: Step = {
    text: `Find out whether ${actorName(signal.actor)} meant it, and what else was done`,
    command: id === '' ? null : `portcullis investigate ${id}`,
  };
  if (signal.groupId === null) return [investigate];
  return [
    {
      text: 'Close what was opened: the smallest repair is proposed, and waits for a yes',
      command: id === '' ? null : `portcullis respond ${id}`,
    },
    investigate,
  ];
}

const consoleHosts: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'console.amazonaws.cn'],
  [/^us-gov-/, 'console.amazonaws-us-gov.com'],
  [/^eusc-/, 'console.amazonaws-eusc.eu'],
  [/^/, 'console.aws.amazon.com'],
];

/** https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/select-region.html */
function consoleUrl({ region, groupId }: Signal): string | null {
  if (groupId === null || !/^sg-[0-9a-f]{8,32}$/.test(groupId)) return null;
  if (!/^[a-z]{2,4}(?:-[a-z]{2,15}){1,3}-\d{1,2}$/.test(region)) return null;
  const host = consoleHosts.find(([pattern]) => pattern.test(region))?.[1];
  return `https://${region}.${host}/ec2/home?region=${region}#SecurityGroup:groupId=${groupId}`;
}

const severityMarks: Readonly<Record<Severity, string>> = {
  critical: '🟣',
  high: '🔴',
  medium: '🟠',
  low: '🟡',
  info: '🔵',
};

/** A colored dot while it is open, a green one when it is over. */
export function mark({ severity, isOpen }: Story): string {
  return isOpen ? severityMarks[severity] : '🟢';
}

/** `HIGH · Opened: SSH of sg-… open to the world` */
export function headline({ severity, what, title }: Story): string {
  return `${severity.toUpperCase()} · ${what}: ${title}`;
}

/** What a message that lists several notices is called. */
export function digestTitle(stories: readonly Story[]): string {
  const open = stories.filter(({ isOpen }) => isOpen).length;
  const over = stories.length - open;
  const parts = [
    ...(open === 0 ? [] : [`${open} open`]),
    ...(over === 0 ? [] : [`${over} closed or withdrawn`]),
  ];
  return `${countText(stories.length, 'notice')}: ${parts.join(', ')}`;
}

/** The marks of all of them, the most severe first, each once. */
export function digestMark(stories: readonly Story[]): string {
  const found = new Set(stories.map(mark));
  return [...Object.values(severityMarks), '🟢'].filter((each) => found.has(each)).join('');
}
