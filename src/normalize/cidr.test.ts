import { describe, expect, it } from 'vitest';

import { readCidr } from './cidr.ts';

describe('an IPv4 CIDR', () => {
  it.each([
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['208.236.235.254/0', '0.0.0.0/0'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.255.2.3/9', '10.128.0.0/9'],
    ['192.168.77.130/25', '192.168.77.128/25'],
    ['1.2.3.4/31', '1.2.3.4/31'],
    ['1.2.3.5/31', '1.2.3.4/31'],
    ['1.2.3.4/32', '1.2.3.4/32'],
    ['255.255.255.255/32', '255.255.255.255/32'],
  ])('%s is %s: host bits are masked', (text, cidr) => {
    expect(readCidr(text)).toEqual({ kind: 'ipv4', cidr });
  });

  it('is the one address where no length is given', () => {
    expect(readCidr('198.51.100.7')).toEqual({ kind: 'ipv4', cidr: '198.51.100.7/32' });
  });

  it('may stand between blanks', () => {
    expect(readCidr(' 10.0.0.0/8\n')).toEqual({ kind: 'ipv4', cidr: '10.0.0.0/8' });
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/99',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8x',
    'x10.0.0.0/8',
    '10.0.0/8',
    '10.0.0.0.0/8',
    '256.0.0.0/8',
    '10.0.0.256/32',
    '1000.0.0.0/8',
    '10.0.0.0/008',
    'banana',
    '',
    '/8',
  ])('is not %j', (text) => {
    expect(readCidr(text)).toBeUndefined();
  });
});

describe('an IPv6 CIDR', () => {
  it.each([
    ['::/0', '::/0'],
    ['2001:DB8::1/32', '2001:db8::/32'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001/128', '2001:db8::1/128'],
    ['3fff:ffff::/3', '2000::/3'],
    ['2fff::/5', '2800::/5'],
    ['2001:db8:ffff::/47', '2001:db8:fffe::/47'],
    ['2001:db8::ff/121', '2001:db8::80/121'],
    ['2001:db8::ff/120', '2001:db8::/120'],
    ['2001:db8::ff/127', '2001:db8::fe/127'],
    ['::ffff:1.2.3.4/96', '::ffff:0:0/96'],
    ['ffff::/1', '8000::/1'],
  ])('%s is %s: host bits are masked, and the text is short', (text, cidr) => {
    expect(readCidr(text)).toEqual({ kind: 'ipv6', cidr });
  });

  it('is the one address where no length is given', () => {
    expect(readCidr('2001:db8::7')).toEqual({ kind: 'ipv6', cidr: '2001:db8::7/128' });
  });

  it.each([
    '::/129',
    '::/999',
    '::/1234',
    '::/',
    '::/x',
    '::/8x',
    '::/x8',
    '::/-1',
    'fe80::1%eth0/64',
    '2001:db8/32',
    'g::/8',
    ':',
    '1::2::3/8',
  ])('is not %j', (text) => {
    expect(readCidr(text)).toBeUndefined();
  });
});

it.each([undefined, null, 7, true, {}, ['0.0.0.0/0']])('%j is no CIDR', (value) => {
  expect(readCidr(value)).toBeUndefined();
});
