import type { Catalog } from '../../../engines/catalog.ts';
import type { TableNames } from '../../catalog/table-names.ts';
import type { CheckContext, Probe } from '../../check-kind.ts';

/** What each part of the check is given. */
export interface LookContext extends Pick<CheckContext, 'restore' | 'clock' | 'signal'> {
  readonly probe: Probe;
  readonly catalog: Catalog;
  readonly names: TableNames;
  readonly database: string | undefined;
  /** The drill names this part, so it proves nothing when there is nothing to look at. */
  readonly isListed: boolean;
  /** Whether the drill leaves out the object of this name. */
  readonly isExcepted: (name: string) => boolean;
}

/** What one part found. */
export interface Look {
  /** What it looked at: `12 foreign keys`; undefined: there was nothing. */
  readonly seen: string | undefined;
  readonly problems: readonly string[];
  /** For people, whether it passes or not. */
  readonly notes?: readonly string[];
}

/** @param what it would look at, in the plural. */
export function nothingToLookAt({ isListed }: LookContext, what: string): Look {
  return { seen: undefined, problems: isListed ? [`there are no ${what}`] : [] };
}

/** A whole number out of one row with one column. @returns undefined for null. */
export async function askNumber({ probe, database }: LookContext, sql: string): Promise<bigint | undefined> {
  const { rows } = await probe.query(sql, { database, maxRows: 1 });
  const cell = rows[0]?.[0] ?? null;
  return cell === null ? undefined : BigInt(String(cell));
}
