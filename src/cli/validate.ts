import type { Drill } from '../config/drill-file.ts';
import { type LoadOptions, readDrills } from '../config/load-drills.ts';
import { formatProblem } from '../config/problem.ts';
import { showPath } from '../config/show-path.ts';
import { EXIT } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';
import type { Io } from './io.ts';

export interface ValidateOptions extends LoadOptions {
  /** Files, directories, globs or names. */
  readonly paths: readonly string[];
}

/**
 * `firedrill validate [PATHS]`: prints a line on stdout for each valid drill and a line on stderr for each problem.
 * @returns 0, or 64 if there is any problem. Throws `drill-not-found`.
 */
export async function validateCommand(io: Pick<Io, 'stdout' | 'stderr'>, options: ValidateOptions): Promise<number> {
  const { drills, problems } = await readDrills(options.paths, options);
  for (const drill of drills) io.stdout.write(`${describeDrill(drill, options.cwd)}\n`);
  if (problems.length === 0) return EXIT.passed;
  for (const problem of problems) io.stderr.write(`${formatProblem(problem)}\n`);
  const files = new Set(problems.map((problem) => problem.file)).size;
  io.stderr.write(`${plural(problems.length, 'problem')} in ${plural(files, 'file')}\n`);
  return EXIT.usage;
}

function describeDrill(drill: Drill, cwd: string): string {
  const { rtoMs, rpoMs } = drill.objectives;
  const rpo = rpoMs === undefined ? 'no RPO' : `RPO ${formatDuration(rpoMs)}`;
  return `ok ${drill.name} (${showPath(drill.file, cwd)}): ${plural(drill.checks.length, 'check')}, RTO ${formatDuration(rtoMs)}, ${rpo}`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
