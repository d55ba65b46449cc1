import { dirname } from 'node:path';
import { mapping } from '../../../config/fields.ts';
import { argv, variableNames } from '../../../config/program-fields.ts';
import { defineSource } from '../../source-driver.ts';
import { explainKeyArgv, explainListArgv } from './command-argv.ts';
import { type CommandSpec, describeLister } from './command-spec.ts';

const program = (explain: (argv: readonly string[]) => string | undefined) =>
  argv('the program').superRefine((words, context) => {
    const message = explain(words);
    if (message) context.addIssue({ code: 'custom', message });
  });

const schema = mapping({
  list: program(explainListArgv).describe(
    'Lists the backups: one JSON object per line, with `key`, `size` in bytes, `modified` in RFC 3339 and, where the store has one, `etag`. A program and its arguments, run without a shell in the directory of this file.',
  ),
  read: program((words) => explainKeyArgv(words, true)).describe(
    'Writes the backup `{key}` to standard output: `{count}` bytes from byte `{start}`, up to and including byte `{last}`. Without `{start}`, it writes the whole backup.',
  ),
  stat: program((words) => explainKeyArgv(words, false))
    .optional()
    .describe(
      'Prints the listing’s line for the backup `{key}`, or nothing if it no longer exists. Default: run `list` again after each read.',
    ),
  env: variableNames(),
});

/** Backups behind a user-supplied program, for stores that no other driver supports. docs/sources.md specifies its protocol. */
export const command = defineSource({
  type: 'command',
  schemes: [],
  definition: { key: 'command', schema: schema.describe('Your own program that lists and reads backups.') },
  title: 'a program',
  example: '{ command: { list: [PROGRAM], read: [PROGRAM, "{key}"] } }',
  usage: ['`{ command: { list: […], read: […] } }` (your own program)'],
  keys: {},
  texts: [],
  secrets: [],
  credentials: [],
  traits: { atomicObjects: false },
  parse(_url, { definition, drillFile }): CommandSpec | undefined {
    const { list, read, stat, env } = schema.parse(definition);
    return { type: 'command', list, read, stat, env, directory: dirname(drillFile) };
  },
  describe: (spec) => describeLister(spec),
  forRecord: ({ directory: _, ...spec }) => spec,
  open: async (spec, { onRequest }) =>
    (await import('./command-source.ts')).openCommandSource(spec, undefined, onRequest),
});
