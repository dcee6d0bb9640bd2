// The columns of the tables that people's questions are asked of, for Kysely.

import type { Generated } from 'kysely';

export type Schema = {
  readonly signals: {
    readonly seq: Generated<number>;
    readonly id: string;
    readonly is_hidden: number;
    readonly group_key: string | null;
    readonly rule_id: string;
    readonly account_id: string;
    readonly region: string;
    readonly group_id: string | null;
    readonly severity: number;
    readonly is_open: number;
    readonly first_ms: number;
    readonly last_opened_ms: number;
    readonly last_ms: number;
    readonly triage_state: string;
    readonly assignee: string | null;
  };
  readonly signal_data: { readonly seq: number; readonly data: string };
  readonly triage: {
    readonly signal_id: string;
    readonly state: string;
    readonly assignee: string | null;
    readonly data: string;
  };
  readonly notes: {
    readonly seq: Generated<number>;
    readonly signal_id: string;
    readonly data: string;
  };
  readonly findings: {
    readonly seq: Generated<number>;
    readonly exposure_id: string;
    readonly group_key: string;
    readonly signal_id: string;
    readonly rule_id: string;
    readonly account_id: string;
    readonly region: string;
    readonly opened_ms: number;
    readonly closed_ms: number;
    readonly is_hidden: number;
    readonly data: string;
  };
  readonly changes: {
    readonly event_id: string;
    readonly group_key: string | null;
    readonly list_key: string | null;
    readonly name_key: string | null;
    readonly time_ms: number;
    readonly data: string;
  };
  readonly snapshots: {
    readonly group_key: string;
    readonly settled_ms: number;
    readonly data: string;
  };
  readonly undetermined: {
    readonly seq: Generated<number>;
    readonly time_ms: number;
    readonly data: string;
  };
  readonly suppressions: {
    readonly id: string;
    readonly created_ms: number;
    readonly data: string;
  };
  readonly dead_letters: {
    readonly seq: Generated<number>;
    readonly source: string;
    readonly message_id: string;
    readonly received_ms: number;
    readonly data: string;
  };
  readonly audit: {
    readonly seq: Generated<number>;
    readonly time_ms: number;
    readonly actor: string;
    readonly action: string;
    readonly data: string;
  };
  readonly api_tokens: {
    readonly id: string;
    readonly hash: string;
    readonly created_ms: number;
    readonly last_used_ms: number | null;
    readonly revoked_ms: number | null;
    readonly data: string;
  };
  readonly outbox: {
    readonly seq: Generated<number>;
    readonly channel: string;
    readonly notice_key: string;
    readonly signal_id: string;
    readonly state: 'waiting' | 'sent' | 'refused';
    readonly attempts: number;
    readonly noticed_ms: number;
    readonly due_ms: number;
    readonly lease: string | null;
    readonly lease_ms: number;
    readonly ended_ms: number | null;
    readonly reason: string | null;
    readonly data: string;
  };
};
