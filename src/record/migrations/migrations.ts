import { migration0001 } from './0001-runs.ts';

/** In order; the schema's version is how many have been applied. One that was released is never edited: another is added. */
export const MIGRATIONS: readonly string[] = [migration0001];
