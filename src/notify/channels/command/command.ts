import { z } from 'zod';
import { mapping, name } from '../../../config/fields.ts';
import { defineChannel } from '../../channel-kind.ts';
import { type CommandSpec, createCommandChannel } from './command-channel.ts';

const ALWAYS_PASSED = ['PATH', 'HOME', 'LANG', 'TZ'];

export const command = defineChannel({
  type: 'command',
  title: 'a command',
  schema: mapping({
    type: z.literal('command').describe('Runs a command.'),
    argv: z
      .array(name('an argument'), { error: 'must be a list: the command and its arguments' })
      .min(1, { error: 'is empty; write the command and its arguments' })
      .describe(
        'The command and its arguments, run without a shell in the directory of this file, for at most 30 seconds. It gets the notification as JSON on standard input, and a summary in `FIREDRILL_NOTICE_KIND`, `_DRILL`, `_STATE`, `_HEADLINE` and `_ID`.',
      ),
    env: z
      .array(
        z.string({ error: 'must be the name of a variable' }).regex(/^[A-Za-z_]\w*$/, {
          error: 'must be the name of a variable',
        }),
        { error: 'must be a list of names of variables' },
      )
      .default([])
      .describe('Environment variables to pass on, besides `PATH`, `HOME`, `LANG` and `TZ`.'),
  }),
  keys: {},
  takesDigests: true,
  takesReports: false,
  resolve({ argv, env: names }, { env }): CommandSpec | undefined {
    const [file, ...args] = argv;
    if (file === undefined) return undefined;
    const passed = [...ALWAYS_PASSED, ...names].flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { type: 'command', argv: [file, ...args], env: Object.fromEntries(passed) };
  },
  create: createCommandChannel,
});
