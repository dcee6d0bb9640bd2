// The everyday traffic of the company: what its people, pipelines, workloads and AWS itself call.
// The same seed and the same order of calls give the same records.

import {
  agents,
  assumedRole,
  awsService,
  consoleSession,
  federatedUser,
  iamUser,
  identityCenterUser,
  newSession,
  otherAccount,
  rootUser,
  samlUser,
  webIdentityUser,
  type Session,
} from './callers.ts';
import { computeEvents } from './catalogue/compute.ts';
import { identityEvents } from './catalogue/identity.ts';
import { operationsEvents } from './catalogue/operations.ts';
import type { EventShape, Kind, Scene, Who } from './catalogue/shape.ts';
import {
  accounts,
  exampleId,
  people,
  roleNamed,
  type Account,
  type Group,
  type Place,
  type Role,
} from './company.ts';
import { WeightedTable, type Random } from './random.ts';
import { toRecord, type Caller, type CloudTrailRecord } from './record.ts';
import {
  authorize,
  authorizeFlat,
  createGroup,
  deleteGroup,
  modifyRules,
  revoke,
  revokeById,
  revokeFlat,
  type Asked,
  type GroupCall,
  type Row,
} from './security-groups.ts';

const hourMs = 3_600_000;

export const everydayEvents: readonly EventShape[] = [
  ...identityEvents,
  ...computeEvents,
  ...operationsEvents,
];

const anywhere = new WeightedTable(
  everydayEvents.filter(({ global }) => global !== true).map((event) => [event, event.weight]),
);
const homeRegion = new WeightedTable(everydayEvents.map((event) => [event, event.weight]));

const failureMessages: Readonly<Record<string, string>> = {
  'Client.UnauthorizedOperation':
    'You are not authorized to perform this operation. User is not authorized to perform this action because no identity-based policy allows it.',
  'Client.DryRunOperation': 'Request would have succeeded, but DryRun flag is set.',
  'Client.InvalidPermission.Duplicate': 'the specified rule already exists',
  AccessDenied:
    'User is not authorized to perform this action because no identity-based policy allows it',
};

export type TrafficOptions = {
  readonly random: Random;
  /** Share of the records, 0 to 1, that change a security group. */
  readonly groupChangeShare: number;
  /** Share of the authorizations among them that open an administrative port to the world. */
  readonly exposureShare: number;
};

/** Makes one record after another. Keeps sessions and rows, so that calls refer to earlier ones. */
export class Traffic {
  readonly #random: Random;
  readonly #groupChangeShare: number;
  readonly #exposureShare: number;
  readonly #sessions = new Map<string, Session>();
  readonly #linkedRoles = new Map<string, Role>();
  /** Rows authorized so far and not yet revoked, by account and region. */
  readonly #rows = new Map<string, { group: Group; row: Row }[]>();
  #burst: { event: EventShape; caller: Caller; place: Place } | null = null;

  constructor(options: TrafficOptions) {
    this.#random = options.random;
    this.#groupChangeShare = options.groupChangeShare;
    this.#exposureShare = options.exposureShare;
  }

  record(place: Place, timeMs: number): CloudTrailRecord {
    return this.#random.chance(this.#groupChangeShare)
      ? this.#groupChange(place, timeMs)
      : this.#everyday(place, timeMs);
  }

  #everyday(place: Place, timeMs: number): CloudTrailRecord {
    const random = this.#random;
    const { event, caller } = this.#nextOf(place, timeMs);
    const requestId = random.uuid();
    const chosen = new Map<Kind, string>();
    const one = (kind: Kind): string => {
      let thing = chosen.get(kind);
      if (thing === undefined) {
        thing = random.pick(place[kind]);
        chosen.set(kind, thing);
      }
      return thing;
    };
    const scene: Scene = { random, place, timeMs, requestId, one };
    const failed = event.failure !== undefined && random.chance(event.failure.share);
    return toRecord({
      timeMs,
      accountId: place.account.id,
      region: place.region,
      service: event.service,
      name: event.name,
      readOnly: event.readOnly,
      caller,
      requestId,
      eventId: random.uuid(),
      request: event.request(scene),
      response: failed ? null : event.response(scene),
      ...(failed && event.failure && { error: failure(event.failure.code) }),
      ...(event.additional && { additional: event.additional(scene) }),
      ...(event.resources && { resources: event.resources(scene) }),
      ...(event.details && { serviceEventDetails: event.details(scene) }),
      ...(event.eventType !== undefined && { eventType: event.eventType }),
      ...(event.apiVersion !== undefined && { apiVersion: event.apiVersion }),
      ...(event.dataEvent === true && { dataEvent: true }),
      ...(event.throughEndpoint === true && { vpcEndpointId: place.vpcEndpoint }),
    });
  }

  /** Programs ask the same thing several times in a row, of one thing after another. */
  #nextOf(place: Place, timeMs: number): { event: EventShape; caller: Caller } {
    const random = this.#random;
    if (this.#burst?.place === place && random.chance(0.45)) return this.#burst;
    const event = (place.region === 'us-east-1' ? homeRegion : anywhere).draw(random);
    const caller = this.#caller(random.pick(event.who), place, timeMs);
    this.#burst = { event, caller, place };
    return this.#burst;
  }

  #groupChange(place: Place, timeMs: number): CloudTrailRecord {
    const random = this.#random;
    const asked = { accountId: place.account.id, requestId: random.uuid() };
    const who = random.pick(['person', 'pipeline', 'pipeline', 'user', 'cloudformation'] as const);
    const caller =
      who === 'cloudformation'
        ? this.#throughCloudFormation(place.account, timeMs)
        : this.#caller(who, place, timeMs);
    const error = random.chance(0.08)
      ? failure(random.pick(['Client.UnauthorizedOperation', 'Client.InvalidPermission.Duplicate']))
      : undefined;
    return toRecord({
      timeMs,
      accountId: place.account.id,
      region: place.region,
      caller,
      requestId: asked.requestId,
      eventId: random.uuid(),
      ...(error ? { ...this.#attempt(place, asked), error } : this.#groupCall(place, asked)),
    });
  }

  /** A call that fails: nothing of it is remembered. */
  #attempt(place: Place, asked: Asked): GroupCall {
    return authorize(asked, this.#random.pick(place.groups).id, [this.#row()]);
  }

  #groupCall(place: Place, asked: Asked): GroupCall {
    const random = this.#random;
    const rows = this.#rowsOf(place);
    const draw = random.unit();
    if (draw < 0.28 && rows.length > 0) {
      const index = random.below(rows.length);
      const [gone] = rows.splice(index, 1);
      if (gone) {
        // The flat form has room for an IPv4 source alone.
        switch (random.below('cidrIp' in gone.row.source ? 3 : 2)) {
          case 0:
            return revoke(asked, gone.group.id, [gone.row]);
          case 1:
            return revokeById(asked, gone.group.id, [gone.row.ruleId]);
          default:
            return revokeFlat(asked, { groupId: gone.group.id }, gone.row);
        }
      }
    }
    if (draw < 0.4 && rows.length > 0) {
      const index = random.below(rows.length);
      const changed = rows[index];
      if (changed) {
        const row = { ...this.#row(), ruleId: changed.row.ruleId };
        rows[index] = { group: changed.group, row };
        return modifyRules(asked, changed.group.id, [row]);
      }
    }
    if (draw < 0.46) {
      const group = { id: `sg-0${random.hex(16)}`, name: `${random.pick(place.services)}-tmp` };
      return createGroup(
        asked,
        { ...group, description: 'made by a test run' },
        place.region,
        place.vpcId,
      );
    }
    if (draw < 0.5) return deleteGroup(asked, `sg-0${random.hex(16)}`);
    const group = random.pick(place.groups);
    if (draw < 0.55) {
      const outward = { ...this.#row(), protocol: 'tcp', source: { cidrIp: '0.0.0.0/0' } };
      return authorize(asked, group.id, [outward], 'Egress');
    }
    const row = random.chance(this.#exposureShare) ? this.#openRow() : this.#row();
    rows.push({ group, row });
    // Old rows are forgotten, so that memory and the way from opening to closing stay short.
    if (rows.length > 40) rows.shift();
    return 'cidrIp' in row.source && random.chance(0.4)
      ? authorizeFlat(asked, group.id, row)
      : authorize(asked, group.id, [row]);
  }

  #rowsOf(place: Place): { group: Group; row: Row }[] {
    const key = `${place.account.id}/${place.region}`;
    let rows = this.#rows.get(key);
    if (!rows) {
      rows = [];
      this.#rows.set(key, rows);
    }
    return rows;
  }

  /** A row as most are: private sources, the offices, or the public ports of a web site. */
  #row(): Row {
    const random = this.#random;
    const ruleId = `sgr-0${random.hex(16)}`;
    const port = random.pick([22, 443, 3306, 5432, 6379, 8080, 8443, 9200]);
    const within = { protocol: 'tcp', from: port, to: port, ruleId };
    switch (random.below(6)) {
      case 0: {
        const web = random.pick([80, 443]);
        const source = { cidrIp: '0.0.0.0/0' };
        return { protocol: 'tcp', from: web, to: web, source, description: 'web', ruleId };
      }
      case 1:
        return { ...within, source: { groupId: `sg-0${random.hex(16)}` } };
      case 2:
        return { ...within, source: { cidrIp: `198.51.100.${random.below(256)}/32` } };
      case 3:
        return { ...within, source: { cidrIpv6: `2001:db8:${random.hex(4)}::/64` } };
      default:
        return {
          ...within,
          source: { cidrIp: `10.${random.below(64)}.${random.below(256)}.0/24` },
          description: `${random.pick(['peer', 'office', 'vpn', 'build'])} network`,
        };
    }
  }

  #openRow(): Row {
    const random = this.#random;
    const port = random.pick([22, 22, 22, 3389, 3389, 445, 5900, 5985]);
    const source = random.chance(0.85) ? { cidrIp: '0.0.0.0/0' } : { cidrIpv6: '::/0' };
    return { protocol: 'tcp', from: port, to: port, source, ruleId: `sgr-0${random.hex(16)}` };
  }

  #caller(who: Who, place: Place, timeMs: number): Caller {
    const random = this.#random;
    const { account } = place;
    if (typeof who !== 'string') {
      return 'service' in who
        ? awsService(who.service)
        : this.#linkedRole(account, who.linked, timeMs);
    }
    switch (who) {
      case 'workload':
        return this.#workload(place, timeMs);
      case 'person':
        return this.#person(account, timeMs);
      case 'pipeline':
        return this.#pipeline(account, timeMs);
      case 'user':
        return iamUser(account, random.pick(account.users).name, {
          sourceIp: `203.0.113.${random.between(180, 190)}`,
          userAgent: random.pick([agents.cli, agents.python]),
        });
      case 'agent':
        return this.#agent(place, timeMs);
      case 'cross-account': {
        const other = random.pick(accounts);
        const role = random.pick(other.roles);
        return otherAccount(other.id, `${role.roleId}:${random.pick(place.functions)}`, {
          sourceIp: random.pick(place.natAddresses),
          userAgent: agents.python,
        });
      }
      case 'web-identity':
        return webIdentityUser(
          'token.actions.githubusercontent.com',
          `repo:harborpine/${random.pick(place.services)}:ref:refs/heads/main`,
          { sourceIp: `203.0.113.${random.between(100, 140)}`, userAgent: agents.javascript },
        );
      case 'saml':
        return samlUser('harborpine', random.pick(people).email, random);
      case 'identity-center':
        return identityCenterUser(account, random.pick(people));
      case 'federated': {
        const name = random.pick(people).name;
        const session = this.#session(account, `federated/${name}`, name, timeMs, hourMs);
        return federatedUser(account, random.pick(account.users).name, session, {
          sourceIp: '198.51.100.150',
          userAgent: agents.python,
        });
      }
      case 'root':
        return rootUser(
          account,
          this.#session(account, 'root', 'root', timeMs, hourMs),
          '198.51.100.10',
        );
      default:
        return who satisfies never;
    }
  }

  /** The credentials in use, renewed when they are older than `lifetimeMs`. */
  #session(
    account: Account,
    key: string,
    name: string,
    timeMs: number,
    lifetimeMs: number,
  ): Session {
    const fullKey = `${account.id}/${key}`;
    const current = this.#sessions.get(fullKey);
    const ageMs = current ? timeMs - current.createdMs : -1;
    if (current && ageMs >= 0 && ageMs < lifetimeMs) return current;
    const createdMs = timeMs - this.#random.below(lifetimeMs);
    const session = newSession(account, name, createdMs, this.#random);
    this.#sessions.set(fullKey, session);
    return session;
  }

  #workload(place: Place, timeMs: number): Caller {
    const random = this.#random;
    const { account } = place;
    const role = random.pick(account.roles.filter(({ path }) => path === '/'));
    const kind = random.below(3);
    const name =
      kind === 0
        ? (place.instances[role.name.length % place.instances.length] ?? 'instance')
        : kind === 1
          ? random.pick(place.functions)
          : `task-${role.name}`;
    const session = this.#session(account, `${role.name}/${name}`, name, timeMs, hourMs);
    return assumedRole(
      account,
      role,
      session,
      {
        sourceIp: random.pick(place.natAddresses),
        userAgent: [agents.go, agents.python, agents.java][kind] ?? agents.go,
      },
      kind === 0 ? { ec2RoleDelivery: '2.0' } : {},
    );
  }

  #agent(place: Place, timeMs: number): Caller {
    const random = this.#random;
    const role = random.pick(place.account.roles.filter(({ path }) => path === '/'));
    const name = random.pick(place.instances);
    const session = this.#session(place.account, `${role.name}/${name}`, name, timeMs, hourMs);
    return assumedRole(
      place.account,
      role,
      session,
      {
        sourceIp: random.pick(place.natAddresses),
        userAgent: random.pick([agents.agent, agents.ecsAgent]),
      },
      { ec2RoleDelivery: '2.0' },
    );
  }

  #person(account: Account, timeMs: number): Caller {
    const random = this.#random;
    const who = random.pick(people);
    const key = `sso/${who.name}`;
    const session = this.#session(account, key, who.email, timeMs, 8 * hourMs);
    if (random.chance(0.7)) return consoleSession(account, who, session);
    return assumedRole(account, roleNamed(account, who.permissionSet), session, {
      sourceIp: who.address,
      userAgent: agents.cli,
    });
  }

  #pipeline(account: Account, timeMs: number): Caller {
    const random = this.#random;
    const role =
      account.roles.find(
        ({ name }) => name === random.pick(['terraform-apply', 'github-actions']),
      ) ?? random.pick(account.roles);
    const run = `run-${Math.floor(timeMs / (2 * hourMs)) % 100_000}`;
    const session = this.#session(account, `${role.name}/pipeline`, run, timeMs, 2 * hourMs);
    return assumedRole(account, role, session, {
      sourceIp: `203.0.113.${random.between(100, 110)}`,
      userAgent: agents.terraform,
    });
  }

  #throughCloudFormation(account: Account, timeMs: number): Caller {
    const who = this.#random.pick(people);
    const session = this.#session(account, `sso/${who.name}`, who.email, timeMs, 8 * hourMs);
    return assumedRole(account, roleNamed(account, who.permissionSet), session, {
      sourceIp: who.address,
      userAgent: agents.browser,
      invokedBy: 'cloudformation.amazonaws.com',
    });
  }

  #linkedRole(account: Account, name: string, timeMs: number): Caller {
    const service = `${name.replace('AWSServiceRoleFor', '').toLowerCase()}.amazonaws.com`;
    const key = `${account.id}/${name}`;
    let role = this.#linkedRoles.get(key);
    if (!role) {
      role = {
        name,
        path: `/aws-service-role/${service}/`,
        roleId: exampleId('AROA', account.infix, this.#random),
      };
      this.#linkedRoles.set(key, role);
    }
    const session = this.#session(
      account,
      name,
      name.replace('AWSServiceRoleFor', ''),
      timeMs,
      hourMs,
    );
    return assumedRole(account, role, session, {
      sourceIp: service,
      userAgent: service,
      invokedBy: service,
    });
  }
}

function failure(code: string): { code: string; message: string } {
  return { code, message: failureMessages[code] ?? `The call failed with ${code}.` };
}
