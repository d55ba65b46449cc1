import { z } from 'zod';
import { expectationSchema } from '../../../config/expectation-schema.ts';
import { checkMapping, name as nameSchema, wholeNumber } from '../../../config/fields.ts';
import { CheckTimeout } from '../../../engines/check-timeout.ts';
import type { ExecResult } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { parseDurationMs } from '../../../support/quantities.ts';
import { limitTime } from '../../../support/time-limit.ts';
import { type CheckBase, defineCheckKind } from '../../check-kind.ts';
import { describeExpectation } from '../../evaluate.ts';
import { evaluateLines, evaluateOutput } from '../../evaluate-output.ts';
import type { EvaluateContext, Finding } from '../../expectations/expectation-kind.ts';
import type { Expectation } from '../../expectations/registry.ts';
import { BoundedOutput } from './bounded-output.ts';
import { jsonPointerSchema, readJson } from './json-pointer.ts';

/** Runs one program, and compares its exit code and output with what the drill expects. */
export interface CommandCheck extends CheckBase<'command'> {
  readonly command: readonly string[];
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
  readonly exitCode: number;
  /** Pointer to the value in the printed JSON that {@link expect} applies to; undefined: everything that is printed. Absent if the drill has none. */
  readonly json?: string;
  /** Expectation for standard output; undefined: any output is accepted. */
  readonly expect: Expectation | undefined;
}

/** Exit codes of a shell for a program that it cannot run or cannot find (POSIX, "Exit Status for Commands"). */
const NOT_STARTED: readonly number[] = [126, 127];

export const commandCheck = defineCheckKind({
  key: 'command',
  needs: 'program',
  schema: checkMapping({
    command: z
      .array(z.string({ error: 'must be text' }), { error: 'must be a list: the program, then each of its arguments' })
      .min(1, { error: 'is empty; must be a list: the program, then each of its arguments' })
      .refine(([program]) => program === undefined || program.trim() !== '', {
        error: 'must begin with a program',
      })
      .describe(
        'A program and its arguments, run without a shell in the restored server’s sandbox. The server’s client programs (`psql`, `pg_dump`, `mysql`, `mariadb`) log in automatically, as a user that can read everything and change nothing.',
      )
      .meta({
        examples: [
          ['pg_amcheck', '--no-strict-names'],
          ['psql', '-Atc', 'select count(*) from orders'],
        ],
      }),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
    exitCode: wholeNumber(0, 255).default(0).describe('The exit code that means success.'),
    json: jsonPointerSchema
      .optional()
      .describe(
        'JSON Pointer (RFC 6901) to the value for `expect` in the JSON that the program prints; `""` is the whole document. A list becomes one row per item.',
      )
      .meta({ examples: ['/collections/orders/count'] }),
    expect: expectationSchema
      .optional()
      .describe(
        'What it prints to standard output, without line ends at its end: one value, or a row for each line with `rows`. Default: anything.',
      ),
  }),
  resolve({ name, command, database, exitCode, json, expect, timeout }): CommandCheck | undefined {
    const timeoutMs = parseDurationMs(timeout) ?? Number.NaN;
    return {
      kind: 'command',
      name,
      command,
      database,
      exitCode,
      ...(json !== undefined && { json }),
      expect,
      timeoutMs,
    };
  },
  argvOf: ({ command }) => command,
  findVacuous: ({ json, expect }) =>
    json !== undefined && expect === undefined
      ? { path: ['json'], message: 'needs `expect`: what the value must be' }
      : undefined,
  describe,
  async run(check, { probe, takenAt, signal }) {
    const { command, database, exitCode, timeoutMs } = check;
    const expected = describe(check, { takenAt });
    using limit = limitTime(timeoutMs, () => new CheckTimeout(timeoutMs), signal);
    const stdout = new BoundedOutput();
    const ended = await probe.program(command, { database, stdout, signal: limit.signal });
    if (NOT_STARTED.includes(ended.exitCode) && ended.exitCode !== exitCode) throw notStarted(command, ended);
    if (ended.exitCode !== exitCode) {
      return { passed: false, expected, actual: `exit code ${ended.exitCode}${lastLines(ended.stderr)}` };
    }
    if (check.expect === undefined) return { passed: true, expected, actual: `exit code ${exitCode}` };
    return { ...judge(check.expect, check.json, stdout.text(), { takenAt }), expected };
  },
});

function judge(expect: Expectation, json: string | undefined, output: string, context: EvaluateContext): Finding {
  if (json === undefined) return evaluateOutput(expect, output, context);
  const found = readJson(output, json);
  if (found.kind === 'missing') return { passed: false, actual: found.why };
  return evaluateLines(expect, found.lines, context);
}

function describe({ exitCode, json, expect }: CommandCheck, context: EvaluateContext): string {
  const what = json === undefined || json === '' ? 'output' : json;
  const output = expect === undefined ? '' : `, ${what} ${describeExpectation(expect, context)}`;
  return `exit code ${exitCode}${output}`;
}

function notStarted(command: readonly string[], { exitCode, stderr }: ExecResult): DrillError {
  const program = JSON.stringify(command[0]);
  return new DrillError('check-malformed', `${program} did not start: exit code ${exitCode}${lastLines(stderr)}`, {
    hint: 'Use a program that the sandbox’s image has, or set `engine.image` to an image that has it.',
  });
}

const LINES_SHOWN = 3;

/** The last thing a program prints usually says why it ended. */
function lastLines(stderr: string): string {
  const lines = stderr.trimEnd().split(/\r?\n/).slice(-LINES_SHOWN).filter(Boolean);
  return lines.length === 0 ? '' : `: ${toPrintable(lines.join('; '), 300)}`;
}
