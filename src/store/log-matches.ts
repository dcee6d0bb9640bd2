// Matches of log rules, with the groups in which they stand; the part of the engine's transaction that
// is about them. Each is one statement over rows of input, the same text on both databases.

import type { StoredMatch, StoredSignal } from '../model/stored.ts';
import type { StoreTransaction } from '../ports.ts';
import { columnText } from './column-text.ts';
import { bulkStatement, excluded, insertStatement, type Connection } from './connection.ts';
import { parse } from './parsed-data.ts';

const ruleAndEvent = { rule_id: 'text', event_id: 'text' } as const;
const ruleAndGroup = { rule_id: 'text', group_name: 'text' } as const;

const matchesByEvent = bulkStatement(
  ruleAndEvent,
  `select matches.data from @input cross join matches
   where matches.rule_id = input.rule_id and matches.event_id = input.event_id`,
);

const matchesOfRules = bulkStatement(
  { rule_id: 'text' },
  'select matches.data from @input cross join matches where matches.rule_id = input.rule_id',
);

const matchesOfGroups = bulkStatement(
  ruleAndGroup,
  `select distinct matches.data from @input cross join match_groups
   join matches on matches.rule_id = match_groups.rule_id
     and matches.event_id = match_groups.event_id
   where match_groups.rule_id = input.rule_id and match_groups.group_name = input.group_name`,
);

const putMatches = insertStatement(
  'matches',
  { ...ruleAndEvent, time_ms: 'integer', data: 'text' },
  `on conflict (rule_id, event_id) do update set ${excluded(['time_ms', 'data'])}`,
);

const leaveGroups = bulkStatement(
  ruleAndEvent,
  `delete from match_groups where (rule_id, event_id) in (
     select input.rule_id, input.event_id from @input where true)`,
);

const enterGroups = insertStatement(
  'match_groups',
  { ...ruleAndGroup, event_id: 'text' },
  'on conflict do nothing',
);

const openLogSignals = `select signal_data.data from signals
   join signal_data on signal_data.seq = signals.seq
   where signals.is_open = 1 and signals.group_id is null`;

type LogMatches = Pick<
  StoreTransaction,
  'matchesByEvent' | 'matchesOfGroups' | 'putMatches' | 'openLogSignals'
>;

export function logMatches(connection: Connection): LogMatches {
  const run = connection.queryMany;
  return {
    async matchesByEvent(events) {
      const wanted = events.map(({ ruleId, eventId }) => [columnText(ruleId), columnText(eventId)]);
      return (await run(matchesByEvent, wanted)).map(({ data }) => parse<StoredMatch>(data));
    },
    async matchesOfGroups(groups) {
      const whole = new Set(
        groups.filter(({ group }) => group === null).map(({ ruleId }) => columnText(ruleId)),
      );
      const single = groups.flatMap(({ ruleId, group }) =>
        group === null || whole.has(columnText(ruleId))
          ? []
          : [[columnText(ruleId), columnText(group)]],
      );
      const rows = [
        ...(await run(
          matchesOfRules,
          [...whole].map((ruleId) => [ruleId]),
        )),
        ...(await run(matchesOfGroups, single)),
      ];
      const byEvent = new Map<string, StoredMatch>();
      for (const match of rows.map(({ data }) => parse<StoredMatch>(data))) {
        byEvent.set(JSON.stringify([match.ruleId, match.eventId]), match);
      }
      return [...byEvent.values()];
    },
    async putMatches(matches) {
      const keys = matches.map(({ ruleId, eventId }) => [columnText(ruleId), columnText(eventId)]);
      await run(
        putMatches,
        matches.map((match) => [
          columnText(match.ruleId),
          columnText(match.eventId),
          match.timeMs,
          JSON.stringify(match),
        ]),
      );
      await run(leaveGroups, keys);
      await run(
        enterGroups,
        matches.flatMap(({ ruleId, eventId, groups }) =>
          groups.map((group) => [columnText(ruleId), columnText(group), columnText(eventId)]),
        ),
      );
    },
    async openLogSignals() {
      const { rows } = await connection.query(openLogSignals, []);
      return rows.map(({ data }) => parse<StoredSignal>(data));
    },
  };
}
