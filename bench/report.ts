// What the benchmark prints, and the tables that it writes into docs/performance.md.

import { readFileSync, writeFileSync } from 'node:fs';

import { format } from 'prettier';

export type Timing = {
  readonly name: string;
  /** Unpacked bytes read; 0 where nothing is. */
  readonly bytes: number;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly runs: number;
};

export type Figure = {
  readonly name: string;
  /** From medians. */
  readonly value: number;
  /** From the fastest runs: what it comes to when nothing else disturbs. */
  readonly atBest: number;
  readonly bar: { readonly atLeast: number } | { readonly atMost: number };
  readonly unit: string;
};

export type Results = {
  readonly date: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly system: string;
    readonly node: string;
  };
  readonly tools: Readonly<Record<string, string>>;
  readonly corpus: {
    readonly files: number;
    readonly packedBytes: number;
    readonly unpackedBytes: number;
    readonly records: number;
  };
  readonly figures: readonly Figure[];
  readonly timings: readonly Timing[];
};

type Table = readonly (readonly string[])[];

export function reaches({ value, bar }: Figure): boolean {
  return 'atLeast' in bar ? value >= bar.atLeast : value <= bar.atMost;
}

function figureTable({ figures }: Results): Table {
  const shown = (value: number, unit: string) =>
    unit === '' ? value.toFixed(2) : `${value.toFixed(0)} ${unit}`;
  return [
    ['figure', 'must be', 'is', 'at best', ''],
    ...figures.map((figure) => {
      const { name, value, atBest, bar, unit } = figure;
      const limit =
        'atLeast' in bar ? `≥ ${bar.atLeast}` : `≤ ${bar.atMost}${unit === '' ? '' : ` ${unit}`}`;
      return [
        name,
        limit,
        shown(value, unit),
        shown(atBest, unit),
        reaches(figure) ? 'pass' : 'FAIL',
      ];
    }),
  ];
}

function timingTable({ timings }: Results): Table {
  const seconds = (ms: number) => (ms / 1000).toFixed(2);
  return [
    ['program', 'median s', 'least s', 'most s', 'processor s', 'MB/s', 'peak MiB'],
    ...timings.map(({ name, bytes, medianMs, minMs, maxMs, cpuMs, peakBytes }) => [
      name,
      seconds(medianMs),
      seconds(minMs),
      seconds(maxMs),
      seconds(cpuMs),
      bytes === 0 ? '' : (bytes / 1000 / medianMs).toFixed(0),
      (peakBytes / 2 ** 20).toFixed(0),
    ]),
  ];
}

function corpusLine({ corpus }: Results): string {
  return `${corpus.files} files, ${mega(corpus.packedBytes)} packed, ${mega(corpus.unpackedBytes)} unpacked, ${corpus.records} records`;
}

function machineLine({ machine }: Results): string {
  return `${machine.processor}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB; ${machine.system}; Node ${machine.node}`;
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

export function printReport(results: Results): void {
  console.log(`\n${results.date}: ${machineLine(results)}`);
  console.log(`${corpusLine(results)}\n`);
  console.log(aligned(figureTable(results)));
  console.log(`\n${aligned(timingTable(results))}`);
}

/** Columns side by side; the first is text, the others end where they end. */
function aligned(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function markdown(table: Table): string {
  const [head = [], ...rows] = table;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map((_, column) => (column === 0 ? '---' : '--:'))),
    ...rows.map(line),
  ].join('\n');
}

const begin = '<!-- figures: begin; written by `npm run bench -- --save` -->';
const end = '<!-- figures: end -->';

/** Puts the tables between the marks in the page. */
export async function writeDocs(results: Results, path: string): Promise<void> {
  const page = readFileSync(path, 'utf8');
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${path} has no marks to write the figures between`);
  const tools = Object.entries(results.tools)
    .filter(([name]) => name !== 'time')
    .map(([, version]) => version)
    .join(', ');
  const figures = [
    begin,
    '',
    `Measured on ${results.date}: ${machineLine(results)}. ${tools}.`,
    '',
    `The corpus: ${corpusLine(results)}.`,
    '',
    markdown(figureTable(results)),
    '',
    markdown(timingTable(results)),
    '',
  ].join('\n');
  const written = page.slice(0, from) + figures + page.slice(to);
  writeFileSync(path, await format(written, { parser: 'markdown' }));
}
