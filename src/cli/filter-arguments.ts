// The options that choose events of CloudTrail files, the same for each command that reads such.

import type { Command } from 'commander';
import { PortcullisError } from '../errors/portcullis-error.ts';
import type { KeyFilter } from '../source/aws-layout.ts';
import { readTimeArgument } from './time-argument.ts';

export type FilterFlags = {
  readonly since?: string;
  readonly until?: string;
  readonly account: readonly string[];
  readonly region: readonly string[];
};

/** Adds the options that `readFilter` reads. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--since <time>', 'only events from then on: a day, a UTC time, or an age such as 7d')
    .option('--until <time>', 'only events up to then')
    .option('--account <id>', 'only this account; may be repeated', collect, [])
    .option('--region <name>', 'only this region; may be repeated', collect, []);
}

/** @throws PortcullisError `usage/bad-option` */
export function readFilter({ since, until, account, region }: FilterFlags, now: Date): KeyFilter {
  const nowMs = now.getTime();
  const sinceMs = since === undefined ? null : readTimeArgument('--since', since, nowMs, 'start');
  const untilMs = until === undefined ? null : readTimeArgument('--until', until, nowMs, 'end');
  if (sinceMs !== null && untilMs !== null && sinceMs > untilMs) {
    throw new PortcullisError('usage/bad-option', '--since is later than --until');
  }
  const badAccount = account.find((id) => !/^\d{12}$/.test(id));
  if (badAccount !== undefined) {
    throw new PortcullisError('usage/bad-option', `--account ${badAccount} is not an account id`, {
      hint: 'Give the twelve digits of the account.',
    });
  }
  return { sinceMs, untilMs, accounts: account, regions: region };
}

/** Repeated and comma-separated values alike. */
export function collect(value: string, known: readonly string[]): readonly string[] {
  return [...known, ...value.split(',').filter((part) => part !== '')];
}

/** A path may hold a comma. */
export function collectWhole(value: string, known: readonly string[] = []): readonly string[] {
  return [...known, value];
}

/** Reads a whole number from 1 on. The reader throws PortcullisError `usage/bad-option`. */
export function readCount(option: string): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (Number.isInteger(count) && count >= 1) return count;
    throw new PortcullisError('usage/bad-option', `${option} takes a whole number from 1 on`);
  };
}
