// Most of a CRC-32: AssemblyScript, compiled to WebAssembly by `npm run build:kernel`.
//
// Makes a few thousand bytes out of any number of them, with the same CRC-32. What Node brings to sum
// up bytes takes as long as half of the unpacking; this takes a tenth of that.
//
// As polynomials over GF(2), where the first bit has the highest power, x^(8·3006) + x^(8·2866) +
// x^(8·2215) + 1 is a multiple of the CRC's polynomial. So a byte can be taken away when it is added
// (XOR) to those 140, 791 and 3006 bytes behind it. All are farther than what one step reads.

import { FOLDED, FOLDED_BLOCK, REST } from './layout';

const NEAR: i32 = 140;
const MIDDLE: i32 = 791;
const FAR: i32 = 3006;
/** Folded bytes that are still needed, rounded up. */
const KEPT: i32 = 3072;
const STEP: i32 = 64;

/** Where `fold` leaves 3072 bytes. */
export function restStart(): i32 { return REST; }

/** The folded bytes at an address whose own bytes are `bytes`. */
@inline function foldedAt(at: i32, bytes: v128): v128 {
  return v128.xor(
    v128.xor(bytes, v128.load(at - NEAR)),
    v128.xor(v128.load(at - MIDDLE), v128.load(at - FAR)),
  );
}

/** Adds folded bytes, up to where `end` was reached, to the rest: those of one distance. */
@inline function addTo(rest: i32, end: i32, distance: i32): void {
  for (let i = 0; i < distance; i += 16) {
    v128.store(rest + i, v128.xor(v128.load(rest + i), v128.load(end - distance + i)));
  }
}

/**
 * Folds the bytes between two addresses that are at least 4 apart. The CRC of what is left, begun with
 * a state of zero, is the CRC of them, begun with `state`: zeros in front change nothing.
 */
export function fold(from: i32, to: i32, state: i32): void {
  const first = FOLDED + KEPT;
  memory.fill(FOLDED, 0, KEPT);
  let at = first;
  let source = from;
  // The state is part of the first four bytes.
  let added = i32x4.replace_lane(i32x4.splat(0), 0, state);
  while (to - source >= FAR + STEP) {
    let steps = (to - source - FAR) / STEP;
    if (steps > FOLDED_BLOCK / STEP) steps = FOLDED_BLOCK / STEP;
    for (const end = source + steps * STEP; source < end; source += STEP) {
      v128.store(at, foldedAt(at, v128.xor(v128.load(source), added)));
      v128.store(at, foldedAt(at + 16, v128.load(source, 16)), 16);
      v128.store(at, foldedAt(at + 32, v128.load(source, 32)), 32);
      v128.store(at, foldedAt(at + 48, v128.load(source, 48)), 48);
      added = i32x4.splat(0);
      at += STEP;
    }
    memory.copy(FOLDED, at - KEPT, KEPT);
    at = first;
  }
  const left = to - source;
  const rest = REST + KEPT - left;
  memory.fill(REST, 0, KEPT - left);
  memory.copy(rest, source, left);
  // When nothing was folded, the state is still to be added.
  store<i32>(rest, load<i32>(rest) ^ i32x4.extract_lane(added, 0));
  if (source == from) return;
  memory.fill(first, 0, 16);
  addTo(rest, first, NEAR);
  addTo(rest, first, MIDDLE);
  addTo(rest, first, FAR);
}
