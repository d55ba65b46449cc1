import type { BackupFiles } from '../backup-files.ts';
import type { Product, Recipe } from '../recipes/recipe.ts';

/** A real server with its own tools, which shares no code with Firedrill: it makes backups, and restores them as users do. */
export interface RealServer extends AsyncDisposable {
  readonly product: Product;
  readonly version: string;
  /** @returns the backup before compression. @throws Error when the dumping tool failed. */
  dump(recipe: Recipe): Promise<BackupFiles>;
  /**
   * Restores with the product's own client into an empty server, continuing after errors.
   * @param files unpacked. @returns the first complaint of the tool; undefined when it was silent and exited with 0.
   */
  restore(recipe: Recipe, files: BackupFiles): Promise<string | undefined>;
  /** @returns one query over what was restored last: its only value changes if data or objects do. */
  fingerprintSql(recipe: Recipe): Promise<string>;
  /** @returns the only value of a query on what was restored last; undefined if it fails, e.g. because a table is missing. */
  ask(recipe: Recipe, sql: string): Promise<string | undefined>;
}

/** The result of real tools for a backup. */
export interface Restored {
  readonly fingerprint: string | undefined;
  /** Of the tool that unpacks or the one that restores. */
  readonly complaint: string | undefined;
}
