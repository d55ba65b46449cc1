import type { BackupFiles } from '../backup-files.ts';
import type { Random } from '../random.ts';
import { pack, unpack } from '../recipes/compressors.ts';
import type { Recipe } from '../recipes/recipe.ts';

/** One kind of damage that happens to backups. */
export interface Damage {
  /** Unique; shown in the table of counts. */
  readonly kind: string;
  /**
   * `by oracle`: what the real tool brings back decides. `incomplete`: its end is gone, so it fails although nothing else may be lost.
   * `refused`: it is a format that is not read, or no backup at all: failed or errored, never passed. `tolerable`: nothing that counts
   * was lost, so it passes, or fails where the real tool complains. `suspicious`: either is right as long as no data changed. `shown`: the format shows the damage, whether or not the real tool looks.
   */
  readonly effect: 'by oracle' | 'incomplete' | 'refused' | 'tolerable' | 'suspicious' | 'shown';
  /** @returns undefined if it cannot happen to this backup. */
  apply(files: BackupFiles, recipe: Recipe, random: Random): BackupFiles | undefined;
}

/** Damage to the stored bytes of a backup's only file. */
export function toStoredBytes(change: (bytes: Buffer, random: Random) => Buffer | undefined): Damage['apply'] {
  return (files, _recipe, random) => {
    const [only] = files;
    return only && files.size === 1 ? replace(files, only[0], change(only[1], random)) : undefined;
  };
}

/** Damage to the SQL of a plain dump before compression. */
export function toSql(change: (sql: Buffer, random: Random, recipe: Recipe) => Buffer | undefined): Damage['apply'] {
  return (files, recipe, random) => {
    const [only] = files;
    if (!only || recipe.layout !== 'plain') return undefined;
    const changed = change(unpack(recipe.compressor, only[1]), random, recipe);
    return changed && replace(files, only[0], pack(recipe.compressor, changed));
  };
}

export function replace(files: BackupFiles, name: string, bytes: Buffer | undefined): BackupFiles | undefined {
  if (bytes === undefined || files.get(name)?.equals(bytes)) return undefined;
  return new Map([...files].map(([each, old]) => [each, each === name ? bytes : old]));
}
