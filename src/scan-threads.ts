// The threads that read. They may be started before it is known what there is to read: a thread needs
// as long to start as the rest of a scan needs to load, and the two go on side by side.

import { Worker } from 'node:worker_threads';

/** What a thread makes and drops is little; given more room, it only lets more garbage lie. */
const maxYoungGenerationSizeMb = 24;

const idle: Worker[] = [];

/** Starts threads for a scan that comes soon. Until they are taken they keep no process alive. */
export function startThreads(count: number): void {
  while (idle.length < count) {
    const thread = createThread();
    thread.unref();
    idle.push(thread);
  }
}

/** A thread that was started before, or a new one. Whoever takes it ends it. */
export function takeThread(): Worker {
  const thread = idle.shift() ?? createThread();
  thread.ref();
  return thread;
}

/** Ends the threads that nobody has taken. */
export function endIdleThreads(): void {
  for (const thread of idle.splice(0)) void thread.terminate();
}

function createThread(): Worker {
  return new Worker(workerUrl(), { resourceLimits: { maxYoungGenerationSizeMb } });
}

/** The worker's file, beside this one: TypeScript in the sources, JavaScript in the package. */
function workerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./scan-worker.${extension}`, import.meta.url);
}
