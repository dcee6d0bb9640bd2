// Laws that hold for the exposures and signals of every record set, whatever it holds.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Exposure } from '../../src/model/exposure.ts';
import { detect, type DetectResult } from '../../src/pipeline.ts';
import { naiveShare } from '../oracle/brute-force.ts';
import { cidrAround, cidrText, type Cidr } from '../oracle/rows.ts';
import { exposureRule, portRule } from '../oracle/rules.ts';
import { actions, picker, placeCounts, simulate, type Step } from '../oracle/simulated-group.ts';

const keepAliveSeconds = 1800;
const maxSignalDurationSeconds = 7200;
const options = { keepAliveSeconds, maxSignalDurationSeconds };
const rules = [
  portRule('admin', [21, 22, 3389], {}, { options }),
  portRule('half', [22, 3306], { coverageThreshold: 0.5 }, { options }),
  exposureRule('other', { protocols: ['tcp', 'udp'], expectedPorts: [80, 443] }, { options }),
];

const histories = fc
  .tuple(
    fc.array(fc.record({ action: fc.constantFrom(...actions), seed: fc.nat() }), {
      minLength: 1,
      maxLength: 40,
      size: 'max',
    }),
    fc.constantFrom(...placeCounts),
    fc.nat(),
  )
  .map(([intents, placeCount, seed]) => {
    const pick = picker(seed);
    // Some of the records are lost, so that histories begin and end anywhere.
    return simulate(intents, { sameSecondPercent: 30, placeCount }).steps.filter(
      ({ teaches }) => teaches || pick(5) > 0,
    );
  });

const runs = { numRuns: 500 };

function found(steps: readonly Step[]): DetectResult {
  return detect(
    steps.map(({ record }) => record),
    { rules },
  );
}

const startMs = (exposure: Exposure) => Date.parse(exposure.openedAt);
const endMs = (exposure: Exposure) =>
  exposure.closedAt === null ? Infinity : Date.parse(exposure.closedAt);

describe('every exposure', () => {
  it('begins and ends with a call that was seen and that can have done it', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const byId = new Map(steps.map((step) => [step.fact.eventId, step.fact]));
        for (const exposure of found(steps).exposures) {
          const opener = byId.get(exposure.openedByEventId);
          expect(opener).toMatchObject({
            eventTime: exposure.openedAt,
            actor: exposure.openedBy.arn,
            region: exposure.region,
          });
          expect([
            'add',
            'remove',
            'replace',
            'list-create',
            'list-modify',
            'list-restore',
          ]).toContain(opener?.deed.kind);
          const closer = byId.get(exposure.closedByEventId ?? '');
          expect(closer?.eventTime ?? null).toBe(exposure.closedAt);
          expect(closer?.actor ?? null).toBe(exposure.closedBy?.arn ?? null);
        }
      }),
      runs,
    );
  });

  it('opens by nothing that only removes', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const kinds = new Map(steps.map(({ fact }) => [fact.eventId, fact.deed.kind]));
        for (const { openedByEventId } of found(steps).exposures) {
          expect(kinds.get(openedByEventId)).not.toBe('remove');
        }
      }),
      runs,
    );
  });

  it('is disjoint from the others of its rule, group, protocol and port', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const subjects = Map.groupBy(found(steps).exposures, (one) =>
          JSON.stringify([
            one.ruleId,
            one.accountId,
            one.region,
            one.groupId,
            one.protocol,
            one.port,
            one.toPort,
          ]),
        );
        for (const exposures of subjects.values()) {
          const inTime = exposures.toSorted(
            (a, b) => startMs(a) - startMs(b) || endMs(a) - endMs(b),
          );
          for (const [index, exposure] of inTime.entries()) {
            const next = inTime[index + 1];
            if (next) expect(endMs(exposure)).toBeLessThanOrEqual(startMs(next));
          }
        }
      }),
      runs,
    );
  });

  it('lasts from its opening to its closing, and says so in seconds', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        for (const exposure of found(steps).exposures) {
          const seconds = (endMs(exposure) - startMs(exposure)) / 1000;
          expect(exposure.durationSeconds ?? Infinity).toBe(seconds);
          expect(seconds).toBeGreaterThanOrEqual(0);
        }
      }),
      runs,
    );
  });

  it('reaches the threshold of its rule, and its sources account for it', () => {
    const thresholds = new Map([
      ['admin', 0.25],
      ['half', 0.5],
      ['other', 0.25],
    ]);
    fc.assert(
      fc.property(histories, (steps) => {
        for (const exposure of found(steps).exposures) {
          const threshold = thresholds.get(exposure.ruleId) ?? 1;
          const { ipv4Coverage, ipv6Coverage, sources } = exposure;
          expect(Math.max(ipv4Coverage, ipv6Coverage)).toBeGreaterThanOrEqual(threshold);
          const cidrs = sources.map(readCidrText);
          const families = [
            { share: ipv4Coverage, bySources: naiveShare(cidrs, 4) },
            { share: ipv6Coverage, bySources: naiveShare(cidrs, 6) },
          ];
          for (const { share, bySources } of families) {
            if (share >= threshold) expect(bySources).toBeGreaterThanOrEqual(share - 1e-12);
            else expect(bySources).toBe(0);
          }
        }
      }),
      runs,
    );
  });

  it('has an id of its own, and comes after those that opened before it', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { exposures } = found(steps);
        expect(new Set(exposures.map(({ id }) => id)).size).toBe(exposures.length);
        const order = exposures.map(
          ({ openedAt, groupId, port }) =>
            `${openedAt} ${groupId} ${String(port).padStart(5, '0')}`,
        );
        expect(order).toEqual(order.toSorted());
      }),
      runs,
    );
  });
});

describe('a late record', () => {
  /** Rows named by content alone, so that each call does the same whatever came before. */
  const calls = fc.array(
    fc.record({
      opens: fc.boolean(),
      second: fc.integer({ min: 0, max: 40 }),
      cidr: fc.constantFrom('0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/2', '0.0.0.0/3', '32.0.0.0/3'),
      range: fc.constantFrom([22, 22], [20, 25], [0, 65_535]),
    }),
    { minLength: 1, maxLength: 12 },
  );

  function recordOf(
    call: { opens: boolean; second: number; cidr: string; range: readonly (number | undefined)[] },
    index: number,
  ) {
    return {
      eventVersion: '1.08',
      eventSource: 'ec2.amazonaws.com',
      eventName: call.opens ? 'AuthorizeSecurityGroupIngress' : 'RevokeSecurityGroupIngress',
      eventTime: `2026-03-01T08:00:${String(call.second).padStart(2, '0')}Z`,
      eventID: `event-${String(index).padStart(2, '0')}`,
      awsRegion: 'us-east-1',
      recipientAccountId: '111122223333',
      userIdentity: { type: 'Root', accountId: '111122223333' },
      requestParameters: {
        groupId: 'sg-1',
        ipPermissions: {},
        ipProtocol: 'tcp',
        fromPort: call.range[0],
        toPort: call.range[1],
        cidrIp: call.cidr,
      },
      responseElements: { _return: true },
    };
  }

  /** The seconds during which port 22 is open at their end. */
  function openSeconds(records: readonly unknown[]): readonly number[] {
    const { exposures } = detect(records, { rules: [portRule('admin', [22])] });
    return Array.from({ length: 42 }, (_, second) => second).filter((second) => {
      const now = Date.UTC(2026, 2, 1, 8, 0, second);
      return exposures.some((exposure) => startMs(exposure) <= now && now < endMs(exposure));
    });
  }

  it('that opens never shortens the time open, and one that removes never adds to it', () => {
    fc.assert(
      fc.property(calls, fc.nat(), (timeline, choice) => {
        const records = timeline.map(recordOf);
        const late = choice % records.length;
        const before = openSeconds(records.filter((_, index) => index !== late));
        const after = openSeconds(records);
        const [fewer, more] = timeline[late]?.opens === true ? [before, after] : [after, before];
        expect(fewer.filter((second) => !more.includes(second))).toEqual([]);
      }),
      runs,
    );
  });
});

describe('the signals', () => {
  it('tell each exposure once, under its rule and group', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { signals, exposures } = found(steps);
        const byId = new Map(exposures.map((exposure) => [exposure.id, exposure]));
        expect(signals.flatMap((signal) => signal.exposures).toSorted()).toEqual(
          exposures.map(({ id }) => id).toSorted(),
        );
        for (const signal of signals) {
          const { ruleId, accountId, region, groupId } = signal;
          for (const id of signal.exposures) {
            expect(byId.get(id)).toMatchObject({ ruleId, accountId, region, groupId });
            expect(byId.get(id)?.openedBy.arn).toBe(signal.actor.arn);
          }
        }
      }),
      runs,
    );
  });

  it('tell all that one event opened in one group under one rule together', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { signals, exposures } = found(steps);
        const signalOf = new Map(
          signals.flatMap((signal) => signal.exposures.map((id) => [id, signal.id] as const)),
        );
        const openings = Map.groupBy(exposures, (one) =>
          JSON.stringify([one.ruleId, one.accountId, one.region, one.groupId, one.openedByEventId]),
        );
        for (const together of openings.values()) {
          expect(new Set(together.map(({ id }) => signalOf.get(id))).size).toBe(1);
        }
      }),
      runs,
    );
  });

  it('join openings no further apart than keep-alive, and part those that are', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { signals, exposures } = found(steps);
        const byId = new Map(exposures.map((exposure) => [exposure.id, exposure]));
        const spans = signals.map((signal) => {
          const times = signal.exposures
            .flatMap((id) => byId.get(id) ?? [])
            .map((exposure) => startMs(exposure) / 1000)
            .toSorted((a, b) => a - b);
          const pauses = times.slice(1).map((time, index) => time - (times[index] ?? time));
          expect(Math.max(0, ...pauses)).toBeLessThanOrEqual(keepAliveSeconds);
          const [first = 0] = times;
          const last = times.at(-1) ?? first;
          expect(last - first).toBeLessThanOrEqual(maxSignalDurationSeconds);
          return { signal, first, last };
        });
        const subjects = Map.groupBy(spans, ({ signal }) =>
          JSON.stringify([
            signal.ruleId,
            signal.accountId,
            signal.region,
            signal.groupId,
            signal.actor.arn,
          ]),
        );
        for (const subject of subjects.values()) {
          const inTime = subject.toSorted((a, b) => a.first - b.first);
          for (const [index, span] of inTime.entries()) {
            const next = inTime[index + 1];
            if (!next) continue;
            const reason =
              next.first - span.last > keepAliveSeconds ||
              next.first - span.first > maxSignalDurationSeconds;
            expect(reason).toBe(true);
          }
        }
      }),
      runs,
    );
  });

  it('are closed exactly when every exposure is, and by the last of the closings', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { signals, exposures } = found(steps);
        const byId = new Map(exposures.map((exposure) => [exposure.id, exposure]));
        for (const signal of signals) {
          const members = signal.exposures.flatMap((id) => byId.get(id) ?? []);
          const open = members.some(({ closedAt }) => closedAt === null);
          const last = Math.max(...members.map(endMs));
          const first = Math.min(...members.map(startMs));
          expect(signal.status).toBe(open ? 'open' : 'closed');
          expect(Date.parse(signal.firstSeen)).toBe(first);
          expect(signal.closedAt === null ? Infinity : Date.parse(signal.closedAt)).toBe(last);
          expect(signal.durationSeconds ?? Infinity).toBe((last - first) / 1000);
          const events = members.flatMap(({ openedByEventId, closedByEventId }) =>
            closedByEventId === null ? [openedByEventId] : [openedByEventId, closedByEventId],
          );
          expect(signal.eventIds.toSorted()).toEqual([...new Set(events)].toSorted());
        }
      }),
      runs,
    );
  });

  it('have ids of their own, which do not change when later calls are seen', () => {
    fc.assert(
      fc.property(histories, fc.nat(), (steps, cut) => {
        const inTime = steps.toSorted((a, b) =>
          a.fact.eventTime < b.fact.eventTime ? -1 : a.fact.eventTime > b.fact.eventTime ? 1 : 0,
        );
        const at = inTime[cut % Math.max(1, inTime.length)]?.fact.eventTime ?? '';
        const earlier = found(inTime.filter(({ fact }) => fact.eventTime <= at));
        const whole = found(inTime);
        const ids = new Set(whole.signals.map(({ id }) => id));
        expect(ids.size).toBe(whole.signals.length);
        // What is learned later about names may withdraw what was said of groups known by name.
        const named = new Set(
          steps.filter(({ teaches }) => teaches).map(({ fact }) => fact.eventTime),
        );
        fc.pre([...named].every((time) => time <= at));
        for (const { id } of earlier.signals) expect(ids).toContain(id);
      }),
      runs,
    );
  });
});

function readCidrText(text: string): Cidr {
  const [address = '', length = ''] = text.split('/');
  const family = address.includes(':') ? 6 : 4;
  const cidr = cidrAround(
    family,
    family === 4 ? ipv4Value(address) : ipv6Value(address),
    Number(length),
  );
  expect(cidrText(cidr)).toBe(text);
  return cidr;
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((value, octet) => value * 256n + BigInt(octet), 0n);
}

function ipv6Value(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const words = (part: string) => part.split(':').filter((word) => word !== '');
  const front = words(head);
  const back = words(tail ?? '');
  const middle = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...middle, ...back].reduce(
    (value, word) => value * 65_536n + BigInt(`0x${word}`),
    0n,
  );
}
