// A bus in EventBridge, through the AWS SDK, which is loaded on the first event.

import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';

import type { EventBus } from '../ports.ts';
import { outcomeOfError, outcomeOfPart } from './send-outcome.ts';
import { sendingConfig, type SendingOptions } from './sending-client.ts';

const permissions = 'events:PutEvents on the bus is needed.';

/** @param busName name or ARN; events carry `portcullis` as their source */
export function createEventBus(busName: string, options: SendingOptions = {}): EventBus {
  const ofArn = busName.startsWith('arn:') ? busName.split(':')[3] : undefined;
  const region = options.region ?? ofArn;
  let client: EventBridgeClient | undefined;
  return {
    async put(events, signal) {
      const sdk = await import('@aws-sdk/client-eventbridge');
      try {
        client ??= new sdk.EventBridgeClient(
          sendingConfig({ ...options, ...(region === undefined ? {} : { region }) }),
        );
        const { Entries = [] } = await client.send(
          new sdk.PutEventsCommand({
            Entries: events.map(({ detailType, detail, resources, timeMs }) => ({
              EventBusName: busName,
              Source: 'portcullis',
              DetailType: detailType,
              Detail: JSON.stringify(detail),
              Resources: [...resources],
              Time: new Date(timeMs),
            })),
          }),
          { abortSignal: signal },
        );
        return events.map((_, index) =>
          outcomeOfPart('EventBridge', Entries[index]?.ErrorCode, Entries[index]?.ErrorMessage),
        );
      } catch (error) {
        const outcome = outcomeOfError(error, 'EventBridge', permissions);
        return events.map(() => outcome);
      }
    },
  };
}
