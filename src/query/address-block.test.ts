import { describe, expect, test } from 'vitest';
import { compileBlocks, isBlock } from './address-block.ts';

describe('isBlock', () => {
  test.each([
    '10.0.0.0/8',
    '0.0.0.0/0',
    '192.0.2.7/32',
    '::/0',
    '2001:db8::/32',
    '::1/128',
    '::ffff:10.0.0.0/104',
  ])('takes %s', (text) => {
    expect(isBlock(text)).toBe(true);
  });

  test.each([
    '',
    '/',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8.0',
    '10.0.0.0/8/8',
    '10.0.0.0/0008',
    '10.0.0/8',
    '10/8',
    '010.0.0.0/8',
    '0x0a.0.0.0/8',
    '256.0.0.0/8',
    'host/8',
    '2001:db8::/129',
    '2001:db8:::/32',
    'fe80::1%eth0/64',
    `${'1'.repeat(60)}::/64`,
  ])('does not take %s', (text) => {
    expect(isBlock(text)).toBe(false);
  });
});

describe('an address', () => {
  test.each([
    ['in the block', '10.1.2.3', '10.0.0.0/8', true],
    ['first of the block', '10.0.0.0', '10.0.0.0/8', true],
    ['last of the block', '10.255.255.255', '10.0.0.0/8', true],
    ['just before it', '9.255.255.255', '10.0.0.0/8', false],
    ['just behind it', '11.0.0.0', '10.0.0.0/8', false],
    ['that is the block', '192.0.2.7', '192.0.2.7/32', true],
    ['in a block written with host bits', '10.9.9.9', '10.1.2.3/8', true],
    ['in all there is', '203.0.113.7', '0.0.0.0/0', true],
    ['of the other family', '::1', '0.0.0.0/0', false],
    ['of the other family, the other way round', '10.0.0.1', '::/0', false],
    ['of IPv6', '2001:db8:ffff::1', '2001:db8::/32', true],
    ['of IPv6, outside', '2001:db9::1', '2001:db8::/32', false],
    ['of IPv6 in capitals', '2001:DB8::A', '2001:db8::/32', true],
    ['of IPv4 in IPv6', '::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['of IPv4, where the block is written in IPv6', '10.1.2.3', '::ffff:10.0.0.0/104', true],
    ['of IPv4 in IPv6, outside', '::ffff:11.1.2.3', '10.0.0.0/8', false],
    ['that is a smaller block', '10.1.0.0/16', '10.0.0.0/8', true],
    ['that is the block itself', '10.0.0.0/8', '10.0.0.0/8', true],
    ['that is a larger block', '10.0.0.0/7', '10.0.0.0/8', false],
    ['that is everything', '0.0.0.0/0', '10.0.0.0/8', false],
    ['that is a block of IPv6', '2001:db8:1::/48', '2001:db8::/32', true],
    ['that is wider than IPv4 in IPv6', '::ffff:0:0/95', '0.0.0.0/0', false],
    ['that is wider than IPv4 in IPv6, in IPv6', '::ffff:0:0/95', '::/0', true],
    ['that is a name', 'cloudformation.amazonaws.com', '0.0.0.0/0', false],
    ['that is nothing', '', '0.0.0.0/0', false],
    ['that is not quite one', '10.1.2', '0.0.0.0/0', false],
    ['that is octal to some', '010.1.2.3', '0.0.0.0/0', false],
    ['with a zone', 'fe80::1%eth0', '::/0', false],
    ['too long to be one', `::1${' '.repeat(60)}`, '::/0', false],
  ])('%s', (_name, address, block, expected) => {
    expect(compileBlocks([block])(address)).toBe(expected);
    expect(compileBlocks(['198.51.100.0/24', block])(address)).toBe(expected);
  });

  test('is in no block where there is none', () => {
    expect(compileBlocks([])('10.0.0.1')).toBe(false);
  });
});

test('more addresses than are remembered are told apart all the same', () => {
  const isInside = compileBlocks(['10.0.0.0/20']);
  const addresses = Array.from({ length: 5000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  for (const round of [1, 2]) {
    expect(addresses.filter(isInside), `round ${round}`).toEqual(addresses.slice(0, 4096));
  }
});

test.each(['10.0.0.0', 'x/8', ''])('%j is not taken for a block', (text) => {
  expect(() => compileBlocks([text])).toThrow(RangeError);
});
