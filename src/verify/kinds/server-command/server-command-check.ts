import { z } from 'zod';
import { expectationSchema } from '../../../config/expectation-schema.ts';
import { checkMapping, name as nameSchema } from '../../../config/fields.ts';
import { CheckTimeout } from '../../../engines/check-timeout.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatBytes, parseDurationMs } from '../../../support/quantities.ts';
import { limitTime } from '../../../support/time-limit.ts';
import { type CheckBase, defineCheckKind } from '../../check-kind.ts';
import { describeExpectation } from '../../evaluate.ts';
import { evaluateOutput } from '../../evaluate-output.ts';
import type { Expectation } from '../../expectations/registry.ts';

/** A check needs a value or a few lines. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Runs one of the restored server's own commands, and compares its answer with what the drill expects. */
export interface ServerCommandCheck extends CheckBase<'serverCommand'> {
  readonly serverCommand: readonly string[];
  /** Undefined: the server's first database. */
  readonly database: string | undefined;
  readonly expect: Expectation;
}

export const serverCommandCheck = defineCheckKind({
  key: 'serverCommand',
  needs: 'commands',
  schema: checkMapping({
    serverCommand: z
      .array(z.string({ error: 'must be text' }), { error: 'must be a list: the command, then each of its arguments' })
      .min(1, { error: 'is empty; must be a list: the command, then each of its arguments' })
      .describe(
        'A command of the restored server and its arguments, sent as a user that can read everything and change nothing. For servers that do not speak SQL.',
      )
      .meta({ examples: [['DBSIZE'], ['HGET', 'plan:basic', 'price']] }),
    database: nameSchema('the name or number of a database').optional().describe('Default: the server’s first.'),
    expect: expectationSchema.describe(
      'What the answer must be: one value, or a row for each of its items with `rows`.',
    ),
  }),
  resolve({ name, serverCommand, database, expect, timeout }): ServerCommandCheck | undefined {
    const timeoutMs = parseDurationMs(timeout) ?? Number.NaN;
    return { kind: 'serverCommand', name, serverCommand, database, expect, timeoutMs };
  },
  describe: ({ expect }, context) => describeExpectation(expect, context),
  async run({ serverCommand, database, expect, timeoutMs }, { probe, takenAt, signal }) {
    using limit = limitTime(timeoutMs, () => new CheckTimeout(timeoutMs), signal);
    const { commands } = probe;
    if (!commands) throw new DrillError('check-malformed', 'the restored server has no commands of its own');
    const options = { database, maxBytes: MAX_ANSWER_BYTES, signal: limit.signal };
    const answer = await commands.run(serverCommand, options);
    if (answer.truncated) {
      throw new DrillError('check-malformed', `the answer is longer than ${formatBytes(MAX_ANSWER_BYTES)}`, {
        hint: 'Ask only for what the check looks at, such as a count.',
      });
    }
    return { ...evaluateOutput(expect, answer.text, { takenAt }), expected: describeExpectation(expect, { takenAt }) };
  },
});
