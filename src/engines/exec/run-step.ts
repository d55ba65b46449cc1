import type { Writable } from 'node:stream';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { DrillError } from '../../support/errors.ts';
import { FREE_UP_SPACE } from '../../support/free-up-space.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatDuration } from '../../support/quantities.ts';
import { Redactor } from '../../support/redact.ts';
import { limitTime } from '../../support/time-limit.ts';
import { fillArgv } from './placeholders.ts';
import { endOf, type StepEnd, type StepName, stepFault } from './step-fault.ts';

/** The environment that a drill's programs get in addition to the sandbox’s own. */
export interface StepEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** Removes their values from the output of programs. */
  readonly redactor: Redactor;
}

export interface StepOptions {
  readonly environment: StepEnvironment;
  /** undefined: as long as the run. */
  readonly limitMs?: number | undefined;
  readonly stdout?: Writable;
  readonly signal: AbortSignal;
}

/** @throws DrillError `config-missing-variable`. */
export function readEnvironment(names: readonly string[], from: NodeJS.ProcessEnv): StepEnvironment {
  const redactor = new Redactor();
  const env: Record<string, string> = {};
  for (const name of names) {
    const value = from[name];
    if (value === undefined) {
      throw new DrillError('config-missing-variable', `\`engine.env\` names ${name}, which is not set`, {
        hint: `Set ${name} in the environment of Firedrill, or remove it from \`engine.env\`.`,
      });
    }
    env[name] = value;
    redactor.add(value);
  }
  return { env, redactor };
}

/** Runs one program of a step to completion. Throws what {@link explainStep} makes of a failure, or the signal's reason. */
export async function runStep(
  sandbox: Sandbox,
  step: StepName,
  argv: readonly string[],
  { environment, limitMs, stdout, signal }: StepOptions,
): Promise<void> {
  const explainLate = () =>
    explainStep(step, argv, 'late', `did not finish within ${formatDuration(limitMs ?? 0)}`, []);
  using limit = limitMs === undefined ? undefined : limitTime(limitMs, explainLate, signal);
  const ended = await sandbox.exec(fillArgv(argv, sandbox.paths), {
    env: environment.env,
    signal: limit?.signal ?? signal,
    ...(stdout && { stdout }),
  });
  if (ended.exitCode === 0) return;
  if (sandbox.gone.aborted && sandbox.gone.reason instanceof DrillError) throw sandbox.gone.reason;
  const lines = lastLines(ended.stderr.trim() === '' && !stdout ? ended.stdout : ended.stderr, environment);
  throw explainStep(step, argv, endOf(ended.exitCode, ended.stderr), `ended with exit code ${ended.exitCode}`, lines);
}

/** @param how it ended, to follow the program. @param lines its last output. */
export function explainStep(
  step: StepName,
  [program = '']: readonly string[],
  end: StepEnd,
  how: string,
  lines: readonly string[],
): DrillError {
  const said = lines.at(-1);
  const message = `the step ${step} (${toPrintable(program, 100)}) ${how}${said === undefined ? '' : `: ${said}`}`;
  const hint = HINTS[end]?.replaceAll('STEP', step);
  return new DrillError(stepFault(step, end), message, { details: lines, ...(hint && { hint }) });
}

const HINTS: Readonly<Partial<Record<StepEnd, string>>> = {
  'not-started':
    'Name a program that the image has in `engine.steps.STEP`, or an image that has the program in `engine.image`.',
  killed: 'Raise `sandbox.memory`: it was killed, most likely for lack of memory.',
  'no-space': FREE_UP_SPACE,
  late: 'Keep the sandbox with `--keep 30m` and run the step there, or raise its limit in `engine.timeouts`.',
  'too-much': 'Let `export` print less, or raise `engine.exportLimitMiB`.',
};

const LINES_KEPT = 12;

export function lastLines(text: string, { redactor }: StepEnvironment): readonly string[] {
  const lines = text.trimEnd().split(/\r?\n/).filter(Boolean).slice(-LINES_KEPT);
  return lines.map((line) => toPrintable(redactor.redact(line), 300));
}
