// docs/signal-attributes.md is true: each attribute that it names can be asked for, and each that a
// signal has is named.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { isObject } from '../../src/model/json.ts';
import { compileQuery } from '../../src/query/index.ts';
import { signalObject } from '../../src/track/signal-object.ts';
import { aLogSignal, anActor, anExposure, aSignal } from '../support/scan-results.ts';
import { ingressRecord } from '../support/trail.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/signal-attributes.md'), 'utf8');
const named = [...page.matchAll(/^\| `@([\w.]+)`/gm)].map(([, path = '']) => path);

const full = { ...anActor(), invokedBy: 'cloudformation.amazonaws.com' };
const exposure = {
  ...anExposure({ closedAt: '2026-03-01T09:00:00Z', closedBy: full, openedBy: full }),
  groupName: 'web',
  vpcId: 'vpc-1',
  toPort: 23,
  openedByEventName: 'AuthorizeSecurityGroupIngress',
};
const record = ingressRecord({ id: 'e1' });
const objects = [
  signalObject({ ...aSignal([exposure]), actor: full, message: 'Opened' }, [exposure], record),
  signalObject({ ...aLogSignal(), newValues: ['a'] }, [], record),
];

/** Paths of all values; who closed has the fields of who opened. */
function pathsIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, path));
  if (!isObject(value)) return value === null || value === undefined ? [] : [path];
  if (/(?:closedBy|openedBy)$/.test(path)) return [`${path}.type`];
  return Object.entries(value).flatMap(([key, item]) =>
    pathsIn(item, path === '' ? key : `${path}.${key}`),
  );
}

test.each(named)('@%s can be asked for', (path) => {
  expect(objects.some(compileQuery(`@${path}:*`))).toBe(true);
});

test('every attribute of a signal, and every derived one, is named', () => {
  const paths = new Set(objects.flatMap((object) => pathsIn(object)));
  const ofRecord = new Set(pathsIn(record));
  expect([...paths].filter((path) => !named.includes(path) && !ofRecord.has(path))).toEqual([]);
});
