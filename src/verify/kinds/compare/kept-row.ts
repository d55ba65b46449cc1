import type { ChangeRange } from '../../change-range.ts';

/** How a value may differ from that of the last good run. */
export type AllowedChange = 'none' | 'growth' | ChangeRange;

/**
 * A value as it is stored: a number or an instant as text after `n` or `t`, the hash of anything else after `h`; null stays null. So the record contains
 * figures, but no text from the data.
 */
export type KeptValue = string | null;

/** A row as it is stored: its key and its other values. */
export type KeptRow = readonly [key: string, values: readonly KeptValue[]];
