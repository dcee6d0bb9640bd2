// CIDRs in one canonical spelling: host bits masked as EC2 masks them, IPv6 compressed and in lower
// case. Two CIDRs that mean the same addresses are equal as text.

import ipaddr from 'ipaddr.js';
import type { Source } from '../model/ingress-rule.ts';

const ipv4Pattern = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

/**
 * Reads an IPv4 or IPv6 CIDR. An address without a prefix length is that one address.
 * The family is told from the text, not from the field that carried it.
 *
 * @returns undefined where the text is neither
 */
export function readCidr(text: unknown): Extract<Source, { kind: 'ipv4' | 'ipv6' }> | undefined {
  if (typeof text !== 'string') return undefined;
  const trimmed = text.trim();
  return trimmed.includes(':') ? readIpv6(trimmed) : readIpv4(trimmed);
}

function readIpv4(text: string): { kind: 'ipv4'; cidr: string } | undefined {
  const match = ipv4Pattern.exec(text);
  if (match === null) return undefined;
  const prefix = match[5] === undefined ? 32 : Number(match[5]);
  if (prefix > 32) return undefined;
  let address = 0;
  for (let index = 1; index <= 4; index += 1) {
    const octet = Number(match[index]);
    if (octet > 255) return undefined;
    address = address * 256 + octet;
  }
  const size = 2 ** (32 - prefix);
  const start = address - (address % size);
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
  return { kind: 'ipv4', cidr: `${octets.join('.')}/${prefix}` };
}

function readIpv6(text: string): { kind: 'ipv6'; cidr: string } | undefined {
  const slash = text.indexOf('/');
  const address = slash === -1 ? text : text.slice(0, slash);
  const prefixText = slash === -1 ? '128' : text.slice(slash + 1);
  // A zone (`%eth0`) means an interface of one machine; EC2 has no such thing.
  if (!/^\d{1,3}$/.test(prefixText) || address.includes('%') || !ipaddr.IPv6.isValid(address)) {
    return undefined;
  }
  const prefix = Number(prefixText);
  if (prefix > 128) return undefined;
  const bytes = ipaddr.IPv6.parse(address).toByteArray();
  const masked = bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - index * 8));
    return byte & (0xff << (8 - bits)) & 0xff;
  });
  return { kind: 'ipv6', cidr: `${new ipaddr.IPv6(masked).toRFC5952String()}/${prefix}` };
}
