// A slow and obvious evaluator: what each call did to which rows, folded one call at a time, every
// port of every group looked at after every call. It shares no code with the production stations.

import { contentOf, sizeOf, type Cidr, type SimRow } from './rows.ts';

export type Place = { readonly accountId: string; readonly region: string };

/** A row as far as the logs tell it: the `sgr-` id is null where no answer named it. */
export type KnownRow = { readonly row: SimRow; readonly id: string | null };

export type Deed =
  | { readonly kind: 'add'; readonly groupId: string; readonly rows: readonly KnownRow[] }
  | {
      readonly kind: 'remove';
      readonly groupId: string;
      readonly ids: readonly string[];
      readonly rows: readonly SimRow[];
    }
  | {
      readonly kind: 'replace';
      readonly groupId: string;
      readonly replacements: readonly { readonly id: string; readonly row: SimRow }[];
    }
  | { readonly kind: 'delete-group'; readonly groupId: string }
  | { readonly kind: 'list-create'; readonly listId: string; readonly entries: readonly Cidr[] }
  | {
      readonly kind: 'list-modify';
      readonly listId: string;
      readonly add: readonly Cidr[];
      readonly remove: readonly Cidr[];
    }
  | { readonly kind: 'list-restore'; readonly listId: string; readonly version: number }
  | { readonly kind: 'list-delete'; readonly listId: string }
  | { readonly kind: 'none' };

export type Fact = Place & {
  readonly eventId: string;
  readonly eventTime: string;
  readonly actor: string;
  readonly deed: Deed;
};

export type PortRule = {
  readonly id: string;
  readonly ports: readonly number[];
  readonly threshold: number;
};

export type Interval = Place & {
  readonly ruleId: string;
  readonly groupId: string;
  readonly port: number;
  readonly openedAt: string;
  readonly openedByEventId: string;
  readonly openedBy: string;
  readonly closedAt: string | null;
  readonly closedByEventId: string | null;
  readonly closedBy: string | null;
  readonly durationSeconds: number | null;
  readonly ipv4Coverage: number;
  readonly ipv6Coverage: number;
};

type GroupState = Place & { readonly groupId: string; rows: KnownRow[] };
type ListState = { version: number; entries: Cidr[]; readonly past: Map<number, Cidr[]> };

/** Everything the calls so far have made of groups and prefix lists. */
export class World {
  readonly groups = new Map<string, GroupState>();
  readonly lists = new Map<string, ListState>();

  apply(fact: Fact): void {
    const { deed } = fact;
    switch (deed.kind) {
      case 'none':
        return;
      case 'add':
        for (const row of deed.rows) this.#put(fact, deed.groupId, row);
        return;
      case 'remove': {
        const group = this.#group(fact, deed.groupId);
        const gone = new Set(deed.rows.map(contentOf));
        group.rows = group.rows.filter(
          (known) =>
            !(known.id !== null && deed.ids.includes(known.id)) && !gone.has(contentOf(known.row)),
        );
        return;
      }
      case 'replace': {
        const group = this.#group(fact, deed.groupId);
        const ids = new Set(deed.replacements.map(({ id }) => id));
        group.rows = group.rows.filter(({ id }) => id === null || !ids.has(id));
        for (const { id, row } of deed.replacements) this.#put(fact, deed.groupId, { row, id });
        return;
      }
      case 'delete-group':
        this.#group(fact, deed.groupId).rows = [];
        return;
      case 'list-create':
        this.#list(fact, deed.listId).past.set(1, [...deed.entries]);
        this.#enter(fact, deed.listId, 1, [...deed.entries]);
        return;
      case 'list-modify': {
        const list = this.#list(fact, deed.listId);
        const kept = list.entries.filter((entry) => !deed.remove.some((gone) => same(entry, gone)));
        const added = deed.add.filter((entry) => !kept.some((there) => same(entry, there)));
        this.#enter(fact, deed.listId, list.version + 1, [...kept, ...added]);
        return;
      }
      case 'list-restore': {
        const list = this.#list(fact, deed.listId);
        this.#enter(fact, deed.listId, list.version + 1, list.past.get(deed.version) ?? []);
        return;
      }
      case 'list-delete':
        this.#list(fact, deed.listId).entries = [];
        return;
      default:
        deed satisfies never;
    }
  }

  /** The CIDRs through which a group admits a port, prefix lists resolved. */
  admitted(group: GroupState, protocol: 'tcp' | 'udp', port: number): readonly Cidr[] {
    return group.rows
      .filter(({ row }) => counts(row, protocol, port))
      .flatMap(({ row }) => {
        switch (row.source.kind) {
          case 'cidr':
            return [row.source.cidr];
          case 'list':
            return this.lists.get(placed(group, row.source.listId))?.entries ?? [];
          case 'group':
            return [];
          default:
            return row.source satisfies never;
        }
      });
  }

  #group(place: Place, groupId: string): GroupState {
    const key = placed(place, groupId);
    const known = this.groups.get(key);
    if (known) return known;
    const fresh = { accountId: place.accountId, region: place.region, groupId, rows: [] };
    this.groups.set(key, fresh);
    return fresh;
  }

  /** EC2 never holds two rows of the same content, nor two of the same id. */
  #put(place: Place, groupId: string, added: KnownRow): void {
    const group = this.#group(place, groupId);
    group.rows = group.rows.filter(
      ({ row, id }) => contentOf(row) !== contentOf(added.row) && (id === null || id !== added.id),
    );
    group.rows.push(added);
  }

  #list(place: Place, listId: string): ListState {
    const key = placed(place, listId);
    const known = this.lists.get(key);
    if (known) return known;
    const fresh = { version: 0, entries: [], past: new Map<number, Cidr[]>() };
    this.lists.set(key, fresh);
    return fresh;
  }

  #enter(place: Place, listId: string, version: number, entries: Cidr[]): void {
    const list = this.#list(place, listId);
    list.version = version;
    list.entries = entries;
    list.past.set(version, entries);
  }
}

function placed(place: Place, id: string): string {
  return `${place.accountId} ${place.region} ${id}`;
}

function same(one: Cidr, other: Cidr): boolean {
  return one.family === other.family && one.first === other.first && one.length === other.length;
}

function counts(row: SimRow, protocol: 'tcp' | 'udp', port: number): boolean {
  if (row.protocol === 'all') return true;
  if (row.protocol !== protocol) return false;
  if (row.from === null || row.to === null) return true;
  return row.from <= port && port <= row.to;
}

const families = {
  4: { first: 0n, end: 1n << 32n },
  6: { first: 0x2000n << 112n, end: 0x4000n << 112n },
} as const;

/** Share of the family that the CIDRs cover together: cut at every edge, then ask of each piece. */
export function naiveShare(cidrs: readonly Cidr[], family: 4 | 6): number {
  const whole = families[family];
  const spans = cidrs
    .filter((cidr) => cidr.family === family)
    .map((cidr) => ({ first: cidr.first, end: cidr.first + sizeOf(cidr) }));
  const edges = [whole.first, whole.end, ...spans.flatMap(({ first, end }) => [first, end])]
    .filter((edge) => edge >= whole.first && edge <= whole.end)
    .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  let covered = 0n;
  for (let index = 0; index + 1 < edges.length; index += 1) {
    const first = edges[index] ?? 0n;
    const end = edges[index + 1] ?? 0n;
    if (spans.some((span) => span.first <= first && end <= span.end)) covered += end - first;
  }
  const scale = 1n << 60n;
  return Number((covered * scale) / (whole.end - whole.first)) / Number(scale);
}

/** The `sgr-` ids that a call gives to rows, and how far into a row's life that is. */
function named(deed: Deed): { readonly stage: number; readonly ids: readonly string[] } {
  switch (deed.kind) {
    case 'add':
      return { stage: 0, ids: deed.rows.flatMap(({ id }) => (id === null ? [] : [id])) };
    case 'replace':
      return { stage: 1, ids: deed.replacements.map(({ id }) => id) };
    case 'remove':
      return { stage: 2, ids: deed.ids };
    case 'delete-group':
    case 'list-create':
    case 'list-modify':
    case 'list-restore':
    case 'list-delete':
    case 'none':
      return { stage: 0, ids: [] };
    default:
      return deed satisfies never;
  }
}

/**
 * The order of the contract: by time, then by event id, but within one second a call that names a
 * row's `sgr-` id waits for the addition of that id, and a removal for everything else that names
 * it: a row is added, then changed, then gone. Repeated event ids count once.
 */
export function inOrder(facts: readonly Fact[]): readonly Fact[] {
  const waiting = [...new Map(facts.map((fact) => [fact.eventId, fact])).values()].toSorted(
    (a, b) => compare(a.eventTime, b.eventTime) || compare(a.eventId, b.eventId),
  );
  const ordered: Fact[] = [];
  while (waiting.length > 0) {
    const second = waiting[0]?.eventTime;
    const together = waiting.filter((fact) => fact.eventTime === second);
    const ready = waiting.findIndex((fact) => {
      const { stage, ids } = named(fact.deed);
      return !together.some((other) => {
        const before = named(other.deed);
        return before.stage < stage && before.ids.some((id) => ids.includes(id));
      });
    });
    ordered.push(...waiting.splice(ready, 1));
  }
  return ordered;
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Widths = { ipv4: number; ipv6: number };

/** Watches one port of one group, call by call. */
class Watch {
  readonly intervals: { opened: Fact; closed: Fact | null; widest: Widths }[] = [];
  #open = false;

  look(fact: Fact, now: Widths, threshold: number): void {
    const open = now.ipv4 >= threshold || now.ipv6 >= threshold;
    if (open && !this.#open)
      this.intervals.push({ opened: fact, closed: null, widest: { ...now } });
    const current = this.intervals.at(-1);
    if (current && !open && this.#open) current.closed = fact;
    if (current && open) {
      current.widest.ipv4 = Math.max(current.widest.ipv4, now.ipv4);
      current.widest.ipv6 = Math.max(current.widest.ipv6, now.ipv6);
    }
    this.#open = open;
  }
}

/** Widths of the opening of every group for the given ports, after each call; answers cached. */
function everyStep(
  facts: readonly Fact[],
  looks: readonly { readonly protocol: 'tcp' | 'udp'; readonly port: number }[],
  look: (fact: Fact, group: GroupState, at: number, widths: Widths) => void,
): void {
  const world = new World();
  const shares = new Map<string, Widths>();
  for (const fact of inOrder(facts)) {
    world.apply(fact);
    for (const group of world.groups.values()) {
      for (const [at, { protocol, port }] of looks.entries()) {
        const cidrs = world.admitted(group, protocol, port);
        const key = cidrs.map((cidr) => `${cidr.first}/${cidr.length}/${cidr.family}`).join();
        const widths = shares.get(key) ?? {
          ipv4: naiveShare(cidrs, 4),
          ipv6: naiveShare(cidrs, 6),
        };
        shares.set(key, widths);
        look(fact, group, at, widths);
      }
    }
  }
}

/** Every exposure that the calls amount to, by looking at every port after every call. */
export function bruteForce(
  facts: readonly Fact[],
  rules: readonly PortRule[],
): readonly Interval[] {
  const looks = rules.flatMap((rule) =>
    rule.ports.map((port) => ({ rule, protocol: 'tcp' as const, port })),
  );
  const watches = new Map<string, { group: GroupState; at: number; watch: Watch }>();
  everyStep(facts, looks, (fact, group, at, widths) => {
    const key = `${placed(group, group.groupId)} ${at}`;
    const entry = watches.get(key) ?? { group, at, watch: new Watch() };
    watches.set(key, entry);
    entry.watch.look(fact, widths, looks[at]?.rule.threshold ?? 1);
  });
  return [...watches.values()].flatMap(({ group, at, watch }) =>
    watch.intervals.map(({ opened, closed, widest }) => ({
      ruleId: looks[at]?.rule.id ?? '',
      accountId: group.accountId,
      region: group.region,
      groupId: group.groupId,
      port: looks[at]?.port ?? -1,
      openedAt: opened.eventTime,
      openedByEventId: opened.eventId,
      openedBy: opened.actor,
      closedAt: closed?.eventTime ?? null,
      closedByEventId: closed?.eventId ?? null,
      closedBy: closed?.actor ?? null,
      durationSeconds: closed
        ? (Date.parse(closed.eventTime) - Date.parse(opened.eventTime)) / 1000
        : null,
      ipv4Coverage: widest.ipv4,
      ipv6Coverage: widest.ipv6,
    })),
  );
}

export type PortSpan = {
  readonly openedByEventId: string;
  readonly closedByEventId: string | null;
};

/** For each group, protocol and port: the intervals in which it is open to the world. */
export function bruteForcePorts(
  facts: readonly Fact[],
  protocols: readonly ('tcp' | 'udp')[],
  ports: readonly number[],
  threshold: number,
): ReadonlyMap<string, readonly PortSpan[]> {
  const looks = protocols.flatMap((protocol) => ports.map((port) => ({ protocol, port })));
  const watches = new Map<string, Watch>();
  everyStep(facts, looks, (fact, group, at, widths) => {
    const key = `${placed(group, group.groupId)} ${looks[at]?.protocol} ${looks[at]?.port}`;
    const watch = watches.get(key) ?? new Watch();
    watches.set(key, watch);
    watch.look(fact, widths, threshold);
  });
  return new Map(
    [...watches].flatMap(([key, { intervals }]) =>
      intervals.length === 0
        ? []
        : [
            [
              key,
              intervals.map(({ opened, closed }) => ({
                openedByEventId: opened.eventId,
                closedByEventId: closed?.eventId ?? null,
              })),
            ] as const,
          ],
    ),
  );
}
