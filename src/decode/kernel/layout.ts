// Where everything stands in the kernel's memory. Addresses in bytes; the data goes up to the end.

export const HASHES: i32 = 4096; // of the event names: 1024 slots of 4 bytes
export const UNITS: i32 = 8192; // the units found, 16 bytes each
export const UNITS_MAX: i32 = 2048;

// What unpacking needs: tables of entries of 4 bytes, made anew for every block, and what they are
// made from. The sizes of the first two hold any code of 15 bits with its subtables.
export const LITERALS: i32 = 40960; // at most 1334 entries are used, of 2368
export const DISTANCES: i32 = 50432; // at most 402 entries are used, of 416
export const LENGTH_CODES: i32 = 52096; // 128 entries
export const LENGTHS: i32 = 52608; // of the codes of a block, a byte each
export const COUNTS: i32 = 53248; // of the codes of each length
export const OFFSETS: i32 = 53376; // of each length among the sorted symbols
export const SORTED: i32 = 53504; // symbols by length, 2 bytes each
export const LITERAL_RESULTS: i32 = 54272; // what a symbol means, 288 entries
export const DISTANCE_RESULTS: i32 = 55424; // 32 entries
export const LENGTH_RESULTS: i32 = 55552; // 19 entries

export const STAGE: i32 = 65536; // packed bytes on their way
export const STAGE_BYTES: i32 = 65536;

// What checksums need: bytes with what was folded into them, and those that are left in the end.
export const FOLDED: i32 = 131072;
export const FOLDED_BLOCK: i32 = 16384;
export const REST: i32 = 151552; // 3072 bytes, and what is written past them

// Unpacking copies from the last 32 KiB: they stay before the data when the data moves to the front.
export const HISTORY_BYTES: i32 = 32768;
export const DATA: i32 = 155648 + HISTORY_BYTES;
