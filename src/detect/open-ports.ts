// Which ports a set of rows opens to the world under one rule. Pure: rows in, openings out.

import { rowKey, type IngressRule, type Protocol } from '../model/ingress-rule.ts';
import type { ExposureBody } from '../model/rule.ts';
import { ipv4Coverage, ipv6Coverage } from './coverage.ts';
import { unknownPrefixList, type PrefixListState } from './prefix-lists.ts';

/** One port, or one row range, that is open to the world. */
export type Opening = {
  /** Identity within its group and rule. */
  readonly key: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Present only for rules that report per row range. */
  readonly toPort: number | null;
  readonly service: string | null;
  readonly ipv4Share: number;
  readonly ipv6Share: number;
  /** The widest CIDRs of each family that is open. */
  readonly ipv4Sources: readonly string[];
  readonly ipv6Sources: readonly string[];
};

export type PortsReading = {
  readonly openings: readonly Opening[];
  /** Rows (by `rowKey`) that admit a prefix list not fully known at a port that counts. */
  readonly unknownRows: readonly string[];
  /** Those among them at a port that is not open for certain, and so may be open through them. */
  readonly decidingRows: readonly string[];
};

type PrefixLists = ReadonlyMap<string, PrefixListState>;

const lastPort = 65_535;

export function readOpenPorts(
  rows: Iterable<IngressRule>,
  prefixLists: PrefixLists,
  body: ExposureBody,
): PortsReading {
  const counting = [...rows].filter(
    (row) => row.source.kind !== 'group' && counts(row, body.protocols),
  );
  if (areTooNarrow(counting, body.coverageThreshold)) return nothingOpen;
  return body.ports === null
    ? readRowRanges(counting, prefixLists, body)
    : readNamedPorts(counting, prefixLists, body, body.ports);
}

const nothingOpen: PortsReading = { openings: [], unknownRows: [], decidingRows: [] };

/**
 * Whether all rows together, overlaps counted twice, stay below the threshold. Most groups do, and
 * this is found out without looking at ports or addresses.
 */
function areTooNarrow(rows: readonly IngressRule[], threshold: number): boolean {
  let ipv4 = 0;
  let ipv6 = 0;
  for (const { source } of rows) {
    if (source.kind === 'ipv4') ipv4 += 2 ** -prefixLength(source.cidr);
    else if (source.kind === 'ipv6') ipv6 += 2 ** (3 - prefixLength(source.cidr));
    else return false;
  }
  // A hair of room for rounding: in doubt the exact reading decides.
  const limit = threshold * (1 - 1e-9);
  return ipv4 < limit && ipv6 < limit;
}

function prefixLength(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf('/') + 1));
}

function counts(row: IngressRule, protocols: ExposureBody['protocols']): boolean {
  return row.protocol === 'all' || protocols.some((protocol) => protocol === row.protocol);
}

function contains(row: IngressRule, port: number): boolean {
  return (row.fromPort ?? 0) <= port && port <= (row.toPort ?? lastPort);
}

function readNamedPorts(
  rows: readonly IngressRule[],
  prefixLists: PrefixLists,
  body: ExposureBody,
  ports: NonNullable<ExposureBody['ports']>,
): PortsReading {
  const openings: Opening[] = [];
  const unknown = new UnknownRows(prefixLists);
  for (const protocol of body.protocols) {
    const ofProtocol = rows.filter((row) => counts(row, [protocol]));
    for (const { port, service } of ports) {
      const atPort = ofProtocol.filter((row) => contains(row, port));
      if (atPort.length === 0) continue;
      const width = readWidth(atPort, prefixLists, body.coverageThreshold);
      // Said even where known rows open the port already: the list may outlive them.
      unknown.note(atPort, width.open);
      if (width.open) {
        openings.push({
          key: `${protocol}/${port}`,
          protocol,
          port,
          toPort: null,
          service,
          ...width,
        });
      }
    }
  }
  return { openings, ...unknown.found() };
}

type Width = Pick<Opening, 'ipv4Share' | 'ipv6Share' | 'ipv4Sources' | 'ipv6Sources'> & {
  readonly open: boolean;
};

function readWidth(
  rows: readonly IngressRule[],
  prefixLists: PrefixLists,
  threshold: number,
): Width {
  const ipv4: string[] = [];
  const ipv6: string[] = [];
  for (const cidr of rows.flatMap((row) => cidrsOf(row, prefixLists))) {
    (cidr.includes(':') ? ipv6 : ipv4).push(cidr);
  }
  const four = ipv4Coverage(ipv4);
  const six = ipv6Coverage(ipv6);
  const fourOpen = four.reaches(threshold);
  const sixOpen = six.reaches(threshold);
  return {
    open: fourOpen || sixOpen,
    ipv4Share: four.share,
    ipv6Share: six.share,
    ipv4Sources: fourOpen ? four.widest : [],
    ipv6Sources: sixOpen ? six.widest : [],
  };
}

function cidrsOf(row: IngressRule, prefixLists: PrefixLists): readonly string[] {
  switch (row.source.kind) {
    case 'ipv4':
    case 'ipv6':
      return [row.source.cidr];
    case 'prefix-list':
      return [...(prefixLists.get(row.source.prefixListId) ?? unknownPrefixList).cidrs];
    case 'group':
      return [];
    default:
      return row.source satisfies never;
  }
}

/** Collects the rows whose prefix list is not fully known, port by port. */
class UnknownRows {
  readonly #prefixLists: PrefixLists;
  readonly #unknown = new Set<string>();
  readonly #deciding = new Set<string>();

  constructor(prefixLists: PrefixLists) {
    this.#prefixLists = prefixLists;
  }

  note(rowsAtPort: readonly IngressRule[], open: boolean): void {
    for (const row of rowsAtPort) {
      if (row.source.kind !== 'prefix-list') continue;
      const list = this.#prefixLists.get(row.source.prefixListId) ?? unknownPrefixList;
      if (list.complete) continue;
      this.#unknown.add(rowKey(row));
      if (!open) this.#deciding.add(rowKey(row));
    }
  }

  found(): Pick<PortsReading, 'unknownRows' | 'decidingRows'> {
    return { unknownRows: [...this.#unknown], decidingRows: [...this.#deciding] };
  }
}

/**
 * Every other port, row range by row range. A range is open when some port in it that is neither
 * named by another rule nor expected is open to the world through all rows together, and a row of
 * exactly this range can be one that decides it. So adding a row never shuts a range, and removing
 * one never opens any.
 */
function readRowRanges(
  rows: readonly IngressRule[],
  prefixLists: PrefixLists,
  body: ExposureBody,
): PortsReading {
  const openings = new Map<string, Opening>();
  const unknown = new UnknownRows(prefixLists);
  for (const protocol of body.protocols) {
    const ofProtocol = rows.filter((row) => counts(row, [protocol]));
    const excluded = new Set([
      ...body.expectedPorts,
      ...(protocol === 'tcp' ? body.exceptTcpPorts : []),
    ]);
    for (const { from, to } of segments(ofProtocol)) {
      if (isExcluded(from, to, excluded)) continue;
      const atSegment = ofProtocol.filter((row) => contains(row, from));
      const width = readWidth(atSegment, prefixLists, body.coverageThreshold);
      unknown.note(atSegment, width.open);
      if (!width.open) continue;
      const deciding = decidingCidrs(
        atSegment.flatMap((row) => cidrsOf(row, prefixLists)),
        body.coverageThreshold,
      );
      for (const row of atSegment) {
        if (!cidrsOf(row, prefixLists).some((cidr) => deciding.has(cidr))) continue;
        const opening = rangeOpening(row, width);
        const known = openings.get(opening.key);
        openings.set(opening.key, known === undefined ? opening : wider(known, opening));
      }
    }
  }
  return { openings: [...openings.values()], ...unknown.found() };
}

/**
 * The CIDRs that reach the threshold alone, and those that do so with others too small alone. What
 * is too small even so, as a company's range beside the whole internet, has no part in an opening.
 */
function decidingCidrs(cidrs: readonly string[], threshold: number): ReadonlySet<string> {
  const deciding = new Set<string>();
  for (const coverage of [ipv4Coverage, ipv6Coverage]) {
    const family = cidrs.filter((cidr) => cidr.includes(':') === (coverage === ipv6Coverage));
    const small = family.filter((cidr) => {
      const alone = coverage([cidr]);
      if (alone.reaches(threshold)) deciding.add(cidr);
      return alone.share > 0 && !deciding.has(cidr);
    });
    if (coverage(small).reaches(threshold)) for (const cidr of small) deciding.add(cidr);
  }
  return deciding;
}

/** The stretches of ports between which no row begins or ends, where there is any row. */
function segments(rows: readonly IngressRule[]): readonly { from: number; to: number }[] {
  const borders = new Set<number>();
  for (const row of rows) {
    borders.add(row.fromPort ?? 0);
    borders.add((row.toPort ?? lastPort) + 1);
  }
  const ordered = [...borders].toSorted((a, b) => a - b);
  return ordered.slice(0, -1).map((from, index) => ({ from, to: (ordered[index + 1] ?? 0) - 1 }));
}

function isExcluded(from: number, to: number, excluded: ReadonlySet<number>): boolean {
  // More ports than exclusions: one is left over without counting.
  if (to - from + 1 > excluded.size) return false;
  for (let port = from; port <= to; port += 1) if (!excluded.has(port)) return false;
  return true;
}

function rangeOpening(row: IngressRule, width: Width): Opening {
  const from = row.fromPort ?? 0;
  const to = row.toPort ?? lastPort;
  return {
    key: `${row.protocol}/${from}-${to}`,
    protocol: row.protocol,
    port: from,
    toPort: to,
    service: null,
    ipv4Share: width.ipv4Share,
    ipv6Share: width.ipv6Share,
    ipv4Sources: width.ipv4Sources,
    ipv6Sources: width.ipv6Sources,
  };
}

/**
 * Two readings of one opening, at several ports or times, as the wider of each: the first itself
 * where the second adds nothing.
 */
export function wider(a: Opening, b: Opening): Opening {
  if (isSame(a.ipv4Sources, b.ipv4Sources) && isSame(a.ipv6Sources, b.ipv6Sources)) {
    return a.ipv4Share >= b.ipv4Share && a.ipv6Share >= b.ipv6Share ? a : widerShares(a, b);
  }
  return {
    ...widerShares(a, b),
    ipv4Sources: ipv4Coverage([...a.ipv4Sources, ...b.ipv4Sources]).widest,
    ipv6Sources: ipv6Coverage([...a.ipv6Sources, ...b.ipv6Sources]).widest,
  };
}

function widerShares(a: Opening, b: Opening): Opening {
  return {
    ...a,
    ipv4Share: Math.max(a.ipv4Share, b.ipv4Share),
    ipv6Share: Math.max(a.ipv6Share, b.ipv6Share),
  };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
