// What a person should be told, derived from the exposures of the slow evaluator: the openings of
// one group by one actor under one rule, joined while no pause is longer than keep-alive.

import { compare, inOrder, type Fact, type Interval } from './brute-force.ts';

export type NaiveSignal = {
  readonly ruleId: string;
  readonly accountId: string;
  readonly region: string;
  readonly groupId: string;
  readonly actor: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly status: 'open' | 'closed';
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly durationSeconds: number | null;
  /** Opening event and port of each exposure, sorted. */
  readonly exposures: readonly string[];
  /** Sorted. */
  readonly eventIds: readonly string[];
};

export type SignalOptions = {
  readonly keepAliveSeconds: number;
  readonly maxDurationSeconds: number;
};

/** The signals that the intervals amount to. */
export function naiveSignals(
  facts: readonly Fact[],
  intervals: readonly Interval[],
  options: SignalOptions,
): readonly NaiveSignal[] {
  const turn = new Map(inOrder(facts).map(({ eventId }, index) => [eventId, index]));
  const opened = intervals.toSorted(
    (a, b) => (turn.get(a.openedByEventId) ?? -1) - (turn.get(b.openedByEventId) ?? -1),
  );
  const subjects = Map.groupBy(opened, (one) =>
    JSON.stringify([one.ruleId, one.accountId, one.region, one.groupId, one.openedBy]),
  );
  return [...subjects.values()].flatMap((openings) => joined(openings, options).map(summary));
}

function joined(openings: readonly Interval[], options: SignalOptions): readonly Interval[][] {
  const signals: Interval[][] = [];
  for (const opening of openings) {
    const current = signals.at(-1);
    const first = current?.[0];
    const latest = current?.at(-1);
    if (
      current &&
      first &&
      latest &&
      seconds(latest.openedAt, opening.openedAt) <= options.keepAliveSeconds &&
      seconds(first.openedAt, opening.openedAt) <= options.maxDurationSeconds
    ) {
      current.push(opening);
    } else {
      signals.push([opening]);
    }
  }
  return signals;
}

function seconds(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

function summary(members: readonly Interval[]): NaiveSignal {
  const [first] = members;
  if (!first) throw new Error('a signal has at least one exposure');
  const open = members.some(({ closedAt }) => closedAt === null);
  // Of closings in one second, the greater event id counts as the last.
  const last = members
    .toSorted(
      (a, b) =>
        compare(a.closedAt ?? '', b.closedAt ?? '') ||
        compare(a.closedByEventId ?? '', b.closedByEventId ?? ''),
    )
    .at(-1);
  const times = members.flatMap(({ openedAt, closedAt }) => [openedAt, closedAt ?? openedAt]);
  return {
    ruleId: first.ruleId,
    accountId: first.accountId,
    region: first.region,
    groupId: first.groupId,
    actor: first.openedBy,
    firstSeen: first.openedAt,
    lastSeen: times.toSorted(compare).at(-1) ?? first.openedAt,
    status: open ? 'open' : 'closed',
    closedAt: open ? null : (last?.closedAt ?? null),
    closedBy: open ? null : (last?.closedBy ?? null),
    durationSeconds: open ? null : seconds(first.openedAt, last?.closedAt ?? first.openedAt),
    exposures: members.map(({ openedByEventId, port }) => `${openedByEventId} ${port}`).toSorted(),
    eventIds: [
      ...new Set(
        members.flatMap(({ openedByEventId, closedByEventId }) =>
          closedByEventId === null ? [openedByEventId] : [openedByEventId, closedByEventId],
        ),
      ),
    ].toSorted(),
  };
}
