// Who made a call, as the record tells it. Every field is attacker-influenced text: escape on output.

export type ActorType =
  | 'IAMUser'
  | 'AssumedRole'
  | 'Root'
  | 'FederatedUser'
  | 'SAMLUser'
  | 'WebIdentityUser'
  | 'IdentityCenterUser'
  | 'Role'
  | 'AWSService'
  | 'AWSAccount'
  | 'Directory'
  | 'Unknown';

/** The caller of one API call. `null` is "the record does not say". */
export type Actor = {
  /** `userIdentity.type` as recorded; a type that AWS adds later passes through unchanged. */
  readonly type: ActorType | (string & {});
  readonly arn: string | null;
  /** The name a person would recognize: session name, user name, `root`, or the service. */
  readonly sessionName: string | null;
  readonly accessKeyId: string | null;
  readonly sourceIp: string | null;
  readonly userAgent: string | null;
  /** The AWS service that acted for the caller, for example `cloudformation.amazonaws.com`. */
  readonly invokedBy: string | null;
};
