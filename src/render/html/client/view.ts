// What the reader has asked to see: filters, order, window, open signal. It lives in the address
// after `#`, so that a view can be linked and the browser's history leads back. Pure.

import { severityNames } from './report-data.ts';
import type { FindingView, ReportData, RuleView, SeverityName, SignalView } from './report-data.ts';
import type { TimeWindow } from './time-scale.ts';

export type Status = 'all' | 'open' | 'closed';

export const sortKeys = [
  'severity',
  'port',
  'group',
  'account',
  'who',
  'width',
  'opened',
  'duration',
] as const;
export type SortKey = (typeof sortKeys)[number];

export type View = {
  readonly text: string;
  /** None stands for all. */
  readonly severities: readonly SeverityName[];
  readonly status: Status;
  /** Empty for all. */
  readonly ruleId: string;
  /** Empty for all. */
  readonly accountId: string;
  readonly sort: SortKey;
  readonly descending: boolean;
  /** The part of the timeline that is shown; null for the whole. */
  readonly window: TimeWindow | null;
  /** Whether findings outside the window are left out of the table. */
  readonly inWindow: boolean;
  readonly signalId: string | null;
};

export const initialView: View = {
  text: '',
  severities: [],
  status: 'all',
  ruleId: '',
  accountId: '',
  sort: 'opened',
  descending: true,
  window: null,
  inWindow: false,
  signalId: null,
};

/** A finding with what it belongs to and the text in which the search looks. */
export type Row = {
  readonly index: number;
  readonly finding: FindingView;
  readonly signal: SignalView;
  readonly rule: RuleView;
  readonly searchText: string;
};

function joined(...parts: readonly (readonly (string | null)[])[]): string {
  return parts
    .flat()
    .filter((part) => part !== null)
    .join('\n')
    .toLowerCase();
}

/** One row for each finding, in the order of the report. */
export function rowsOf(data: ReportData): readonly Row[] {
  return data.findings.flatMap((finding, index): Row[] => {
    const signal = data.signals[finding.signal];
    const rule = signal && data.rules[signal.rule];
    if (signal === undefined || rule === undefined) return [];
    const people = [finding.openedBy, ...(finding.closedBy === null ? [] : [finding.closedBy])];
    const searchText = joined(
      [signal.title, signal.id, finding.id, rule.id, rule.name, finding.severity],
      [signal.subject, signal.group?.id ?? null, signal.group?.vpcId ?? null],
      [signal.accountId, signal.region, ...signal.facts.map(({ value }) => value)],
      [finding.label, finding.extent, ...finding.sources],
      [finding.openedAt, finding.closedAt],
      [finding.openedByEventId, finding.closedByEventId],
      ...people.map((who) => [who.name, who.arn, who.accessKeyId]),
      ...people.map((who) => [who.sourceIp, who.userAgent, who.invokedBy]),
    );
    return [{ index, finding, signal, rule, searchText }];
  });
}

/** Whether the text holds every word of the search, in any order. */
export function holdsWords(searchText: string, search: string): boolean {
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searchText.includes(word));
}

function touches({ openedMs, closedMs }: FindingView, window: TimeWindow): boolean {
  return openedMs !== null && openedMs <= window.toMs && (closedMs ?? Infinity) >= window.fromMs;
}

/** Whether every filter but the one on severity lets the row through. */
export function matchesButSeverity(row: Row, view: View): boolean {
  const open = row.finding.closedAt === null;
  return (
    (view.status === 'all' || (view.status === 'open') === open) &&
    (view.ruleId === '' || view.ruleId === row.rule.id) &&
    (view.accountId === '' || view.accountId === row.signal.accountId) &&
    (!view.inWindow || view.window === null || touches(row.finding, view.window)) &&
    holdsWords(row.searchText, view.text)
  );
}

export function matches(row: Row, view: View): boolean {
  return (
    (view.severities.length === 0 || view.severities.includes(row.finding.severity)) &&
    matchesButSeverity(row, view)
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function compareBy(key: SortKey, left: Row, right: Row): number {
  switch (key) {
    case 'severity':
      return (
        severityNames.indexOf(right.finding.severity) - severityNames.indexOf(left.finding.severity)
      );
    case 'port':
      return left.finding.port - right.finding.port;
    case 'group':
      return compareText(left.signal.subject, right.signal.subject);
    case 'account':
      return (
        compareText(left.signal.accountId, right.signal.accountId) ||
        compareText(left.signal.region, right.signal.region)
      );
    case 'who':
      return compareText(left.finding.openedBy.name, right.finding.openedBy.name);
    case 'width':
      return (
        left.finding.ipv4Coverage +
        left.finding.ipv6Coverage -
        (right.finding.ipv4Coverage + right.finding.ipv6Coverage)
      );
    case 'opened':
      return compareText(left.finding.openedAt, right.finding.openedAt);
    case 'duration':
      return (
        (left.finding.durationSeconds ?? Number.MAX_VALUE) -
        (right.finding.durationSeconds ?? Number.MAX_VALUE)
      );
    default:
      return key satisfies never;
  }
}

/** The rows in the view's order; equals stay together by group, then by port. */
export function sorted(rows: readonly Row[], view: View): readonly Row[] {
  const sign = view.descending ? -1 : 1;
  return rows.toSorted(
    (left, right) =>
      sign * compareBy(view.sort, left, right) ||
      compareText(left.signal.group?.id ?? '', right.signal.group?.id ?? '') ||
      left.finding.signal - right.finding.signal ||
      left.finding.port - right.finding.port ||
      left.index - right.index,
  );
}

/** The view as it stands in the address, without the `#`; empty for the initial view. */
export function viewToHash(view: View): string {
  const parts = new URLSearchParams();
  if (view.text !== '') parts.set('q', view.text);
  if (view.severities.length > 0) parts.set('severity', view.severities.join('.'));
  if (view.status !== 'all') parts.set('status', view.status);
  if (view.ruleId !== '') parts.set('rule', view.ruleId);
  if (view.accountId !== '') parts.set('account', view.accountId);
  if (view.sort !== initialView.sort || view.descending !== initialView.descending) {
    parts.set('sort', `${view.descending ? '-' : ''}${view.sort}`);
  }
  if (view.window !== null) {
    parts.set('from', new Date(view.window.fromMs).toISOString());
    parts.set('to', new Date(view.window.toMs).toISOString());
  }
  if (view.inWindow) parts.set('only', 'window');
  if (view.signalId !== null) parts.set('signal', view.signalId);
  return parts.toString();
}

/** The view that an address asks for; what it does not understand is as in the initial view. */
export function viewFromHash(hash: string): View {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const severities = (parts.get('severity') ?? '').split('.');
  const status = parts.get('status');
  const order = parts.get('sort') ?? '-opened';
  const sort = sortKeys.find((key) => key === order.replace(/^-/, ''));
  const fromMs = Date.parse(parts.get('from') ?? '');
  const toMs = Date.parse(parts.get('to') ?? '');
  return {
    text: parts.get('q') ?? '',
    severities: severityNames.filter((severity) => severities.includes(severity)),
    status: status === 'open' || status === 'closed' ? status : 'all',
    ruleId: parts.get('rule') ?? '',
    accountId: parts.get('account') ?? '',
    sort: sort ?? initialView.sort,
    descending: sort === undefined ? initialView.descending : order.startsWith('-'),
    window: fromMs < toMs ? { fromMs, toMs } : null,
    inWindow: parts.get('only') === 'window',
    signalId: parts.get('signal'),
  };
}
