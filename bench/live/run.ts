// The live benchmark: EventBridge messages through detection and store, in this process, into SQLite.
//
//   npm run bench:live -- [--quick] [--save]
//
// `--quick` takes a tenth of the messages; `--save` writes the table to docs/performance.md. Exit code 1
// when a figure misses its bar.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { format } from 'prettier';

import type { Delivery, DeliverySource } from '../../src/ports.ts';
import { groupChangeEventNames } from '../../src/normalize/normalize.ts';
import { builtInRulesDirectory, loadRules } from '../../src/rules/load-rules.ts';
import { openStore } from '../../src/store/open-store.ts';
import { Watcher, type WatchEvent } from '../../src/watcher.ts';
import { changeOfOneGroup, message, type Message } from './messages.ts';

type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly bar: { readonly atLeast: number } | { readonly atMost: number };
};

const page = join(import.meta.dirname, '../../docs/performance.md');
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    part: { type: 'string' },
  },
});
const scale = options.quick ? 0.1 : 1;

function say(text: string): void {
  process.stderr.write(`bench:live: ${text}\n`);
}

/** Whole milliseconds of a clock that is never set back. */
function now(): number {
  return Math.round(performance.timeOrigin + performance.now());
}

/** A source that hands out messages as the generator gives them, and nothing twice. */
function sourceOf(messages: () => AsyncIterable<Message>): DeliverySource {
  return {
    name: 'bench',
    lagSeconds: () => null,
    async *deliveries() {
      for await (const { id, bytes } of messages()) {
        const delivery: Delivery = {
          id,
          name: id,
          attempt: 1,
          receivedMs: now(),
          parts: [
            {
              name: id,
              async *read() {
                yield bytes;
              },
            },
          ],
          body: () => '',
          acknowledge: () => Promise.resolve(),
          giveBack: () => Promise.reject(new Error('the benchmark gives nothing back')),
        };
        yield delivery;
      }
    },
  };
}

/** Runs messages into a new store in a file, to their end. */
async function watch(
  messages: () => AsyncIterable<Message>,
  onEvent: (event: WatchEvent) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  const store = await openStore(join(folder, 'store.db'));
  const loaded = await loadRules([builtInRulesDirectory()]);
  const rules = loaded.filter((rule) => rule.enabled).filter((rule) => rule.kind === 'exposure');
  const watcher = new Watcher({
    store,
    sources: [sourceOf(messages)],
    ingest: () => ({
      rules,
      fingerprint: 'bench',
      suppressions: [],
      logRules: [],
      channelsFor: () => ['pager'],
    }),
    eventNames: groupChangeEventNames,
    matcher: null,
    keepDeadLetter: () => Promise.reject(new Error('the benchmark puts nothing aside')),
    onEvent,
    clock: now,
  });
  await watcher.run(new AbortController().signal);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

function counting(): { readonly onEvent: (event: WatchEvent) => void; deliveries: number } {
  const state = {
    deliveries: 0,
    onEvent: (event: WatchEvent) => {
      if (event.kind !== 'committed') throw new Error(`unexpected: ${event.kind}`);
      state.deliveries += event.deliveries.length;
    },
  };
  return state;
}

async function* first(count: number): AsyncGenerator<Message> {
  for (let index = 0; index < count; index += 1) yield message(index);
}

async function throughput(): Promise<readonly Figure[]> {
  const count = Math.round(200_000 * scale);
  say(`${count} messages as fast as they go`);
  const counted = counting();
  const startMs = performance.now();
  await watch(() => first(count), counted.onEvent);
  const seconds = (performance.now() - startMs) / 1000;
  if (counted.deliveries !== count) throw new Error('messages were lost');
  return [
    {
      name: 'EventBridge messages through detection and store, sustained',
      value: count / seconds,
      unit: 'a second',
      bar: { atLeast: 5000 },
    },
  ];
}

async function latency(): Promise<readonly Figure[]> {
  const perSecond = 500;
  const count = Math.round(15_000 * scale);
  say(`${count} messages at ${perSecond} a second`);
  const waits: number[] = [];
  async function* paced(): AsyncGenerator<Message> {
    const startMs = performance.now();
    for (let index = 0; index < count; index += 1) {
      const aheadMs = startMs + (index * 1000) / perSecond - performance.now();
      await (aheadMs > 1 ? sleep(aheadMs) : setImmediate());
      yield message(index);
    }
  }
  await watch(paced, (event) => {
    if (event.kind !== 'committed') throw new Error(`unexpected: ${event.kind}`);
    for (const { receivedMs } of event.deliveries) waits.push(event.committedMs - receivedMs);
  });
  if (waits.length !== count) throw new Error('messages were lost');
  const ordered = waits.toSorted((a, b) => a - b);
  return [
    {
      name: `delivery to committed signal and outbox at ${perSecond} a second, p99`,
      value: ordered[Math.floor(count * 0.99)] ?? Infinity,
      unit: 'ms',
      bar: { atMost: 100 },
    },
  ];
}

async function memory(): Promise<readonly Figure[]> {
  const count = Math.round(1_000_000 * scale);
  say(`${count} messages, with the memory of the process on the way`);
  const samples: number[] = [];
  let deliveries = 0;
  await watch(
    () => first(count),
    (event) => {
      if (event.kind !== 'committed') throw new Error(`unexpected: ${event.kind}`);
      deliveries += event.deliveries.length;
      samples.push(process.memoryUsage.rss() / 1_048_576);
    },
  );
  if (deliveries !== count) throw new Error('messages were lost');
  const half = samples.slice(0, Math.floor(samples.length / 2));
  const rest = samples.slice(half.length);
  return [
    {
      name: `resident memory over ${count.toLocaleString('en')} deliveries, most`,
      value: Math.max(...samples),
      unit: 'MiB',
      bar: { atMost: 300 },
    },
    {
      name: 'the same, most of the second half ÷ most of the first',
      value: Math.max(...rest) / Math.max(...half),
      unit: '',
      bar: { atMost: 1.1 },
    },
  ];
}

async function oneGroup(): Promise<readonly Figure[]> {
  const count = Math.round(100_000 * scale);
  const probes = 200;
  say(`one group with ${count} changes`);
  const costs: number[] = [];
  async function* changes(): AsyncGenerator<Message> {
    for (let index = 0; index < count + probes; index += 1) {
      const isProbe = (index >= 100 && index < 100 + probes) || index >= count;
      if (isProbe) {
        // Alone in its batch: what came before has been committed, and nothing comes after it.
        await sleep(4);
        const startMs = performance.now();
        yield changeOfOneGroup(index);
        await settled(index + 1);
        costs.push(performance.now() - startMs);
      } else {
        if (index === 100 + probes || index === 100) await settled(index);
        yield changeOfOneGroup(index);
        if (index === count - 1) await settled(count);
      }
    }
  }
  const progress = { committed: 0 };
  async function settled(wanted: number): Promise<void> {
    while (progress.committed < wanted) await setImmediate();
  }
  await watch(changes, (event) => {
    if (event.kind !== 'committed') throw new Error(`unexpected: ${event.kind}`);
    progress.committed += event.deliveries.length;
  });
  return [
    {
      name: `one group with ${count.toLocaleString('en')} changes: the next one ÷ the 100th`,
      value: median(costs.slice(probes)) / median(costs.slice(0, probes)),
      unit: '',
      bar: { atMost: 2 },
    },
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const parts = { throughput, latency, memory, oneGroup } as const;
type Part = keyof typeof parts;

function isPart(name: string): name is Part {
  return Object.hasOwn(parts, name);
}

/** Each part in a process of its own: none inherits another's memory or compiled code. */
async function measure(part: Part): Promise<readonly Figure[]> {
  const child = fork(
    import.meta.filename,
    ['--part', part, ...(options.quick ? ['--quick'] : [])],
    {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    },
  );
  let figures: readonly Figure[] = [];
  child.on('message', (found: readonly Figure[]) => {
    figures = found;
  });
  await once(child, 'exit');
  if (figures.length === 0) throw new Error(`${part} was not measured`);
  return figures;
}

function reaches({ value, bar }: Figure): boolean {
  return 'atLeast' in bar ? value >= bar.atLeast : value <= bar.atMost;
}

function shown(value: number, unit: string): string {
  const text = unit === '' ? value.toFixed(2) : Math.round(value).toLocaleString('en');
  return unit === '' ? text : `${text} ${unit}`;
}

function row(figure: Figure): readonly string[] {
  const { name, value, unit, bar } = figure;
  const wanted =
    'atLeast' in bar ? `≥ ${shown(bar.atLeast, unit)}` : `≤ ${shown(bar.atMost, unit)}`;
  return [name, wanted, shown(value, unit), reaches(figure) ? 'yes' : 'NO'];
}

if (options.part !== undefined && isPart(options.part)) {
  const figures = await parts[options.part]();
  process.send?.(figures);
  process.disconnect();
} else {
  const figures: Figure[] = [];
  for (const part of Object.keys(parts).filter(isPart)) figures.push(...(await measure(part)));
  const rows = [['figure', 'must be', 'is', 'reached'], ...figures.map(row)];
  for (const cells of rows) process.stdout.write(`${cells.join('\t')}\n`);
  if (options.save) {
    const [processor] = cpus();
    const machine = `${new Date().toISOString().slice(0, 10)}, ${processor?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.versions.node}:`;
    const [head = [], ...body] = rows;
    const table = [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);
    const text = readFileSync(page, 'utf8').replace(
      /(<!-- live figures -->)[^]*?(<!-- end of live figures -->)/,
      `$1\n\n${machine}\n\n${table.join('\n')}\n\n$2`,
    );
    writeFileSync(page, await format(text, { parser: 'markdown', printWidth: 100 }));
  }
  if (!figures.every(reaches)) process.exitCode = 1;
}
