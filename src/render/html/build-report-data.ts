// From a scan's result to what the page is given. Joins signals, exposures and rules, renders
// Markdown, and makes every text of a log visible. Pure.

import { catalogue } from '../../errors/catalogue.ts';
import type { Actor } from '../../model/actor.ts';
import type { Undetermined } from '../../model/change.ts';
import type { Exposure, Severity } from '../../model/exposure.ts';
import type { Problem } from '../../model/problem.ts';
import type { Rule } from '../../model/rule.ts';
import type { ScanResult, ScanStats } from '../../model/scan-result.ts';
import type { ExposureSignal, LogSignal, Signal } from '../../model/signal.ts';
import type { SuppressedSignal } from '../../model/suppression.ts';
import type { RenderContext } from '../render-context.ts';
import {
  actorName,
  bytesText,
  countText,
  coverageText,
  durationText,
  numberText,
  portText,
  suppressedText,
} from '../words.ts';
import type {
  ActorView,
  FactView,
  FindingView,
  ProblemView,
  ReportData,
  RichNode,
  RuleView,
  SignalView,
  StatView,
  UndeterminedView,
} from './client/report-data.ts';
import { isWebAddress, markdownBlocks } from './markdown.ts';
import { visibleLines, visibleText } from './visible-text.ts';

/** Keeps each block once: messages of one rule differ in a few of theirs only. */
class BlockStore {
  readonly blocks: RichNode[] = [];
  readonly #indexes = new Map<string, number>();

  add(markdown: string): readonly number[] {
    return markdownBlocks(visibleLines(markdown)).map((block) => {
      const key = JSON.stringify(block);
      const known = this.#indexes.get(key);
      if (known !== undefined) return known;
      this.#indexes.set(key, this.blocks.length);
      return this.blocks.push(block) - 1;
    });
  }
}

function visibleOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : visibleText(text);
}

function timeMs(time: string | null): number | null {
  const ms = time === null ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? null : ms;
}

function durationOrNull(durationSeconds: number | null): string | null {
  return durationSeconds === null ? null : durationText(durationSeconds);
}

function actorView(actor: Actor): ActorView {
  return {
    name: visibleText(actor.sessionName ?? actorName(actor)),
    type: visibleText(actor.type),
    arn: visibleOrNull(actor.arn),
    accessKeyId: visibleOrNull(actor.accessKeyId),
    sourceIp: visibleOrNull(actor.sourceIp),
    userAgent: visibleOrNull(actor.userAgent),
    invokedBy: visibleOrNull(actor.invokedBy),
  };
}

function ruleView(rule: Rule, store: BlockStore): RuleView {
  return {
    id: rule.id,
    name: visibleText(rule.name),
    version: rule.version,
    goal: store.add(rule.goal),
    strategy: store.add(rule.strategy),
    tags: rule.tags.map(visibleText),
    references: rule.references.filter(isWebAddress),
  };
}

function unloadedRuleView(id: string): RuleView {
  const name = visibleText(id);
  return { id: name, name, version: null, goal: [], strategy: [], tags: [], references: [] };
}

function exposureFinding(exposure: Exposure, signal: number, severity: Severity): FindingView {
  return {
    kind: 'exposure',
    id: exposure.id,
    signal,
    severity,
    label: portText(exposure),
    port: exposure.port,
    ipv4Coverage: exposure.ipv4Coverage,
    ipv6Coverage: exposure.ipv6Coverage,
    extent: coverageText(exposure.ipv4Coverage, exposure.ipv6Coverage),
    sources: exposure.sources.map(visibleText),
    openedAt: visibleText(exposure.openedAt),
    openedMs: timeMs(exposure.openedAt),
    openedByEventId: visibleText(exposure.openedByEventId),
    openedByEventName: visibleOrNull(exposure.openedByEventName),
    openedBy: actorView(exposure.openedBy),
    closedAt: visibleOrNull(exposure.closedAt),
    closedMs: timeMs(exposure.closedAt),
    closedByEventId: visibleOrNull(exposure.closedByEventId),
    closedBy: exposure.closedBy === null ? null : actorView(exposure.closedBy),
    durationSeconds: exposure.durationSeconds,
    duration: durationOrNull(exposure.durationSeconds),
  };
}

/** The records of a log rule's signal, as one finding. */
function recordsFinding(log: LogSignal, signal: number): FindingView {
  return {
    kind: 'records',
    id: log.id,
    signal,
    severity: log.severity,
    label: visibleText(log.title),
    port: -1,
    ipv4Coverage: 0,
    ipv6Coverage: 0,
    extent: countText(log.eventCount, 'record'),
    sources: [],
    openedAt: visibleText(log.firstSeen),
    openedMs: timeMs(log.firstSeen),
    openedByEventId: null,
    openedByEventName: null,
    openedBy: actorView(log.actor),
    closedAt: visibleOrNull(log.closedAt),
    closedMs: timeMs(log.closedAt),
    closedByEventId: null,
    closedBy: null,
    durationSeconds: log.durationSeconds,
    duration: durationOrNull(log.durationSeconds),
  };
}

function logFacts(log: LogSignal): readonly FactView[] {
  const facts = [
    ...(log.case === '' ? [] : [{ name: 'Case', value: log.case }]),
    ...log.groupBy.map(({ attribute, value }) => ({ name: attribute, value: value ?? 'absent' })),
    ...log.queries.map(({ name, count }) => ({
      name: name === '' ? 'Matching' : `Matching ${name}`,
      value: countText(count, 'record'),
    })),
    ...log.newValues.map((value) => ({ name: 'New value', value })),
  ];
  return facts.map(({ name, value }) => ({ name: visibleText(name), value: visibleText(value) }));
}

/** What the records of a log rule's signal have in common. */
function logSubject(log: LogSignal): string {
  const values = log.groupBy.flatMap(({ value }) => (value === null ? [] : [value]));
  return visibleText(values.length === 0 ? 'all records' : values.join(', '));
}

/** What stands in for the signal of an exposure that the result lists without one. */
function signalOfExposure(exposure: Exposure, rule: Rule | undefined): ExposureSignal {
  return {
    id: exposure.id,
    ruleId: exposure.ruleId,
    severity: rule?.kind === 'exposure' ? rule.severity : 'info',
    title: `${portText(exposure)} of ${exposure.groupId} open to the world`,
    accountId: exposure.accountId,
    region: exposure.region,
    groupId: exposure.groupId,
    ...(exposure.groupName !== undefined && { groupName: exposure.groupName }),
    ...(exposure.vpcId !== undefined && { vpcId: exposure.vpcId }),
    actor: exposure.openedBy,
    firstSeen: exposure.openedAt,
    lastSeen: exposure.closedAt ?? exposure.openedAt,
    status: exposure.closedAt === null ? 'open' : 'closed',
    closedAt: exposure.closedAt,
    closedBy: exposure.closedBy,
    durationSeconds: exposure.durationSeconds,
    message: '',
    exposures: [exposure.id],
    eventIds: [exposure.openedByEventId, exposure.closedByEventId].filter((id) => id !== null),
  };
}

type SubjectParts = Pick<SignalView, 'group' | 'subject' | 'facts' | 'eventCount'>;

function subjectParts(signal: Signal): SubjectParts {
  if (signal.groupId === null) {
    const { eventCount } = signal;
    return { group: null, subject: logSubject(signal), facts: logFacts(signal), eventCount };
  }
  const group = {
    id: visibleText(signal.groupId),
    name: visibleOrNull(signal.groupName),
    vpcId: visibleOrNull(signal.vpcId),
  };
  return { group, subject: group.name ?? group.id, facts: [], eventCount: signal.eventIds.length };
}

function undeterminedView(change: Undetermined): UndeterminedView {
  return {
    eventId: visibleText(change.eventId),
    eventTime: visibleText(change.eventTime),
    eventMs: timeMs(change.eventTime),
    eventName: visibleText(change.eventName),
    accountId: visibleText(change.accountId),
    region: visibleText(change.region),
    groupId: visibleOrNull(change.groupId),
    reason: visibleText(change.reason),
  };
}

function problemView(problem: Problem): ProblemView {
  const place = [
    ...(problem.record === undefined ? [] : [`record ${problem.record}`]),
    ...(problem.offset === undefined ? [] : [`byte ${problem.offset}`]),
  ];
  return {
    code: problem.code,
    file: visibleText(problem.file),
    place: place.join(', '),
    message: visibleText(problem.message),
    nextStep: catalogue[problem.code].nextStep,
  };
}

function hiddenView({ signal, exposures, suppressions }: SuppressedSignal): FactView {
  const by = suppressions.map(({ id, reason }) => `${id} (${reason})`).join(', ');
  const opened = exposures.map((exposure) => {
    const until = exposure.closedAt === null ? 'still open' : `closed ${exposure.closedAt}`;
    const extent = coverageText(exposure.ipv4Coverage, exposure.ipv6Coverage);
    return `${portText(exposure)}, ${extent}, opened ${exposure.openedAt}, ${until}`;
  });
  const where = `${signal.accountId} ${signal.region}, by ${actorName(signal.actor)}`;
  const facts = [
    `${signal.severity}, signal ${signal.id}, ${signal.firstSeen}, ${where}`,
    ...opened,
  ];
  return {
    name: visibleText(`Suppressed by ${by}: ${signal.title}`),
    value: visibleText(facts.join('; ')),
  };
}

function statViews(stats: ScanStats): readonly StatView[] {
  const took = `${Number((stats.durationMs / 1000).toPrecision(3))} s`;
  if (stats.looked !== undefined) {
    const { accounts, regions, groups, rows } = stats.looked;
    return [
      { label: 'Accounts looked into', value: numberText(accounts) },
      { label: 'Regions looked into', value: numberText(regions) },
      { label: 'Security groups', value: numberText(groups) },
      { label: 'Ingress rows', value: numberText(rows) },
      { label: 'Audit took', value: took },
    ];
  }
  return [
    { label: 'Files read', value: numberText(stats.files) },
    { label: 'Files rejected', value: numberText(stats.rejectedFiles) },
    { label: 'Bytes as stored', value: bytesText(stats.compressedBytes) },
    { label: 'Bytes unpacked', value: bytesText(stats.bytes) },
    { label: 'Records seen', value: numberText(stats.records) },
    { label: 'Records parsed', value: numberText(stats.candidateRecords) },
    { label: 'Irrelevant', value: numberText(stats.irrelevantRecords) },
    { label: 'Changed a group', value: numberText(stats.changeRecords) },
    ...(stats.matchedRecords === undefined
      ? []
      : [{ label: 'Matched a log rule', value: numberText(stats.matchedRecords) }]),
    { label: 'Undetermined by themselves', value: numberText(stats.undeterminedRecords) },
    { label: 'Records rejected', value: numberText(stats.rejectedRecords) },
    { label: 'Scan took', value: took },
  ];
}

/** How much was looked at, in words. */
function extentText({ records, files, looked }: ScanStats): string {
  return looked === undefined
    ? `${countText(records, 'record')} in ${countText(files, 'file')}`
    : `${countText(looked.groups, 'group')} in ${countText(looked.regions, 'region')}`;
}

/** Everything the page shows. */
export function buildReportData(result: ScanResult, context: RenderContext): ReportData {
  const store = new BlockStore();
  const rulesById = new Map(context.rules.map((rule) => [rule.id, rule]));
  const rules = context.rules.map((rule) => ruleView(rule, store));
  const ruleIndexes = new Map(context.rules.map((rule, index) => [rule.id, index]));
  const exposuresById = new Map(result.exposures.map((exposure) => [exposure.id, exposure]));

  function ruleIndex(id: string): number {
    const known = ruleIndexes.get(id);
    if (known !== undefined) return known;
    ruleIndexes.set(id, rules.length);
    return rules.push(unloadedRuleView(id)) - 1;
  }

  const told = new Set(result.signals.flatMap((signal) => signal.exposures));
  const untold = result.exposures.filter((exposure) => !told.has(exposure.id));
  const signals: SignalView[] = [];
  const findings: FindingView[] = [];

  function findingsOf(signal: Signal): readonly FindingView[] {
    if (signal.groupId === null) return [recordsFinding(signal, signals.length)];
    return signal.exposures
      .flatMap((id) => exposuresById.get(id) ?? [])
      .map((exposure) => exposureFinding(exposure, signals.length, signal.severity));
  }

  function addSignal(signal: Signal): void {
    const first = findings.length;
    findings.push(...findingsOf(signal));
    signals.push({
      id: signal.id,
      rule: ruleIndex(signal.ruleId),
      severity: signal.severity,
      title: visibleText(signal.title),
      accountId: visibleText(signal.accountId),
      region: visibleText(signal.region),
      ...subjectParts(signal),
      actor: actorView(signal.actor),
      firstSeen: visibleText(signal.firstSeen),
      lastSeen: visibleText(signal.lastSeen),
      open: signal.status === 'open',
      closedAt: visibleOrNull(signal.closedAt),
      closedBy: signal.closedBy === null ? null : actorView(signal.closedBy),
      duration: durationOrNull(signal.durationSeconds),
      message: store.add(signal.message),
      findings: findings.slice(first).map((_, position) => first + position),
      eventIds: signal.eventIds.map(visibleText),
    });
  }

  for (const signal of result.signals) addSignal(signal);
  for (const exposure of untold) {
    addSignal(signalOfExposure(exposure, rulesById.get(exposure.ruleId)));
  }

  return {
    generatedAt: context.now.toISOString().replace(/\.\d+Z$/, 'Z'),
    version: context.version,
    extent: extentText(result.stats),
    stats: statViews(result.stats),
    rules,
    notRun: (result.notRun ?? []).map(({ ruleId, reason }) => ({
      name: visibleText(ruleId),
      value: visibleText(reason),
    })),
    suppressed: result.suppressed === undefined ? null : suppressedText(result.suppressed),
    hidden: (result.suppressed?.hidden ?? []).map(hiddenView),
    signals,
    findings,
    undetermined: result.undetermined.map(undeterminedView),
    problems: result.problems.map(problemView),
    blocks: store.blocks,
  };
}
