import { constants } from 'node:fs';
import { access, appendFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { RunRecord } from '../record/run-record.ts';
import { DrillError, EXIT } from '../support/errors.ts';
import { writeWholeFile } from '../support/write-whole-file.ts';
import { toJunit, type Unrecorded } from './printers/junit.ts';
import { toStepSummary } from './printers/step-summary.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';

export interface CiOptions {
  /** The path of a JUnit XML file to write. */
  readonly junit: string | undefined;
  /** A file to append the summary to; undefined: the one in `GITHUB_STEP_SUMMARY`. */
  readonly summary: string | undefined;
}

/** Checks the output files before the drills run. @throws `usage` for a file that could not be written at the end. */
export async function checkCiOutput({ io }: Toolbox, { junit, summary }: CiOptions): Promise<void> {
  for (const path of [junit, summary]) {
    if (path === undefined) continue;
    await access(dirname(resolve(io.cwd, path)), constants.W_OK).catch((cause: unknown) => {
      throw new DrillError('usage', `${printable(path)} cannot be written: no such directory, or permission denied`, {
        hint: 'Choose a path in an existing, writable directory.',
        cause,
      });
    });
  }
}

/**
 * Writes the files for CI servers. A write failure is reported and does not affect the runs.
 * @returns `errored` when a requested file could not be written.
 */
export async function writeCiOutput(
  { io, redact }: Toolbox,
  { junit, summary }: CiOptions,
  runs: readonly RunRecord[],
  unrecorded: readonly Unrecorded[],
): Promise<number> {
  const hidden = unrecorded.map((one) => ({ ...one, message: redact(one.message) }));
  const reportFailure = (path: string) => (error: NodeJS.ErrnoException) => {
    io.stderr.write(`${printable(path)} is not written: ${error.code ?? error.message}\n`);
    return EXIT.errored;
  };
  let code: number = EXIT.passed;
  if (junit !== undefined) {
    const written = writeWholeFile(resolve(io.cwd, junit), [toJunit(runs, hidden)]);
    code = await written.then(() => code, reportFailure(junit));
  }
  const path = summary ?? io.env['GITHUB_STEP_SUMMARY'];
  if (!path) return code;
  const added = appendFile(resolve(io.cwd, path), toStepSummary(runs, hidden), { mode: 0o600 });
  const outcome = await added.then(() => EXIT.passed, reportFailure(path));
  return summary === undefined ? code : Math.max(code, outcome);
}
