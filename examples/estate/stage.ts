// Where a story happens: collects its calls as records, and what a scan must find in them.
// What is expected is written by the story's author from what the calls mean, never by a scan.

import { consoleSession, iamUser, newSession, type Session } from './callers.ts';
import {
  accountNamed,
  createPlace,
  personNamed,
  type Account,
  type Group,
  type Place,
} from './company.ts';
import { Random } from './random.ts';
import { toRecord, type Call, type Caller, type CloudTrailRecord, type Json } from './record.ts';
import type { Asked, GroupCall, Row, RowSource } from './security-groups.ts';

/** A record and how CloudTrail delivers it: late is one file later, twice is in two files. */
export type Delivered = {
  readonly record: CloudTrailRecord;
  readonly delivery: 'usual' | 'late' | 'twice';
};

/** A call that was made, to say later what it opened or closed. */
export type Made = {
  readonly eventId: string;
  readonly at: string;
  readonly by: string;
};

export type ExpectedExposure = {
  readonly story: string;
  readonly ruleId: string;
  readonly severity: 'high' | 'medium';
  readonly accountId: string;
  readonly region: string;
  readonly groupId: string;
  readonly protocol: string;
  readonly port: number;
  readonly toPort?: number;
  readonly sources: readonly string[];
  readonly ipv4Coverage: number;
  readonly ipv6Coverage: number;
  readonly openedAt: string;
  readonly openedByEventId: string;
  readonly openedBy: string;
  readonly closedAt: string | null;
  readonly closedByEventId: string | null;
  readonly closedBy: string | null;
};

/** One message to a person: the rule, the group, and how many exposures it tells of. */
export type ExpectedSignal = {
  readonly story: string;
  readonly ruleId: string;
  readonly groupId: string;
  readonly severity: 'high' | 'medium';
  readonly status: 'open' | 'closed';
  readonly exposures: number;
  readonly firstSeen: string;
};

export type ExpectedUndetermined = {
  readonly story: string;
  readonly eventId: string;
  readonly eventTime: string;
};

export type Expected = {
  readonly exposures: readonly ExpectedExposure[];
  readonly signals: readonly ExpectedSignal[];
  readonly undetermined: readonly ExpectedUndetermined[];
};

export const adminRule = 'aws-sg-admin-port-open-to-world';
export const databaseRule = 'aws-sg-database-port-open-to-world';
export const otherRule = 'aws-sg-open-to-world';

export const everyAdminPort = [21, 22, 23, 445, 2375, 3389, 5900, 5985, 5986] as const;
export const everyDatabasePort = [1433, 3306, 5432, 5984, 6379, 6984, 9200, 27017] as const;

export const ipv4World: RowSource = { cidrIp: '0.0.0.0/0' };
export const ipv6World: RowSource = { cidrIpv6: '::/0' };

type Around = Pick<
  Partial<Call>,
  'error' | 'sharedEventId' | 'resources' | 'additional' | 'eventType'
> & {
  readonly delivery?: Delivered['delivery'];
};

type Opening = {
  readonly ruleId: string;
  readonly group: Group;
  readonly severity?: 'high' | 'medium';
  readonly protocol?: string;
  readonly ports: readonly number[];
  /** For the rule that reports per row range. */
  readonly toPort?: number;
  readonly sources?: readonly string[];
  readonly ipv4Coverage?: number;
  readonly ipv6Coverage?: number;
  readonly opened: Made;
  /** Null where it is still open when the logs end. */
  readonly closed: Made | null;
};

/** A whole story: its records, and what a scan must find in them. */
export type Told = {
  readonly delivered: Delivered[];
  readonly exposures: ExpectedExposure[];
  readonly signals: ExpectedSignal[];
  readonly undetermined: ExpectedUndetermined[];
};

function nothingYet(): Told {
  return { delivered: [], exposures: [], signals: [], undetermined: [] };
}

export class Stage {
  readonly account: Account;
  readonly place: Place;
  readonly random: Random;
  readonly #story: string;
  readonly #told: Told;

  constructor(story: string, accountName: string, region: string, told: Told = nothingYet()) {
    this.#story = story;
    this.#told = told;
    this.account = accountNamed(accountName);
    this.place = createPlace(this.account, region);
    this.random = new Random(`story/${story}/${accountName}/${region}`);
  }

  /** The same story in another account or region. */
  elsewhere(accountName: string, region: string): Stage {
    return new Stage(this.#story, accountName, region, this.#told);
  }

  told(): Told {
    return this.#told;
  }

  group(name: string): Group {
    return { id: `sg-0${this.random.hex(16)}`, name };
  }

  row(protocol: string, from: number, to: number, source: RowSource, description?: string): Row {
    return {
      protocol,
      from,
      to,
      source,
      ruleId: `sgr-0${this.random.hex(16)}`,
      ...(description !== undefined && { description }),
    };
  }

  tcp(port: number, source: RowSource, description?: string): Row {
    return this.row('tcp', port, port, source, description);
  }

  session(name: string, createdAt: string): Session {
    return newSession(this.account, name, Date.parse(createdAt), this.random);
  }

  /** Somebody of the company, signed in to the console since `signedInAt`. */
  person(name: string, signedInAt: string): Caller {
    const who = personNamed(name);
    return consoleSession(this.account, who, this.session(who.email, signedInAt));
  }

  user(name: string, sourceIp: string, userAgent: string): Caller {
    return iamUser(this.account, name, { sourceIp, userAgent });
  }

  /** Makes a call on a security group or prefix list at a moment, as CloudTrail would write it. */
  change(
    at: string,
    caller: Caller,
    build: (asked: Asked) => GroupCall,
    around: Around = {},
  ): Made {
    const requestId = this.random.uuid();
    const asked = { accountId: this.account.id, requestId };
    return this.#record(at, caller, { ...build(asked), requestId }, around);
  }

  /** Makes any other call. */
  call(
    at: string,
    caller: Caller,
    [service, name]: readonly [service: string, name: string],
    { request = null, response = null }: { request?: Json; response?: Json } = {},
    around: Around = {},
  ): Made {
    const readOnly = /^(Get|List|Describe)/.test(name);
    const requestId = this.random.uuid();
    return this.#record(
      at,
      caller,
      { service, name, readOnly, request, response, requestId },
      around,
    );
  }

  #record(
    at: string,
    caller: Caller,
    call: GroupCall & { readonly requestId: string },
    { delivery = 'usual', ...around }: Around,
  ): Made {
    const eventId = this.random.uuid();
    const record = toRecord({
      ...call,
      ...around,
      timeMs: Date.parse(at),
      accountId: this.account.id,
      region: this.place.region,
      caller,
      eventId,
    });
    if (record.eventTime !== at)
      throw new RangeError(`${at} is not a time as CloudTrail writes it`);
    this.#told.delivered.push({ record, delivery });
    return { eventId, at, by: nameOf(caller) };
  }

  /** States what the calls so far expose; one signal tells all the ports of one opening. */
  expect(opening: Opening): void {
    this.expectTogether([opening]);
  }

  /** States exposures that one signal tells: same rule, same group, within the keep-alive. */
  expectTogether(openings: readonly [Opening, ...Opening[]]): void {
    const exposures = openings.flatMap((opening) => this.#exposuresOf(opening));
    const [first] = openings;
    this.#told.exposures.push(...exposures);
    this.#told.signals.push({
      story: this.#story,
      ruleId: first.ruleId,
      groupId: first.group.id,
      severity: severityOf(first),
      status: exposures.some(({ closedAt }) => closedAt === null) ? 'open' : 'closed',
      exposures: exposures.length,
      firstSeen: first.opened.at,
    });
  }

  #exposuresOf(opening: Opening): ExpectedExposure[] {
    return opening.ports.map((port) => ({
      story: this.#story,
      ruleId: opening.ruleId,
      severity: severityOf(opening),
      accountId: this.account.id,
      region: this.place.region,
      groupId: opening.group.id,
      protocol: opening.protocol ?? 'tcp',
      port,
      ...(opening.toPort !== undefined && { toPort: opening.toPort }),
      sources: opening.sources ?? ['0.0.0.0/0'],
      ipv4Coverage: opening.ipv4Coverage ?? 1,
      ipv6Coverage: opening.ipv6Coverage ?? 0,
      openedAt: opening.opened.at,
      openedByEventId: opening.opened.eventId,
      openedBy: opening.opened.by,
      closedAt: opening.closed?.at ?? null,
      closedByEventId: opening.closed?.eventId ?? null,
      closedBy: opening.closed?.by ?? null,
    }));
  }

  /** States that what a call did cannot be told from the logs. */
  cannotTell({ eventId, at }: Made): void {
    this.#told.undetermined.push({ story: this.#story, eventId, eventTime: at });
  }
}

function severityOf({ ruleId, severity }: Opening): 'high' | 'medium' {
  return severity ?? (ruleId === otherRule ? 'medium' : 'high');
}

/** The name by which a person would know the caller. */
function nameOf({ userIdentity }: Caller): string {
  const { type, userName, arn } = userIdentity;
  if (type === 'Root') return 'root';
  if (typeof userName === 'string') return userName;
  return typeof arn === 'string' ? arn.slice(arn.lastIndexOf('/') + 1) : 'unknown';
}
