import type { Catalog } from '../../../engines/catalog.ts';
import type { TableNames } from '../../catalog/table-names.ts';
import type { CheckContext, Probe } from '../../check-kind.ts';

/** Input of each part of the check. */
export interface LookContext extends Pick<CheckContext, 'restore' | 'clock' | 'timed' | 'signal'> {
  readonly probe: Probe;
  readonly catalog: Catalog;
  readonly names: TableNames;
  readonly database: string | undefined;
  /** The drill lists this part explicitly, so finding nothing to check is an error. */
  readonly isListed: boolean;
  /** Whether the drill exempts the object of this name. */
  readonly isExcepted: (name: string) => boolean;
}

/** The result of one part. */
export interface Look {
  /** What was checked: `12 foreign keys`; undefined: nothing. */
  readonly seen: string | undefined;
  readonly problems: readonly string[];
  /** Human-readable; shown whether the part passes or not. */
  readonly notes?: readonly string[];
}

/** @param what would have been checked, in the plural. */
export function nothingToLookAt({ isListed }: LookContext, what: string): Look {
  return { seen: undefined, problems: isListed ? [`there are no ${what}`] : [] };
}

/** Reads a whole number from a result with one row and one column. @returns undefined for null. */
export async function askNumber({ probe, database }: LookContext, sql: string): Promise<bigint | undefined> {
  const { rows } = await probe.query(sql, { database, maxRows: 1 });
  const cell = rows[0]?.[0] ?? null;
  return cell === null ? undefined : BigInt(String(cell));
}
