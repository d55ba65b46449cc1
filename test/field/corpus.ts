import type { BackupFiles } from './backup-files.ts';
import { allDamages } from './damage/all-damages.ts';
import type { Damage } from './damage/damage.ts';
import { seededRandom } from './random.ts';
import type { Recipe } from './recipes/recipe.ts';

/** A damaged backup to be: which damage on which backup, and the seed of where it strikes. */
export interface DamagedCase {
  /** Unique; alone it says how to make the case again, with the same recipes. */
  readonly name: string;
  readonly damage: Damage;
  readonly recipe: Recipe;
}

/**
 * @param perKind how many cases of each kind of damage, each on another recipe while there are any.
 * @returns in an order that a shuffle by the seed gives, so that any first part of it holds many kinds.
 */
export function planCorpus(recipes: readonly Recipe[], perKind: number, seed: string): readonly DamagedCase[] {
  const cases = allDamages().flatMap((damage) => {
    const random = seededRandom(`${seed}/${damage.kind}`);
    const chosen = shuffle(recipes, random).filter((recipe) => mayHappenTo(damage, recipe));
    return Array.from({ length: chosen.length === 0 ? 0 : perKind }, (_, index) => index).flatMap((index) => {
      const recipe = chosen[index % chosen.length];
      return recipe ? [{ name: `${damage.kind} | ${recipe.name} | ${seed}.${index}`, damage, recipe }] : [];
    });
  });
  return shuffle(cases, seededRandom(seed));
}

/** @returns undefined where the damage finds nothing to strike in this backup. */
export function damageBackup({ name, damage, recipe }: DamagedCase, files: BackupFiles): BackupFiles | undefined {
  return damage.apply(files, recipe, seededRandom(name));
}

/** Kinds that strike SQL or members are tried on layouts that have them only. */
function mayHappenTo({ kind }: Damage, { layout, product, compressor }: Recipe): boolean {
  if (/in its SQL$/.test(kind)) return layout === 'plain' && compressor !== 'none';
  const isDirectory = layout === 'directory' || layout === 'mydumper';
  if (/chunk|schema member|metadata/.test(kind)) return layout === 'mydumper';
  if (/large object/.test(kind)) return /directory|tar/.test(layout);
  if (/contents file cut|data member (cut|missing|without)/.test(kind)) return /directory|^tar/.test(layout);
  if (/member|contents file/.test(kind) && !/gzip member/.test(kind)) return isDirectory || layout.startsWith('tar');
  if (
    /SQL|UTF|COPY|INSERT|CREATE|\bline\b|\brow\b|two dumps|semicolon|quote|statement|CR at|tabs|blanks|gzip member/.test(
      kind,
    )
  ) {
    return layout === 'plain' && !(product !== 'postgres' && /COPY|psql/.test(kind));
  }
  return !isDirectory;
}

function shuffle<T>(items: readonly T[], random: { below(limit: number): number }): readonly T[] {
  return items
    .map((item) => ({ item, order: random.below(2 ** 31) }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
