// `portcullis tokens`: creates, lists and revokes tokens of the HTTP API. A token is shown once, when it
// is created; what is kept is a digest of it.

import { Option, type Command } from 'commander';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { roles, type Role } from '../../model/desk.ts';
import type { TokenFormat } from '../../render/kept-tokens.ts';
import { collect } from '../filter-arguments.ts';
import { whoIsHere, withStore, withStoreOptions, type StoreFlags } from '../store-argument.ts';
import { readTimeArgument } from '../time-argument.ts';
import { standardOutput, type TerminalIo } from './signals.ts';

type CreateFlags = StoreFlags & {
  readonly name: string;
  readonly role: Role;
  readonly expires: string;
  readonly scope: readonly string[];
};

const examples = `
Examples:
  $ portcullis tokens create --name grafana --role viewer --scope metrics:read
  $ portcullis tokens list
  $ portcullis tokens revoke ID

docs/access.md says what roles and scopes include.`;

export function addTokensCommand(program: Command, io: TerminalIo = standardOutput): void {
  const tokens = program
    .command('tokens')
    .summary('tokens of the HTTP API')
    .description('Creates, lists and revokes tokens of the HTTP API that serve offers.')
    .addHelpText('after', examples);

  withStoreOptions(
    tokens
      .command('create')
      .summary('create a token')
      .description(
        'Creates a token and prints it. It is shown this once: only a digest of it is kept.',
      )
      .requiredOption('--name <text>', 'what it is for; stands in the audit log')
      .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
      .option('--expires <time>', 'an age such as 12h or 90d, a day, a UTC time, or never', '90d')
      .option('--scope <scope>', 'only this part of the role; may be repeated', collect, []),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ portcullis tokens create --name on-call --role responder --expires 12h
  $ portcullis tokens create --name export --role viewer --scope signals:read --scope exposures:read`,
    )
    .action((flags: CreateFlags) => create(flags, io));

  withStoreOptions(
    tokens
      .command('list')
      .summary('list tokens')
      .description('Lists all tokens, also those that have expired or were revoked.'),
  )
    .addOption(new Option('-f, --format <format>', 'how to print').choices(['table', 'json']))
    .addHelpText('after', '\nExamples:\n  $ portcullis tokens list --format json')
    .action((flags: StoreFlags & { readonly format?: TokenFormat }) =>
      withStore(flags, async (store) => {
        const [{ renderTokens }, { tokenState }] = await Promise.all([
          import('../../render/kept-tokens.ts'),
          import('../../serve/access/api-token.ts'),
        ]);
        const nowMs = Date.now();
        const list = (await store.tokens.list()).map((token) => ({
          token,
          state: tokenState(token, nowMs),
        }));
        const format = flags.format ?? (io.isTerminal ? 'table' : 'json');
        for (const part of renderTokens(list, format, io)) io.write(part);
      }),
    );

  withStoreOptions(
    tokens
      .command('revoke')
      .summary('revoke a token')
      .description('Revokes a token: it is good for nothing from then on.')
      .argument('<id>', 'id of the token, as tokens list shows it'),
  )
    .addHelpText('after', '\nExamples:\n  $ portcullis tokens revoke ID')
    .action((id: string, flags: StoreFlags) =>
      withStore(flags, async (store) => {
        if (!(await store.tokens.revoke(id, whoIsHere()))) {
          throw new PortcullisError('token/unknown-id', `there is no token ${id} in force`);
        }
        io.write('revoked\n');
      }),
    );
}

async function create(flags: CreateFlags, io: TerminalIo): Promise<void> {
  const [{ newApiToken }, { scopes }] = await Promise.all([
    import('../../serve/access/api-token.ts'),
    import('../../serve/access/route-access.ts'),
  ]);
  const name = flags.name.trim();
  if (name === '' || name.length > 100 || /\p{Cc}/u.test(name)) {
    throw new PortcullisError('token/bad-option', '--name is empty, too long, or no plain text');
  }
  const unknown = flags.scope.find((scope) => !scopes.some((each) => each === scope));
  if (unknown !== undefined) {
    throw new PortcullisError('token/bad-option', `there is no scope ${unknown}`, {
      hint: `The scopes are ${scopes.join(', ')}.`,
    });
  }
  const expiresMs = readExpiry(flags.expires, Date.now());
  const { token, hash } = newApiToken();
  // The first token is created before `serve` runs for the first time.
  await withStore(
    flags,
    async (store) => {
      const given = { name, role: flags.role, scopes: flags.scope, expiresMs };
      const kept = await store.tokens.add(given, hash, whoIsHere());
      io.write(`${token}\n`);
      const until = expiresMs === null ? 'until it is revoked' : `until ${isoTime(expiresMs)}`;
      process.stderr.write(`note: token ${kept.id}, good ${until}; it is not shown again\n`);
    },
    false,
  );
}

const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds since 1970, UTC; null for never. An age counts from now on. */
function readExpiry(text: string, nowMs: number): number | null {
  if (text === 'never') return null;
  const ahead = /^(\d{1,5})([hdw])$/.exec(text);
  const expiresMs =
    ahead === null
      ? readTimeArgument('--expires', text, nowMs, 'end')
      : nowMs + Number(ahead[1]) * (unitMs[ahead[2] ?? ''] ?? 0);
  if (expiresMs <= nowMs) {
    throw new PortcullisError('token/bad-option', '--expires is not in the future');
  }
  return expiresMs;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
