// A bus in EventBridge: a notice is an event whose detail is the notice as JSON, with its key.
// Several go in one request.

import { z } from 'zod';
import type { Notice } from '../model/stored.ts';
import type { BusEvent } from '../ports.ts';
import { awsFields, placeOf } from './aws-fields.ts';
import { type Channel } from './channel.ts';
import { commonFields, type Frozen } from './common-fields.ts';
import { noticeJson } from './notice-json.ts';
import { groupArn } from './group-arn.ts';
import type { Surroundings } from './surroundings.ts';

const busExpected = 'the name or the ARN of an event bus';

export const eventBridgeConfig = z.strictObject({
  ...commonFields,
  ...awsFields,
  type: z.literal('eventbridge'),
  bus: z
    .string(busExpected)
    .regex(/^[\w.:/-]{1,1600}$/, busExpected)
    .default('default')
    .describe('The bus.'),
});

export type EventBridgeConfig = Frozen<z.infer<typeof eventBridgeConfig>>;

/** A request takes 10 events and 256 KB in all, everything around the details included. */
const MAX_EVENTS = 10;
const MAX_DETAIL_BYTES = 24_000;

export function createEventBridge(config: EventBridgeConfig, { aws }: Surroundings): Channel {
  const bus = aws.eventBus(config.bus, placeOf(config));
  return {
    name: config.name,
    isForPeople: false,
    maxNotices: MAX_EVENTS,
    send: (notices, signal) => bus.put(notices.map(busEvent), signal),
  };
}

const detailTypes: Readonly<Record<Notice['kind'], string>> = {
  opened: 'Signal Opened',
  reopened: 'Signal Reopened',
  closed: 'Signal Closed',
  corrected: 'Signal Corrected',
  withdrawn: 'Signal Withdrawn',
  under_review: 'Signal Under Review',
  archived: 'Signal Archived',
};

export function busEvent(notice: Notice): BusEvent {
  const arn = groupArn(notice.signal);
  return {
    detailType: detailTypes[notice.kind],
    detail: noticeJson(notice, MAX_DETAIL_BYTES),
    resources: arn === null ? [] : [arn],
    timeMs: notice.noticedMs,
  };
}
