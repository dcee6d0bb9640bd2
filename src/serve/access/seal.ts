// Values that a browser keeps for the server and can neither read nor change: AES-256-GCM with a key for
// each purpose, so that what was sealed for one is nothing for another.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export type Seal = {
  /** Text for a cookie. */
  seal(value: object): string;
  /** What was sealed; null for anything else. */
  open(text: string): unknown;
};

const ivBytes = 12;
const tagBytes = 16;
/** A browser keeps no larger cookie; larger ones come from elsewhere. */
const mostCharacters = 4096;

/** @param key at least 32 random bytes */
export function createSeal(key: Uint8Array, purpose: string): Seal {
  if (key.byteLength < 32) throw new RangeError('the key needs 32 bytes');
  const derived = Buffer.from(hkdfSync('sha256', key, '', `portcullis ${purpose}`, 32));
  return {
    seal(value) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', derived, iv);
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed) {
      if (sealed.length > mostCharacters) return null;
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length <= ivBytes + tagBytes) return null;
      const decipher = createDecipheriv('aes-256-gcm', derived, bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      try {
        const body = bytes.subarray(ivBytes + tagBytes);
        const text = `${decipher.update(body, undefined, 'utf8')}${decipher.final('utf8')}`;
        const value: unknown = JSON.parse(text);
        return value;
      } catch {
        return null;
      }
    },
  };
}
