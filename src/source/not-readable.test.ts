import { expect, it } from 'vitest';

import { PortcullisError } from '../errors/portcullis-error.ts';
import { notReadable } from './not-readable.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: system words, open 'x.json'`), { code });
}

it.each([
  [systemError('EACCES'), 'permission denied'],
  [systemError('EPERM'), 'permission denied'],
  [systemError('ENOENT'), 'it is not there, or no longer'],
  [systemError('ENAMETOOLONG'), 'its path is too long for this system'],
  [systemError('EMFILE'), 'too many files are open on this machine'],
  [systemError('EIO'), 'the disk or network drive reports an error'],
  [systemError('EXDEV'), "EXDEV: system words, open 'x.json'"],
  [new Error('It ended.'), 'It ended'],
  ['thrown as text', 'thrown as text'],
])('%s is put into words: %s', (error, reason) => {
  expect(notReadable('x.json', error)).toEqual({
    code: 'input/not-readable',
    file: 'x.json',
    message: `It cannot be read: ${reason}. Check its permissions, or that it still exists, and scan again.`,
  });
});

it('a next step that is known better takes the place of the usual one', () => {
  const error = new PortcullisError('s3/access', 'the object is archived', { hint: 'Restore it.' });
  expect(notReadable('s3://logs/x.json', error).message).toBe(
    'It cannot be read: the object is archived. Restore it.',
  );
});
