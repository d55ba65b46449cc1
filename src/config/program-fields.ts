import { z } from 'zod';
import { name } from './fields.ts';

/** A program and its arguments, as a list that is not parsed by a shell. */
export function argv(what: string) {
  return z
    .array(name('an argument'), { error: `must be a list: ${what} and its arguments` })
    .min(1, { error: `is empty; write ${what} and its arguments` });
}

/** Names of environment variables passed to a program. */
export function variableNames() {
  const error = 'must be the name of a variable';
  return z
    .array(z.string({ error }).regex(/^[A-Za-z_]\w*$/, { error }), { error: 'must be a list of names of variables' })
    .default([])
    .describe('Environment variables to pass on, besides `PATH`, `HOME`, `LANG` and `TZ`.');
}
