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
    nextStep: 'Correct the field at the place shown; docs/rules.md lists every field.',
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
    nextStep: 'Correct the template at the place shown; docs/rules.md shows the syntax.',
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
  's3/access': {
    kind: 'fault',
    meaning: 'A bucket in S3 cannot be listed, or an object in it cannot be read.',
    nextStep: 'Check credentials, --profile and region; s3:ListBucket and s3:GetObject are needed.',
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
