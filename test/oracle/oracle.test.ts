// The production stations against a simulated EC2 and a slow evaluator, on random histories.
// The two share the records and the contract, and no code.

import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import type { Exposure } from '../../src/model/exposure.ts';
import type { Signal } from '../../src/model/signal.ts';
import { detect } from '../../src/pipeline.ts';
import {
  bruteForce,
  bruteForcePorts,
  compare,
  inOrder,
  type Fact,
  type Interval,
  type PortRule,
} from './brute-force.ts';
import { naiveSignals } from './naive-signals.ts';
import { exposureRule, portRule } from './rules.ts';
import {
  actions,
  foldsToTruth,
  picker,
  placeCounts,
  simulate,
  type SimulatedEstate,
  type Step,
} from './simulated-group.ts';

// Half a minute of work, and more on a machine that is busy.
vi.setConfig({ testTimeout: 300_000 });

/** Histories tried in all; ORACLE_RUNS asks for more. */
const totalRuns = Number(process.env['ORACLE_RUNS'] ?? 24_000);
const share = (part: number) => ({ numRuns: Math.max(1, Math.round(totalRuns * part)) });

/** A history of at most `max` calls, in one account and region more often than in several. */
function histories(max: number, sameSecondPercent: number): fc.Arbitrary<SimulatedEstate> {
  return fc
    .tuple(
      fc.array(fc.record({ action: fc.constantFrom(...actions), seed: fc.nat() }), {
        minLength: 1,
        maxLength: max,
        size: 'max',
      }),
      fc.constantFrom(...placeCounts),
    )
    .map(([intents, placeCount]) => simulate(intents, { sameSecondPercent, placeCount }));
}

/** No two calls in one second. */
const inTurn = 0;
/** Nearly every other call in the second of the one before. */
const crowded = 40;

const rules: readonly PortRule[] = [
  { id: 'admin', ports: [21, 22, 3389], threshold: 0.25 },
  { id: 'database', ports: [3306, 5432], threshold: 0.25 },
  { id: 'half', ports: [22], threshold: 0.5 },
];
const productionRules = rules.map(({ id, ports, threshold }) =>
  portRule(id, ports, { coverageThreshold: threshold }),
);

/** What both sides can say of an exposure, in one order. */
type Told = Omit<Interval, 'ipv4Coverage' | 'ipv6Coverage'> & { readonly coverage: string };

function told(intervals: readonly Interval[]): readonly Told[] {
  return intervals
    .map(({ ipv4Coverage, ipv6Coverage, ...rest }) => ({
      ...rest,
      coverage: `${ipv4Coverage.toPrecision(9)} ${ipv6Coverage.toPrecision(9)}`,
    }))
    .toSorted((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
}

function asInterval(exposure: Exposure): Interval {
  return {
    ruleId: exposure.ruleId,
    accountId: exposure.accountId,
    region: exposure.region,
    groupId: exposure.groupId,
    port: exposure.port,
    openedAt: exposure.openedAt,
    openedByEventId: exposure.openedByEventId,
    openedBy: exposure.openedBy.arn ?? '',
    closedAt: exposure.closedAt,
    closedByEventId: exposure.closedByEventId,
    closedBy: exposure.closedBy?.arn ?? null,
    durationSeconds: exposure.durationSeconds,
    ipv4Coverage: exposure.ipv4Coverage,
    ipv6Coverage: exposure.ipv6Coverage,
  };
}

const factsOf = (steps: readonly Step[]): readonly Fact[] => steps.map(({ fact }) => fact);
const recordsOf = (steps: readonly Step[]) => steps.map(({ record }) => record);

function shuffled<T>(values: readonly T[], seed: number): readonly T[] {
  const pick = picker(seed);
  const left = [...values];
  return values.flatMap(() => left.splice(pick(left.length), 1));
}

/** Returns the events reported as undetermined. */
function expectAgreement(steps: readonly Step[]): readonly string[] {
  const result = detect(recordsOf(steps), { rules: productionRules });
  expect(told(result.exposures.map(asInterval))).toEqual(told(bruteForce(factsOf(steps), rules)));
  expect(result.problems).toEqual([]);
  return result.undetermined.map(({ eventId }) => eventId);
}

/** A whole history leaves nothing open to doubt. */
function expectAgreementWithoutDoubt(steps: readonly Step[]): void {
  expect(expectAgreement(steps)).toEqual([]);
}

describe('the simulated EC2', () => {
  it('writes records from which its rows can be told', () => {
    fc.assert(
      fc.property(histories(60, inTurn), (history) => {
        expect(foldsToTruth(history)).toBe(true);
      }),
      share(0.02),
    );
  });
});

describe('random histories', () => {
  it('give the exposures that a look at every port after every call gives', () => {
    fc.assert(
      fc.property(histories(40, inTurn), ({ steps }) => {
        expectAgreementWithoutDoubt(steps);
      }),
      share(0.3),
    );
  });

  it('agree when calls crowd into one second', () => {
    fc.assert(
      fc.property(histories(40, crowded), ({ steps }) => {
        expectAgreement(steps);
      }),
      share(0.2),
    );
  });

  it('agree when records come late, twice and in any order', () => {
    fc.assert(
      fc.property(histories(30, crowded), fc.nat(), ({ steps }, seed) => {
        const repeated = steps.filter((_, index) => (seed >> (index % 30)) % 2 === 0);
        expectAgreement(shuffled([...steps, ...repeated], seed));
      }),
      share(0.15),
    );
  });

  it('agree at every point of a history that arrives out of order', () => {
    fc.assert(
      fc.property(histories(20, inTurn), fc.nat(), ({ steps }, seed) => {
        const teaching = steps.filter(({ teaches }) => teaches);
        const arriving = shuffled(
          steps.filter(({ teaches }) => !teaches),
          seed,
        );
        for (let arrived = 1; arrived <= arriving.length; arrived += 1) {
          expectAgreement([...teaching, ...arriving.slice(0, arrived)]);
        }
      }),
      share(0.05),
    );
  });

  it('agree when records were lost, history begins in the middle and the end is not there yet', () => {
    fc.assert(
      fc.property(histories(40, crowded), fc.nat(), ({ steps }, seed) => {
        const pick = picker(seed);
        expectAgreement(steps.filter(({ teaches }) => teaches || pick(3) > 0));
      }),
      share(0.2),
    );
  });
});

describe('the signals of random histories', () => {
  it('are the openings of one group by one actor under one rule within keep-alive', () => {
    fc.assert(
      fc.property(histories(40, crowded), ({ steps }) => {
        const result = detect(recordsOf(steps), { rules: productionRules });
        const byId = new Map(result.exposures.map((exposure) => [exposure.id, exposure]));
        const found = result.signals.map((signal) => tellSignal(signal, byId));
        const wanted = naiveSignals(factsOf(steps), bruteForce(factsOf(steps), rules), {
          keepAliveSeconds: 3600,
          maxDurationSeconds: 86_400,
        });
        expect(found.toSorted(byText)).toEqual(wanted.toSorted(byText));
      }),
      share(0.1),
    );
  });
});

function byText(a: unknown, b: unknown): number {
  return compare(JSON.stringify(a), JSON.stringify(b));
}

function tellSignal(signal: Signal, byId: ReadonlyMap<string, Exposure>) {
  const exposures = signal.exposures.flatMap((id) => byId.get(id) ?? []);
  return {
    ruleId: signal.ruleId,
    accountId: signal.accountId,
    region: signal.region,
    groupId: signal.groupId,
    actor: signal.actor.arn,
    firstSeen: signal.firstSeen,
    lastSeen: signal.lastSeen,
    status: signal.status,
    closedAt: signal.closedAt,
    closedBy: signal.closedBy?.arn ?? null,
    durationSeconds: signal.durationSeconds,
    exposures: exposures
      .map(({ openedByEventId, port }) => `${openedByEventId} ${port}`)
      .toSorted(),
    eventIds: signal.eventIds.toSorted(),
  };
}

describe('a rule for every other port', () => {
  const expectedPorts = [80, 443];
  const exceptTcpPorts = [22, 3389];
  const rule = exposureRule('other', {
    protocols: ['tcp', 'udp'],
    expectedPorts,
    exceptTcpPorts,
  });
  const watched = (protocol: 'tcp' | 'udp', port: number) =>
    !expectedPorts.includes(port) && !(protocol === 'tcp' && exceptTcpPorts.includes(port));

  /** The ports at which something may change, with their neighbors. */
  const telling = [
    0, 1, 2, 19, 20, 21, 22, 23, 24, 25, 26, 79, 81, 442, 444, 3304, 3305, 3306, 3307, 3388, 3389,
    3390, 5431, 5432, 5440, 5441, 7999, 8000, 9000, 9001, 65_533, 65_534, 65_535,
  ];

  it('covers every port while it is open', () => {
    fc.assert(
      fc.property(histories(30, crowded), ({ steps }) => {
        expectCover(steps, telling);
      }),
      share(0.05),
    );
  });

  it('covers each of the 65,536 ports while it is open', () => {
    const all = Array.from({ length: 65_536 }, (_, port) => port);
    fc.assert(
      fc.property(histories(12, inTurn), ({ steps }) => {
        expectCover(steps, all);
      }),
      { numRuns: 6 },
    );
  });

  /** Every port open is in a range found, and every range found holds a port open all the while. */
  function expectCover(steps: readonly Step[], ports: readonly number[]): void {
    const { exposures } = detect(recordsOf(steps), { rules: [rule] });
    const facts = factsOf(steps);
    const order = inOrder(facts);
    const turn = new Map(order.map(({ eventId }, index) => [eventId, index]));
    const spanOf = (open: { openedByEventId: string; closedByEventId: string | null }): Span => [
      turn.get(open.openedByEventId) ?? -1,
      turn.get(open.closedByEventId ?? '') ?? order.length,
    ];
    const ranges = exposures.map((exposure) => ({
      place: `${exposure.accountId} ${exposure.region} ${exposure.groupId}`,
      protocols: exposure.protocol === 'all' ? ['tcp', 'udp'] : [exposure.protocol],
      from: exposure.port,
      to: exposure.toPort ?? exposure.port,
      span: spanOf(exposure),
    }));
    const open = [...bruteForcePorts(facts, ['tcp', 'udp'], ports, 0.25)].flatMap(
      ([key, spans]) => {
        const [accountId, region, groupId, protocol = '', port = ''] = key.split(' ');
        return watched(protocol === 'udp' ? 'udp' : 'tcp', Number(port))
          ? spans.map((span) => ({
              place: `${accountId} ${region} ${groupId}`,
              protocol,
              port: Number(port),
              span: spanOf(span),
            }))
          : [];
      },
    );
    const uncovered = open.filter(({ place, protocol, port, span }) => {
      const covering = ranges.filter(
        (range) =>
          range.place === place &&
          range.protocols.includes(protocol) &&
          range.from <= port &&
          port <= range.to,
      );
      return !turns(span).every((now) => covering.some((range) => during(range.span, now)));
    });
    const invented = ranges.filter(({ place, protocols, from, to, span }) => {
      const inside = open.filter(
        (one) =>
          one.place === place &&
          protocols.includes(one.protocol) &&
          from <= one.port &&
          one.port <= to,
      );
      return !turns(span).every((now) => inside.some((one) => during(one.span, now)));
    });
    expect({ uncovered, invented }).toEqual({ uncovered: [], invented: [] });
  }
});

/** From the turn of the opening call to the turn of the closing one, which is not in it. */
type Span = readonly [number, number];

function during([from, to]: Span, now: number): boolean {
  return from <= now && now < to;
}

function turns([from, to]: Span): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
