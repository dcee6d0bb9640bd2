// How an event of the background traffic is described: its name, how often it comes, who makes the
// call, and what it asks and answers. The tables beside this file hold nothing else.

import type { Place } from '../company.ts';
import type { Random } from '../random.ts';
import type { Json, JsonFields } from '../record.ts';

/** The lists of ids and names that a place holds. */
export type Kind = {
  [K in keyof Place]: Place[K] extends readonly string[] ? K : never;
}[keyof Place];

/** What a table may draw on when it writes a request or an answer. */
export type Scene = {
  readonly random: Random;
  readonly place: Place;
  readonly timeMs: number;
  readonly requestId: string;
  /** One of the place's things: the same one however often this call asks for it. */
  readonly one: (kind: Kind) => string;
};

/**
 * `workload`: a role of something that runs; `person`: somebody in the console or on the command
 * line; `pipeline`: Terraform and continuous delivery; `user`: a long-term key; `agent`: software on
 * an instance; `linked`: AWS acting in a service-linked role; `service`: AWS for itself.
 */
export type Who =
  | 'workload'
  | 'person'
  | 'pipeline'
  | 'user'
  | 'agent'
  | 'cross-account'
  | 'web-identity'
  | 'saml'
  | 'identity-center'
  | 'federated'
  | 'root'
  | { readonly service: string }
  | { readonly linked: string };

export type EventShape = {
  readonly service: string;
  readonly name: string;
  /** Relative frequency. */
  readonly weight: number;
  readonly readOnly: boolean;
  readonly who: readonly Who[];
  readonly request: (scene: Scene) => Json;
  readonly response: (scene: Scene) => Json;
  readonly resources?: (scene: Scene) => readonly JsonFields[];
  readonly additional?: (scene: Scene) => JsonFields;
  readonly details?: (scene: Scene) => JsonFields;
  readonly eventType?: string;
  readonly apiVersion?: string;
  readonly dataEvent?: boolean;
  readonly throughEndpoint?: boolean;
  /** Share of the calls that fail, and how. */
  readonly failure?: { readonly share: number; readonly code: string };
  /** Recorded in us-east-1 alone, because the service is global. */
  readonly global?: boolean;
};

type Extras = Partial<
  Pick<
    EventShape,
    | 'resources'
    | 'additional'
    | 'details'
    | 'eventType'
    | 'apiVersion'
    | 'dataEvent'
    | 'throughEndpoint'
    | 'failure'
    | 'global'
  >
>;

const nothing = (): Json => null;

/** A call that changes nothing, and whose answer CloudTrail does not keep. */
export function reads(
  service: string,
  name: string,
  weight: number,
  who: readonly Who[],
  request: (scene: Scene) => Json = nothing,
  extras: Extras = {},
): EventShape {
  return { service, name, weight, who, readOnly: true, request, response: nothing, ...extras };
}

export function writes(
  service: string,
  name: string,
  weight: number,
  who: readonly Who[],
  request: (scene: Scene) => Json,
  response: (scene: Scene) => Json = nothing,
  extras: Extras = {},
): EventShape {
  return { service, name, weight, who, readOnly: false, request, response, ...extras };
}

/** EC2's filters as CloudTrail records them. */
export function filters(...pairs: readonly (readonly [name: string, value: string])[]): Json {
  if (pairs.length === 0) return {};
  return {
    items: pairs.map(([name, value]) => ({ name, valueSet: { items: [{ value }] } })),
  };
}

/** EC2's lists of one field, which are `{}` when empty. */
export function items(field: string, values: readonly string[]): Json {
  return values.length === 0 ? {} : { items: values.map((value) => ({ [field]: value })) };
}

/** EC2's plain success. */
export const succeeded = ({ requestId }: Scene): Json => ({ requestId, _return: true });

const two = (value: number): string => String(value).padStart(2, '0');

/** A moment in the form that older services print: `Nov 3, 2026, 9:14:20 AM`. */
export function printedTime(timeMs: number): string {
  const months = [
    'Jan',
    'Feb',
    'Mar',
    'Apr',
    'May',
    'Jun',
    'Jul',
    'Aug',
    'Sep',
    'Oct',
    'Nov',
    'Dec',
  ];
  const at = new Date(timeMs);
  const hour = at.getUTCHours();
  return `${months[at.getUTCMonth()] ?? ''} ${at.getUTCDate()}, ${at.getUTCFullYear()}, ${hour % 12 || 12}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} ${hour < 12 ? 'AM' : 'PM'}`;
}
