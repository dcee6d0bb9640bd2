// One row of a security group: protocol, port range, one source.
// Two rows that EC2 would call the same have the same `rowKey`: `6` is `tcp`, host bits are masked,
// and all-traffic rows carry no ports whatever the request said.

/** Protocol names where IANA's number has one that EC2 uses; `all` is EC2's `-1`. */
export type Protocol = 'tcp' | 'udp' | 'icmp' | 'icmpv6' | 'all' | (string & {});

export type Source =
  | { readonly kind: 'ipv4'; readonly cidr: string }
  | { readonly kind: 'ipv6'; readonly cidr: string }
  | { readonly kind: 'prefix-list'; readonly prefixListId: string }
  | { readonly kind: 'group'; readonly groupId: string };

export type IngressRule = {
  readonly protocol: Protocol;
  /** First port, inclusive; null when the row names no ports, which EC2 reads as all of them. */
  readonly fromPort: number | null;
  /** Last port, inclusive; null together with `fromPort`. */
  readonly toPort: number | null;
  /** CIDRs are canonical: host bits masked, IPv6 compressed and in lower case. */
  readonly source: Source;
  /** `sgr-…`, where AWS gave one. Not part of the row's identity. */
  readonly ruleId: string | null;
};

export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'ipv4':
    case 'ipv6':
      return source.cidr;
    case 'prefix-list':
      return source.prefixListId;
    case 'group':
      return source.groupId;
    default:
      return source satisfies never;
  }
}

/** Identity of a row by content: equal exactly for rows that EC2 treats as one. */
export function rowKey(row: IngressRule): string {
  return `${row.protocol} ${row.fromPort ?? '*'}-${row.toPort ?? '*'} ${sourceText(row.source)}`;
}
