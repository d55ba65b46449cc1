import type { Drill } from '../config/drill-file.ts';
import type { Settings } from '../config/settings.ts';
import type { SilenceMatch } from '../record/silence-store.ts';
import { describeMatch, matchesDrill } from '../status/silenced.ts';
import { DrillError } from '../support/errors.ts';
import { selectDrills } from './select-drills.ts';
import type { Toolbox } from './toolbox.ts';

/** Selects the drills for a command, by name or by common properties. */
export interface DrillChoice {
  readonly all: boolean;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  /** All of these must match. */
  readonly label: Readonly<Record<string, string>> | undefined;
}

/**
 * The drills that match this choice; named drills must match it as well.
 * @param patterns files, globs or names; empty: the drills directory.
 * @throws DrillError `usage` if nothing is chosen, or if all drills and some drills are both chosen; `drill-not-found`.
 */
export async function chooseDrills(
  tools: Toolbox,
  settings: Settings,
  patterns: readonly string[],
  { all, tier, owner, label }: DrillChoice,
): Promise<{ readonly drills: readonly Drill[]; readonly match: SilenceMatch; readonly refused: boolean }> {
  const isChosen = all || tier !== undefined || owner !== undefined || label !== undefined;
  if (!isChosen && patterns.length === 0)
    throw new DrillError('usage', 'no drills chosen', {
      hint: 'Name drills, or choose them with --label, --owner, --tier or --all.',
    });
  if (all && (patterns.length > 0 || tier !== undefined || owner !== undefined || label !== undefined))
    throw new DrillError('usage', '--all chooses every drill, and other options choose some', {
      hint: 'Leave out --all, or all other options that select drills.',
    });
  const { drills: found, refused } = await selectDrills(tools, settings, patterns, {
    all: isChosen && patterns.length === 0,
    as: undefined,
  });
  const common = {
    ...(owner !== undefined && { owner }),
    ...(tier !== undefined && { tier }),
    ...(label && { labels: label }),
  };
  const drills = found.filter((drill) => matchesDrill(common, drill));
  if (drills.length === 0)
    throw new DrillError('usage', `no drill matches ${describeMatch(common)}`, {
      hint: '`firedrill list` shows which drills there are.',
    });
  const names = patterns.length > 0 && { drills: drills.map(({ name }) => name) };
  return { drills, match: { ...names, ...common }, refused };
}
