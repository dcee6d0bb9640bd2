// What the timeline draws, apart from how: lanes, each with rows, each with items on one time axis.
// A lane is a group, a row a set of ports. Other kinds of lanes and items fit beside these. Pure.

import { foldsOf, shortPorts } from './folds.ts';
import type { Fold } from './folds.ts';
import type { ReportData, SeverityName, UndeterminedView } from './report-data.ts';
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
  /** How many exposures the item stands for. */
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

function groupText(row: Row): string {
  const { groupName, groupId } = row.signal;
  return groupName === null ? groupId : `${groupName} (${groupId})`;
}

function spanOf(fold: Fold<Row>, startMs: number): SpanItem {
  const [row] = fold;
  const { exposure, signal } = row;
  const names = fold.map(({ exposure: { portText } }) => portText);
  return {
    kind: 'span',
    key: exposure.id,
    startMs,
    endMs: exposure.closedMs,
    severity: exposure.severity,
    count: fold.length,
    label: exposure.duration ?? 'still open',
    lines: [
      `${names.join(', ')} on ${groupText(row)}`,
      `${exposure.severity} · open to ${exposure.width}`,
      `Opened ${readableTime(exposure.openedAt)} by ${exposure.openedBy.name}`,
      exposure.closedAt === null
        ? 'Still open at the end of the logs'
        : `Closed ${readableTime(exposure.closedAt)}, open for ${exposure.duration ?? '0s'}`,
    ],
    signalId: signal.id,
  };
}

function laneKey(accountId: string, region: string, groupId: string | null): string {
  return JSON.stringify([accountId, region, groupId]);
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
 * exposures to some kind.
 */
export function lanesOf(
  rows: readonly Row[],
  undetermined: readonly UndeterminedView[],
  ownLanes: boolean,
): readonly TimelineLane[] {
  const lanes = new Map<string, OpenLane>();
  function laneFor(
    accountId: string,
    region: string,
    groupId: string | null,
    name: string,
  ): OpenLane {
    const key = laneKey(accountId, region, groupId);
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const place = placeOf(accountId, region);
    const detail = groupId === null || groupId === name ? place : `${place} · ${groupId}`;
    const lane: OpenLane = { key, title: name, detail, rows: new Map() };
    lanes.set(key, lane);
    return lane;
  }
  function rowIn(lane: OpenLane, key: string, label: string, port: number): OpenRow {
    const known = lane.rows.get(key);
    if (known !== undefined) return known;
    const row: OpenRow = { label, port, items: [] };
    lane.rows.set(key, row);
    return row;
  }

  for (const fold of foldsOf(rows, ({ exposure }) => exposure)) {
    const [{ exposure, signal }] = fold;
    if (exposure.openedMs === null) continue;
    const name = signal.groupName ?? signal.groupId;
    const lane = laneFor(signal.accountId, signal.region, signal.groupId, name);
    const ports = fold.map(({ exposure: { portText } }) => portText);
    const key = JSON.stringify([signal.rule, ports]);
    const row = rowIn(lane, key, shortPorts(ports), exposure.port);
    row.items.push(spanOf(fold, exposure.openedMs));
  }

  for (const change of undetermined) {
    const { accountId, region, groupId, eventMs } = change;
    if (eventMs === null) continue;
    if (!ownLanes && !lanes.has(laneKey(accountId, region, groupId))) continue;
    const lane = laneFor(accountId, region, groupId, groupId ?? 'Group unknown');
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
