// How a command that runs until it is stopped is stopped.

/** The first SIGINT or SIGTERM asks politely, by the signal; the second ends the process at once. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      stop.abort();
      process.once(name, () => process.exit(130));
    });
  }
  return stop.signal;
}
