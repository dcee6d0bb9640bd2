import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createGzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../support/scratch-folder.ts';
import { ingressRecord } from '../support/trail.ts';

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
/** Prints the peak of the process's resident memory, in KiB, as it ends. */
const meter = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS+'\\n'))`;

const background = JSON.stringify({
  ...ingressRecord({ id: 'background', name: 'DescribeInstances' }),
  filler: Array.from({ length: 40 }, (_, index) => ({ index, text: 'a value of some length' })),
});
const opening = JSON.stringify(ingressRecord({ id: 'the one' }));
const totalBytes = 400_000_000;

type Scanned = { readonly ports: number[]; readonly bytes: number; readonly peakBytes: number };

/** Scans a file, in a thread, and says what was found and how much memory that took. */
function scanFile(path: string): Promise<Scanned> {
  return scan(path, []);
}

/** The same of a stream on standard input. */
function scanStream(pieces: Iterable<string>, { packed = false } = {}): Promise<Scanned> {
  return scan('-', pieces, packed);
}

async function scan(path: string, pieces: Iterable<string>, packed = false): Promise<Scanned> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', meter, main, 'scan', path],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const closed = once(child, 'close');
  const sink = packed ? createGzip({ level: 1 }) : child.stdin;
  if (sink !== child.stdin) sink.pipe(child.stdin);
  for (const piece of pieces) if (!sink.write(piece)) await once(sink, 'drain');
  sink.end();
  await closed;
  const result = JSON.parse(output.stdout) as {
    stats: { bytes: number };
    exposures: { port: number }[];
  };
  return {
    ports: result.exposures.map((exposure) => exposure.port),
    bytes: result.stats.bytes,
    peakBytes: Number(/peak (\d+)\s*$/.exec(output.stderr)?.[1]) * 1024,
  };
}

function* lines(separator: string, before: string, after: string): Generator<string> {
  const block = Array.from({ length: 100 }, () => background + separator).join('');
  yield before;
  for (let bytes = 0; bytes < totalBytes; bytes += block.length) yield block;
  yield opening;
  for (let bytes = 0; bytes < block.length * 3; bytes += block.length) yield separator + background;
  yield after;
}

describe('memory stays below 300 MiB on 400 MB', () => {
  const shapes: readonly (readonly [string, readonly [string, string, string], boolean])[] = [
    ['in one line', [',', '{"Records":[', ']}'], false],
    ['in one line, gzipped', [',', '{"Records":[', ']}'], true],
    ['pretty-printed', [',\n    ', '{\n  "Records": [\n    ', '\n  ]\n}\n'], false],
    ['record by record', ['\n', '', '\n'], false],
  ];
  it.each(shapes)('%s', async (_name, [separator, before, after], packed) => {
    const { ports, bytes, peakBytes } = await scanStream(lines(separator, before, after), {
      packed,
    });
    expect(ports).toEqual([22]);
    expect(bytes).toBeGreaterThan(totalBytes);
    expect(peakBytes).toBeLessThan(300 * 1024 * 1024);
    expect(peakBytes).toBeGreaterThan(20 * 1024 * 1024);
  });
});

it('memory follows the changes, not the repetitions of them', async () => {
  function* repeated(): Generator<string> {
    const block = `${opening}\n`.repeat(1_000);
    for (let index = 0; index < 100; index += 1) yield block;
  }
  const { ports, peakBytes } = await scanStream(repeated());
  expect(ports).toEqual([22]);
  expect(peakBytes).toBeLessThan(300 * 1024 * 1024);
});

it('a change costs less than four kilobytes in all, though a thread has read it', async () => {
  const count = 100_000;
  const changes = Array.from({ length: count }, (_, index) => {
    const id = index.toString(16).padStart(36, '0');
    const cidr = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}/32`;
    return JSON.stringify(ingressRecord({ id, cidr, group: `sg-${index % 4_000}` }));
  });
  const folder = await scratchFolder({ 'a.json': `${[opening, ...changes].join('\n')}\n` });
  const { ports, peakBytes } = await scanFile(join(folder, 'a.json'));
  expect(ports).toEqual([22]);
  expect(peakBytes).toBeLessThan(count * 4_000);
});
