// What channels are given besides their configuration.

import type { Rule } from '../model/rule.ts';
import type { Clock, EventBus, FindingsHub, Topic } from '../ports.ts';

/** How long one request may take, where nothing else is said. */
export const defaultTimeoutMs = 15_000;

export type Surroundings = {
  /** Where `${NAME}` in a configuration is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** How Portcullis calls itself to receivers. */
  readonly userAgent: string;
  /** Version of Portcullis, for formats that name the product. */
  readonly version: string;
  /** How long one request may take. */
  readonly timeoutMs: number;
  /** The rules by which signals are told, for formats that describe them. */
  readonly rules: readonly Rule[];
  readonly aws: AwsClients;
};

/** Clients of AWS; nothing is asked of AWS before something is sent. */
export type AwsClients = {
  topic(topicArn: string, place: AwsPlace): Topic;
  eventBus(busName: string, place: AwsPlace): EventBus;
  findingsHub(place: AwsPlace): FindingsHub;
};

/** Whose credentials are used, and where. */
export type AwsPlace = {
  /** When absent, the environment's. */
  readonly profile?: string;
  readonly region?: string;
};
