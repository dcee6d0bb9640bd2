// A line on standard error that says how far long work has come. Only on a terminal, and only once
// the work has taken over a second.

import type { ScanProgress } from '../scan.ts';

const quietMs = 1_000;
const intervalMs = 100;

export type ProgressLine<T> = {
  update(progress: T): void;
  /** Removes the line. */
  clear(): void;
};

export function createProgressLine<T>(
  stream: NodeJS.WriteStream,
  {
    enabled,
    textOf,
  }: {
    readonly enabled: boolean;
    /** One line. */
    readonly textOf: (progress: T, seconds: number) => string;
  },
): ProgressLine<T> {
  const startedMs = performance.now();
  let drawnMs = 0;
  let drawn = false;
  const clear = (): void => {
    if (!drawn) return;
    stream.write('\r\u001B[2K');
    drawn = false;
  };
  return {
    clear,
    update(progress) {
      const nowMs = performance.now();
      if (!enabled || !stream.isTTY) return;
      if (nowMs - startedMs < quietMs || nowMs - drawnMs < intervalMs) return;
      drawnMs = nowMs;
      drawn = true;
      const text = textOf(progress, (nowMs - startedMs) / 1000);
      stream.write(`\r\u001B[2K${text.slice(0, Math.max(20, stream.columns - 1))}`);
    },
  };
}

/** One line: files, bytes unpacked, rate, and the time left once everything was listed. */
export function progressText(progress: ScanProgress, seconds: number): string {
  const parts = [
    `${progress.files} of ${progress.foundFiles}${progress.listed ? '' : '+'} files`,
    `${sizeText(progress.bytes)} read`,
    `${sizeText(progress.bytes / Math.max(seconds, 0.001))}/s`,
  ];
  if (progress.listed && progress.compressedBytes > 0 && progress.foundBytes > 0) {
    const left = Math.max(0, progress.foundBytes - progress.compressedBytes);
    const secondsLeft = (left / progress.compressedBytes) * seconds;
    parts.push(`${Math.ceil(secondsLeft)} s left`);
  }
  return parts.join(' · ');
}

function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}
