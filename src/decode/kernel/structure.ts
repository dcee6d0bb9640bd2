// The structural scan: AssemblyScript, compiled to WebAssembly by `npm run build:kernel`.
//
// One pass over every byte of a JSON stream, 64 at a time, that knows exactly where strings begin
// and end and how deep the brackets are, whatever the spacing, the key order or the escapes. It
// cuts the stream into units (the values at depth `unitDepth`: records, usually) and says of each
// whether its `eventName` can matter. Only those are handed on to be parsed.
//
// The method is that of simdjson's first stage (Langdale and Lemire, "Parsing Gigabytes of JSON per
// Second", 2019): bit masks of quotes and brackets, a prefix XOR for "inside a string".
//
// Nothing here decides meaning. A unit in doubt is handed on, and JSON.parse has the last word.

import { DATA, HASHES, UNITS, UNITS_MAX } from './layout';

const HASH_MASK: u32 = 1023;
const CANDIDATE: i32 = 8; // flag of a unit: to be parsed

// Why `scan` returned.
const DONE: i32 = 0; // all blocks were read
const UNITS_FULL: i32 = 1; // take the units and call again
const CONTAINER_CLOSED: i32 = 2; // a bracket closed below the unit depth
const ARRAY_OPENED: i32 = 3; // an array in a place where it may hold records
const BROKEN: i32 = 4; // proof that this is not JSON: a key stands outside a string

// Flags of a unit.
const GAP_BEFORE: i32 = 1; // something other than blanks and commas stood before it
const TOO_DEEP: i32 = 2;
const DISCARDED: i32 = 4; // its bytes were given up because it is too large

const MAX_UNIT_DEPTH: i32 = 256;
const MAX_NAME: i32 = 128;
const MAX_BLANKS: i32 = 64;

// Loaded, because V8 makes a constant anew in every turn of a loop, from more instructions than use it.
const LETTERS = memory.data<u8>([
  0x22, 0x5c, 0x7f, 0x26, 0x7d, 0x20, 0x4e, 0x74, 0x75,
]);

// State between calls. `inString` is all ones or zero; `escapeCarry` is one when the last byte was a
// backslash that escapes the next.
let inString: u64 = 0;
let escapeCarry: u64 = 0;
let depth: i32 = 0;
let unitDepth: i32 = 0;
let unitStart: i32 = -1; // -1: none open
let gapStart: i32 = DATA;
let gapDirty: i32 = 0;
let names: i32 = 0; // `eventName` keys seen at the top of the open unit
let candidate: i32 = 0;
let flags: i32 = 0;
let muted: i32 = 0; // what is open at depth 0 is the rest of an envelope: its end yields nothing
let everything: i32 = 0; // every unit is a candidate
let unitCount: i32 = 0;
let unitsFound: i32 = 0;
let status: i32 = 0;

export function dataStart(): i32 { return DATA; }
export function unitsStart(): i32 { return UNITS; }
export function getStatus(): i32 { return status; }
export function getDepth(): i32 { return depth; }
export function getUnitDepth(): i32 { return unitDepth; }
export function getUnitStart(): i32 { return unitStart; }
export function getGapStart(): i32 { return gapStart; }
export function isMuted(): i32 { return muted; }
export function getUnitCount(): i32 { return unitCount; }
export function isInString(): i32 { return inString != 0 ? 1 : 0; }

export function takeUnits(): i32 {
  const found = unitsFound;
  unitsFound = 0;
  return found;
}

/** Whether something other than blanks stood between units since the last call. */
export function takeGap(): i32 {
  const dirty = gapDirty;
  gapDirty = 0;
  return dirty;
}

/** Begins a stream. With `all` set, every unit is a candidate. */
export function begin(all: i32): void {
  everything = all;
  resume(DATA, 0, 0, 0);
}

/** Continues at `position`, outside any string, with the given depths and number of units. */
export function resume(position: i32, atDepth: i32, atUnitDepth: i32, count: i32): void {
  inString = 0;
  escapeCarry = 0;
  depth = atDepth;
  unitDepth = atUnitDepth;
  unitCount = count;
  unitsFound = 0;
  unitStart = -1;
  gapStart = position;
  gapDirty = 0;
  muted = 0;
  names = 0;
  candidate = 0;
  flags = 0;
}

/** The units are from now on the elements of the array that just opened. */
export function enterArray(position: i32): void {
  muted = 0;
  unitDepth = depth;
  unitStart = -1;
  gapStart = position;
}

/** The array of units has closed. What is left of the object around it is not a unit. */
export function leaveArray(position: i32): void {
  unitDepth = 0;
  muted = depth > 0 ? 1 : 0;
  unitStart = depth > 0 ? position : -1;
  gapStart = position;
  names = 0;
  candidate = 0;
  flags = 0;
}

/** The caller has moved the data by `distance` bytes towards the start. */
export function moved(distance: i32): void {
  if (unitStart >= 0) unitStart -= distance;
  gapStart -= distance;
}

/** Gives up the bytes of the open unit, because it is too large to be kept. */
export function discardUnit(position: i32): void {
  flags |= DISCARDED;
  unitStart = position;
}

/** Looks at the gap before the next unit up to `position`, so that its bytes can go. */
export function readGap(position: i32): void {
  if (unitStart >= 0) return;
  for (let at = gapStart; at < position; at++) {
    const byte = load<u8>(at);
    if (byte > 0x20 && byte != 0x2c) gapDirty = 1;
  }
  if (position > gapStart) gapStart = position;
}

export function addName(start: i32, length: i32): void {
  let hash: u32 = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = (hash ^ load<u8>(start + i)) * 0x01000193;
  if (hash == 0) hash = 1;
  let slot = hash & HASH_MASK;
  while (load<u32>(HASHES + (<i32>slot << 2)) != 0) slot = (slot + 1) & HASH_MASK;
  store<u32>(HASHES + (<i32>slot << 2), hash);
}

export function clearNames(): void {
  memory.fill(HASHES, 0, 4096);
}

function knowsName(hash: u32): bool {
  if (hash == 0) hash = 1;
  let slot = hash & HASH_MASK;
  let held = load<u32>(HASHES + (<i32>slot << 2));
  while (held != 0) {
    if (held == hash) return true;
    slot = (slot + 1) & HASH_MASK;
    held = load<u32>(HASHES + (<i32>slot << 2));
  }
  return false;
}

/**
 * Looks at the N of what may be `"eventName"`. Returns whether the bytes are that, unescaped.
 * A name that is unclear makes its unit a candidate.
 */
function readName(at: i32, atDepth: i32, limit: i32): bool {
  // `"eventNa`, then `me"`; before the quote no backslash.
  if (load<u64>(at - 6) != 0x614e746e65766522) return false;
  if (load<u16>(at + 2) != 0x656d || load<u8>(at + 4) != 0x22) return false;
  if (load<u8>(at - 7) == 0x5c) return false;
  let p = at + 5;
  let blanks = p + MAX_BLANKS;
  if (blanks > limit) blanks = limit;
  while (p < blanks && load<u8>(p) <= 0x20) p++;
  if (p >= blanks) {
    candidate = 1;
    return true;
  }
  if (load<u8>(p) != 0x3a) return true; // a value that reads "eventName"
  p++;
  while (p < blanks && load<u8>(p) <= 0x20) p++;
  if (atDepth == unitDepth + 1) names++;
  if (p >= blanks || load<u8>(p) != 0x22) {
    candidate = 1;
    return true;
  }
  p++;
  let end = p + MAX_NAME;
  if (end > limit) end = limit;
  let hash: u32 = 0x811c9dc5;
  for (; p < end; p++) {
    const byte = load<u8>(p);
    if (byte == 0x22) {
      if (knowsName(hash)) candidate = 1;
      return true;
    }
    if (byte == 0x5c) break;
    hash = (hash ^ byte) * 0x01000193;
  }
  candidate = 1;
  return true;
}

/** An escaped letter could spell `eventName` without its letters: such a unit is in doubt. */
function readEscape(at: i32, atDepth: i32): void {
  // at is the `u` of `\u00XX`; letters are 41 to 7a.
  if (atDepth != unitDepth + 1) return;
  if (load<u16>(at + 1) != 0x3030) return;
  const digit = load<u8>(at + 3);
  if (digit >= 0x34 && digit <= 0x37) candidate = 1;
}

function openUnit(at: i32): void {
  let dirty = gapDirty;
  for (let p = gapStart; p < at; p++) {
    const byte = load<u8>(p);
    if (byte > 0x20 && byte != 0x2c) dirty = 1;
  }
  gapDirty = 0;
  unitStart = at;
  names = 0;
  candidate = everything;
  flags = dirty ? GAP_BEFORE : 0;
}

function closeUnit(at: i32): void {
  if (muted) {
    muted = 0;
  } else {
    if (candidate != 0 || names == 0 || flags != 0) {
      const entry = UNITS + unitsFound * 16;
      store<i32>(entry, unitStart);
      store<i32>(entry, at + 1, 4);
      store<i32>(entry, unitCount, 8);
      store<i32>(entry, flags | (candidate != 0 || names == 0 ? CANDIDATE : 0), 12);
      unitsFound++;
    }
    unitCount++;
  }
  unitStart = -1;
  gapStart = at + 1;
}

@inline function bits16(v: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(v));
}

@inline function bits64(a: v128, b: v128, c: v128, d: v128): u64 {
  return bits16(a) | (bits16(b) << 16) | (bits16(c) << 32) | (bits16(d) << 48);
}

@inline function any(a: v128, b: v128, c: v128, d: v128): bool {
  return v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)));
}

/**
 * Reads whole blocks of 64 bytes from `from` while they end at or before `to`; names are read up
 * to `limit`. Returns where to go on; `getStatus` says why it stopped.
 */
export function scan(from: i32, to: i32, limit: i32): i32 {
  const quote = v128.load_splat<u8>(LETTERS, 0);
  const backslash = v128.load_splat<u8>(LETTERS, 1);
  const bracket = v128.load_splat<u8>(LETTERS, 2);
  const folded = v128.load_splat<u8>(LETTERS, 3);
  const close = v128.load_splat<u8>(LETTERS, 4);
  const lower = v128.load_splat<u8>(LETTERS, 5);
  const letterN = v128.load_splat<u8>(LETTERS, 6);
  const letterT = v128.load_splat<u8>(LETTERS, 7);
  const letterU = v128.load_splat<u8>(LETTERS, 8);
  let inside = inString;
  let carry = escapeCarry;
  let level = depth;
  const unit = unitDepth;
  // In a document that is not yet known to be an envelope, arrays one level down matter as well.
  const floor = unit == 0 ? 1 : unit;
  let p = from;
  for (; p + 64 <= to; p += 64) {
    const a0 = v128.load(p);
    const a1 = v128.load(p, 16);
    const a2 = v128.load(p, 32);
    const a3 = v128.load(p, 48);
    let quotes = bits64(i8x16.eq(a0, quote), i8x16.eq(a1, quote), i8x16.eq(a2, quote), i8x16.eq(a3, quote));
    const s0 = i8x16.eq(a0, backslash);
    const s1 = i8x16.eq(a1, backslash);
    const s2 = i8x16.eq(a2, backslash);
    const s3 = i8x16.eq(a3, backslash);
    let escapes: u64 = 0; // the `u` of `\u`
    if (any(s0, s1, s2, s3) || carry != 0) {
      const slashes = bits64(s0, s1, s2, s3) & ~carry;
      const follows = (slashes << 1) | carry;
      const oddStarts = slashes & ~0x5555555555555555 & ~follows;
      const sum = oddStarts + slashes;
      carry = sum < slashes ? 1 : 0;
      const escaped = (0x5555555555555555 ^ (sum << 1)) & follows;
      quotes &= ~escaped;
      escapes = escaped & bits64(i8x16.eq(a0, letterU), i8x16.eq(a1, letterU), i8x16.eq(a2, letterU), i8x16.eq(a3, letterU));
    }
    let strings = quotes;
    strings ^= strings << 1;
    strings ^= strings << 2;
    strings ^= strings << 4;
    strings ^= strings << 8;
    strings ^= strings << 16;
    strings ^= strings << 32;
    strings ^= inside;
    // `{[}]`, and outside strings nothing else that JSON allows, become 7f under this mask.
    let brackets = ~strings & bits64(
      i8x16.eq(v128.or(a0, folded), bracket),
      i8x16.eq(v128.or(a1, folded), bracket),
      i8x16.eq(v128.or(a2, folded), bracket),
      i8x16.eq(v128.or(a3, folded), bracket),
    );
    // The N of `eventName`, with its t.
    const n0 = v128.and(i8x16.eq(a0, letterN), i8x16.eq(v128.load(p - 1), letterT));
    const n1 = v128.and(i8x16.eq(a1, letterN), i8x16.eq(v128.load(p - 1, 16), letterT));
    const n2 = v128.and(i8x16.eq(a2, letterN), i8x16.eq(v128.load(p - 1, 32), letterT));
    const n3 = v128.and(i8x16.eq(a3, letterN), i8x16.eq(v128.load(p - 1, 48), letterT));
    let keys: u64 = 0;
    if (any(n0, n1, n2, n3)) keys = bits64(n0, n1, n2, n3);
    inside = <u64>(<i64>strings >> 63);
    // Whether there are brackets is hard to foretell; that none of them ends a unit is not.
    const closes = brackets & bits64(
      i8x16.eq(v128.or(a0, lower), close),
      i8x16.eq(v128.or(a1, lower), close),
      i8x16.eq(v128.or(a2, lower), close),
      i8x16.eq(v128.or(a3, lower), close),
    );
    const closing = <i32>popcnt<u64>(closes);
    if ((keys | escapes) == 0 && level - closing > floor) {
      level += <i32>popcnt<u64>(brackets) - (closing << 1);
      if (level - unit > MAX_UNIT_DEPTH) flags |= TOO_DEEP;
      continue;
    }
    let all = brackets | keys | escapes;
    while (all != 0) {
      const bit = all & (0 - all);
      const at = p + <i32>ctz<u64>(all);
      all ^= bit;
      if ((bit & brackets) == 0) {
        if ((bit & keys) != 0) {
          if (readName(at, level, limit) && (bit & strings) == 0) {
            status = BROKEN;
            depth = level;
            return at;
          }
        } else {
          readEscape(at, level);
        }
        continue;
      }
      if ((bit & closes) != 0) {
        level--;
        if (level > unit) continue;
        if (level == unit) {
          if (unitStart >= 0) {
            closeUnit(at);
            if (unitsFound < UNITS_MAX) continue;
            status = UNITS_FULL;
          } else {
            gapDirty = 1;
            continue;
          }
        } else {
          status = CONTAINER_CLOSED;
        }
      } else {
        const byte = load<u8>(at);
        // Y, _ and y share the brackets' mask; outside strings they are not JSON.
        if (byte != 0x7b && byte != 0x5b) continue;
        const array = byte == 0x5b;
        if (level == unit) openUnit(at);
        level++;
        if (level - unit > MAX_UNIT_DEPTH) flags |= TOO_DEEP;
        if (unit != 0 || !array || level > 2) continue;
        status = ARRAY_OPENED;
      }
      // Brackets are outside strings, so the next call can begin right behind this one.
      inString = 0;
      escapeCarry = 0;
      depth = level;
      return at + 1;
    }
  }
  inString = inside;
  escapeCarry = carry;
  depth = level;
  status = DONE;
  return p;
}
