// `portcullis notify`: whether a channel works, by a message that tells of nothing real.

import type { Command } from 'commander';
import { PortcullisError } from '../../errors/portcullis-error.ts';
import { stripControls } from '../../template/escape.ts';
import { version } from '../version.ts';

type NotifyFlags = { readonly config?: string };

const examples = `
Examples:
  $ portcullis notify test on-call                  a channel of portcullis.yaml
  $ portcullis notify test on-call --config prod.yaml

Exit code: 0 when the channel took the message, 1 when it did not, 2 when it could not be tried.`;

export function addNotifyCommand(program: Command): void {
  const notify = program
    .command('notify')
    .summary('try a channel')
    .description('Tries the channels on which openings and closings are told.');
  notify
    .command('test')
    .summary('send a test message')
    .description(
      'Sends a message to one channel: an opening that never was, in an account that cannot be,\n' +
        'and its closing, so that nothing stays open by it.',
    )
    .argument('<channel>', 'name of the channel, as in the configuration')
    .option('--config <file>', 'the configuration; else PORTCULLIS_CONFIG, portcullis.yaml')
    .addHelpText('after', examples)
    .action(async (name: string, flags: NotifyFlags) => {
      process.exitCode = await test(name, flags);
    });
}

async function test(name: string, { config: file }: NotifyFlags): Promise<number> {
  const { loadConfig } = await import('../../config/load-config.ts');
  const config = await loadConfig(file === undefined ? {} : { file });
  if (!config.channels.some((channel) => channel.name === name)) {
    const names = config.channels.map((channel) => channel.name).join(', ');
    throw new PortcullisError('usage/bad-option', `there is no channel ${name}`, {
      hint: names === '' ? 'The configuration has no channels.' : `There are: ${names}.`,
    });
  }
  const { createChannels, loadFindables } = await import('../../app.ts');
  const { sendTest } = await import('../../notify/send-test.ts');
  const { rules } = await loadFindables(config);
  const { channels } = createChannels({ config, rules, version });
  const setting = channels.find(({ channel }) => channel.name === name);
  if (setting === undefined) throw new TypeError('a channel that is configured was not made');
  const outcome = await sendTest(setting.channel, Date.now, AbortSignal.timeout(60_000));
  if (outcome.kind === 'sent') {
    process.stdout.write(`sent to ${name}\n`);
    return 0;
  }
  process.stderr.write(`portcullis: ${stripControls(`${name}: ${outcome.reason}`)}\n`);
  return 1;
}
