import { describe, expect, it } from 'vitest';

import { ipv4Coverage, ipv6Coverage } from './coverage.ts';

describe('the coverage of IPv4', () => {
  it.each([
    [[], 0],
    [['0.0.0.0/0'], 1],
    [['0.0.0.0/1'], 0.5],
    [['0.0.0.0/1', '128.0.0.0/1'], 1],
    [['0.0.0.0/2', '64.0.0.0/3'], 0.375],
    [['10.0.0.0/8', '10.1.0.0/16'], 1 / 256],
    [['10.1.0.0/16', '10.0.0.0/8'], 1 / 256],
    [['10.0.0.0/8', '10.0.0.0/16'], 1 / 256],
    [['10.0.0.0/16', '10.0.0.0/8'], 1 / 256],
    [['10.0.0.0/8', '10.0.0.0/8'], 1 / 256],
    [['255.255.255.255/32'], 2 ** -32],
    [['9.0.0.0/8', '10.0.0.0/8', '100.0.0.0/8'], 3 / 256],
  ])('of %j is %d', (cidrs, share) => {
    expect(ipv4Coverage(cidrs).share).toBe(share);
  });

  it('names the widest CIDRs in address order, not in the order of their text', () => {
    expect(ipv4Coverage(['100.0.0.0/8', '9.0.0.0/8', '9.1.0.0/16', '10.0.0.0/8']).widest).toEqual([
      '9.0.0.0/8',
      '10.0.0.0/8',
      '100.0.0.0/8',
    ]);
  });

  it('reaches what it is, and nothing above', () => {
    const quarter = ipv4Coverage(['0.0.0.0/3', '32.0.0.0/3']);
    expect(quarter.reaches(0.25)).toBe(true);
    expect(quarter.reaches(0.2500001)).toBe(false);
    expect(ipv4Coverage([]).reaches(0)).toBe(true);
  });
});

describe('the coverage of IPv6', () => {
  it.each([
    [[], 0],
    [['::/0'], 1],
    [['2000::/3'], 1],
    [['::/1'], 1],
    [['2000::/4'], 0.5],
    [['2000::/5', '2800::/5'], 0.5],
    [['2000::/4', '2400::/6'], 0.5],
    [['8000::/1'], 0],
    [['fc00::/7'], 0],
    [['1000::/4'], 0],
    [['4000::/3'], 0],
    [['::/2', '3000::/4'], 1],
    [['2001:db8::/32'], 2 ** -29],
    [['3000::/4', 'ffff::/16', '1fff::/16'], 0.5],
  ])('of %j is %d of the global unicast space', (cidrs, share) => {
    expect(ipv6Coverage(cidrs).share).toBe(share);
  });

  it('names the widest CIDRs that reach into that space, in address order', () => {
    expect(
      ipv6Coverage([
        '3000::/4',
        '8000::/1',
        '1fff::/16',
        '2001:db8::/32',
        '4000::/3',
        '2001:db8:1::/48',
      ]).widest,
    ).toEqual(['2001:db8::/32', '3000::/4']);
  });

  it('reaches what it is, and nothing above, by a single address', () => {
    expect(ipv6Coverage(['2000::/5']).reaches(0.25)).toBe(true);
    expect(ipv6Coverage(['2000::/5']).reaches(0.26)).toBe(false);
    // Blocks of /6, /7, … /128: a quarter but for one address.
    const almost = Array.from({ length: 123 }, (_, index) => {
      const end = (0x2000n << 112n) + (1n << 123n);
      const first = end - (1n << BigInt(123 - index));
      const words = Array.from({ length: 8 }, (__, at) =>
        ((first >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
      );
      return `${words.join(':')}/${6 + index}`;
    });
    expect(ipv6Coverage(almost).reaches(0.25)).toBe(false);
    expect(
      ipv6Coverage([...almost, '27ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128']).reaches(0.25),
    ).toBe(true);
  });
});
