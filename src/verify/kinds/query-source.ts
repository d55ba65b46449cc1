import { z } from 'zod';
import { mapping, name, prose } from '../../config/fields.ts';
import type { FileReference } from '../check-kind.ts';

/** A query in a drill file, or the SQL file that contains it. */
export type QuerySource = string | { readonly file: string };

/** The schema of a {@link QuerySource}, to be described at the key that uses it. */
export function querySource() {
  return z.union(
    [
      prose('a query'),
      mapping({
        file: name('the path of an SQL file').describe('Relative to the drill file, in its directory or below.'),
      }),
    ],
    { error: 'must be a query, or { file: PATH }' },
  );
}

/** @param value of this key in a check, not validated yet. */
export function findQueryFile(key: string, value: unknown): readonly FileReference[] {
  const file = typeof value === 'object' && value !== null && 'file' in value ? value.file : undefined;
  return typeof file === 'string' ? [{ path: [key, 'file'], file, holds: 'this check’s query' }] : [];
}

/** @returns the query; undefined when its file could not be read, which has been reported. */
export function readQuery(
  key: string,
  source: QuerySource,
  textOf: (path: readonly string[]) => string | undefined,
): string | undefined {
  return (typeof source === 'string' ? source : textOf([key, 'file']))?.trim();
}
