// One thing that is read: a file, an object in S3, or standard input. Apart from how it was found, so
// that the threads that read need not load what finds.

import { formatS3Address } from './s3-address.ts';

export type FileInput = {
  readonly kind: 'file';
  /** As it was given or found: relative where the path given was. */
  readonly path: string;
  /** As stored; 0 for a pipe or device, whose size nobody knows. */
  readonly sizeBytes: number;
};

export type ObjectInput = {
  readonly kind: 's3';
  readonly bucket: string;
  readonly key: string;
  /** As stored. */
  readonly sizeBytes: number;
};

export type Input = FileInput | { readonly kind: 'stdin' } | ObjectInput;

/** How an input is named in problems: its path, its `s3://` address, or `-`. */
export function inputName(input: Input): string {
  switch (input.kind) {
    case 'file':
      return input.path;
    case 'stdin':
      return '-';
    case 's3':
      return formatS3Address(input.bucket, input.key);
    default:
      return input satisfies never;
  }
}
