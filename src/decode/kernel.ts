// The typed face of the WebAssembly code that unpacks and that finds records. It has one memory, so
// that nothing is copied on the way; kernel/*.ts say what it does. A kernel serves one stream at a time.

import { kernelWasm } from './kernel-wasm.ts';

/** What is used of JavaScript's WebAssembly interface, which has no types of its own in Node. */
type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
type WebAssemblyInterface = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

export type Kernel = {
  readonly memory: Memory;
  dataStart(): number;
  unitsStart(): number;
  getStatus(): number;
  getDepth(): number;
  getUnitDepth(): number;
  getUnitStart(): number;
  getUnitCount(): number;
  /** Where the last unit ended, while none is open. */
  getGapStart(): number;
  isInString(): number;
  isMuted(): number;
  takeUnits(): number;
  takeGap(): number;
  begin(all: number): void;
  resume(position: number, depth: number, unitDepth: number, count: number): void;
  enterArray(position: number): void;
  leaveArray(position: number): void;
  moved(distance: number): void;
  discardUnit(position: number): void;
  readGap(position: number): void;
  addName(start: number, length: number): void;
  clearNames(): void;
  scan(from: number, to: number, limit: number): number;
  /** Where packed bytes are put: `stageBytes` from here. */
  stageStart(): number;
  beginInflate(): void;
  inflate(from: number, end: number, isWhole: number, to: number, roomEnd: number): number;
  getInput(): number;
  getOutput(): number;
  /** Folds at least `foldMinBytes` to the `restBytes` at `restStart`. */
  fold(from: number, to: number, state: number): void;
  restStart(): number;
};

export const stageBytes = 65_536;
/** What was unpacked last; while more is unpacked, it has to stand before the room. */
export const historyBytes = 32_768;
/** The least room that `inflate` makes use of. */
export const minInflateRoomBytes = 1_024;
export const foldMinBytes = 4;
export const restBytes = 3_072;

/** Why `inflate` returned: one of these, or from 3 on one of `inflateErrors`. */
export const inflateStatus = { needsInput: 0, needsRoom: 1, ended: 2 } as const;

/** What can be wrong with packed bytes, in zlib's words. The first is status 3. */
export const inflateErrors = [
  'invalid block type',
  'invalid stored block lengths',
  'too many length or distance symbols',
  'invalid code lengths set',
  'invalid bit length repeat',
  'invalid code -- missing end-of-block',
  'invalid literal/lengths set',
  'invalid distances set',
  'invalid literal/length code',
  'invalid distance code',
  'invalid distance too far back',
] as const;

/** Why `scan` returned. */
export const kernelStatus = {
  done: 0,
  unitsFull: 1,
  containerClosed: 2,
  arrayOpened: 3,
  broken: 4,
} as const;

/** Flags of a unit in the kernel's list. */
export const unitFlag = { gapBefore: 1, tooDeep: 2, discarded: 4, candidate: 8 } as const;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node gives no type for it
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface };
let compiled: object | undefined;

/** A new kernel with a memory of its own (640 KiB at first). */
export function createKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelWasm, 'base64'));
  const instance = new WebAssembly.Instance(compiled, {
    env: {
      abort: () => {
        throw new Error('the kernel aborted');
      },
    },
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a test runs the module
  return instance.exports as unknown as Kernel;
}
