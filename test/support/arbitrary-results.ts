// Scan results for property tests, with what an attacker would write in any of their attributes.
// They hold together as real ones do: ids are unique, and every exposure belongs to one signal.

import * as fc from 'fast-check';
import { catalogue, type ProblemCode } from '../../src/errors/catalogue.ts';
import type { Actor } from '../../src/model/actor.ts';
import type { Undetermined } from '../../src/model/change.ts';
import { type Exposure, severities } from '../../src/model/exposure.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { ScanResult, ScanStats } from '../../src/model/scan-result.ts';
import type { ExposureSignal, LogSignal } from '../../src/model/signal.ts';

/** Text that does something in one place or another, unless it is escaped for it. */
const payloads = [
  // Terminals
  '\u001b[2J\u001b[1;31mowned',
  '\u009b31mred',
  '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007',
  '\u001b]0;title\u001b\\',
  '\u0000\u0008\u0008\u0008\u007f',
  'first\r\n▌ HIGH     sg-forged\r\n',
  'a\u2028b\u2029c\u0085d\u000be',
  // Bidirectional and invisible
  'user\u202egnp.exe',
  '\u2066hidden\u2069\u200e\u200f\u061c',
  '\u200bzero\ufeff\u{e0041}\u{e0042}',
  '\ud800lone\udc00',
  // Spreadsheets
  '=HYPERLINK("http://evil.example","x")',
  "+1+cmd|' /C calc'!A0",
  '-2+3',
  '@SUM(A1)',
  '\t=1+1',
  '\r=1+1',
  '\uff1d1+1',
  '\uff0b1',
  '\uff0d1',
  '\uff20x',
  'a;=1+1',
  'a","=1+1',
  ' =1+1',
  // HTML and Markdown
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</script><!--',
  '[x](javascript:alert(1))',
  '![x](http://evil.example/a.png)',
  '<http://evil.example>',
  'https://evil.example/path',
  '# heading',
  '- item',
  '1. item',
  '> quote',
  '| a | b |',
  '```\ncode\n```',
  '`code` *bold* _it_ ~~gone~~ $x$ &amp;',
  '\\',
  '---',
  // Templates, prototypes, sheer size
  '{{@userIdentity.arn}} {{#if x}}',
  '__proto__',
  'constructor',
  '',
  ' ',
  '👩‍👩‍👧‍👦 測定 ｗｉｄｅ',
  'long'.repeat(2000),
  'e\u0301\u0301\u0301'.repeat(50),
  `z${'\u0335'.repeat(200)}`,
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...payloads),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.tuple(fc.constantFrom(...payloads), fc.string()).map(([payload, text]) => text + payload),
);

/** A time as CloudTrail writes it. */
export const anyTime: fc.Arbitrary<string> = fc
  .date({
    min: new Date('2013-01-01T00:00:00Z'),
    max: new Date('2037-12-31T00:00:00Z'),
    noInvalidDate: true,
  })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);

export type Attributes = {
  /** Attributes that come out of a record. */
  readonly text: fc.Arbitrary<string>;
  readonly time: fc.Arbitrary<string>;
  /** The rendered message of a signal. */
  readonly message: fc.Arbitrary<string>;
};

export function arbitraryResult(given: Partial<Attributes> = {}): fc.Arbitrary<ScanResult> {
  const { text = hostileText, time = anyTime, message = text } = given;
  const actor = arbitraryActor(text);
  return fc
    .record({
      stats: arbitraryStats,
      stories: fc.array(
        fc.tuple(
          arbitrarySignal(text, time, message, actor),
          fc.array(arbitraryExposure(text, time, actor), { minLength: 1, maxLength: 4 }),
        ),
        { maxLength: 3 },
      ),
      logSignals: fc.array(arbitraryLogSignal(text, time, message, actor), { maxLength: 2 }),
      undetermined: fc.array(arbitraryUndetermined(text, time), { maxLength: 6 }),
      problems: fc.array(arbitraryProblem(text), { maxLength: 6 }),
      notRun: fc.option(fc.array(fc.record({ ruleId: text, reason: text }), { maxLength: 3 })),
    })
    .map(({ stats, stories, logSignals, undetermined, problems, notRun }) => {
      const named = stories.map(([signal, exposures], index) => {
        const own = exposures.map((exposure, at) => ({
          ...exposure,
          id: `${index}.${at}${exposure.id}`,
        }));
        return {
          own,
          signal: { ...signal, id: `${index}${signal.id}`, exposures: own.map(({ id }) => id) },
        };
      });
      return {
        schemaVersion: 1,
        stats,
        signals: [
          ...named.map(({ signal }) => signal),
          ...logSignals.map((signal, index) =>
            Object.assign({}, signal, { id: `log${index}${signal.id}` }),
          ),
        ],
        exposures: named.flatMap(({ own }) => own),
        undetermined,
        problems,
        ...(notRun === null ? {} : { notRun }),
      };
    });
}

const requiredStats = [
  'files',
  'compressedBytes',
  'bytes',
  'records',
  'candidateRecords',
  'irrelevantRecords',
  'changeRecords',
  'undeterminedRecords',
  'rejectedRecords',
  'rejectedFiles',
  'durationMs',
] as const;

const arbitraryStats: fc.Arbitrary<ScanStats> = fc.record(
  {
    files: fc.nat(),
    compressedBytes: fc.maxSafeNat(),
    bytes: fc.maxSafeNat(),
    records: fc.maxSafeNat(),
    candidateRecords: fc.nat(),
    irrelevantRecords: fc.nat(),
    changeRecords: fc.nat(),
    undeterminedRecords: fc.nat(),
    rejectedRecords: fc.nat(),
    rejectedFiles: fc.nat(),
    durationMs: fc.nat(),
    matchedRecords: fc.nat(),
    looked: fc.record({
      accounts: fc.nat(),
      regions: fc.nat(),
      groups: fc.nat(),
      rows: fc.nat(),
    }),
  },
  { requiredKeys: [...requiredStats] },
);

function arbitraryActor(text: fc.Arbitrary<string>): fc.Arbitrary<Actor> {
  const maybe = fc.option(text);
  return fc.record({
    type: fc.oneof(fc.constantFrom('IAMUser', 'AssumedRole', 'Root', 'AWSService'), text),
    arn: maybe,
    sessionName: maybe,
    accessKeyId: maybe,
    sourceIp: fc.option(fc.oneof(fc.ipV4(), fc.ipV6(), text)),
    userAgent: maybe,
    invokedBy: maybe,
  });
}

function arbitraryExposure(
  text: fc.Arbitrary<string>,
  time: fc.Arbitrary<string>,
  actor: fc.Arbitrary<Actor>,
): fc.Arbitrary<Exposure> {
  const open = fc.constant({
    closedAt: null,
    closedByEventId: null,
    closedBy: null,
    durationSeconds: null,
  });
  const closed = fc.record({
    closedAt: time,
    closedByEventId: text,
    closedBy: actor,
    durationSeconds: fc.nat(),
  });
  const share = fc.oneof(
    fc.constantFrom(0, 0.25, 0.5, 1),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  const always = fc.record({
    id: text,
    ruleId: text,
    accountId: text,
    region: text,
    groupId: text,
    protocol: fc.oneof(fc.constantFrom('tcp', 'udp', 'all'), text),
    port: fc.nat(65_535),
    service: fc.option(text),
    ipv4Coverage: share,
    ipv6Coverage: share,
    sources: fc.array(text, { maxLength: 4 }),
    openedAt: time,
    openedByEventId: text,
    openedBy: actor,
  });
  const sometimes = fc.record(
    { groupName: text, vpcId: text, toPort: fc.nat(65_535), openedByEventName: text },
    { requiredKeys: [] },
  );
  return fc.tuple(always, sometimes, fc.oneof(open, closed)).map(joined);
}

function joined<A, B, C>([first, second, third]: [A, B, C]): A & B & C {
  return { ...first, ...second, ...third };
}

function arbitrarySignal(
  text: fc.Arbitrary<string>,
  time: fc.Arbitrary<string>,
  message: fc.Arbitrary<string>,
  actor: fc.Arbitrary<Actor>,
): fc.Arbitrary<ExposureSignal> {
  const open = fc.constant({
    status: 'open' as const,
    closedAt: null,
    closedBy: null,
    durationSeconds: null,
  });
  const closed = fc.record({
    status: fc.constant('closed' as const),
    closedAt: time,
    closedBy: actor,
    durationSeconds: fc.nat(),
  });
  const always = fc.record({
    id: text,
    ruleId: text,
    severity: fc.constantFrom(...severities),
    title: text,
    accountId: text,
    region: text,
    groupId: text,
    actor,
    firstSeen: time,
    lastSeen: time,
    message,
    exposures: fc.constant([]),
    eventIds: fc.array(text, { maxLength: 3 }),
  });
  const sometimes = fc.record({ groupName: text, vpcId: text }, { requiredKeys: [] });
  return fc.tuple(always, sometimes, fc.oneof(open, closed)).map(joined);
}

function arbitraryLogSignal(
  text: fc.Arbitrary<string>,
  time: fc.Arbitrary<string>,
  message: fc.Arbitrary<string>,
  actor: fc.Arbitrary<Actor>,
): fc.Arbitrary<LogSignal> {
  return fc.record({
    id: text,
    ruleId: text,
    severity: fc.constantFrom(...severities),
    title: text,
    accountId: text,
    region: text,
    groupId: fc.constant(null),
    actor,
    firstSeen: time,
    lastSeen: time,
    status: fc.constantFrom('open', 'closed'),
    closedAt: fc.option(time),
    closedBy: fc.constant(null),
    durationSeconds: fc.option(fc.nat()),
    message,
    exposures: fc.constant([]),
    eventIds: fc.array(text, { maxLength: 3 }),
    groupBy: fc.array(fc.record({ attribute: text, value: fc.option(text) }), { maxLength: 2 }),
    case: text,
    newValues: fc.array(text, { maxLength: 2 }),
    eventCount: fc.nat(),
    queries: fc.array(fc.record({ name: text, count: fc.nat() }), { maxLength: 2 }),
  });
}

function arbitraryUndetermined(
  text: fc.Arbitrary<string>,
  time: fc.Arbitrary<string>,
): fc.Arbitrary<Undetermined> {
  return fc.record({
    eventId: text,
    eventTime: time,
    eventName: text,
    accountId: text,
    region: text,
    groupId: fc.option(text),
    reason: text,
  });
}

const problemCodes = Object.keys(catalogue).filter(isProblemCode);

function isProblemCode(code: string): code is ProblemCode {
  return Object.entries(catalogue).some(([name, { kind }]) => name === code && kind === 'problem');
}

function arbitraryProblem(text: fc.Arbitrary<string>): fc.Arbitrary<Problem> {
  return fc.record(
    {
      code: fc.constantFrom(...problemCodes),
      file: text,
      record: fc.nat(),
      offset: fc.nat(),
      message: text,
    },
    { requiredKeys: ['code', 'file', 'message'] },
  );
}
