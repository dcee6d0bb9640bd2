import { describe, expect, test } from 'vitest';
import { noticeOf, someSurroundings } from '../../test/support/notices.ts';
import { channelConfig, channelsConfig, createNotifications } from './notifications.ts';

const slack = { name: 'chat', type: 'slack', url: 'https://hooks.example.com/services/T/B/secret' };
const pager = { name: 'on-call', type: 'pagerduty', routingKey: '${KEY}' };

/** What is said of a configuration: the place and the message of each issue. */
function issues(config: unknown): readonly (readonly [string, string])[] {
  const { error } = channelsConfig.safeParse(config);
  return (error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]);
}

describe('the configuration', () => {
  test('needs little', () => {
    expect(channelConfig.parse(slack)).toEqual({
      ...slack,
      minimumSeverity: 'info',
      digestOver: 10,
    });
  });

  test('may say when and of what', () => {
    const config = {
      ...slack,
      query: '@accountId:111122223333',
      minimumSeverity: 'high',
      kinds: ['opened', 'closed'],
      digestOver: 5,
      quietHours: {
        timeZone: 'Europe/Berlin',
        spans: [{ days: ['sat', 'sun'], from: '00:00', to: '00:00' }],
        passSeverity: 'none',
      },
    };
    expect(channelConfig.parse(config)).toEqual(config);
  });

  test.each([
    [{ ...slack, type: 'carrier-pigeon' }, '0.type', /^a type: slack/],
    [{ ...slack, name: 'On Call' }, '0.name', /lower-case/],
    [{ ...slack, colour: 'red' }, '0', /colour/],
    [{ ...slack, url: '' }, '0.url', /address/],
    [{ ...slack, query: '@a:(b' }, '0.query', /a query that parses/],
    [{ ...slack, minimumSeverity: 'huge' }, '0.minimumSeverity', /one of info/],
    [{ ...slack, kinds: [] }, '0.kinds', /at least one/],
    [{ ...slack, digestOver: 0 }, '0.digestOver', /from 1 on/],
    [{ ...slack, quietHours: { spans: [] } }, '0.quietHours.spans', /at least one span/],
    [
      { ...slack, quietHours: { spans: [{ from: '7:00', to: '08:00' }] } },
      '0.quietHours.spans.0.from',
      /time of day/,
    ],
    [
      { ...slack, quietHours: { timeZone: 'Mars/Base', spans: [{ from: '07:00', to: '08:00' }] } },
      '0.quietHours.timeZone',
      /time zone/,
    ],
    [
      { ...slack, quietHours: { spans: [{ from: '00:00', to: '00:00' }] } },
      '0.quietHours',
      /leave some time/,
    ],
    [{ name: 'a', type: 'sns', topicArn: 'topic' }, '0.topicArn', /ARN/],
    [
      { name: 'a', type: 'securityhub', accountId: 1, region: 'us-east-1' },
      '0.accountId',
      /quotes/,
    ],
    [
      { name: 'a', type: 'email', host: 'mail', from: 'a@b', to: ['x@y\r\nBcc: z@z'] },
      '0.to.0',
      /mail address/,
    ],
  ])('is refused where something is wrong: %j', (config, place, message) => {
    const found = issues([config]);
    expect(found.map(([at]) => at)).toContain(place);
    expect(found.find(([at]) => at === place)?.[1]).toMatch(message);
  });

  test('is refused where two channels have one name', () => {
    expect(issues([slack, { ...pager, name: 'chat' }])).toEqual([
      ['1.name', 'a name that no other channel has'],
    ]);
  });
});

describe('notifications', () => {
  const configs = channelsConfig.parse([
    slack,
    pager,
    { name: 'lake', type: 'ocsf-file', path: 'x' },
  ]);

  test('are made of the configuration and the environment', () => {
    const { channels } = createNotifications(configs, someSurroundings({ env: { KEY: 'k' } }));
    expect(channels.map(({ channel }) => channel.name)).toEqual(['chat', 'on-call', 'lake']);
  });

  test('need the secrets that the configuration names', () => {
    expect(() => createNotifications(configs, someSurroundings())).toThrow(
      /routingKey of channel on-call.*KEY is not set/,
    );
  });

  test('tell people what happened, and channels with a state of their own of triage too', () => {
    const { channelsFor } = createNotifications(configs, someSurroundings({ env: { KEY: 'k' } }));
    for (const kind of ['opened', 'reopened', 'closed', 'corrected', 'withdrawn'] as const) {
      expect(channelsFor(noticeOf(kind))).toEqual(['chat', 'on-call', 'lake']);
    }
    for (const kind of ['under_review', 'archived'] as const) {
      expect(channelsFor(noticeOf(kind))).toEqual(['on-call', 'lake']);
    }
  });
});
