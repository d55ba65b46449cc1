import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { ExportedTable, ExportFile } from './exported-table.ts';

/** A job whose client could not log in leaves empty files. */
export function allEmpty(key: string, count: number): DrillError {
  return new DrillError(
    'backup-empty',
    count === 1 ? `the only exported file in ${key} is empty` : `all ${count} exported files in ${key} are empty`,
    {
      hint: 'Check the exit codes of the export: a client that cannot log in leaves empty files.',
    },
  );
}

/**
 * Whether a file that is empty once decompressed can be that of an empty table: in Native, if a definition shows that the table exists.
 * @throws DrillError `backup-truncated`.
 */
export function requireMayBeEmpty(
  key: string,
  { name, format, stem }: Pick<ExportFile, 'name' | 'format' | 'stem'>,
  { definition }: Pick<ExportedTable, 'definition'>,
): void {
  if (format === 'Native' && definition) return;
  throw new DrillError(
    'backup-truncated',
    `${key}${toPrintable(name, 200)} is empty, which an export of a table never is`,
    {
      hint:
        format === 'Parquet'
          ? 'Parquet has a footer even without rows: export the table again, and check the exit code of the client.'
          : `Store its definition beside it as ${stem.split('.').slice(0, 2).join('.')}.sql, so that an empty table can be told from a failed export.`,
    },
  );
}
