// Every error code there is, with what it means and what to do. Codes are stable: never reuse one.
// `docs/errors.md` is generated from this list, and a test fails when the two differ.

export type ErrorEntry = {
  /** `fault` ends the command with exit code 2; `problem` is reported and the rest goes on. */
  readonly kind: 'fault' | 'problem';
  readonly meaning: string;
  readonly nextStep: string;
};

export const catalogue = {
  'usage/bad-option': {
    kind: 'fault',
    meaning: 'An option or argument of the command is not what the command takes.',
    nextStep: 'Run the command with --help to see its options and examples.',
  },
  'usage/no-input': {
    kind: 'fault',
    meaning: 'A path, glob or prefix given to the command matches nothing.',
    nextStep: 'Check the spelling; quote globs; give a folder to read everything below it.',
  },
  'internal/unexpected': {
    kind: 'fault',
    meaning: 'Portcullis met a condition that its authors thought impossible.',
    nextStep: 'Report it with the command line and the text shown; the input files are untouched.',
  },
  'output/not-writable': {
    kind: 'fault',
    meaning: 'The file named by --out cannot be written.',
    nextStep: 'Choose a folder that exists and that you may write to.',
  },
  'rule/not-readable': {
    kind: 'fault',
    meaning: 'A rule folder or file cannot be read.',
    nextStep: 'Check that the folder holds rule folders, each with a rule.yaml you may read.',
  },
  'rule/bad-yaml': {
    kind: 'fault',
    meaning: 'A rule file is not well-formed YAML.',
    nextStep: 'Correct the place shown; indentation and quotes are the usual causes.',
  },
  'rule/bad-field': {
    kind: 'fault',
    meaning: 'A field of a rule file is missing, unknown, or not of the expected kind.',
    nextStep: 'Correct the field at the place shown; docs/rules/writing.md lists every field.',
  },
  'rule/bad-query': {
    kind: 'fault',
    meaning: 'A query in a rule does not parse.',
    nextStep: 'Correct the query at the caret; docs/query-language.md shows the syntax.',
  },
  'rule/bad-condition': {
    kind: 'fault',
    meaning: 'The condition of a case in a log rule does not parse, or asks for what is not there.',
    nextStep: 'Correct the condition at the caret; docs/log-rules.md shows the syntax.',
  },
  'rule/bad-template': {
    kind: 'fault',
    meaning: 'A message template in a rule does not parse.',
    nextStep: 'Correct the template at the place shown; docs/rules/writing.md shows the syntax.',
  },
  'rule/duplicate-id': {
    kind: 'fault',
    meaning: 'Two rules have the same id.',
    nextStep: 'Rename one of the two folders and its id.',
  },
  'rule/unknown-id': {
    kind: 'fault',
    meaning: 'No loaded rule has the id given.',
    nextStep: 'Run `portcullis rules list` to see the ids.',
  },
  'rule/not-run': {
    kind: 'fault',
    meaning: 'The rule asks for a kind of detection that is not run here.',
    nextStep: 'See docs/log-rules.md for the detection methods that are run.',
  },
  'rule/bad-import': {
    kind: 'fault',
    meaning: 'A file of rules from elsewhere cannot be read, or is not in the format of --from.',
    nextStep: 'Check the path and --from; docs/rule-exchange.md shows what each format looks like.',
  },
  'rule/already-there': {
    kind: 'fault',
    meaning: 'A rule would be written over one that is there.',
    nextStep: 'Choose another folder for --out, or add --force to replace what is there.',
  },
  'suppression/not-readable': {
    kind: 'fault',
    meaning: 'A file of suppressions cannot be read.',
    nextStep: 'Check the path given to --suppressions, and that you may read the file.',
  },
  'suppression/bad-file': {
    kind: 'fault',
    meaning:
      'A file of suppressions is not well-formed YAML, or something in it is not as expected.',
    nextStep: 'Correct the place shown; docs/suppressions.md lists every field.',
  },
  'config/not-readable': {
    kind: 'fault',
    meaning: 'The configuration file cannot be read.',
    nextStep: 'Check the path given to --config or PORTCULLIS_CONFIG, and that you may read it.',
  },
  'config/bad-file': {
    kind: 'fault',
    meaning: 'Something in the configuration is not as expected, or not well-formed YAML.',
    nextStep: 'Correct the place shown; docs/configuration.md lists every setting.',
  },
  'config/no-secret': {
    kind: 'fault',
    meaning: 'A secret of the configuration is not where the configuration says.',
    nextStep: 'Set the environment variable, or write the file, that the message names.',
  },
  'suppression/bad-query': {
    kind: 'fault',
    meaning: 'The query of a suppression does not parse.',
    nextStep: 'Correct the query at the caret; docs/query-language.md shows the syntax.',
  },
  'suppression/unknown-id': {
    kind: 'fault',
    meaning: 'No suppression in the store has the id given.',
    nextStep: 'Run `portcullis suppress list` to see the ids.',
  },
  'signal/unknown-id': {
    kind: 'fault',
    meaning: 'No signal in the store has the id given.',
    nextStep: 'Run `portcullis signals list` to see the ids.',
  },
  's3/access': {
    kind: 'fault',
    meaning: 'A bucket in S3 cannot be listed, or an object in it cannot be read.',
    nextStep: 'Check credentials, --profile and region; s3:ListBucket and s3:GetObject are needed.',
  },
  'store/cannot-open': {
    kind: 'fault',
    meaning: 'The store cannot be opened.',
    nextStep: 'Check the address given to --store, and that you may read and write what it names.',
  },
  'store/newer-schema': {
    kind: 'fault',
    meaning: 'The store has been used by a newer version, which keeps it differently.',
    nextStep: 'Use that version or a newer one; an older one must not write to this store.',
  },
  'store/unavailable': {
    kind: 'fault',
    meaning: 'The database server does not answer, or the connection to it was lost.',
    nextStep: 'Check that the server runs and can be reached, then try again; nothing was changed.',
  },
  'store/unknown-outcome': {
    kind: 'fault',
    meaning:
      'The connection to the database server was lost while a change was being made final, so it is not known whether it was made.',
    nextStep: 'Do the same again: what has been done already is not done twice.',
  },
  'store/locked': {
    kind: 'fault',
    meaning: 'Another process kept the store busy for too long.',
    nextStep: 'Find what else uses the store, such as a backup or another copy; then try again.',
  },
  'store/full': {
    kind: 'fault',
    meaning: 'There is no room left where the store is kept; nothing of the change was made.',
    nextStep: 'Make room on that disk, or shorten the retention; then try again.',
  },
  'store/damaged': {
    kind: 'fault',
    meaning: 'The file is not a store, or is damaged.',
    nextStep: 'Check the address given to --store; else restore the file from a backup.',
  },
  'store/bad-cursor': {
    kind: 'fault',
    meaning: 'The place at which a list was to go on is not one of that list.',
    nextStep: 'Take the cursor from the page before, with the same question and order.',
  },
  'store/failed': {
    kind: 'fault',
    meaning: 'The database could not do what it was asked to do.',
    nextStep: "The database's own words are in the message; check its log and its disk.",
  },
  'sqs/access': {
    kind: 'fault',
    meaning: 'A queue in SQS cannot be read, or a message in it not be hidden or deleted.',
    nextStep:
      'Check credentials, --profile and region; sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility are needed.',
  },
  'cloudtrail/access': {
    kind: 'fault',
    meaning: 'CloudTrail does not answer questions about its event history.',
    nextStep:
      'Check credentials, --profile and region; cloudtrail:LookupEvents is needed, and sts:AssumeRole for other accounts.',
  },
  'aws/no-identity': {
    kind: 'fault',
    meaning: 'AWS does not say whose credentials these are.',
    nextStep: 'Name a profile with --profile, set AWS_PROFILE, or sign in with aws sso login.',
  },
  'ec2/access': {
    kind: 'fault',
    meaning: 'EC2 does not say which security groups there are, or what they let in.',
    nextStep:
      'Check credentials, --profile and region; deploy/iam/audit.json lists the permissions that are needed.',
  },
  'lambda/not-readable': {
    kind: 'fault',
    meaning:
      'An event given to the Lambda handler is not as expected, or names what cannot be read.',
    nextStep:
      "Look at the problems in the function's log; check what invokes it, and that its role has s3:GetObject.",
  },
  'source/not-readable': {
    kind: 'fault',
    meaning: 'The place that a source watches cannot be looked at, or holds nothing it knows.',
    nextStep: 'Check the path or prefix, and that Portcullis may list what is below it.',
  },
  'source/not-noted': {
    kind: 'fault',
    meaning: 'A source could not keep how far it came; what it handed out may come again.',
    nextStep: 'Nothing, if it passes; else check that the store can be written.',
  },
  'notify/bad-channel': {
    kind: 'fault',
    meaning: 'A channel for notifications cannot be used as it is configured.',
    nextStep: 'Correct what the message names; docs/notifications.md lists every field.',
  },
  'serve/not-protected': {
    kind: 'fault',
    meaning: 'The server would be reachable from other machines, and anybody could use it.',
    nextStep:
      'Listen on 127.0.0.1, or create a token with `portcullis tokens create`, or set up serve.oidc.',
  },
  'serve/cannot-listen': {
    kind: 'fault',
    meaning: 'The server cannot listen on its address and port.',
    nextStep: 'Check serve.listen and serve.port, and whether something else has the port.',
  },
  'serve/bad-request': {
    kind: 'fault',
    meaning: 'A request is not as expected.',
    nextStep: 'Correct what the answer names; /openapi.json describes every request.',
  },
  'serve/unauthenticated': {
    kind: 'fault',
    meaning: 'A request shows no token and no session, or one that is good for nothing.',
    nextStep: 'Send `Authorization: Bearer TOKEN` with a token that is in force, or log in.',
  },
  'serve/forbidden': {
    kind: 'fault',
    meaning: 'Whoever asks may not do this.',
    nextStep: 'Use a token, or log in as somebody, whose role and scopes include it.',
  },
  'serve/cross-site': {
    kind: 'fault',
    meaning: 'A change was asked for with the session of a person, by a page that is not ours.',
    nextStep: 'Send the header x-portcullis-request from a script of your own, or use a token.',
  },
  'serve/not-found': {
    kind: 'fault',
    meaning: 'There is nothing at the address of a request, or no thing with the id in it.',
    nextStep: 'Check the address; /openapi.json lists all of them.',
  },
  'serve/bad-method': {
    kind: 'fault',
    meaning: 'The address of a request does not have its method.',
    nextStep: 'Use one of those that the Allow header names.',
  },
  'serve/too-large': {
    kind: 'fault',
    meaning: 'The address, the headers or the body of a request are too large.',
    nextStep: 'Ask for less at a time.',
  },
  'serve/not-json': {
    kind: 'fault',
    meaning: 'The body of a request is not declared to be JSON.',
    nextStep: 'Send `Content-Type: application/json`.',
  },
  'serve/too-many-requests': {
    kind: 'fault',
    meaning: 'Somebody asks more often than serve.rateLimits allows.',
    nextStep: 'Wait for as many seconds as the Retry-After header says.',
  },
  'serve/busy': {
    kind: 'fault',
    meaning: 'The server has no room for another stream of events, or is about to end.',
    nextStep: 'Wait for as many seconds as the Retry-After header says, then try again.',
  },
  'serve/login-failed': {
    kind: 'fault',
    meaning: 'Somebody came back from the login provider without having logged in.',
    nextStep: 'Begin again at /auth/login, in the same browser.',
  },
  'serve/no-role': {
    kind: 'fault',
    meaning: 'Somebody logged in to whom serve.oidc.roles gives no role.',
    nextStep:
      'Add a value of their claim to serve.oidc.roles, or put them into a group that is there.',
  },
  'serve/login-unavailable': {
    kind: 'fault',
    meaning: 'Nobody can log in: the login provider does not answer.',
    nextStep: 'Check serve.oidc.issuer, and that this machine can reach it.',
  },
  'token/unknown-id': {
    kind: 'fault',
    meaning: 'No token in the store that is in force has the id given.',
    nextStep: 'Run `portcullis tokens list` to see the ids.',
  },
  'token/bad-option': {
    kind: 'fault',
    meaning: 'A token cannot be created as it was asked for.',
    nextStep: 'Correct what the message names; `portcullis tokens create --help` has examples.',
  },
  'input/not-readable': {
    kind: 'problem',
    meaning: 'A file or object cannot be opened or read.',
    nextStep: 'Check its permissions, or that it still exists, and scan again.',
  },
  'input/loop': {
    kind: 'problem',
    meaning: 'A folder leads back to itself through a symbolic link; it is read once.',
    nextStep: 'Nothing, if the link is meant; else remove it.',
  },
  'input/empty': {
    kind: 'problem',
    meaning: 'A file holds nothing.',
    nextStep: 'Fetch the file again if it should hold records.',
  },
  'input/corrupt-compression': {
    kind: 'problem',
    meaning: 'A compressed file is damaged; what came before the damage was read.',
    nextStep: 'Fetch the file again from its source.',
  },
  'input/truncated-compression': {
    kind: 'problem',
    meaning: 'A compressed file ends too early; what it holds was read.',
    nextStep: 'Fetch the file again from its source.',
  },
  'input/bomb': {
    kind: 'problem',
    meaning:
      'A file unpacks to far more than its size allows for honest logs; reading stopped there.',
    nextStep: 'If the file is genuine, raise --max-ratio.',
  },
  'input/not-cloudtrail': {
    kind: 'problem',
    meaning: 'A file holds something other than CloudTrail records.',
    nextStep: 'Leave the file out, or name the folder that holds the CloudTrail files.',
  },
  'input/notification': {
    kind: 'problem',
    meaning: 'The file holds a notification that names an S3 object, not the object itself.',
    nextStep: 'Scan the object named, with its s3:// address.',
  },
  'record/bad-json': {
    kind: 'problem',
    meaning: 'A stretch of a file is not JSON; reading went on after it.',
    nextStep: 'Look at the place shown; the tool that wrote the file cut or mixed lines.',
  },
  'record/truncated': {
    kind: 'problem',
    meaning: 'A file ends in the middle of a record.',
    nextStep: 'Fetch the file again from its source.',
  },
  'record/too-large': {
    kind: 'problem',
    meaning: 'A record is larger than the largest that is held in memory, and was passed over.',
    nextStep: 'CloudTrail writes no such record; look at the place shown.',
  },
  'record/too-deep': {
    kind: 'problem',
    meaning: 'A record is nested deeper than any that CloudTrail writes, and was passed over.',
    nextStep: 'CloudTrail writes no such record; look at the place shown.',
  },
  'record/bad-field': {
    kind: 'problem',
    meaning: 'A record that should count lacks a field, or has it with the wrong type.',
    nextStep: 'Look at the record; if it is genuine, report it so that its shape can be read.',
  },
  'record/invalid-utf8': {
    kind: 'problem',
    meaning: 'A record holds bytes that are not UTF-8; they were replaced, the record was read.',
    nextStep: 'Nothing, if names in the results look right.',
  },
  'audit/not-readable': {
    kind: 'problem',
    meaning:
      'An account, a region or a prefix list could not be looked into; what is open there is not known.',
    nextStep: 'Correct what the message names; deploy/iam/audit.json lists the permissions.',
  },
  'audit/bad-row': {
    kind: 'problem',
    meaning: 'EC2 described a row of a security group in a way that is not understood.',
    nextStep: 'Look at the group; if the row is genuine, report it so that its shape can be read.',
  },
  'input/more': {
    kind: 'problem',
    meaning: 'A file has more problems of a kind than are listed one by one.',
    nextStep: 'Correct those listed and scan again.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof catalogue;

type CodesOfKind<K extends ErrorEntry['kind']> = {
  [C in ErrorCode]: (typeof catalogue)[C]['kind'] extends K ? C : never;
}[ErrorCode];

export type FaultCode = CodesOfKind<'fault'>;
export type ProblemCode = CodesOfKind<'problem'>;
