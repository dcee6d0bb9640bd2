// Follows one group through its changes, and those of the prefix lists it names, under every rule.
// What following has come to is a plain value (`GroupFoldState`), from which it goes on later as if it
// had never been interrupted.

import type { Change, GroupChange, GroupRef, Undetermined } from '../model/change.ts';
import type { Exposure } from '../model/exposure.ts';
import type { IngressRule } from '../model/ingress-rule.ts';
import type { ExposureRule } from '../model/rule.ts';
import type { Admission, Finding } from './finding.ts';
import { GroupRows } from './group-rows.ts';
import { readOpenPorts, wider, type Opening, type PortsReading } from './open-ports.ts';
import type { PrefixListState } from './prefix-lists.ts';
import { stableId } from './stable-id.ts';

/** A group's latest known name and VPC. A group keeps both for life. */
export type GroupNaming = { readonly groupName?: string; readonly vpcId?: string };

/** What following has come to: plain JSON, with changes named by their event ids. */
export type GroupFoldState = {
  readonly rows: readonly IngressRule[];
  /** Rows that admit what is not known, and were said to. */
  readonly unknownRows: readonly string[];
  /** What is open, by the id of the rule that says so. */
  readonly open: Readonly<Record<string, readonly IntervalState[]>>;
};

type IntervalState = {
  readonly openedBy: string;
  readonly opening: Opening;
  readonly now: Opening;
  readonly admissions: readonly { readonly source: string; readonly by: string }[];
};

type Interval = {
  readonly openedBy: Change;
  /** The widest of all readings. */
  readonly opening: Opening;
  /** The latest reading. */
  readonly now: Opening;
  readonly admissions: readonly Admission[];
};

type Ended = {
  readonly rule: ExposureRule;
  readonly interval: Interval;
  readonly closedBy: Change;
};

/** Where following goes on. */
export type FoldStart = {
  readonly state: GroupFoldState;
  /** What the lists held then, by id. */
  readonly lists: ReadonlyMap<string, PrefixListState>;
  /** The changes that the state names; throws where one is missing. */
  readonly changeOf: (eventId: string) => Change;
};

export class GroupFold {
  readonly #group: GroupRef;
  readonly #rules: readonly ExposureRule[];
  readonly #rows: GroupRows;
  readonly #lists: Map<string, PrefixListState>;
  readonly #open: ReadonlyMap<ExposureRule, Map<string, Interval>>;
  readonly #ended: Ended[] = [];
  readonly #undetermined: Undetermined[] = [];
  #unknownRows: ReadonlySet<string>;

  /** @param egressRuleIds ids known, at any time, to belong to egress rules of the group */
  constructor(
    group: GroupRef,
    rules: readonly ExposureRule[],
    egressRuleIds: ReadonlySet<string>,
    start?: FoldStart,
  ) {
    this.#group = group;
    this.#rules = rules;
    this.#rows = new GroupRows(egressRuleIds, start?.state.rows);
    this.#lists = new Map(start?.lists);
    this.#unknownRows = new Set(start?.state.unknownRows);
    this.#open = new Map(rules.map((rule) => [rule, intervalsOf(rule, start)]));
  }

  /** The list as it is from here on. */
  learnList(prefixListId: string, list: PrefixListState): void {
    this.#lists.set(prefixListId, list);
  }

  /**
   * Takes the next change, in causal order: of the group, or of a list it names after `learnList`.
   */
  apply(change: Change): void {
    if (change.target === 'group') {
      if (missesRowById(this.#rows, change)) {
        this.#note(
          change,
          'a row is removed by an id that was never seen, and rows without a known id are open',
        );
      }
      if (!this.#rows.apply(change)) return;
    }
    const readings = this.#rules.map((rule) => {
      const reading = readOpenPorts(this.#rows.rows, this.#lists, rule.exposure);
      for (const ended of advance(this.#intervals(rule), reading, change)) {
        this.#ended.push({ rule, ...ended });
      }
      return reading;
    });
    this.#tellUnknownRows(readings, change);
  }

  state(): GroupFoldState {
    return {
      rows: [...this.#rows.rows],
      unknownRows: [...this.#unknownRows],
      open: Object.fromEntries(
        this.#rules.map((rule) => [
          rule.id,
          [...this.#intervals(rule).values()].map(intervalState),
        ]),
      ),
    };
  }

  /** What ended since the start of this fold, and what is open. */
  findings(naming: GroupNaming): readonly Finding[] {
    return [
      ...this.#ended.map(({ rule, interval, closedBy }) =>
        toFinding(rule, this.#group, naming, interval, closedBy),
      ),
      ...this.#rules.flatMap((rule) =>
        [...this.#intervals(rule).values()].map((interval) =>
          toFinding(rule, this.#group, naming, interval, null),
        ),
      ),
    ];
  }

  /** Changes since the start of this fold whose effect cannot be told. */
  undetermined(): readonly Undetermined[] {
    return this.#undetermined;
  }

  /** Told when such a row comes, and once more when nothing else keeps the port open for certain. */
  #tellUnknownRows(readings: readonly PortsReading[], change: Change): void {
    const unknownNow = new Set(
      readings.flatMap(({ unknownRows, decidingRows }) => [
        ...unknownRows.map((row) => `names ${row}`),
        ...decidingRows.map((row) => `decides ${row}`),
      ]),
    );
    if ([...unknownNow].some((row) => !this.#unknownRows.has(row))) {
      this.#note(change, 'a row admits a prefix list whose entries are not known');
    }
    this.#unknownRows = unknownNow;
  }

  #intervals(rule: ExposureRule): Map<string, Interval> {
    return this.#open.get(rule) ?? new Map<string, Interval>();
  }

  #note(change: Change, reason: string): void {
    this.#undetermined.push(undeterminedBy(change, this.#group.groupId, reason));
  }
}

export function undeterminedBy(
  change: Change,
  groupId: string | null,
  reason: string,
): Undetermined {
  return {
    eventId: change.eventId,
    eventTime: change.eventTime,
    eventName: change.eventName,
    accountId: change.accountId,
    region: change.region,
    groupId,
    reason,
  };
}

function intervalState({ openedBy, opening, now, admissions }: Interval): IntervalState {
  return {
    openedBy: openedBy.eventId,
    opening,
    now,
    admissions: admissions.map(({ source, by }) => ({ source, by: by.eventId })),
  };
}

function intervalsOf(rule: ExposureRule, start: FoldStart | undefined): Map<string, Interval> {
  const intervals = new Map<string, Interval>();
  if (start === undefined) return intervals;
  const { state, changeOf } = start;
  for (const { openedBy, opening, now, admissions } of state.open[rule.id] ?? []) {
    intervals.set(opening.key, {
      openedBy: changeOf(openedBy),
      opening,
      now,
      admissions: admissions.map(({ source, by }) => ({ source, by: changeOf(by) })),
    });
  }
  return intervals;
}

/** Begins, widens and ends intervals after one change; returns those that ended. */
function advance(
  intervals: Map<string, Interval>,
  reading: PortsReading,
  change: Change,
): { interval: Interval; closedBy: Change }[] {
  const openings = new Map(reading.openings.map((opening) => [opening.key, opening]));
  const ended: { interval: Interval; closedBy: Change }[] = [];
  for (const [key, interval] of intervals) {
    const opening = openings.get(key);
    if (opening === undefined) {
      ended.push({ interval, closedBy: change });
      intervals.delete(key);
    } else {
      intervals.set(key, {
        ...interval,
        opening: wider(interval.opening, opening),
        now: opening,
        admissions: [...interval.admissions, ...admissionsOf(opening, change, interval.now)],
      });
    }
  }
  for (const [key, opening] of openings) {
    if (intervals.has(key)) continue;
    const admissions = admissionsOf(opening, change, null);
    intervals.set(key, { openedBy: change, opening, now: opening, admissions });
  }
  return ended;
}

/** The sources that a change let in. */
function admissionsOf(
  { ipv4Sources, ipv6Sources }: Opening,
  by: Change,
  before: Opening | null,
): readonly Admission[] {
  if (before?.ipv4Sources === ipv4Sources && before.ipv6Sources === ipv6Sources) return [];
  const known = new Set([...(before?.ipv4Sources ?? []), ...(before?.ipv6Sources ?? [])]);
  return [...ipv4Sources, ...ipv6Sources]
    .filter((source) => !known.has(source))
    .map((source) => ({ source, by }));
}

/** A removal by an id nobody gave us, while a row whose id nobody gave us is there. */
function missesRowById(rows: GroupRows, change: GroupChange): boolean {
  const { effect } = change;
  return (
    effect.kind === 'remove' &&
    effect.rows.length === 0 &&
    effect.ruleIds.some((ruleId) => !rows.knowsRuleId(ruleId)) &&
    rows.hasUnidentifiedRows()
  );
}

function toFinding(
  rule: ExposureRule,
  { accountId, region, groupId }: GroupRef,
  naming: GroupNaming,
  { openedBy, opening, admissions }: Interval,
  closedBy: Change | null,
): Finding {
  const exposure: Exposure = {
    id: stableId('exp', [rule.id, accountId, region, groupId, opening.key, openedBy.eventId]),
    ruleId: rule.id,
    accountId,
    region,
    groupId,
    ...naming,
    protocol: opening.protocol,
    port: opening.port,
    ...(opening.toPort === null ? {} : { toPort: opening.toPort }),
    service: opening.service,
    ipv4Coverage: opening.ipv4Share,
    ipv6Coverage: opening.ipv6Share,
    sources: [...opening.ipv4Sources, ...opening.ipv6Sources],
    openedAt: openedBy.eventTime,
    openedByEventId: openedBy.eventId,
    openedByEventName: openedBy.eventName,
    openedBy: openedBy.actor,
    closedAt: closedBy?.eventTime ?? null,
    closedByEventId: closedBy?.eventId ?? null,
    closedBy: closedBy?.actor ?? null,
    durationSeconds:
      closedBy === null ? null : (closedBy.eventTimeMs - openedBy.eventTimeMs) / 1000,
  };
  return { rule, exposure, openedBy, closedBy, admissions };
}
