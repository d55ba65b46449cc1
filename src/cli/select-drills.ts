import type { Drill } from '../config/drill-file.ts';
import { loadDrills, readDrills } from '../config/load-drills.ts';
import { problemsError } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import { requireIdentity } from '../run/choose-identity.ts';
import { DrillError, formatError } from '../support/errors.ts';
import type { IdentityName } from '../support/vocabulary.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';

/**
 * The drills that a command was given, by file, glob or name, or all of them.
 * Named drills must all be valid, and have a recovery identity where that is asked for; of all drills, those without one are skipped. Without names, a broken file does not block the others: it is reported, and `refused` sets the exit code.
 */
export async function selectDrills(
  tools: Toolbox,
  settings: Settings,
  patterns: readonly string[],
  { all, as }: { readonly all: boolean; readonly as: IdentityName | undefined },
): Promise<{ drills: readonly Drill[]; refused: boolean }> {
  const { drills, refused } = await loadSelected(tools, settings, patterns, all);
  const usable = all && as === 'recovery' ? drills.filter(({ backup }) => backup.identity) : drills;
  requireIdentity(usable.length === 0 ? drills : usable, as);
  const skipped = drills.filter((drill) => !usable.includes(drill)).map(({ name }) => printable(name));
  if (skipped.length > 0) tools.io.stderr.write(`skipped, without a recovery identity: ${skipped.join(', ')}\n`);
  return { drills: usable, refused };
}

async function loadSelected(
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
