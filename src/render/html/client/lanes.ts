// What the timeline draws, apart from how: lanes, each with rows, each with items on one time axis.
// A lane is a group with a row for each set of ports, or a log rule with a row for each thing that
// its records have in common. Other kinds of lanes and items fit beside these. Pure.

import { foldsOf, shortPorts } from './folds.ts';
import type { Fold } from './folds.ts';
import type { ReportData, SeverityName, UndeterminedView } from './report-data.ts';
import { stillText } from './still-text.ts';
import { readableTime } from './time-scale.ts';
import { holdsWords } from './view.ts';
import type { Row, View } from './view.ts';

/** Something that lasted. */
export type SpanItem = {
  readonly kind: 'span';
  readonly key: string;
  readonly startMs: number;
  /** Null while it lasts. */
  readonly endMs: number | null;
  readonly severity: SeverityName;
  /** How many exposures the item stands for; 0 for records. */
  readonly count: number;
  /** Stands beside the bar. */
  readonly label: string;
  /** Read out and shown on pointing: the first line is the heading. */
  readonly lines: readonly string[];
  readonly signalId: string;
};

/** Something that happened at an instant. */
export type MomentItem = {
  readonly kind: 'moment';
  readonly key: string;
  readonly startMs: number;
  readonly lines: readonly string[];
};

export type TimelineItem = SpanItem | MomentItem;

export type TimelineRow = {
  readonly label: string;
  /** In time order. */
  readonly items: readonly TimelineItem[];
};

export type TimelineLane = {
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  readonly rows: readonly TimelineRow[];
};

type OpenRow = { label: string; port: number; items: TimelineItem[] };
type OpenLane = { key: string; title: string; detail: string; rows: Map<string, OpenRow> };

function spanOf(fold: Fold<Row>, startMs: number): SpanItem {
  const [{ finding, signal }] = fold;
  const { kind, openedBy } = finding;
  const id = signal.group === null || signal.group.name === null ? '' : ` (${signal.group.id})`;
  const labels = fold.map(({ finding: { label } }) => label).join(', ');
  const records = kind === 'records';
  const opened = `${records ? 'First' : 'Opened'} ${readableTime(finding.openedAt)}`;
  // The accessible name has to hold what stands beside the bar.
  const closed = `Closed ${readableTime(finding.closedAt ?? '')} after ${finding.duration ?? '0s'}`;
  return {
    kind: 'span',
    key: finding.id,
    startMs,
    endMs: finding.closedMs,
    severity: finding.severity,
    count: records ? 0 : fold.length,
    label: finding.duration ?? stillText(kind).toLowerCase(),
    lines: [
      records ? `${labels}: ${signal.subject}` : `${labels} on ${signal.subject}${id}`,
      `${finding.severity} · ${records ? '' : 'open to '}${finding.extent}`,
      `${opened} by ${openedBy.name}`,
      finding.closedAt === null ? `${stillText(kind)} at the end of the logs` : closed,
    ],
    signalId: signal.id,
  };
}

function placeOf(accountId: string, region: string): string {
  return `${accountId} · ${region}`;
}

function momentOf(change: UndeterminedView, startMs: number): MomentItem {
  return {
    kind: 'moment',
    key: `undetermined ${change.eventId}`,
    startMs,
    lines: [`Undetermined: ${change.eventName}`, readableTime(change.eventTime), change.reason],
  };
}

/** Undetermined changes that fit the filters on text and account; the others do not apply to them. */
export function matchingUndetermined(data: ReportData, view: View): readonly UndeterminedView[] {
  return data.undetermined.filter((change) => {
    const text = Object.values(change).join('\n').toLowerCase();
    return (
      (view.accountId === '' || view.accountId === change.accountId) && holdsWords(text, view.text)
    );
  });
}

/**
 * The lanes of the rows given, in the order in which their groups first appear. An undetermined change
 * marks the lane of its group; it gets a lane of its own only where no filter narrows the
 * findings to some kind.
 */
export function lanesOf(
  rows: readonly Row[],
  undetermined: readonly UndeterminedView[],
  ownLanes: boolean,
): readonly TimelineLane[] {
  const lanes = new Map<string, OpenLane>();
  function laneFor(parts: readonly (string | null)[], title: string, detail: string): OpenLane {
    const key = JSON.stringify(parts);
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const lane: OpenLane = { key, title, detail, rows: new Map() };
    lanes.set(key, lane);
    return lane;
  }
  function groupLane(
    accountId: string,
    region: string,
    groupId: string | null,
    name: string | null,
  ): OpenLane {
    const place = placeOf(accountId, region);
    const title = name ?? groupId ?? 'Group unknown';
    const detail = groupId === null || name === null ? place : `${place} · ${groupId}`;
    return laneFor([accountId, region, groupId], title, detail);
  }
  function rowIn(lane: OpenLane, key: string, label: string, port: number): OpenRow {
    const known = lane.rows.get(key);
    if (known !== undefined) return known;
    const row: OpenRow = { label, port, items: [] };
    lane.rows.set(key, row);
    return row;
  }

  for (const fold of foldsOf(rows, ({ finding }) => finding)) {
    const [{ finding, signal, rule }] = fold;
    const { accountId, region, group } = signal;
    if (finding.openedMs === null) continue;
    const lane =
      group === null
        ? laneFor([rule.id, accountId, region], rule.name, placeOf(accountId, region))
        : groupLane(accountId, region, group.id, group.name);
    const ports = fold.map(({ finding: { label } }) => label);
    const key = JSON.stringify([signal.rule, group === null ? signal.subject : ports]);
    const label = group === null ? signal.subject : shortPorts(ports);
    rowIn(lane, key, label, finding.port).items.push(spanOf(fold, finding.openedMs));
  }

  for (const change of undetermined) {
    const { accountId, region, groupId, eventMs } = change;
    if (eventMs === null) continue;
    if (!ownLanes && !lanes.has(JSON.stringify([accountId, region, groupId]))) continue;
    const lane = groupLane(accountId, region, groupId, null);
    rowIn(lane, 'undetermined', 'Undetermined', Infinity).items.push(momentOf(change, eventMs));
  }

  return Array.from(lanes.values(), ({ key, title, detail, rows: laneRows }) => ({
    key,
    title,
    detail,
    rows: [...laneRows.values()]
      .toSorted((left, right) => left.port - right.port)
      .map((row) => ({
        label: row.label,
        items: row.items.toSorted((left, right) => left.startMs - right.startMs),
      })),
  }));
}

/** Every instant at which an item of the lanes begins or ends. */
export function instantsOf(lanes: readonly TimelineLane[]): readonly number[] {
  return lanes.flatMap(({ rows }) =>
    rows.flatMap(({ items }) =>
      items.flatMap((item) =>
        item.kind === 'span' && item.endMs !== null ? [item.startMs, item.endMs] : [item.startMs],
      ),
    ),
  );
}
