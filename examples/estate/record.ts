// The shape of one CloudTrail record, with its keys in the order in which AWS writes them.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonFields = { readonly [key: string]: Json };

export type CloudTrailRecord = JsonFields & {
  readonly eventTime: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly eventID: string;
  readonly recipientAccountId: string;
};

/** Who makes a call, and how it looks from AWS's side. */
export type Caller = {
  readonly userIdentity: JsonFields;
  readonly sourceIp: string;
  readonly userAgent: string;
  /** Signed in to the web console rather than calling with a key of their own. */
  readonly fromConsole: boolean;
  /** Null where AWS called AWS, which leaves no TLS details. */
  readonly tls: JsonFields | null;
};

/** What is said about one call; the rest of the record follows from it. */
export type Call = {
  readonly timeMs: number;
  readonly accountId: string;
  readonly region: string;
  /** For example `ec2`; `.amazonaws.com` is added. */
  readonly service: string;
  readonly name: string;
  readonly readOnly: boolean;
  readonly caller: Caller;
  readonly request: Json;
  readonly response: Json;
  readonly error?: { readonly code: string; readonly message: string };
  readonly additional?: JsonFields;
  readonly resources?: readonly JsonFields[];
  readonly eventType?: string;
  readonly apiVersion?: string;
  readonly sharedEventId?: string;
  readonly serviceEventDetails?: JsonFields;
  readonly vpcEndpointId?: string;
  readonly requestId: string;
  readonly eventId: string;
  /** A data event, such as reading an object; management events are the default. */
  readonly dataEvent?: boolean;
  /** Host the client spoke to; by default the service's own in the region. */
  readonly host?: string;
};

const globalServices = new Set(['iam', 'organizations', 'route53', 'ce', 'support', 'sso']);

function hostOf(call: Call): string {
  if (call.host !== undefined) return call.host;
  return globalServices.has(call.service)
    ? `${call.service}.amazonaws.com`
    : `${call.service}.${call.region}.amazonaws.com`;
}

/** Time as CloudTrail writes it: UTC, to the second. */
export function cloudTrailTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

/** The whole record of a call. */
export function toRecord(call: Call): CloudTrailRecord {
  const { caller, error } = call;
  const eventType = call.eventType ?? 'AwsApiCall';
  return {
    eventVersion: '1.11',
    userIdentity: caller.userIdentity,
    eventTime: cloudTrailTime(call.timeMs),
    eventSource: `${call.service}.amazonaws.com`,
    eventName: call.name,
    awsRegion: call.region,
    sourceIPAddress: caller.sourceIp,
    userAgent: caller.userAgent,
    ...(error && { errorCode: error.code, errorMessage: error.message }),
    requestParameters: call.request,
    responseElements: error ? null : call.response,
    ...(call.additional && { additionalEventData: call.additional }),
    ...(eventType === 'AwsServiceEvent' ? {} : { requestID: call.requestId }),
    eventID: call.eventId,
    readOnly: call.readOnly,
    ...(call.resources && { resources: call.resources }),
    eventType,
    ...(call.apiVersion !== undefined && { apiVersion: call.apiVersion }),
    managementEvent: call.dataEvent !== true,
    recipientAccountId: call.accountId,
    ...(call.sharedEventId !== undefined && { sharedEventID: call.sharedEventId }),
    ...(call.serviceEventDetails && { serviceEventDetails: call.serviceEventDetails }),
    ...(call.vpcEndpointId !== undefined && { vpcEndpointId: call.vpcEndpointId }),
    eventCategory: call.dataEvent === true ? 'Data' : 'Management',
    ...(caller.tls !== null && {
      tlsDetails: { ...caller.tls, clientProvidedHostHeader: hostOf(call) },
    }),
    ...(caller.fromConsole && { sessionCredentialFromConsole: 'true' }),
  };
}
