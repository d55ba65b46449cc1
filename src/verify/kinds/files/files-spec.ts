import { posix } from 'node:path';
import { z } from 'zod';
import { expectationSchema } from '../../../config/expectation-schema.ts';
import { duration, flag, mapping, name, prose, wholeNumber } from '../../../config/fields.ts';
import { parseDurationMs, parseSizeBytes } from '../../../support/quantities.ts';
import { explainVacuousCount } from '../../evaluate.ts';
import type { Expectation } from '../../expectations/registry.ts';

/** What a check requires of restored files; at least one property. */
export interface FilesSpec {
  /** The folder that the check applies to; `''`: everything that was restored. */
  readonly path: string;
  readonly exist: readonly string[];
  readonly count: Expectation | undefined;
  readonly minBytes: number | undefined;
  readonly maxBytes: number | undefined;
  /** Maximum age of the newest file relative to the backup, in milliseconds; undefined: not checked. */
  readonly newestMs: number | undefined;
  readonly sha256: Readonly<Record<string, string>>;
  /** Path of a restored file in `sha256sum` format. */
  readonly manifest: string | undefined;
  /** Number of files to read completely. */
  readonly sample: number;
  readonly sqlite: SqliteSpec | undefined;
}

export interface SqliteSpec {
  readonly file: string;
  readonly sql: string | undefined;
  readonly expect: Expectation | undefined;
  readonly integrity: boolean;
}

/** A path relative to what was restored. */
function path(what: string) {
  return name(what).superRefine((text, context) => {
    if (text.startsWith('/'))
      context.addIssue({ code: 'custom', message: 'begins with /; write it relative to the restored folder' });
    else if (text.split('/').includes('..'))
      context.addIssue({ code: 'custom', message: 'has `..`; it must stay in the restored folder' });
  });
}

function size() {
  return z.string({ error: 'must be a size such as 200m or 5g' }).refine((text) => parseSizeBytes(text) !== undefined, {
    error: 'is not a size; write one such as 200m or 5g',
  });
}

const sqlite = mapping({
  file: path('the path of a database file').describe('The database, below `path`.'),
  sql: prose('a query')
    .refine((text) => !text.trimStart().startsWith('.'), { error: 'is a command of the sqlite3 shell; write SQL' })
    .optional()
    .describe('One read-only query.'),
  expect: expectationSchema.optional().describe('The expected result of `sql`.'),
  integrity: flag().default(true).describe('Whether `PRAGMA integrity_check` must return `ok`.'),
}).superRefine(({ sql, expect, integrity }, context) => {
  if (sql !== undefined && expect === undefined)
    context.addIssue({ code: 'custom', path: ['sql'], message: 'must be set together with expect' });
  if (sql === undefined && expect !== undefined)
    context.addIssue({ code: 'custom', path: ['expect'], message: 'must be set together with sql' });
  if (sql === undefined && !integrity)
    context.addIssue({
      code: 'custom',
      message: 'says nothing to check: write `sql` with `expect`, or leave `integrity` on',
    });
});

export const filesSchema = mapping({
  path: path('the path of a folder').optional().describe('The folder to check. Default: everything that was restored.'),
  exist: z
    .array(path('a path'), { error: 'must be a list of paths' })
    .default([])
    .describe(
      'Files or folders that must exist, below `path`. Links are not followed: to check a link’s target, name the target.',
    ),
  count: expectationSchema
    .superRefine((expectation, context) => {
      const message = explainVacuousCount(expectation);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional()
    .describe('The number of regular files: `{ min: 1000 }`.'),
  size: mapping({
    min: size().optional().describe('Minimum total size.'),
    max: size().optional().describe('At most.'),
  })
    .refine(({ min, max }) => min !== undefined || max !== undefined, { error: 'must have min or max' })
    .refine(
      ({ min, max }) =>
        min === undefined || max === undefined || (parseSizeBytes(min) ?? 0) <= (parseSizeBytes(max) ?? 0),
      {
        error: 'has a min above its max',
      },
    )
    .optional()
    .describe('The total size of all regular files, in powers of 1024.'),
  newest: duration().optional().describe('The file that was modified last is at most this much older than the backup.'),
  sha256: z
    .record(
      z.string(),
      z.string().regex(/^[0-9a-fA-F]{64}$/, { error: 'must be a SHA-256 in 64 hexadecimal digits' }),
      {
        error: 'must map paths to checksums',
      },
    )
    .default({})
    .describe('The SHA-256 checksums of files, by path below `path`.'),
  manifest: path('the path of a manifest')
    .optional()
    .describe(
      'A restored file with checksums in `sha256sum` format, below `path`. Every file listed in it must exist and match; its paths are relative to its own folder, and those with a leading `/` to everything that was restored.',
    ),
  sample: wholeNumber(1, 10_000).optional().describe('This many files, chosen by the backup, are read to their end.'),
  sqlite: sqlite.optional().describe('A SQLite database among the files, read by `sqlite3` in the sandbox.'),
}).superRefine((file, context) => {
  const { exist, count, size, newest, sha256, manifest, sample, sqlite } = file;
  const rest = [count, size, newest, manifest, sample, sqlite];
  const at = exist.findIndex((each) => posix.join(file.path ?? '', each).replace(/\/$/, '') === '.');
  if (at >= 0)
    context.addIssue({
      code: 'custom',
      path: ['exist', at],
      message: 'is the restored folder itself, which is always there',
    });
  if (exist.length === 0 && Object.keys(sha256).length === 0 && rest.every((each) => each === undefined))
    context.addIssue({ code: 'custom', message: `says nothing to check (one of: ${ASPECTS.join(', ')})` });
});

const ASPECTS = ['exist', 'count', 'size', 'newest', 'sha256', 'manifest', 'sample', 'sqlite'];

export function resolveFiles(file: z.output<typeof filesSchema>): FilesSpec {
  const { path = '', exist, count, size, newest, sha256, manifest, sample = 0, sqlite } = file;
  const bytes = (text: string | undefined) => (text === undefined ? undefined : parseSizeBytes(text));
  return {
    path: path.replace(/^(?:\.\/)+|\/+$/g, '').replace(/^\.$/, ''),
    exist,
    count,
    minBytes: bytes(size?.min),
    maxBytes: bytes(size?.max),
    newestMs: newest === undefined ? undefined : parseDurationMs(newest),
    sha256,
    manifest,
    sample,
    sqlite: sqlite && { file: sqlite.file, sql: sqlite.sql, expect: sqlite.expect, integrity: sqlite.integrity },
  };
}
