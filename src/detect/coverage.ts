// How much of an address family a set of CIDRs covers as a union, exactly.
// CIDRs are either nested or apart, so the union is the sum of those not inside another.

import ipaddr from 'ipaddr.js';

export type Coverage = {
  /** Share of the family's space, 0 to 1. IPv4: of 2^32 addresses. IPv6: of 2000::/3. */
  readonly share: number;
  /** The CIDRs that are not inside another one of the set, in address order. */
  readonly widest: readonly string[];
  /** Whether the share, taken exactly, is at least this one. */
  reaches(threshold: number): boolean;
};

type Block<N extends number | bigint> = {
  readonly cidr: string;
  /** First address. */
  readonly start: N;
  /** One past the last address. */
  readonly end: N;
};

const ipv4Space = 2 ** 32;
const globalUnicastStart = 0x2000n << 112n;
const globalUnicastEnd = 0x4000n << 112n;
const globalUnicastBits = 125n;

/** The union of canonical IPv4 CIDRs as a share of the 2^32 addresses. */
export function ipv4Coverage(cidrs: Iterable<string>): Coverage {
  const blocks = outermost([...new Set(cidrs)].map(ipv4Block));
  let covered = 0;
  for (const block of blocks) covered += block.end - block.start;
  const share = covered / ipv4Space;
  return {
    share,
    widest: blocks.map((block) => block.cidr),
    reaches: (threshold) => share >= threshold,
  };
}

/** The union of canonical IPv6 CIDRs as a share of 2000::/3, the global unicast space. */
export function ipv6Coverage(cidrs: Iterable<string>): Coverage {
  const blocks = outermost([...new Set(cidrs)].map(ipv6Block)).filter(
    (block) => block.start < globalUnicastEnd && block.end > globalUnicastStart,
  );
  let covered = 0n;
  for (const { start, end } of blocks) {
    const first = start > globalUnicastStart ? start : globalUnicastStart;
    const last = end < globalUnicastEnd ? end : globalUnicastEnd;
    covered += last - first;
  }
  return {
    share: Number(covered) / 2 ** Number(globalUnicastBits),
    widest: blocks.map((block) => block.cidr),
    // Many tiny blocks can add up to a hair under the threshold, which a double would round up.
    reaches: (threshold) =>
      covered >= BigInt(Math.ceil(threshold * 2 ** Number(globalUnicastBits))),
  };
}

function ipv4Block(cidr: string): Block<number> {
  const slash = cidr.indexOf('/');
  let start = 0;
  for (const octet of cidr.slice(0, slash).split('.')) start = start * 256 + Number(octet);
  return { cidr, start, end: start + 2 ** (32 - Number(cidr.slice(slash + 1))) };
}

function ipv6Block(cidr: string): Block<bigint> {
  const slash = cidr.indexOf('/');
  let start = 0n;
  for (const byte of ipaddr.IPv6.parse(cidr.slice(0, slash)).toByteArray()) {
    start = (start << 8n) | BigInt(byte);
  }
  return { cidr, start, end: start + (1n << BigInt(128 - Number(cidr.slice(slash + 1)))) };
}

function outermost<N extends number | bigint>(blocks: readonly Block<N>[]): Block<N>[] {
  const ordered = blocks.toSorted((a, b) => (precedes(a, b) ? -1 : 1));
  const kept: Block<N>[] = [];
  for (const block of ordered) {
    const last = kept.at(-1);
    if (last === undefined || block.start >= last.end) kept.push(block);
  }
  return kept;
}

/** By first address, then the larger one. No two are equal. */
function precedes<N extends number | bigint>(a: Block<N>, b: Block<N>): boolean {
  return a.start < b.start || (a.start === b.start && a.end > b.end);
}
