// Coverage arithmetic against a naive count: every address, or every cell of a coarse grid, is
// asked whether some CIDR holds it.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ipv4Coverage, ipv6Coverage } from '../../src/detect/coverage.ts';
import { naiveShare } from '../oracle/brute-force.ts';
import { cidrAround, cidrText, sizeOf, type Cidr } from '../oracle/rows.ts';

const runs = { numRuns: 1500 };

/** CIDRs of one family inside a block, down to `deepest` bits. */
function cidrsInside(block: Cidr, deepest: number): fc.Arbitrary<readonly Cidr[]> {
  return fc.array(
    fc
      .tuple(
        fc.bigInt({ min: 0n, max: sizeOf(block) - 1n }),
        fc.integer({ min: block.length, max: deepest }),
      )
      .map(([offset, length]) => cidrAround(block.family, block.first + offset, length)),
    { maxLength: 12 },
  );
}

const texts = (cidrs: readonly Cidr[]) => cidrs.map((cidr) => cidrText(cidr));
const holds = (cidr: Cidr, address: bigint) =>
  cidr.first <= address && address < cidr.first + sizeOf(cidr);

/** How many of the cells, `step` addresses wide, begin inside some CIDR. */
function countCells(cidrs: readonly Cidr[], first: bigint, cells: number, step: bigint): number {
  let count = 0;
  for (let cell = 0; cell < cells; cell += 1) {
    const address = first + BigInt(cell) * step;
    if (cidrs.some((cidr) => holds(cidr, address))) count += 1;
  }
  return count;
}

const allIpv4 = cidrAround(4, 0n, 0);
const globalUnicast = cidrAround(6, 0x2000n << 112n, 3);

describe('the share of IPv4', () => {
  it('is the count of addresses, one by one, in a small block', () => {
    const block = cidrAround(4, 0x0a141e00n, 22);
    fc.assert(
      fc.property(cidrsInside(block, 32), (cidrs) => {
        const counted = countCells(cidrs, block.first, 1024, 1n);
        expect(ipv4Coverage(texts(cidrs)).share).toBe(counted / 2 ** 32);
      }),
      { numRuns: 300 },
    );
  });

  it('is the count of cells of a grid over the whole space', () => {
    fc.assert(
      fc.property(cidrsInside(allIpv4, 9), (cidrs) => {
        const counted = countCells(cidrs, 0n, 512, 1n << 23n);
        expect(ipv4Coverage(texts(cidrs)).share).toBe(counted / 512);
      }),
      { numRuns: 300 },
    );
  });

  it('is the sum of the pieces that CIDRs of every length leave', () => {
    fc.assert(
      fc.property(cidrsInside(allIpv4, 32), (cidrs) => {
        expect(ipv4Coverage(texts(cidrs)).share).toBe(naiveShare(cidrs, 4));
      }),
      runs,
    );
  });
});

describe('the share of IPv6', () => {
  it('is the count of cells of a grid over the global unicast space', () => {
    fc.assert(
      fc.property(cidrsInside(globalUnicast, 12), (cidrs) => {
        const counted = countCells(cidrs, globalUnicast.first, 512, 1n << 116n);
        expect(ipv6Coverage(texts(cidrs)).share).toBe(counted / 512);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves out what lies outside the global unicast space', () => {
    fc.assert(
      fc.property(cidrsInside(cidrAround(6, 0n, 0), 8), (cidrs) => {
        const counted = countCells(cidrs, globalUnicast.first, 32, 1n << 120n);
        expect(ipv6Coverage(texts(cidrs)).share).toBe(counted / 32);
      }),
      { numRuns: 500 },
    );
  });

  it('is close to the sum of the pieces that CIDRs of every length leave', () => {
    fc.assert(
      fc.property(cidrsInside(globalUnicast, 128), (cidrs) => {
        expect(ipv6Coverage(texts(cidrs)).share).toBeCloseTo(naiveShare(cidrs, 6), 12);
      }),
      runs,
    );
  });
});

describe.each([
  { family: 'IPv4', coverage: ipv4Coverage, whole: allIpv4, deepest: 32 },
  { family: 'IPv6', coverage: ipv6Coverage, whole: globalUnicast, deepest: 128 },
] as const)('coverage of $family', ({ coverage, whole, deepest }) => {
  it('does not depend on order or repetition', () => {
    fc.assert(
      fc.property(cidrsInside(whole, deepest), fc.nat(), (cidrs, turn) => {
        const at = cidrs.length === 0 ? 0 : turn % cidrs.length;
        const turned = [...cidrs.slice(at), ...cidrs.slice(0, at), ...cidrs.slice(0, 2)];
        const { share, widest } = coverage(texts(cidrs));
        expect(coverage(texts(turned).toReversed())).toMatchObject({ share, widest });
      }),
      runs,
    );
  });

  it('never shrinks when a CIDR is added, and never exceeds the sum of the shares', () => {
    fc.assert(
      fc.property(cidrsInside(whole, deepest), cidrsInside(whole, deepest), (some, more) => {
        const both = coverage([...texts(some), ...texts(more)]).share;
        const one = coverage(texts(some)).share;
        const other = coverage(texts(more)).share;
        expect(both).toBeGreaterThanOrEqual(Math.max(one, other));
        expect(both).toBeLessThanOrEqual(Math.min(1, one + other + Number.EPSILON));
      }),
      runs,
    );
  });

  it('names as widest the CIDRs that lie in no other, in address order', () => {
    fc.assert(
      fc.property(cidrsInside(whole, deepest), (cidrs) => {
        const distinct = [...new Map(cidrs.map((cidr) => [cidrText(cidr), cidr])).values()];
        const outer = distinct
          .filter(
            (cidr) =>
              !distinct.some(
                (other) =>
                  other !== cidr && other.length <= cidr.length && holds(other, cidr.first),
              ),
          )
          .toSorted((a, b) => (a.first < b.first ? -1 : 1));
        expect(coverage(texts(cidrs)).widest).toEqual(texts(outer));
      }),
      runs,
    );
  });

  it('reaches every threshold up to its share, and none above', () => {
    fc.assert(
      fc.property(cidrsInside(whole, deepest), fc.integer({ min: 0, max: 64 }), (cidrs, step) => {
        const found = coverage(texts(cidrs));
        const threshold = step / 64;
        const gap = found.share - threshold;
        // Nearer than a double can tell, the exact count decides; the next test looks there.
        fc.pre(gap === 0 || Math.abs(gap) > 1e-15);
        expect(found.reaches(threshold)).toBe(gap >= 0);
      }),
      runs,
    );
  });

  it('misses a quarter by one address, and reaches it with that address', () => {
    const quarterLength = whole.length + 2;
    // One CIDR of each length below a quarter leaves out a single address, as 1/2 + 1/4 + … does.
    const almost = Array.from({ length: deepest - quarterLength }, (_, index) => {
      const length = quarterLength + 1 + index;
      const end = whole.first + (1n << BigInt((whole.family === 4 ? 32 : 128) - quarterLength));
      return cidrAround(
        whole.family,
        end - (1n << BigInt((whole.family === 4 ? 32 : 128) - length + 1)),
        length,
      );
    });
    const last = cidrAround(
      whole.family,
      whole.first + (1n << BigInt((whole.family === 4 ? 32 : 128) - quarterLength)) - 1n,
      deepest,
    );
    expect(coverage(texts(almost)).reaches(0.25)).toBe(false);
    expect(coverage(texts([...almost, last])).reaches(0.25)).toBe(true);
  });
});
