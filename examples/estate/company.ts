// The made-up company whose logs these are: four accounts of one organization, the people in them,
// and what runs there. Account ids, addresses and key ids are of the kinds reserved for examples.

import { Random } from './random.ts';

/** One account in one region, with the ids of what lives there. */
export type Place = {
  readonly account: Account;
  readonly region: string;
  readonly vpcId: string;
  readonly subnets: readonly string[];
  readonly instances: readonly string[];
  readonly volumes: readonly string[];
  readonly interfaces: readonly string[];
  readonly snapshots: readonly string[];
  readonly images: readonly string[];
  readonly launchTemplates: readonly string[];
  /** Groups of the background traffic; the stories have their own. */
  readonly groups: readonly Group[];
  readonly kmsKeys: readonly string[];
  readonly buckets: readonly string[];
  readonly functions: readonly string[];
  readonly parameters: readonly string[];
  readonly secrets: readonly string[];
  readonly logGroups: readonly string[];
  readonly databases: readonly string[];
  readonly clusters: readonly string[];
  readonly services: readonly string[];
  readonly repositories: readonly string[];
  readonly tables: readonly string[];
  readonly queues: readonly string[];
  readonly topics: readonly string[];
  readonly targetGroups: readonly string[];
  readonly loadBalancers: readonly string[];
  readonly autoScalingGroups: readonly string[];
  readonly stacks: readonly string[];
  readonly vpcEndpoint: string;
  /** Addresses that the place's own machines show to AWS. */
  readonly natAddresses: readonly string[];
};

export type Group = { readonly id: string; readonly name: string };

export type Account = {
  readonly id: string;
  readonly name: string;
  /** AWS's ids and keys of one account share their first letters. */
  readonly infix: string;
  readonly regions: readonly string[];
  readonly users: readonly IamUser[];
  readonly roles: readonly Role[];
};

export type IamUser = {
  readonly name: string;
  readonly userId: string;
  readonly accessKeyId: string;
};

export type Role = {
  readonly name: string;
  readonly roleId: string;
  /** Path before the name in the role's ARN, with both slashes. */
  readonly path: string;
};

export type Person = {
  readonly name: string;
  readonly email: string;
  /** The user's id in IAM Identity Center. */
  readonly identityCenterId: string;
  readonly permissionSet: string;
  readonly address: string;
};

export const organizationId = 'o-hp7examples';
export const identityStoreId = 'd-9067example';

const serviceNames = [
  'storefront',
  'orders',
  'payments',
  'search',
  'inventory',
  'mailer',
  'reports',
];
const parts = [
  'api',
  'web',
  'worker',
  'cache',
  'db',
  'admin',
  'batch',
  'edge',
  'queue',
  'internal',
];

const accountFacts = [
  {
    id: '111122223333',
    name: 'harbor-management',
    regions: ['us-east-1'],
    users: ['break-glass'],
    roles: ['OrganizationAccountAccessRole', 'billing-export'],
  },
  {
    id: '222233334444',
    name: 'harbor-security',
    regions: ['us-east-1', 'eu-central-1'],
    users: ['siem-reader'],
    roles: ['security-audit', 'sg-guard', 'log-archive', 'findings-forwarder'],
  },
  {
    id: '333344445555',
    name: 'harbor-production',
    regions: ['us-east-1', 'eu-central-1'],
    users: ['backup-agent', 'metrics-export', 'legacy-deploy'],
    roles: [
      'storefront-web',
      'orders-api',
      'payments-worker',
      'search-indexer',
      'terraform-apply',
      'github-actions',
      'legacy-admin',
      'sg-guard',
      'report-builder',
      'ecs-task-execution',
    ],
  },
  {
    id: '444455556666',
    name: 'harbor-sandbox',
    regions: ['us-east-1', 'us-west-2'],
    users: ['ci-artifacts', 'build-windows', 'workshop-01'],
    roles: ['notebook', 'experiment-runner', 'terraform-apply', 'github-actions', 'lab-worker'],
  },
] as const;

export const people: readonly Person[] = [
  person('ada.novak', 'PlatformAdmin', '198.51.100.23'),
  person('tomas.reyes', 'Developer', '198.51.100.41'),
  person('mei.tanaka', 'DatabaseAdmin', '198.51.100.58'),
  person('jonas.weber', 'NetworkAdmin', '203.0.113.14'),
  person('priya.raman', 'SecurityResponder', '198.51.100.77'),
  person('sam.okafor', 'Developer', '203.0.113.92'),
  person('lucia.ferri', 'Developer', '2001:db8:4f:17::c0de'),
  person('noor.haddad', 'ReadOnly', '198.51.100.130'),
];

function person(name: string, permissionSet: string, address: string): Person {
  const random = new Random(`person/${name}`);
  return {
    name,
    email: `${name}@harborpine.example`,
    identityCenterId: `${random.hex(10)}-${random.uuid()}`,
    permissionSet,
    address,
  };
}

export function personNamed(name: string): Person {
  const found = people.find((candidate) => candidate.name === name);
  if (!found) throw new RangeError(`nobody is called ${name}`);
  return found;
}

/** An id of ours, recognizably made up: AWS's prefix and length, ending in EXAMPLE. */
export function exampleId(prefix: string, infix: string, random: Random): string {
  return `${prefix}${infix}${random.base32(5)}EXAMPLE`;
}

export const accounts: readonly Account[] = accountFacts.map((facts) => {
  const random = new Random(`account/${facts.id}`);
  const infix = random.base32(4);
  return {
    id: facts.id,
    name: facts.name,
    infix,
    regions: facts.regions,
    users: facts.users.map((name) => ({
      name,
      userId: exampleId('AIDA', infix, random),
      accessKeyId: exampleId('AKIA', infix, random),
    })),
    roles: [
      ...facts.roles.map((name) => ({ name, path: '/', roleId: exampleId('AROA', infix, random) })),
      ...[...new Set(people.map(({ permissionSet }) => permissionSet))].map((set) => ({
        name: `AWSReservedSSO_${set}_${random.hex(16)}`,
        path: '/aws-reserved/sso.amazonaws.com/',
        roleId: exampleId('AROA', infix, random),
      })),
    ],
  };
});

export function accountNamed(name: string): Account {
  const found = accounts.find((candidate) => candidate.name === name);
  if (!found) throw new RangeError(`no account is called ${name}`);
  return found;
}

export function roleNamed(account: Account, name: string): Role {
  const found = account.roles.find(
    (role) => role.name === name || role.name.startsWith(`AWSReservedSSO_${name}_`),
  );
  if (!found) throw new RangeError(`${account.name} has no role ${name}`);
  return found;
}

export function userNamed(account: Account, name: string): IamUser {
  const found = account.users.find((user) => user.name === name);
  if (!found) throw new RangeError(`${account.name} has no user ${name}`);
  return found;
}

/** Furnishes an account in one region. `scale` multiplies how much there is of everything. */
export function createPlace(account: Account, region: string, scale = 1): Place {
  const random = new Random(`place/${account.id}/${region}`);
  const many = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: Math.ceil(count * scale) }, (_, index) => make(index));
  const name = () => `${random.pick(serviceNames)}-${random.pick(parts)}`;
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${region}:${account.id}:${resource}`;
  const id = (prefix: string) => `${prefix}-0${random.hex(16)}`;
  return {
    account,
    region,
    vpcId: id('vpc'),
    subnets: many(6, () => id('subnet')),
    instances: many(24, () => id('i')),
    volumes: many(30, () => id('vol')),
    interfaces: many(40, () => id('eni')),
    snapshots: many(20, () => id('snap')),
    images: many(8, () => id('ami')),
    launchTemplates: many(6, () => id('lt')),
    groups: many(14, () => ({ id: id('sg'), name: name() })),
    kmsKeys: many(6, () => arn('kms', `key/${random.uuid()}`)),
    buckets: many(10, () => `${account.name}-${name()}-${random.hex(6)}`),
    functions: many(12, () => `${name()}-${random.pick(['handler', 'consumer', 'cron', 'hook'])}`),
    parameters: many(16, () => `/${random.pick(serviceNames)}/${random.pick(parts)}/${name()}`),
    secrets: many(8, () => arn('secretsmanager', `secret:${name()}-${random.alphanumeric(6)}`)),
    logGroups: many(14, () => `/aws/${random.pick(['lambda', 'ecs', 'rds'])}/${name()}`),
    databases: many(5, () => `${name()}-${random.hex(4)}`),
    clusters: many(3, (index) => ['main', 'batch', 'edge'][index % 3] ?? 'main'),
    services: many(10, () => name()),
    repositories: many(8, () => `${random.pick(serviceNames)}/${random.pick(parts)}`),
    tables: many(8, () => `${name()}-table`),
    queues: many(8, () => `${name()}-queue`),
    topics: many(5, () => arn('sns', `${name()}-events`)),
    targetGroups: many(8, () =>
      arn('elasticloadbalancing', `targetgroup/${name()}/${random.hex(16)}`),
    ),
    loadBalancers: many(4, () =>
      arn('elasticloadbalancing', `loadbalancer/app/${name()}/${random.hex(16)}`),
    ),
    autoScalingGroups: many(5, () => `${name()}-asg`),
    stacks: many(6, () => arn('cloudformation', `stack/${name()}/${random.uuid()}`)),
    vpcEndpoint: id('vpce'),
    natAddresses: many(3, () => `192.0.2.${random.between(2, 250)}`),
  };
}

/** Every account in every region it uses. */
export function createPlaces(scale = 1): Place[] {
  return accounts.flatMap((account) =>
    account.regions.map((region) => createPlace(account, region, scale)),
  );
}
