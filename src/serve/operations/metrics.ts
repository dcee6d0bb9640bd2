// What is counted, for Prometheus. Names and labels are as docs/api.md lists them; a label's values are
// few and never come from a log or a request.

import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the watcher says of a batch that it has committed. */
export type CommittedBatch = {
  /** `receivedMs` is when the source had it. */
  readonly deliveries: readonly { readonly source: string; readonly receivedMs: number }[];
  readonly totals: readonly RecordTotals[];
  readonly newChanges: number;
  readonly notices: readonly { readonly kind: string }[];
  readonly committedMs: number;
};

export type RecordTotals = {
  readonly records: number;
  readonly irrelevantRecords: number;
  readonly changeRecords: number;
  readonly undeterminedRecords: number;
  readonly rejectedRecords: number;
  readonly matchedRecords?: number;
};

export type Lagging = { readonly name: string; lagSeconds(): number | null };

export type ChannelDepth = {
  readonly channel: string;
  readonly waiting: number;
  readonly refused: number;
  readonly oldestMs: number | null;
};

export type ServedRequest = {
  readonly method: string;
  /** As in the table of routes; never the path itself. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
};

export type DeliveryFate = 'committed' | 'given_back' | 'put_aside';

export type Metrics = {
  committed(batch: CommittedBatch): void;
  /** Deliveries that were not committed. */
  delivery(source: string, fate: DeliveryFate): void;
  problem(source: string, code: string): void;
  commitFailed(): void;
  /** Messages to channels, by what became of them: `sent`, `retry`, `refused`. */
  sent(channel: string, outcome: string): void;
  request(request: ServedRequest): void;
  /** What is asked for its lag whenever somebody looks. */
  watchSources(sources: readonly Lagging[]): void;
  watchOutbox(depth: () => Promise<readonly ChannelDepth[]>): void;
  watchStreams(count: () => number): void;
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
};

/** Seconds. The bar for detection is 100 ms at the 99th percentile. */
const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const deliveries = new Counter({
    name: 'portcullis_deliveries_total',
    help: 'Deliveries of sources, by what became of them.',
    labelNames: ['source', 'fate'],
    registers,
  });
  const records = new Counter({
    name: 'portcullis_records_total',
    help: 'CloudTrail records read, each in exactly one tally.',
    labelNames: ['tally'],
    registers,
  });
  const changes = new Counter({
    name: 'portcullis_changes_total',
    help: 'Changes of groups and prefix lists that were not known before.',
    registers,
  });
  const notices = new Counter({
    name: 'portcullis_notices_total',
    help: 'Things that people are to be told, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const latency = new Histogram({
    name: 'portcullis_detection_latency_seconds',
    help: 'From the moment a source had a delivery until what it means was committed.',
    labelNames: ['source'],
    buckets: latencyBuckets,
    registers,
  });
  const problems = new Counter({
    name: 'portcullis_problems_total',
    help: 'Inputs and records that could not be read, by the code of the problem.',
    labelNames: ['source', 'code'],
    registers,
  });
  const failedCommits = new Counter({
    name: 'portcullis_failed_commits_total',
    help: 'Times that a batch could not be committed and was tried again.',
    registers,
  });
  const messages = new Counter({
    name: 'portcullis_messages_total',
    help: 'Messages to channels, by outcome.',
    labelNames: ['channel', 'outcome'],
    registers,
  });
  const requests = new Histogram({
    name: 'portcullis_http_request_duration_seconds',
    help: 'Requests answered, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: requestBuckets,
    registers,
  });
  const memory = new Gauge({
    name: 'portcullis_resident_memory_bytes',
    help: 'Memory of the process.',
    registers: [],
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  registry.registerMetric(memory);

  return {
    committed(batch) {
      for (const { source, receivedMs } of batch.deliveries) {
        deliveries.inc({ source, fate: 'committed' });
        latency.observe({ source }, Math.max(0, batch.committedMs - receivedMs) / 1000);
      }
      for (const totals of batch.totals) {
        for (const [tally, count] of tallies(totals)) {
          if (count > 0) records.inc({ tally }, count);
        }
      }
      changes.inc(batch.newChanges);
      for (const { kind } of batch.notices) notices.inc({ kind });
    },
    delivery: (source, fate) => deliveries.inc({ source, fate }),
    problem: (source, code) => problems.inc({ source, code }),
    commitFailed: () => failedCommits.inc(),
    sent: (channel, outcome) => messages.inc({ channel, outcome }),
    request: ({ method, route, status, seconds }) =>
      requests.observe({ method, route, status }, seconds),
    watchSources(sources) {
      const lags = new Gauge({
        name: 'portcullis_source_lag_seconds',
        help: 'Between the newest thing known to be at a source and what was read; absent if unknown.',
        labelNames: ['source'],
        registers: [],
        collect() {
          this.reset();
          for (const source of sources) {
            const lag = source.lagSeconds();
            if (lag !== null) this.set({ source: source.name }, lag);
          }
        },
      });
      registry.registerMetric(lags);
    },
    watchOutbox(depth) {
      // Both are set by the first, so that the store is asked once.
      const oldest = new Gauge({
        name: 'portcullis_outbox_oldest_timestamp_seconds',
        help: 'When the earliest notice that waits was noticed.',
        labelNames: ['channel'],
        registers: [],
      });
      const entries = new Gauge({
        name: 'portcullis_outbox_entries',
        help: 'Notices on their way to a channel, waiting or refused.',
        labelNames: ['channel', 'state'],
        registers,
        async collect() {
          // Where the store does not answer, all other figures are still of use.
          const channels = await depth().catch(() => []);
          this.reset();
          oldest.reset();
          for (const { channel, waiting, refused, oldestMs } of channels) {
            entries.set({ channel, state: 'waiting' }, waiting);
            entries.set({ channel, state: 'refused' }, refused);
            if (oldestMs !== null) oldest.set({ channel }, oldestMs / 1000);
          }
        },
      });
      registry.registerMetric(oldest);
    },
    watchStreams(count) {
      const streams = new Gauge({
        name: 'portcullis_event_streams',
        help: 'Streams of live events that are open.',
        registers: [],
        collect() {
          this.set(count());
        },
      });
      registry.registerMetric(streams);
    },
    async text() {
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function tallies(totals: RecordTotals): readonly (readonly [string, number])[] {
  return [
    ['irrelevant', totals.irrelevantRecords],
    ['change', totals.changeRecords],
    ['undetermined', totals.undeterminedRecords],
    ['rejected', totals.rejectedRecords],
    ['matched', totals.matchedRecords ?? 0],
  ];
}
