// The oracle's own words for rows and addresses, apart from the production model on purpose.
// A CIDR is its first address and its length; text is only ever written from it, never read back.

export type Cidr = {
  readonly family: 4 | 6;
  /** First address, host bits zero. */
  readonly first: bigint;
  /** Prefix length, 0 to 32 or 0 to 128. */
  readonly length: number;
};

export type SimSource =
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  | { readonly kind: 'list'; readonly listId: string }
  | { readonly kind: 'group'; readonly groupId: string };

export type SimRow = {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmpv6' | 'all' | '50';
  /** null together with `to`: the row names no ports. */
  readonly from: number | null;
  readonly to: number | null;
  readonly source: SimSource;
};

const addressBits = { 4: 32, 6: 128 } as const;

export function sizeOf(cidr: Cidr): bigint {
  return 1n << BigInt(addressBits[cidr.family] - cidr.length);
}

/** A CIDR of the given length that holds `address`. */
export function cidrAround(family: 4 | 6, address: bigint, length: number): Cidr {
  const size = 1n << BigInt(addressBits[family] - length);
  return { family, first: (address / size) * size, length };
}

/**
 * The CIDR as text. `hostBits` is added to the first address, so that the text names the same
 * block the untidy way; it must be smaller than the block.
 */
export function cidrText(cidr: Cidr, hostBits = 0n): string {
  const address = cidr.first + hostBits;
  return `${cidr.family === 4 ? ipv4Text(address) : ipv6Text(address)}/${cidr.length}`;
}

function ipv4Text(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.');
}

function ipv6Text(address: bigint): string {
  const words = Array.from({ length: 8 }, (_, index) =>
    ((address >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  // The longest run of zero words becomes `::`, the first of them where two are as long.
  let best = { at: 0, run: 0 };
  for (let at = 0; at < 8; at += 1) {
    let run = 0;
    while (at + run < 8 && words[at + run] === '0') run += 1;
    if (run > best.run) best = { at, run };
  }
  if (best.run < 2) return words.join(':');
  return `${words.slice(0, best.at).join(':')}::${words.slice(best.at + best.run).join(':')}`;
}

/** Two rows with the same text are one row to EC2. */
export function contentOf(row: SimRow): string {
  const ports = row.protocol === 'all' || row.from === null ? '*' : `${row.from}-${row.to}`;
  return `${row.protocol} ${ports} ${sourceOf(row.source)}`;
}

function sourceOf(source: SimSource): string {
  switch (source.kind) {
    case 'cidr':
      return cidrText(source.cidr);
    case 'list':
      return source.listId;
    case 'group':
      return source.groupId;
    default:
      return source satisfies never;
  }
}
