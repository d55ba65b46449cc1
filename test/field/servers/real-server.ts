import type { BackupFiles } from '../backup-files.ts';
import type { Product, Recipe } from '../recipes/recipe.ts';

/** A real server with its own tools, that shares no code with Firedrill: it makes backups, and restores them as people do. */
export interface RealServer extends AsyncDisposable {
  readonly product: Product;
  readonly version: string;
  /** @returns the backup before it is compressed. @throws Error when the dumping tool failed. */
  dump(recipe: Recipe): Promise<BackupFiles>;
  /**
   * Restores with the product's own client into an empty server, going on after errors.
   * @param files unpacked. @returns what the tool complained of first; undefined when it was silent and exited with 0.
   */
  restore(recipe: Recipe, files: BackupFiles): Promise<string | undefined>;
  /** @returns one query over what was restored last: its only value changes when data or objects do. */
  fingerprintSql(recipe: Recipe): Promise<string>;
  /** @returns the only value of a query on what was restored last; undefined where it fails, e.g. because a table is not there. */
  ask(recipe: Recipe, sql: string): Promise<string | undefined>;
}

/** What real tools made of a backup. */
export interface Restored {
  readonly fingerprint: string | undefined;
  /** Of the tool that unpacks or the one that restores. */
  readonly complaint: string | undefined;
}
