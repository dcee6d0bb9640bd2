// `s3://bucket/key` as people write it. Keys are taken as they stand, never URL-decoded.

import { PortcullisError } from '../errors/portcullis-error.ts';

export type S3Address = { readonly bucket: string; readonly prefix: string };

const scheme = 's3://';

export function isS3Address(text: string): boolean {
  return text.toLowerCase().startsWith(scheme);
}

/** Throws PortcullisError `usage/bad-option` when no bucket is named. */
export function parseS3Address(text: string): S3Address {
  const rest = text.slice(scheme.length);
  const slash = rest.indexOf('/');
  const bucket = slash === -1 ? rest : rest.slice(0, slash);
  if (bucket === '') {
    throw new PortcullisError('usage/bad-option', `${text} names no bucket.`, {
      place: text,
      hint: 'Write s3://BUCKET or s3://BUCKET/PREFIX.',
    });
  }
  return { bucket, prefix: slash === -1 ? '' : rest.slice(slash + 1) };
}

export function formatS3Address(bucket: string, key: string): string {
  return `${scheme}${bucket}/${key}`;
}
