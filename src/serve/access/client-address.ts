// The address of whoever asks: of the connection, or, where that is a proxy that is trusted, the last
// address before it that is not one. Anybody can write the header; only what trusted proxies added counts.

import { BlockList, isIP } from 'node:net';

/** Null where there is no connection, as in a test without a socket. */
export type AddressOf = (
  connection: string | undefined,
  forwardedFor: string | undefined,
) => string | null;

/** @param proxies addresses, or blocks such as `10.0.0.0/8` */
export function createAddressOf(proxies: readonly string[] = []): AddressOf {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }

  function isTrusted(address: string): boolean {
    const kind = isIP(address);
    return kind !== 0 && trusted.check(address, kind === 6 ? 'ipv6' : 'ipv4');
  }

  return (connection, forwardedFor) => {
    if (connection === undefined) return null;
    let address = plainAddress(connection);
    const hops = (forwardedFor ?? '').split(',').map((hop) => plainAddress(hop.trim()));
    while (isTrusted(address)) {
      const before = hops.pop();
      if (before === undefined || isIP(before) === 0) break;
      address = before;
    }
    return address;
  };
}

/** An IPv4 address that arrives on a socket for both families is written as one. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
}

export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** What rate limits go by: one customer of a provider has a whole /64 of IPv6. */
export function rateKeyOf(address: string | null): string {
  if (address === null) return 'unknown';
  if (isIP(address) !== 6) return address;
  return `${expandedGroups(address).slice(0, 4).join(':')}::/64`;
}

function expandedGroups(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after].map((group) =>
    group.toLowerCase().replace(/^0+(?=.)/, ''),
  );
}
