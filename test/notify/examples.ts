// The payloads that docs/notifications.md shows, by the names under which it shows them.

import { mailOf } from '../../src/notify/email.ts';
import { busEvent } from '../../src/notify/event-bridge.ts';
import { noticeJson } from '../../src/notify/notice-json.ts';
import { pagerdutyEvents } from '../../src/notify/pagerduty.ts';
import { findingOf } from '../../src/notify/security-hub.ts';
import { slackMessage } from '../../src/notify/slack.ts';
import { topicMessage } from '../../src/notify/sns.ts';
import { teamsMessage } from '../../src/notify/teams.ts';
import { noticeOf } from '../support/notices.ts';

const opened = noticeOf('opened');
const closed = noticeOf('closed');
const hub = { accountId: '111122223333', region: 'us-east-1' };

export const examples: Readonly<Record<string, unknown>> = {
  'slack, opened': slackMessage([opened]),
  'slack, several': slackMessage([opened, noticeOf('closed', 1)]),
  'teams, opened': teamsMessage([opened]),
  'pagerduty, opened': pagerdutyEvents(opened)[0],
  'pagerduty, closed': pagerdutyEvents(closed)[0],
  'webhook, opened': noticeJson(opened),
  'mail, opened': mailOf([opened], 'example.com').text,
  'sns, attributes': topicMessage(opened).attributes,
  'eventbridge, opened': { ...busEvent(opened), detail: '…' },
  'securityhub, closed': findingOf(closed, hub),
};
