// The clients through which notices go to AWS, as channels ask for them: each is made when a channel
// is, and asks AWS for nothing before something is sent.

import type { EventBus, FindingsHub, Topic } from '../ports.ts';
import { createEventBus } from './event-bus.ts';
import { createSecurityHub } from './security-hub.ts';
import type { SendingOptions } from './sending-client.ts';
import { createSnsTopic } from './sns-topic.ts';

type Place = Pick<SendingOptions, 'profile' | 'region'>;

export type SendingClients = {
  topic(topicArn: string, place: Place): Topic;
  eventBus(busName: string, place: Place): EventBus;
  findingsHub(place: Place): FindingsHub;
};

/** @param common holds where a channel says nothing else */
export function createSendingClients(common: SendingOptions = {}): SendingClients {
  return {
    topic: (arn, place) => createSnsTopic(arn, { ...common, ...place }),
    eventBus: (name, place) => createEventBus(name, { ...common, ...place }),
    findingsHub: (place) => createSecurityHub({ ...common, ...place }),
  };
}
