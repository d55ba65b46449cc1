import type { Drill } from '../config/drill-file.ts';
import { loadDrills, readDrills } from '../config/load-drills.ts';
import { problemsError } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import { DrillError, formatError } from '../support/errors.ts';
import type { Toolbox } from './toolbox.ts';

/**
 * The drills that a command was given, by file, glob or name, or all of them.
 * Named drills must all be valid. Without names, a broken file does not block the others: it is reported, and `refused` sets the exit code.
 */
export async function selectDrills(
  tools: Toolbox,
  settings: Settings,
  patterns: readonly string[],
  all: boolean,
): Promise<{ drills: readonly Drill[]; refused: boolean }> {
  const options = tools.loadOptions(settings);
  if (!all) {
    if (patterns.length > 0) return { drills: await loadDrills(patterns, options), refused: false };
    throw new DrillError('usage', 'no drill named', {
      hint: `Name drills, as in \`firedrill run drills/orders.yaml\`, or take all of ${settings.drillsDir} with --all.`,
    });
  }
  const { drills, problems } = await readDrills([settings.drillsDir], options);
  if (problems.length === 0) return { drills, refused: false };
  const error = problemsError(problems);
  if (drills.length === 0) throw error;
  tools.io.stderr.write(`${formatError(error)}\n`);
  return { drills, refused: true };
}
