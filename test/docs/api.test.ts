// The pages of the API say what the code says: routes with their roles and scopes, figures, limits.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { roles } from '../../src/model/desk.ts';
import { routeAccess, scopes } from '../../src/serve/access/route-access.ts';
import { createMetrics } from '../../src/serve/operations/metrics.ts';
import { eventKinds } from '../../src/serve/events/event-feed.ts';
import { projectRoot } from '../support/project-copy.ts';

const api = readFileSync(resolve(projectRoot, 'docs/api.md'), 'utf8');
const access = readFileSync(resolve(projectRoot, 'docs/access.md'), 'utf8');

test('the table of routes is that of the code', () => {
  const shown = [
    ...api.matchAll(/^\| `([A-Z]+)` +\| `(\/\S*)` +\| (\w+) +\| (?:`([\w:]+)`)? +\| /gm),
  ].map(([, method, path, needs, scope]) => ({ method, path, needs, scope: scope ?? null }));
  const known = routeAccess.map((route) => ({
    method: route.method,
    path: route.path,
    needs: route.needs,
    scope: route.needs === 'nobody' ? null : route.scope,
  }));
  expect(shown).toEqual(known);
});

test('every figure is listed, and every one listed is there', async () => {
  const metrics = createMetrics();
  metrics.watchSources([]);
  metrics.watchOutbox(async () => []);
  metrics.watchStreams(() => 0);
  const { body } = await metrics.text();
  const counted = [...body.matchAll(/^# HELP (\S+)/gm)].map(([, name = '']) => name);
  const listed = [...api.matchAll(/^\| `(portcullis_\w+)`/gm)].map(([, name = '']) => name);
  expect(listed.toSorted()).toEqual(counted.toSorted());
});

test('every kind of event is listed', () => {
  const section = /^## Live updates\n([^]*?)^## /m.exec(api)?.[1] ?? '';
  const listed = [...section.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);
  expect(listed).toEqual([...eventKinds, 'reset']);
});

test('every role and scope is named', () => {
  for (const role of roles) expect(access).toMatch(new RegExp(`^\\| \`${role}\` `, 'm'));
  const named = [...access.matchAll(/`(\w+:(?:read|write))`/g)].map(([, scope]) => scope);
  expect(named).toEqual([...scopes]);
});
