import { quoteText } from '../sql/quoting.ts';

/** Every server has its own, so no backup restores them. */
export const SYSTEM_DATABASES: ReadonlySet<string> = new Set(['system', 'INFORMATION_SCHEMA', 'information_schema']);

/** A condition on `database` in the tables of `system`. */
export const IS_NO_SYSTEM_DATABASE = `database NOT IN (${[...SYSTEM_DATABASES].map(quoteText).join(', ')})`;
