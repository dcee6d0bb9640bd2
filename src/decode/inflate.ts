// Unpacks gzip and zstd piece by piece, straight into memory that the caller provides.

import { GzipInflater, type KernelTarget } from './gzip-inflater.ts';
import type { Inflater, InflateTarget } from './inflater.ts';
import { createZstdInflater } from './zstd-inflater.ts';

export type Packing = 'gzip' | 'zstd';

export function createInflater(packing: Packing, target: KernelTarget & InflateTarget): Inflater {
  return packing === 'gzip' ? new GzipInflater(target) : createZstdInflater(target);
}
