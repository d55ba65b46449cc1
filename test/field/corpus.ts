import type { BackupFiles } from './backup-files.ts';
import { allDamages } from './damage/all-damages.ts';
import type { Damage } from './damage/damage.ts';
import { seededRandom } from './random.ts';
import type { Recipe } from './recipes/recipe.ts';

/** A damaged backup to be made: which damage to which backup, and the seed for its position. */
export interface DamagedCase {
  /** Unique; it is enough to make the case again with the same recipes. */
  readonly name: string;
  readonly damage: Damage;
  readonly recipe: Recipe;
}

/**
 * @param perKind the number of cases for each kind of damage, each on another recipe as long as there are any.
 * @returns the cases shuffled by the seed, so that any first part of them has many kinds.
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

/** @returns undefined if the damage finds nothing to change in this backup. */
export function damageBackup({ name, damage, recipe }: DamagedCase, files: BackupFiles): BackupFiles | undefined {
  return damage.apply(files, recipe, seededRandom(name));
}

/** Kinds that change SQL or members are tried only on layouts that have them. */
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
