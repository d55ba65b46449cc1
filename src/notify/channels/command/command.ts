import { z } from 'zod';
import { mapping } from '../../../config/fields.ts';
import { argv, variableNames } from '../../../config/program-fields.ts';
import { passedEnvironment } from '../../../support/passed-environment.ts';
import { defineChannel } from '../../channel-kind.ts';
import { type CommandSpec, createCommandChannel } from './command-channel.ts';

export const command = defineChannel({
  type: 'command',
  title: 'a command',
  schema: mapping({
    type: z.literal('command').describe('Runs a command.'),
    argv: argv('the command').describe(
      'The command and its arguments, run without a shell in the directory of this file, for at most 30 seconds. It gets the notification as JSON on standard input, and a summary in `FIREDRILL_NOTICE_KIND`, `_DRILL`, `_STATE`, `_HEADLINE` and `_ID`.',
    ),
    env: variableNames(),
  }),
  keys: {},
  starter: { argv: ['./alert'] },
  takesDigests: true,
  takesReports: false,
  resolve({ argv: words, env: names }, { env }): CommandSpec | undefined {
    const [file, ...args] = words;
    if (file === undefined) return undefined;
    return { type: 'command', argv: [file, ...args], env: passedEnvironment(names, env) };
  },
  create: createCommandChannel,
});
