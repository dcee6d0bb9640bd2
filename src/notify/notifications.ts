// The configuration of notifications, and what is made of it: channels, and who is told of what.

import { z } from 'zod';
import type { Notice } from '../model/stored.ts';
import type { Channel } from './channel.ts';
import type { Frozen, noticeKinds } from './common-fields.ts';
import type { ChannelSetting } from './dispatcher.ts';
import { createEmail, emailConfig } from './email.ts';
import { createEventBridge, eventBridgeConfig } from './event-bridge.ts';
import { createOcsfFile, createOcsfWebhook, ocsfFileConfig, ocsfWebhookConfig } from './ocsf.ts';
import { createPagerduty, pagerdutyConfig } from './pagerduty.ts';
import { compileRoutes } from './routes.ts';
import { createSecurityHub, securityHubConfig } from './security-hub.ts';
import { createSlack, slackConfig } from './slack.ts';
import { createSns, snsConfig } from './sns.ts';
import type { Surroundings } from './surroundings.ts';
import { createTeams, teamsConfig } from './teams.ts';
import { createWebhook, webhookConfig } from './webhook.ts';

const typesExpected =
  'a type: slack, teams, pagerduty, webhook, email, sns, eventbridge, securityhub, ocsf-file or ocsf-webhook';

/** One channel. */
export const channelConfig = z.discriminatedUnion(
  'type',
  [
    slackConfig,
    teamsConfig,
    pagerdutyConfig,
    webhookConfig,
    emailConfig,
    snsConfig,
    eventBridgeConfig,
    securityHubConfig,
    ocsfFileConfig,
    ocsfWebhookConfig,
  ],
  typesExpected,
);

export type ChannelConfig = Frozen<z.infer<typeof channelConfig>>;

/** All of them; their names are distinct. */
export const channelsConfig = z
  .array(channelConfig, 'a list of channels')
  .max(100, 'at most 100 channels')
  .superRefine((channels, context) => {
    const names = channels.map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return;
      context.addIssue({
        code: 'custom',
        path: [index, 'name'],
        message: 'a name that no other channel has',
      });
    });
  });

export type Notifications = {
  readonly channels: readonly ChannelSetting[];
  /** The names of the channels that are told of a notice. Pure. */
  readonly channelsFor: (notice: Notice) => readonly string[];
};

/**
 * Nothing is sent, and no connection made.
 * @throws PortcullisError `notify/bad-channel` for a secret that is not there, or an address that is
 * none or not encrypted
 */
export function createNotifications(
  configs: readonly ChannelConfig[],
  surroundings: Surroundings,
): Notifications {
  return {
    channels: configs.map((config) => ({
      channel: createChannel(config, surroundings),
      quietHours: config.quietHours ?? null,
      digestOver: config.digestOver,
    })),
    channelsFor: compileRoutes(
      configs.map((config) => ({
        name: config.name,
        query: config.query,
        minimumSeverity: config.minimumSeverity,
        kinds: config.kinds ?? kindsOf(config.type),
      })),
    ),
  };
}

/** @throws PortcullisError `notify/bad-channel` */
export function createChannel(config: ChannelConfig, surroundings: Surroundings): Channel {
  switch (config.type) {
    case 'slack':
      return createSlack(config, surroundings);
    case 'teams':
      return createTeams(config, surroundings);
    case 'pagerduty':
      return createPagerduty(config, surroundings);
    case 'webhook':
      return createWebhook(config, surroundings);
    case 'email':
      return createEmail(config, surroundings);
    case 'sns':
      return createSns(config, surroundings);
    case 'eventbridge':
      return createEventBridge(config, surroundings);
    case 'securityhub':
      return createSecurityHub(config, surroundings);
    case 'ocsf-file':
      return createOcsfFile(config, surroundings);
    case 'ocsf-webhook':
      return createOcsfWebhook(config, surroundings);
    default:
      return config satisfies never;
  }
}

type Kinds = readonly (typeof noticeKinds)[number][];

const told: Kinds = ['opened', 'reopened', 'closed', 'corrected', 'withdrawn'];

/** People who read along need not be told of what they do themselves. */
function kindsOf(type: ChannelConfig['type']): Kinds {
  const isForPeople = type === 'slack' || type === 'teams' || type === 'email';
  return isForPeople ? told : [...told, 'under_review', 'archived'];
}
