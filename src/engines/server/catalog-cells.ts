import { DrillError } from '../../support/errors.ts';
import { type AskCatalog, MAX_CATALOG_ROWS } from '../catalog.ts';
import type { Cell } from '../query-result.ts';

/** One row of a catalog query, read by position. The queries are ours, so a cell of an unexpected type is a bug. */
export class CatalogRow {
  readonly #cells: readonly Cell[];

  constructor(cells: readonly Cell[]) {
    this.#cells = cells;
  }

  text(index: number): string {
    return String(this.#cells[index]);
  }

  maybeText(index: number): string | undefined {
    const cell = this.#cells[index] ?? null;
    return cell === null ? undefined : String(cell);
  }

  maybeNumber(index: number): number | undefined {
    const cell = this.#cells[index] ?? null;
    return cell === null ? undefined : Number(cell);
  }

  maybeBigint(index: number): bigint | undefined {
    const cell = this.#cells[index] ?? null;
    return cell === null ? undefined : BigInt(String(cell));
  }

  bigint(index: number): bigint {
    return BigInt(String(this.#cells[index]));
  }

  /** True, 1, or the words that catalogs use for yes. */
  flag(index: number): boolean {
    return /^(?:true|t|1|yes)$/i.test(String(this.#cells[index]));
  }

  /** A JSON value built by the query. */
  json(index: number): unknown {
    return JSON.parse(String(this.#cells[index] ?? 'null'));
  }
}

/** @param what in the plural, for the message: `tables`. @throws DrillError `check-malformed` if there are too many. */
export async function readCatalogRows(ask: AskCatalog, what: string, sql: string): Promise<readonly CatalogRow[]> {
  const { rows, truncated } = await ask(sql, MAX_CATALOG_ROWS);
  if (truncated) {
    throw new DrillError('check-malformed', `the database has more than ${MAX_CATALOG_ROWS} ${what}`, {
      hint: 'Write this check as SQL.',
    });
  }
  return rows.map((cells) => new CatalogRow(cells));
}

/** Runs `work` on the first call and caches its result; failed work is retried on the next call. */
export function lazily<T>(work: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= work().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
