// The source that asks CloudTrail's event history, against a server that answers as AWS does.

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { createEventHistories, usualRegions } from '../../src/aws/event-history.ts';
import type { PortcullisError } from '../../src/errors/portcullis-error.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { DeliverySource } from '../../src/ports.ts';
import {
  createLookupEventsSource,
  type LookupEventsSourceOptions,
} from '../../src/source/lookup-events-source.ts';
import { actionsOf } from '../support/aws-actions.ts';
import {
  startEventHistoryServer,
  type EventHistoryServer,
  type EventHistoryServerOptions,
} from '../support/event-history-server.ts';
import type { SeenRequest } from '../support/faulty-proxy.ts';
import { allowedActions } from '../support/iam-policy.ts';
import { memoryCheckpoints, type MemoryCheckpoints } from '../support/memory-checkpoints.ts';
import { motoEnvironment } from '../support/moto.ts';
import { ingressRecord } from '../support/trail.ts';
import { describeSource, eventIds, Run, textOf, type SourceWorld } from './source-suite.ts';

const seen: SeenRequest[] = [];
const home = '111122223333';
const other = '444455556666';
const minuteMs = 60_000;

beforeEach(() => {
  for (const [name, value] of Object.entries(motoEnvironment)) vi.stubEnv(name, value);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

type Added = {
  readonly name?: string;
  readonly account?: string;
  readonly region?: string;
  readonly timeMs?: number;
};

type HistoryWorld = Omit<SourceWorld, 'source'> & {
  readonly server: EventHistoryServer;
  readonly checkpoints: MemoryCheckpoints;
  readonly source: (options?: Partial<LookupEventsSourceOptions>) => DeliverySource;
  readonly add: (id: string, event?: Added) => void;
};

async function startWorld(options: EventHistoryServerOptions = {}): Promise<HistoryWorld> {
  // Most tests are about other things than the pace.
  const server = await startEventHistoryServer({ requestsPerSecond: 1_000, ...options });
  onTestFinished(async () => {
    seen.push(...server.requests);
    await server.stop();
  });
  const checkpoints = memoryCheckpoints();
  const reported: PortcullisError[] = [];
  const add = (id: string, event: Added = {}): void => {
    const { name = 'AuthorizeSecurityGroupIngress', account = home, region = 'us-east-1' } = event;
    const { timeMs = Date.now() } = event;
    server.add({
      account,
      region,
      name,
      id,
      timeMs,
      record: ingressRecord({ id, region, account }),
    });
  };
  return {
    server,
    checkpoints,
    add,
    faults: reported,
    tries: 1,
    recoveryMs: 0,
    quietMs: 700,
    source: (more) =>
      createLookupEventsSource({
        name: 'history',
        histories: createEventHistories({ endpointUrl: server.url }, ['us-east-1']).map((one) => ({
          ...one,
          account: home,
        })),
        eventNames: ['AuthorizeSecurityGroupIngress'],
        checkpoints,
        onFault: (fault) => reported.push(fault),
        pollMs: 100,
        requestsPerSecond: 50,
        firstReturnMs: 150,
        ...more,
      }),
    put: async (record: JsonObject) => add(String(record['eventID'])),
    failNext: server.failNext,
  };
}

async function idsOfNext(run: Run, count: number): Promise<string[]> {
  const deliveries = await run.take(count);
  return (await Promise.all(deliveries.map(eventIds))).flat().toSorted();
}

describe('the event history', () => {
  describeSource(() => startWorld());
});

describe('asking for events', () => {
  it('goes on over pages, names and days', async () => {
    const world = await startWorld({ eventsPerPage: 3 });
    const ids = Array.from({ length: 10 }, (_, index) => `authorize-${index}`);
    for (const [index, id] of ids.entries()) {
      world.add(id, { timeMs: Date.now() - index * 3 * 60 * minuteMs });
    }
    world.add('revoke', { name: 'RevokeSecurityGroupIngress' });
    world.add('describe', { name: 'DescribeSecurityGroups' });
    const eventNames = ['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'];
    const run = new Run(
      world.source({ eventNames, sinceMs: Date.now() - 10 * 24 * 60 * minuteMs }),
    );
    expect(await idsOfNext(run, 11)).toEqual([...ids, 'revoke'].toSorted());
    expect(await run.isQuiet(500)).toBe(true);
    // A day at a time, and within a day page after page.
    const spans = world.server.asked.map(({ StartTime, EndTime }) => EndTime - StartTime);
    expect(Math.max(...spans)).toBeLessThanOrEqual(24 * 3600 + 301);
    expect(world.server.asked.some(({ NextToken }) => NextToken !== undefined)).toBe(true);
  });

  it('gives the record as CloudTrail wrote it', async () => {
    const world = await startWorld();
    world.add('a');
    const delivery = await new Run(world.source()).next();
    expect(JSON.parse(await textOf(delivery))).toEqual(ingressRecord({ id: 'a' }));
    expect(delivery).toMatchObject({ id: `${home}/us-east-1/a`, name: `${home}/us-east-1/a` });
    expect(delivery.body()).toBe(await textOf(delivery));
  });

  it('begins a quarter of an hour ago, or when it is told', async () => {
    const world = await startWorld();
    world.add('long ago', { timeMs: Date.now() - 20 * minuteMs });
    world.add('a while ago', { timeMs: Date.now() - 10 * minuteMs });
    const usual = new Run(world.source());
    expect(await idsOfNext(usual, 1)).toEqual(['a while ago']);
    expect(await usual.isQuiet(300)).toBe(true);
    const sinceMs = Date.now() - 30 * minuteMs;
    const told = new Run(world.source({ name: 'told', sinceMs }));
    expect(await idsOfNext(told, 2)).toEqual(['a while ago', 'long ago']);
  });

  it('finds events that appear late, and each event once', async () => {
    const world = await startWorld();
    world.add('now');
    const run = new Run(world.source());
    await (await run.next()).acknowledge();
    world.add('late', { timeMs: Date.now() - 14 * minuteMs });
    const late = await run.next();
    expect(await eventIds(late)).toEqual(['late']);
    await late.acknowledge();
    world.add('too late', { timeMs: Date.now() - 16 * minuteMs });
    expect(await run.isQuiet(400)).toBe(true);
    await run.end();
    world.add('after a restart', { timeMs: Date.now() - 13 * minuteMs });
    const again = new Run(world.source());
    expect(await eventIds(await again.next())).toEqual(['after a restart']);
    expect(await again.isQuiet(300)).toBe(true);
  });

  it('goes on after a long pause where it was', async () => {
    const world = await startWorld();
    let now = Date.now() - 3 * 24 * 60 * minuteMs;
    const clock = (): number => now;
    world.add('before', { timeMs: now });
    const run = new Run(world.source({ clock }));
    await (await run.next()).acknowledge();
    await run.end();
    world.add('meanwhile', { timeMs: now + 24 * 60 * minuteMs });
    now = Date.now();
    const again = new Run(world.source({ clock }));
    expect(await idsOfNext(again, 1)).toEqual(['meanwhile']);
    expect(await again.isQuiet(300)).toBe(true);
  });

  it('keeps a checkpoint for each account, region and name', async () => {
    const world = await startWorld();
    world.add('a');
    world.add('b', { name: 'RevokeSecurityGroupIngress' });
    const eventNames = ['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'];
    const run = new Run(world.source({ eventNames }));
    for (const delivery of await run.take(2)) await delivery.acknowledge();
    expect([...world.checkpoints.kept.keys()].toSorted()).toEqual(
      eventNames.map((name) => `history/${home}/us-east-1/${name}`),
    );
  });
});

describe('the pace', () => {
  it('is two requests a second for each account and region, shared by all names', async () => {
    const world = await startWorld({ requestsPerSecond: 2 });
    const regions = ['us-east-1', 'eu-west-1'];
    const histories = createEventHistories({ endpointUrl: world.server.url }, regions);
    const run = new Run(
      createLookupEventsSource({
        name: 'history',
        histories: histories.map((one) => ({ ...one, account: home })),
        eventNames: ['a', 'b', 'c', 'd', 'e'],
        checkpoints: world.checkpoints,
        pollMs: 0,
      }),
    );
    expect(await run.isQuiet(5_000)).toBe(true);
    await run.end();
    expect(world.server.throttled()).toBe(0);
    for (const wanted of regions) {
      const asked = world.server.asked.filter(({ region }) => region === wanted);
      // It is used, too.
      expect(asked.length).toBeGreaterThan(5);
      expect(asked.length).toBeLessThan(13);
      const names = new Set(asked.map(({ LookupAttributes: [one] }) => one.AttributeValue));
      expect(names.size).toBe(5);
    }
  });

  it('grows slower where others use the rate up, and nothing is lost', async () => {
    const world = await startWorld({ requestsPerSecond: 2 });
    world.add('a');
    const run = new Run(world.source({ eventNames: ['x', 'AuthorizeSecurityGroupIngress'] }));
    expect(await idsOfNext(run, 1)).toEqual(['a']);
    expect(await run.isQuiet(3_000)).toBe(true);
    expect(world.server.throttled()).toBeGreaterThan(0);
    expect(world.faults.map(({ message }) => message)).toContain(
      'The event history of us-east-1 cannot be asked: CloudTrail asks to slow down.',
    );
    world.add('b');
    expect(await idsOfNext(run, 1)).toEqual(['b']);
  });
});

describe('accounts and regions', () => {
  it('are asked each for itself, other accounts through their roles', async () => {
    const world = await startWorld();
    world.add('here', { region: 'eu-west-1' });
    world.add('there', { account: other });
    const role = { arn: `arn:aws:iam::${other}:role/portcullis`, externalId: 'the-id' };
    const endpointUrl = world.server.url;
    const histories = [
      ...createEventHistories({ endpointUrl }, ['us-east-1', 'eu-west-1']).map((one) => ({
        ...one,
        account: home,
      })),
      ...createEventHistories({ endpointUrl, role }, ['us-east-1', 'eu-west-1']).map((one) => ({
        ...one,
        account: other,
      })),
    ];
    const deliveries = await new Run(world.source({ histories })).take(2);
    expect(deliveries.map(({ id }) => id).toSorted()).toEqual([
      `${home}/eu-west-1/here`,
      `${other}/us-east-1/there`,
    ]);
    // The role is taken on once, for all regions.
    const roles = world.server.requests.filter((request) =>
      actionsOf([request]).includes('sts:AssumeRole'),
    );
    expect(roles).toHaveLength(1);
  });

  it('that refuse say so and do not keep others waiting', async () => {
    const world = await startWorld();
    world.add('a');
    const role = { arn: `arn:aws:iam::${other}:role/portcullis`, externalId: 'a wrong id' };
    const endpointUrl = world.server.url;
    const [mine] = createEventHistories({ endpointUrl }, ['us-east-1']);
    const [refused] = createEventHistories({ endpointUrl, role }, ['us-east-1']);
    if (mine === undefined || refused === undefined) throw new Error('no history');
    const histories = [
      { ...refused, account: other },
      { ...mine, account: home },
    ];
    const run = new Run(world.source({ histories }));
    expect(await idsOfNext(run, 1)).toEqual(['a']);
    await vi.waitFor(() =>
      expect(world.faults[0]).toMatchObject({
        code: 'cloudtrail/access',
        message: 'The event history of us-east-1 cannot be asked: access is denied.',
        hint: expect.stringContaining('sts:AssumeRole') as unknown,
      }),
    );
  });

  it("are the profile's own, and where global services are, when nobody says", async () => {
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    expect(await usualRegions({})).toEqual(['eu-central-1', 'us-east-1']);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    expect(await usualRegions({})).toEqual(['us-east-1']);
  });
});

describe('permissions', () => {
  it('are exactly those that the requests of all these tests needed', () => {
    const allowed = [...allowedActions('lookup-events'), ...allowedActions('assume-role')];
    expect(actionsOf(seen)).toEqual(allowed.toSorted());
  });
});
