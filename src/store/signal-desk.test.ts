// What bounds the work of a page never shows in a list but by shorter pages.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aSignal, isoAt } from '../../test/store/samples.ts';
import type { ListedSignal, SignalSort } from '../model/desk.ts';
import { severities } from '../model/exposure.ts';
import { engineTransaction } from './engine-transaction.ts';
import { migrate } from './migrate.ts';
import { signalDesk, type WorkLimits } from './signal-desk.ts';
import { inMemory, openSqlite } from './sqlite.ts';

const queries = [
  '',
  'severity:high',
  'status:open',
  'status:open severity:(low OR high)',
  '-status:open region:eu-west-1',
  'accountId:1 region:eu-west-1',
  'accountId:1 severity:high status:open',
  '@title:SSH* severity:low',
  '-assignee:* accountId:2',
];

test('lists are the same, however little a page may look at', async () => {
  const database = openSqlite(inMemory);
  await migrate(database, inMemory);
  await database.transaction((connection) =>
    engineTransaction(connection).putSignals(
      Array.from({ length: 60 }, (_, index) =>
        aSignal(`s${index}`, index % 23, {
          severity: severities[index % severities.length] ?? 'low',
          accountId: String(index % 3),
          region: index % 4 === 0 ? 'eu-west-1' : 'us-east-1',
          status: index % 5 === 0 ? 'open' : 'closed',
          lastSeen: isoAt(100 + ((index * 7) % 31)),
        }),
      ),
    ),
  );
  const context = { database, clock: () => 0 };

  async function idsWith(
    limits: WorkLimits | null,
    query: string,
    sort: SignalSort,
    limit: number,
  ) {
    const desk = limits === null ? signalDesk(context) : signalDesk(context, limits);
    const items: ListedSignal[] = [];
    for (let cursor: string | null = null; ;) {
      const page = await desk.list({ query, sort, limit, cursor });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      items.push(...page.items);
      if (page.next === null) break;
      expect(page.next).not.toBe(cursor);
      cursor = page.next;
    }
    const counted = await desk.count({ query });
    if (counted.isExact) expect(counted.count).toBe(items.length);
    else expect(counted.count).toBeLessThanOrEqual(items.length);
    return items.map(({ signal }) => signal.id);
  }

  const small = fc.integer({ min: 1, max: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...queries),
      fc.constantFrom('firstSeen', 'lastSeen', 'severity'),
      fc.boolean(),
      fc.integer({ min: 1, max: 15 }),
      fc.record({ few: small, walked: small, countWalked: small, lookedInto: small, batch: small }),
      async (query, by, descending, limit, limits) => {
        const sort: SignalSort = { by, descending };
        const wanted = await idsWith(null, query, sort, 100);
        expect(await idsWith(limits, query, sort, limit)).toEqual(wanted);
      },
    ),
    { numRuns: 200 },
  );
  await database.close();
});
