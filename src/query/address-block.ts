// Blocks of addresses, for `CIDR()`. IPv4 within IPv6 (`::ffff:0:0/96`) counts as IPv4.

import ipaddr from 'ipaddr.js';

type Block = { readonly address: ipaddr.IPv4 | ipaddr.IPv6; readonly bits: number };

/** Whether the text is an address with the length of its network, such as `10.0.0.0/8`. */
export function isBlock(text: string): boolean {
  return text.includes('/') && readBlock(text) !== null;
}

/**
 * Whether an address lies in one of the blocks; a block of addresses does when all of it lies in
 * one. What is neither, such as the host name of a service, lies in none. Throws a RangeError when
 * one of `blocks` is not a block.
 */
export function compileBlocks(blocks: readonly string[]): (text: string) => boolean {
  const wider = blocks.map((text) => {
    const block = isBlock(text) ? readBlock(text) : null;
    if (block === null) throw new RangeError(`not a block of addresses: ${text}`);
    return block;
  });
  const isInside = (text: string): boolean => {
    const block = readBlock(text);
    return (
      block !== null &&
      wider.some(
        ({ address, bits }) =>
          address.kind() === block.address.kind() &&
          bits <= block.bits &&
          block.address.match(address, bits),
      )
    );
  };
  const known = new Map<string, boolean>();
  return (text) => {
    const answer = known.get(text);
    if (answer !== undefined) return answer;
    if (text.length > longest) return false;
    if (known.size === mostKnown) known.clear();
    const found = isInside(text);
    known.set(text, found);
    return found;
  };
}

/** Answers that are remembered: a caller comes back with the same address. */
const mostKnown = 4096;

/** Longest text of an address with its length; what is longer is not looked at. */
const longest = 50;

function readBlock(text: string): Block | null {
  if (text.length > longest) return null;
  const [source = '', length, ...more] = text.split('/');
  if (more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return null;
  const address = readAddress(source);
  if (address === null) return null;
  const width = address.kind() === 'ipv4' ? 32 : 128;
  const bits = length === undefined ? width : Number(length);
  if (bits > width) return null;
  return address instanceof ipaddr.IPv6 && bits >= 96 && address.isIPv4MappedAddress()
    ? { address: address.toIPv4Address(), bits: bits - 96 }
    : { address, bits };
}

/** ipaddr.js reads `10.1` and `0x0a000001` too, as inet_aton does; AWS writes four decimals. */
function readAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)
    ? ipaddr.IPv6.parse(text)
    : null;
}
