import type { Drill } from '../config/drill-file.ts';
import { loadDrills, readDrills } from '../config/load-drills.ts';
import { problemsError, problemsNote } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import { requireIdentity } from '../run/choose-identity.ts';
import { describeMatch, matchesDrill } from '../status/silenced.ts';
import { DrillError, formatError } from '../support/errors.ts';
import type { IdentityName } from '../support/vocabulary.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';

/** Ways to select drills other than by name. */
export interface DrillSelection {
  /** Every drill of the drills directory. */
  readonly all: boolean;
  /** Only drills with all of these labels, among the named ones or else in the drills directory. */
  readonly label?: Readonly<Record<string, string>> | undefined;
  readonly as: IdentityName | undefined;
}

/**
 * The drills that a command was given, by file, glob, name or label, or all of them. Named drills must all be valid, and have a recovery identity if that is
 * requested; with all drills, those without one are skipped. Without names, a broken file does not block the others: it is reported, and `refused` sets the
 * exit code.
 */
export async function selectDrills(
  tools: Toolbox,
  settings: Settings,
  patterns: readonly string[],
  { all: isAll, label, as }: DrillSelection,
): Promise<{ drills: readonly Drill[]; refused: boolean }> {
  if (isAll && (patterns.length > 0 || label))
    throw new DrillError('usage', `--all cannot be combined with ${label ? '--label' : 'the names of drills'}`, {
      hint: 'Leave out one of them.',
    });
  const all = isAll || (label !== undefined && patterns.length === 0);
  const { drills: loaded, refused } = await loadSelected(tools, settings, patterns, all);
  const drills = label ? withLabels(loaded, label) : loaded;
  const usable = all && as === 'recovery' ? drills.filter(({ backup }) => backup.identity) : drills;
  requireIdentity(usable.length === 0 ? drills : usable, as);
  const skipped = drills.filter((drill) => !usable.includes(drill)).map(({ name }) => printable(name));
  if (skipped.length > 0) tools.io.stderr.write(`skipped, without a recovery identity: ${skipped.join(', ')}\n`);
  return { drills: usable, refused };
}

function withLabels(all: readonly Drill[], labels: Readonly<Record<string, string>>): readonly Drill[] {
  const drills = all.filter((drill) => matchesDrill({ labels }, drill));
  if (drills.length > 0) return drills;
  const known = new Set(
    all.flatMap((drill) => Object.entries(drill.labels ?? {}).map(([key, value]) => `${key}=${value}`)),
  );
  throw new DrillError('usage', `no drill matches ${describeMatch({ labels })}`, {
    hint:
      known.size > 0
        ? `These labels are set: ${[...known].toSorted().map(printable).join(', ')}.`
        : 'None of these drills has `labels`; add them to the drill files.',
  });
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
      hint: `Name drills by file or name, choose them with --label, or take all of ${settings.drillsDir} with --all.`,
    });
  }
  const { drills, problems } = await readDrills([settings.drillsDir], options);
  if (problems.length === 0) return { drills, refused: false };
  if (drills.length === 0) throw problemsError(problems);
  tools.io.stderr.write(`${formatError(problemsNote(problems))}\n`);
  return { drills, refused: true };
}
