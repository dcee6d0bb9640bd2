// What is known of the attributes that CloudTrail writes itself, for a language that takes upper and
// lower case for one. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

/** AWS writes each of their values in one way: a name in another case is another name, or none. */
const fixedCase = new Set([
  'eventVersion',
  'eventName',
  'eventType',
  'eventCategory',
  'eventID',
  'eventTime',
  'requestID',
  'errorCode',
  'sourceIPAddress',
  'recipientAccountId',
  'readOnly',
  'managementEvent',
  'userIdentity.type',
  'userIdentity.accountId',
  'userIdentity.accessKeyId',
  'userIdentity.invokedBy',
  'userIdentity.sessionContext.sessionIssuer.type',
  'userIdentity.sessionContext.attributes.mfaAuthenticated',
]);

/** AWS writes them in lower case alone. */
const lowerCase = new Set(['eventSource', 'awsRegion']);

/** They hold objects or lists of such, never a value of their own. */
const objects = new Set([
  'userIdentity',
  'userIdentity.sessionContext',
  'userIdentity.sessionContext.attributes',
  'userIdentity.sessionContext.sessionIssuer',
  'userIdentity.sessionContext.webIdFederationData',
  'userIdentity.onBehalfOf',
  'requestParameters',
  'responseElements',
  'additionalEventData',
  'serviceEventDetails',
  'resources',
  'tlsDetails',
  'edgeDeviceDetails',
  'addendum',
]);

/** Whether comparing in the case written is comparing in any case. */
export function isFixedCase(field: string): boolean {
  return fixedCase.has(field) || lowerCase.has(field);
}

export function isLowerCase(field: string): boolean {
  return lowerCase.has(field);
}

export function isObjectField(field: string): boolean {
  return objects.has(field);
}
