import { z } from 'zod';
import { expandable, mapping, name } from './fields.ts';

/** Where to read a key. Messages never repeat the value, because it may be the key itself. */
export function keySchema() {
  const error = 'must name where the key is, never the key: { env: NAME }, { file: PATH } or { command: [PROGRAM, …] }';
  return z.union(
    [
      mapping({
        env: z
          .string({ error: 'must be the name of a variable' })
          .regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of a variable, without $ and braces' })
          .describe('The name of the variable that holds the key.'),
      }),
      mapping({
        file: expandable('the path of a file').describe(
          'The file that holds the key, relative to the drill file; `${NAME}` is replaced.',
        ),
      }),
      mapping({
        command: z
          .array(name('a program or an argument'), { error: 'must be a list: a program and its arguments' })
          .refine((argv) => argv.length > 0, { error: 'is empty; write a program and its arguments' })
          .describe(
            'A program and its arguments; it prints the key. Runs without a shell, in the directory of the drill file.',
          )
          .meta({ examples: [['vault', 'kv', 'get', '-field=identity', 'secret/backup']] }),
      }),
    ],
    { error },
  );
}
