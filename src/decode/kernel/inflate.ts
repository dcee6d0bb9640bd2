// Unpacking (RFC 1951): AssemblyScript, compiled to WebAssembly by `npm run build:kernel`.
//
// Unpacks a stream piece by piece, straight to where the structural scan looks at it. Stops between
// two symbols when the input or the room runs out, and goes on there. Accepts what zlib accepts.
// Whatever the bytes are, it reads only its own tables, the input it was given, and output of the
// same stream, and it writes only to the tables and the room.
//
// The method is that of libdeflate (Eric Biggers): one look into a table tells a symbol and how many
// bits it has with its extra bits, a bit buffer of 64 bits is refilled without a branch, and matches
// are copied 16 bytes at a time, past their end, where the next symbol overwrites it.

import {
  COUNTS, DATA, DISTANCES, DISTANCE_RESULTS, HISTORY_BYTES, LENGTHS, LENGTH_CODES, LENGTH_RESULTS,
  LITERALS, LITERAL_RESULTS, OFFSETS, SORTED, STAGE,
} from './layout';

// Why `inflate` returned. Higher ones are damage, in the order of `inflateErrors` in kernel.ts.
const GOES_ON: i32 = -1; // never returned
const NEEDS_INPUT: i32 = 0;
const NEEDS_ROOM: i32 = 1;
const ENDED: i32 = 2;
const BAD_BLOCK_TYPE: i32 = 3;
const BAD_STORED_LENGTHS: i32 = 4;
const TOO_MANY_SYMBOLS: i32 = 5;
const BAD_CODE_LENGTHS: i32 = 6;
const BAD_REPEAT: i32 = 7;
const NO_END_OF_BLOCK: i32 = 8;
const BAD_LITERAL_CODES: i32 = 9;
const BAD_DISTANCE_CODES: i32 = 10;
const BAD_LITERAL: i32 = 11;
const BAD_DISTANCE: i32 = 12;
const TOO_FAR_BACK: i32 = 13;

// An entry of a table. Bits 0 to 5: how many bits of input it stands for. Bits 8 to 13: the length of
// its code without extra bits, or the bits by which a subtable is indexed. Bits 16 to 30: the literal,
// the base of the length or the distance, or where a subtable begins. A literal has bit 31 clear, and
// may have a second literal below 128 in bits 24 to 30.
const PAIR: u32 = 0x4000; // of a literal: there is a second one
const OTHER: u32 = 0x80000000; // what the table of literals has besides literals
const SPECIAL: u32 = 0x8000; // of others and of distances: not decoded at once
const SUBTABLE: u32 = 0x4000; // of special ones; the next is another
const END_OF_BLOCK: u32 = 0x2000; // without either, no symbol has this code

// Fastest among 9 to 12 and 8 to 9 on CloudTrail's files.
const LITERAL_BITS: u32 = 10;
const LITERAL_MASK: u32 = 1023;
const DISTANCE_BITS: u32 = 8;
const DISTANCE_MASK: u32 = 255;
const MAX_CODE_BITS: u32 = 15;
/** The most bits that a distance can have, with its extra bits. */
const MAX_DISTANCE_BITS: u32 = 28;

// In the fast loop the input has room for every refill of a turn, and the output for its literals, its
// match and what a copy writes past the match's end.
const INPUT_MARGIN: i32 = 32;
const ROOM_MARGIN: i32 = 320;

// Where the stream is.
const AT_BLOCK: i32 = 0;
const IN_CODES: i32 = 1;
const IN_STORED: i32 = 2;
const AT_END: i32 = 3;

// State between calls. Of `bits`, the lowest `bitCount` are input not yet decoded.
let bits: u64 = 0;
let bitCount: u32 = 0;
let place: i32 = AT_BLOCK;
let isLast: bool = false;
let storedLeft: i32 = 0;
let tablesAreFixed: bool = false;
let history: i32 = 0; // bytes of this stream that stand before the output, as far as they matter
let input: i32 = 0;
let inputEnd: i32 = 0;
let output: i32 = 0;

/** How the lengths of the code lengths are ordered (RFC 1951, 3.2.7). */
const ORDER = memory.data<u8>([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
]);

setUp();

function setUp(): void {
  for (let i = 0; i < 256; i++) store<u32>(LITERAL_RESULTS + (i << 2), <u32>i << 16);
  store<u32>(LITERAL_RESULTS + (256 << 2), OTHER | SPECIAL | END_OF_BLOCK);
  let base: u32 = 3;
  for (let i = 0; i < 28; i++) {
    const extra: u32 = i < 8 ? 0 : <u32>((i - 4) >> 2);
    store<u32>(LITERAL_RESULTS + ((257 + i) << 2), OTHER | (base << 16) | extra);
    base += 1 << extra;
  }
  store<u32>(LITERAL_RESULTS + (285 << 2), OTHER | (258 << 16));
  store<u32>(LITERAL_RESULTS + (286 << 2), OTHER | SPECIAL);
  store<u32>(LITERAL_RESULTS + (287 << 2), OTHER | SPECIAL);
  base = 1;
  for (let i = 0; i < 30; i++) {
    const extra: u32 = i < 4 ? 0 : <u32>((i - 2) >> 1);
    store<u32>(DISTANCE_RESULTS + (i << 2), (base << 16) | extra);
    base += 1 << extra;
  }
  store<u32>(DISTANCE_RESULTS + (30 << 2), SPECIAL);
  store<u32>(DISTANCE_RESULTS + (31 << 2), SPECIAL);
  for (let i = 0; i < 19; i++) store<u32>(LENGTH_RESULTS + (i << 2), <u32>i << 16);
}

export function stageStart(): i32 { return STAGE; }
/** Where the next call of `inflate` has to go on reading. */
export function getInput(): i32 { return input; }
/** One past the last byte that was unpacked. */
export function getOutput(): i32 { return output; }

/** Begins a stream. */
export function beginInflate(): void {
  bits = 0;
  bitCount = 0;
  place = AT_BLOCK;
  isLast = false;
  history = 0;
}

/**
 * Unpacks from `from` on to `to`, as far as input (up to `end`) and room (up to `roomEnd`) go. What
 * was unpacked before, or its last 32 KiB, stands right before `to`. With `isWhole` set, no input
 * follows: when more is needed all the same, it is missing.
 */
export function inflate(from: i32, end: i32, isWhole: i32, to: i32, roomEnd: i32): i32 {
  input = from;
  inputEnd = end;
  output = to;
  const floor = to - history;
  let status = GOES_ON;
  while (status == GOES_ON) {
    if (place == IN_CODES) status = readCodes(isWhole, roomEnd, floor);
    else if (place == AT_BLOCK) status = readBlockHeader();
    else if (place == IN_STORED) status = readStored(roomEnd);
    else status = ENDED;
  }
  // Bytes that were read ahead are the caller's again: of this stream, or of whatever comes behind.
  input -= <i32>(bitCount >> 3);
  bitCount &= 7;
  bits &= (1 << bitCount) - 1;
  history += output - to;
  if (history > HISTORY_BYTES) history = HISTORY_BYTES;
  return status;
}

function endBlock(): void {
  place = isLast ? AT_END : AT_BLOCK;
}

/** Afterwards there are at least 56 bits, or all that are left. */
@inline function refill(): void {
  if (input + 8 <= inputEnd) {
    // Bits above the count are those that come next: to put them in again changes nothing.
    bits |= load<u64>(input) << bitCount;
    input += <i32>((63 - bitCount) >> 3);
    bitCount |= 56;
  } else {
    while (bitCount < 56 && input < inputEnd) {
      bits |= <u64>load<u8>(input) << bitCount;
      input++;
      bitCount += 8;
    }
  }
}

@inline function drop(count: u32): void {
  bits >>= count;
  bitCount -= count;
}

/** Reads to where a block's contents begin. Takes nothing when the input ends before that. */
function readBlockHeader(): i32 {
  const bitsBefore = bits;
  const countBefore = bitCount;
  const inputBefore = input;
  refill();
  let status = NEEDS_INPUT;
  if (bitCount >= 3) {
    isLast = (bits & 1) != 0;
    const type = <u32>(bits >> 1) & 3;
    drop(3);
    if (type == 0) status = readStoredHeader();
    else if (type == 1) status = useFixedCodes();
    else if (type == 2) status = readCodeLengths();
    else status = BAD_BLOCK_TYPE;
  }
  if (status == NEEDS_INPUT) {
    bits = bitsBefore;
    bitCount = countBefore;
    input = inputBefore;
  }
  return status;
}

function readStoredHeader(): i32 {
  drop(bitCount & 7);
  refill();
  if (bitCount < 32) return NEEDS_INPUT;
  const length = <u32>bits & 0xffff;
  if (length != (~<u32>(bits >> 16) & 0xffff)) return BAD_STORED_LENGTHS;
  drop(32);
  input -= <i32>(bitCount >> 3);
  bits = 0;
  bitCount = 0;
  storedLeft = <i32>length;
  place = IN_STORED;
  return GOES_ON;
}

function readStored(roomEnd: i32): i32 {
  let length = storedLeft;
  if (length > inputEnd - input) length = inputEnd - input;
  if (length > roomEnd - output) length = roomEnd - output;
  memory.copy(output, input, length);
  input += length;
  output += length;
  storedLeft -= length;
  if (storedLeft > 0) return output == roomEnd ? NEEDS_ROOM : NEEDS_INPUT;
  endBlock();
  return GOES_ON;
}

function useFixedCodes(): i32 {
  // A stream of nothing but tiny blocks must not make this its main work.
  if (!tablesAreFixed) {
    memory.fill(LENGTHS, 8, 144);
    memory.fill(LENGTHS + 144, 9, 112);
    memory.fill(LENGTHS + 256, 7, 24);
    memory.fill(LENGTHS + 280, 8, 8);
    buildTable(LITERALS, LITERAL_BITS, LITERAL_RESULTS, LENGTHS, 288, false);
    memory.fill(LENGTHS, 5, 32);
    buildTable(DISTANCES, DISTANCE_BITS, DISTANCE_RESULTS, LENGTHS, 32, false);
    tablesAreFixed = true;
  }
  place = IN_CODES;
  return GOES_ON;
}

function readCodeLengths(): i32 {
  refill();
  if (bitCount < 14) return NEEDS_INPUT;
  const literals: u32 = 257 + (<u32>bits & 31);
  const distances: u32 = 1 + (<u32>(bits >> 5) & 31);
  const lengths: u32 = 4 + (<u32>(bits >> 10) & 15);
  drop(14);
  if (literals > 286 || distances > 30) return TOO_MANY_SYMBOLS;
  memory.fill(LENGTHS, 0, 19);
  for (let i: u32 = 0; i < lengths; i++) {
    if (bitCount < 3) {
      refill();
      if (bitCount < 3) return NEEDS_INPUT;
    }
    store<u8>(LENGTHS + <i32>load<u8>(ORDER + i), <u8>(bits & 7));
    drop(3);
  }
  if (!buildTable(LENGTH_CODES, 7, LENGTH_RESULTS, LENGTHS, 19, true)) return BAD_CODE_LENGTHS;

  const all = literals + distances;
  let at: u32 = 0;
  while (at < all) {
    refill();
    const entry = load<u32>(LENGTH_CODES + ((<i32>bits & 127) << 2));
    const length = entry & 63;
    if (bitCount < length) return NEEDS_INPUT;
    const symbol = entry >> 16;
    if (symbol < 16) {
      drop(length);
      store<u8>(LENGTHS + at, <u8>symbol);
      at++;
      continue;
    }
    const extra: u32 = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (bitCount < length + extra) return NEEDS_INPUT;
    drop(length);
    const times: u32 = (symbol == 18 ? 11 : 3) + (<u32>bits & ((1 << extra) - 1));
    drop(extra);
    if ((symbol == 16 && at == 0) || at + times > all) return BAD_REPEAT;
    memory.fill(LENGTHS + at, symbol == 16 ? load<u8>(LENGTHS + at - 1) : 0, times);
    at += times;
  }
  if (load<u8>(LENGTHS + 256) == 0) return NO_END_OF_BLOCK;
  tablesAreFixed = false;
  if (!buildTable(LITERALS, LITERAL_BITS, LITERAL_RESULTS, LENGTHS, <i32>literals, false)) {
    return BAD_LITERAL_CODES;
  }
  pairLiterals();
  if (
    !buildTable(DISTANCES, DISTANCE_BITS, DISTANCE_RESULTS, LENGTHS + <i32>literals, <i32>distances, false)
  ) {
    return BAD_DISTANCE_CODES;
  }
  place = IN_CODES;
  return GOES_ON;
}

@inline function countOf(length: u32): u32 {
  return load<u32>(COUNTS + (<i32>length << 2));
}

/** An entry: what the symbol means, its code's length, and that with extra bits. */
@inline function entryOf(results: i32, sorted: i32, length: u32): u32 {
  return load<u32>(results + (<i32>load<u16>(sorted) << 2)) + ((length << 8) | length);
}

/**
 * Makes the table of a code from the lengths of its codewords, and subtables behind it. Returns false
 * where the lengths are not those of a prefix code. As in zlib, a code may be incomplete when it has
 * no codeword, or one of a single bit; one for lengths may not have just one.
 */
function buildTable(
  table: i32, tableBits: u32, results: i32, lengths: i32, symbols: i32, isForLengths: bool,
): bool {
  memory.fill(COUNTS, 0, 64);
  for (let i = 0; i < symbols; i++) {
    const count = COUNTS + (<i32>load<u8>(lengths + i) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let longest = MAX_CODE_BITS;
  while (longest > 0 && countOf(longest) == 0) longest--;
  let free: i32 = 1;
  for (let length: u32 = 1; length <= MAX_CODE_BITS; length++) {
    free = (free << 1) - <i32>countOf(length);
    if (free < 0) return false;
  }
  if (free > 0 && longest != 0 && (isForLengths || longest != 1)) return false;

  // The symbols, sorted by the length of their codewords; behind those that have none.
  let offset: u32 = 0;
  for (let length: u32 = 0; length <= longest; length++) {
    store<u32>(OFFSETS + (<i32>length << 2), offset);
    offset += countOf(length);
  }
  for (let i = 0; i < symbols; i++) {
    const place = OFFSETS + (<i32>load<u8>(lengths + i) << 2);
    const index = load<u32>(place);
    store<u32>(place, index + 1);
    store<u16>(SORTED + (<i32>index << 1), <u16>i);
  }
  let sorted = SORTED + (<i32>countOf(0) << 1);

  if (free > 0) {
    // zlib reads a code for lengths that has no codeword as zeros of one bit each.
    const none: u32 = isForLengths ? 0x0101 : OTHER | SPECIAL | 0x0101;
    const one = longest == 1 ? entryOf(results, sorted, 1) : none;
    for (let i = 0; i < <i32>(1 << tableBits); i += 2) {
      store<u32>(table + (i << 2), one);
      store<u32>(table + (i << 2), none, 4);
    }
    return true;
  }

  // Codewords come bit-reversed, the next one by adding one at their far end. While they lengthen,
  // the table doubles: the longer index's entries are those of the shorter one.
  let length: u32 = 1;
  while (countOf(length) == 0) length++;
  let codeword: u32 = 0;
  let count = countOf(length);
  let size: u32 = 1 << length;
  if (length > tableBits) size = 1 << tableBits;
  while (length <= tableBits) {
    do {
      store<u32>(table + (<i32>codeword << 2), entryOf(results, sorted, length));
      sorted += 2;
      if (codeword == size - 1) {
        for (; length < tableBits; length++) {
          memory.copy(table + (<i32>size << 2), table, size << 2);
          size <<= 1;
        }
        return true;
      }
      codeword = nextCodeword(codeword, size - 1);
      count--;
    } while (count != 0);
    do {
      length++;
      if (length <= tableBits) {
        memory.copy(table + (<i32>size << 2), table, size << 2);
        size <<= 1;
      }
      count = countOf(length);
    } while (count == 0);
  }

  // Longer codewords share subtables with those that begin with the same bits.
  const rootMask: u32 = (1 << tableBits) - 1;
  let prefix: u32 = 0xffffffff;
  let start: u32 = 0;
  let end: u32 = 1 << tableBits;
  while (true) {
    if ((codeword & rootMask) != prefix) {
      prefix = codeword & rootMask;
      start = end;
      let subBits = length - tableBits;
      let used = count;
      while (used < <u32>(1 << subBits)) {
        subBits++;
        used = (used << 1) + countOf(tableBits + subBits);
      }
      end = start + (1 << subBits);
      store<u32>(
        table + (<i32>prefix << 2),
        OTHER | (start << 16) | SPECIAL | SUBTABLE | (subBits << 8) | tableBits,
      );
    }
    const entry = entryOf(results, sorted, length - tableBits);
    sorted += 2;
    const stride: u32 = 1 << (length - tableBits);
    for (let i = start + (codeword >> tableBits); i < end; i += stride) {
      store<u32>(table + (<i32>i << 2), entry);
    }
    if (codeword == <u32>(1 << length) - 1) return true;
    codeword = nextCodeword(codeword, (1 << length) - 1);
    count--;
    while (count == 0) {
      length++;
      count = countOf(length);
    }
  }
}

/** Where the bits of an index hold a second literal behind the first, lets its entry stand for both. */
function pairLiterals(): void {
  // Downwards: what an index holds behind a literal stands at a lower index, and is not yet paired.
  for (let i = <i32>LITERAL_MASK; i >= 0; i--) {
    const first = literalEntry(i);
    if (<i32>first < 0) continue;
    const length = first & 63;
    const second = literalEntry(<u32>i >> length);
    if (<i32>second < 0 || second & 0x800000 || length + (second & 63) > LITERAL_BITS) continue;
    const both = first | PAIR | ((second & 0x7f0000) << 8);
    store<u32>(LITERALS + (i << 2), both + (second & 63));
  }
}

/** @param last the last codeword of the same length */
@inline function nextCodeword(codeword: u32, last: u32): u32 {
  const bit: u32 = 1 << (31 - clz(codeword ^ last));
  return (codeword & (bit - 1)) | bit;
}

/** The value of the extra bits of an entry, from the bits that began with its code. */
@inline function extraOf(entry: u32, from: u64): u32 {
  return <u32>((from & (((<u64>1) << <u64>(entry & 63)) - 1)) >> <u64>((entry >> 8) & 63));
}

@inline function literalEntry(index: u32): u32 {
  return load<u32>(<i32>(index << 2), LITERALS);
}

@inline function distanceEntry(index: u32): u32 {
  return load<u32>(<i32>(index << 2), DISTANCES);
}

/** The index in the table of an entry of the subtable that `entry` points to. */
@inline function inSubtable(entry: u32, from: u64): u32 {
  return ((entry >> 16) & 0x7fff) + (<u32>from & ((1 << ((entry >> 8) & 63)) - 1));
}

/** Reads symbols to the end of the block, or to where the input or the room runs out. */
function readCodes(isWhole: i32, roomEnd: i32, floor: i32): i32 {
  let held = bits;
  let count = bitCount;
  let from = input;
  let to = output;
  let status = GOES_ON;
  const lastFrom = inputEnd - INPUT_MARGIN;
  const lastTo = roomEnd - ROOM_MARGIN;

  // The fast loop. Entries are shifted by and taken off whole: of `count`, as of any shift, only the
  // lowest 6 bits count here. A refill gives at least 56 bits; up to three entries of literals and a
  // length take at most 53, a distance 28. The next entry is looked up before a match is copied.
  if (from <= lastFrom && to <= lastTo) {
    held |= load<u64>(from) << <u64>count;
    from += 7 - <i32>((count >> 3) & 7);
    count |= 56;
    let entry = literalEntry(<u32>held & LITERAL_MASK);
    do {
      let before = held;
      held >>= <u64>entry;
      count -= entry;
      if (<i32>entry >= 0) {
        // Without a second literal, what is stored for it is overwritten.
        store<u16>(to, <u16>(entry >> 16));
        to += 1 + ((entry >> 14) & 1);
        entry = literalEntry(<u32>held & LITERAL_MASK);
        before = held;
        held >>= <u64>entry;
        count -= entry;
        if (<i32>entry >= 0) {
          store<u16>(to, <u16>(entry >> 16));
          to += 1 + ((entry >> 14) & 1);
          entry = literalEntry(<u32>held & LITERAL_MASK);
          before = held;
          held >>= <u64>entry;
          count -= entry;
          if (<i32>entry >= 0) {
            store<u16>(to, <u16>(entry >> 16));
            to += 1 + ((entry >> 14) & 1);
            entry = literalEntry(<u32>held & LITERAL_MASK);
            held |= load<u64>(from) << <u64>count;
            from += 7 - <i32>((count >> 3) & 7);
            count |= 56;
            continue;
          }
        }
      }
      if (entry & SPECIAL) {
        if (entry & SUBTABLE) {
          entry = literalEntry(inSubtable(entry, held));
          before = held;
          held >>= <u64>entry;
          count -= entry;
          if (<i32>entry >= 0) {
            store<u8>(to, <u8>(entry >> 16));
            to++;
            held |= load<u64>(from) << <u64>count;
            from += 7 - <i32>((count >> 3) & 7);
            count |= 56;
            entry = literalEntry(<u32>held & LITERAL_MASK);
            continue;
          }
        }
        if (entry & SPECIAL) {
          if (entry & END_OF_BLOCK) endBlock();
          else status = BAD_LITERAL;
          bits = held;
          bitCount = count & 63;
          input = from;
          output = to;
          return status;
        }
      }
      const length = <i32>(((entry >> 16) & 0x1ff) + extraOf(entry, before));
      if ((count & 63) < MAX_DISTANCE_BITS) {
        held |= load<u64>(from) << <u64>count;
        from += 7 - <i32>((count >> 3) & 7);
        count |= 56;
      }
      let far = distanceEntry(<u32>held & DISTANCE_MASK);
      if (far & SPECIAL) {
        if (far & SUBTABLE) {
          held >>= <u64>DISTANCE_BITS;
          count -= DISTANCE_BITS;
          far = distanceEntry(inSubtable(far, held));
        }
        if (far & SPECIAL) {
          status = BAD_DISTANCE;
          break;
        }
      }
      const distance = <i32>((far >> 16) + extraOf(far, held));
      held >>= <u64>far;
      count -= far;
      let source = to - distance;
      if (source < floor) {
        status = TOO_FAR_BACK;
        break;
      }
      // Mostly there are bits enough to look the next entry up without waiting for the refill.
      if ((count & 63) < LITERAL_BITS) {
        held |= load<u64>(from) << <u64>count;
        from += 7 - <i32>((count >> 3) & 7);
        count |= 56;
      }
      entry = literalEntry(<u32>held & LITERAL_MASK);
      held |= load<u64>(from) << <u64>count;
      from += 7 - <i32>((count >> 3) & 7);
      count |= 56;
      const end = to + length;
      if (distance >= 16) {
        // 64 bytes hold most matches: no branch to guess wrong.
        v128.store(to, v128.load(source));
        v128.store(to, v128.load(source, 16), 16);
        v128.store(to, v128.load(source, 32), 32);
        v128.store(to, v128.load(source, 48), 48);
        to += 64;
        source += 64;
        while (to < end) {
          v128.store(to, v128.load(source));
          v128.store(to, v128.load(source, 16), 16);
          to += 32;
          source += 32;
        }
      } else if (distance == 1) {
        const byte = i8x16.splat(load<i8>(source));
        do {
          v128.store(to, byte);
          to += 16;
        } while (to < end);
      } else {
        // Of the 8 bytes, as many as the distance are right, and the next copy begins behind them.
        const step = distance < 8 ? distance : 8;
        do {
          store<u64>(to, load<u64>(source));
          to += step;
          source += step;
        } while (to < end);
      }
      to = end;
    } while (from <= lastFrom && to <= lastTo);
    count &= 63;
  }

  while (status == GOES_ON) {
    if (to > lastTo) {
      status = NEEDS_ROOM;
      break;
    }
    if (isWhole == 0) {
      status = NEEDS_INPUT;
      break;
    }
    while (count < 56 && from < inputEnd) {
      held |= <u64>load<u8>(from) << count;
      from++;
      count += 8;
    }
    // A code that is longer than what is left is not the one that was looked up.
    let rest = held;
    let left = count;
    let entry = literalEntry(<u32>rest & LITERAL_MASK);
    if (<i32>entry < 0 && entry & SUBTABLE && left >= LITERAL_BITS) {
      rest >>= LITERAL_BITS;
      left -= LITERAL_BITS;
      entry = literalEntry(inSubtable(entry, rest));
    }
    if (<i32>entry >= 0) entry = (entry & 0xff3f00) | ((entry >> 8) & 63); // without the second
    if (left < (entry & 63) || entry & SUBTABLE) {
      status = NEEDS_INPUT;
      break;
    }
    const before = rest;
    rest >>= entry & 63;
    left -= entry & 63;
    if (<i32>entry >= 0) {
      store<u8>(to, <u8>(entry >> 16));
      to++;
    } else if (entry & SPECIAL) {
      if (entry & END_OF_BLOCK) endBlock();
      else status = BAD_LITERAL;
      held = rest;
      count = left;
      break;
    } else {
      let far = distanceEntry(<u32>rest & DISTANCE_MASK);
      if (far & SUBTABLE && left >= DISTANCE_BITS) {
        rest >>= DISTANCE_BITS;
        left -= DISTANCE_BITS;
        far = distanceEntry(inSubtable(far, rest));
      }
      if (left < (far & 63) || far & SUBTABLE) {
        status = NEEDS_INPUT;
        break;
      }
      if (far & SPECIAL) {
        status = BAD_DISTANCE;
        break;
      }
      let source = to - <i32>((far >> 16) + extraOf(far, rest));
      if (source < floor) {
        status = TOO_FAR_BACK;
        break;
      }
      rest >>= far & 63;
      left -= far & 63;
      for (const end = to + <i32>(((entry >> 16) & 0x1ff) + extraOf(entry, before)); to < end; to++) {
        store<u8>(to, load<u8>(source));
        source++;
      }
    }
    held = rest;
    count = left;
  }
  bits = held;
  bitCount = count;
  input = from;
  output = to;
  return status;
}
