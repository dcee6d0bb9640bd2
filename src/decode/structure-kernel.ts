// The typed face of the WebAssembly scan. See kernel/structure.ts for what it does.

import { structureWasm } from './structure-wasm.ts';

/** What is used of JavaScript's WebAssembly interface, which has no types of its own in Node. */
type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
type WebAssemblyInterface = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

export type StructureKernel = {
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
};

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

/** A new kernel with a memory of its own (512 KiB at first). */
export function createStructureKernel(): StructureKernel {
  compiled ??= new WebAssembly.Module(Buffer.from(structureWasm, 'base64'));
  const instance = new WebAssembly.Instance(compiled, {
    env: {
      abort: () => {
        throw new Error('the structural scan aborted');
      },
    },
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a test runs the module
  return instance.exports as unknown as StructureKernel;
}
