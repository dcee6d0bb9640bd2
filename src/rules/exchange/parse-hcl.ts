// From HCL to plain values, block by block: `resource "type" "name" { … }` is
// `{ resource: { type: { name: [{ … }] } } }`. Text that is not HCL is told with its place.

import { Worker } from 'node:worker_threads';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import type { HclAnswer, HclQuestion } from './hcl-worker.ts';

/** Longest document, in UTF-16 units, and how long parsing it may take. */
const longest = 10_000_000;
const longestMs = 60_000;

/**
 * @param file the path shown in errors
 * @throws PortcullisError `rule/bad-import` with the place of the first mistake
 */
export async function parseHcl(text: string, file: string): Promise<unknown> {
  if (text.length > longest) throw notHcl(file, 'the file is longer than 10 million characters');
  const answer = await ask(text);
  if (answer.ok) return answer.document;
  // `parse config: [main.tf:3,1-2: Summary; Detail sentence. main.tf:4,1-2: …]`
  const [, line, column, problem] =
    /hcl:(\d+),(\d+)-[\d,]+: (.*?)(?:\. hcl:\d+,|\.?\]?$)/s.exec(answer.message) ?? [];
  throw line === undefined || problem === undefined
    ? notHcl(file, answer.message)
    : notHcl(`${file}:${line}:${column}`, problem.replaceAll(/\bhcl:(\d+),[\d,-]+/g, 'line $1'));
}

function notHcl(place: string, problem: string): PortcullisError {
  return new PortcullisError('rule/bad-import', `not Terraform's language: ${problem}`, {
    place,
    hint: 'Check it with `terraform validate`.',
  });
}

async function ask(text: string): Promise<HclAnswer> {
  const url = new URL(
    `./hcl-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
    import.meta.url,
  );
  const question: HclQuestion = { file: 'hcl', text };
  const worker = new Worker(url, { workerData: question, stdout: true, stderr: true });
  const timer = setTimeout(() => void worker.terminate(), longestMs);
  try {
    return await new Promise<HclAnswer>((resolve) => {
      worker.once('message', resolve);
      worker.once('error', (error) => {
        resolve({ ok: false, message: `the parser failed: ${String(error)}` });
      });
      worker.once('exit', () => {
        resolve({ ok: false, message: 'the parser gave up; it nests too deep or is too long' });
      });
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
