import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DrillError } from '../../support/errors.ts';

/** The suffix that is added to the backup's full name. */
export const MANIFEST_ENDING = '.fingerprint.json';

/** Larger than any that is written: with {@link MAX_BUCKETS} and several thousand tables, a manifest is smaller. */
export const MAX_MANIFEST_BYTES = 64 * 2 ** 20;

const FORMAT = 'firedrill-fingerprint';
const VERSION = 1;

const integer = z.string().regex(/^-?\d{1,20}$/);
const digits = z.string().regex(/^[0-9a-f]{16,64}$/);
const text = z.string().max(10_000);

const tableSchema = z.object({
  name: text,
  /** Name and type of each column, in the table's order. */
  columns: z.array(z.tuple([text, text])).max(4096),
  rows: integer,
  hash: digits,
  /** Number of values that are not NULL, by nullable column. */
  filled: z.record(text, integer),
  /** Minimum and maximum of the integer key. */
  key: z.object({ column: text, min: integer, max: integer }).optional(),
  /** Rows and hash by range of the key, each `width` keys wide, starting at `key.min`; empty ranges are left out. */
  buckets: z
    .object({
      width: integer,
      count: z.int().min(1).max(4096),
      rows: z.array(z.tuple([z.int(), integer, digits])).max(4096),
    })
    .optional(),
});

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** The rules by which rows were turned into digests. */
  rules: text,
  database: text,
  serverVersion: text,
  /** When the snapshot was taken, or reading began. */
  at: z.iso.datetime(),
  firedrillVersion: text,
  /** Filter that selected the tables. */
  filter: z.object({ tables: z.array(text).optional(), exclude: z.array(text) }),
  tables: z.array(tableSchema).max(100_000),
  /** Covers everything above, so that a damaged manifest can be distinguished from damaged data. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type TableFingerprint = z.infer<typeof tableSchema>;
export type Manifest = Omit<z.infer<typeof manifestSchema>, 'format' | 'version' | 'sha256'>;

/** Writes one line per table, so that two manifests can be compared by eye. */
export function formatManifest(manifest: Manifest): string {
  const { tables, ...head } = { format: FORMAT, version: VERSION, ...manifest };
  const lines = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const rows = tables.map((table) => `    ${JSON.stringify(table)}`).join(',\n');
  return `{\n${lines.join('\n')}\n  "tables": [\n${rows}\n  ],\n  "sha256": "${checksum(manifest)}"\n}\n`;
}

/**
 * @param name of the file, for messages.
 * @throws DrillError `manifest-unusable` when it is damaged, not a manifest, or written by a newer Firedrill.
 */
export function parseManifest(content: string, name: string): Manifest {
  const unusable = (why: string) =>
    new DrillError('manifest-unusable', `the manifest ${name} ${why}`, {
      hint: 'Take a new backup with `firedrill fingerprint`, and keep the file that it writes unchanged beside it.',
    });
  const value = parseJson(content);
  if (value === undefined) throw unusable('is damaged: it is not complete JSON');
  const head = z.object({ format: z.literal(FORMAT), version: z.number() }).safeParse(value);
  if (!head.success) throw unusable('was not written by `firedrill fingerprint`');
  if (head.data.version > VERSION)
    throw unusable(`has version ${head.data.version}, and this Firedrill reads ${VERSION}`);
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) throw unusable('is damaged: keys are missing or have values that none of them can have');
  const { format, version, sha256, ...manifest } = parsed.data;
  if (sha256 !== checksum(manifest)) throw unusable('is damaged: its own checksum does not match');
  return manifest;
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined; // the caller reports it
  }
}

/** Covers the values in a fixed order, so reformatting the file does not change it. */
function checksum({ rules, database, serverVersion, at, firedrillVersion, filter, tables }: Manifest): string {
  const values = tables.map(({ name, columns, rows, hash, filled, key, buckets }) => [
    ...[name, columns, rows, hash, Object.entries(filled).toSorted(([a], [b]) => (a < b ? -1 : 1))],
    ...[key && [key.column, key.min, key.max], buckets && [buckets.width, buckets.count, buckets.rows]],
  ]);
  const all = JSON.stringify([
    rules,
    database,
    serverVersion,
    at,
    firedrillVersion,
    filter.tables ?? [],
    filter.exclude,
    values,
  ]);
  return createHash('sha256').update(all).digest('hex');
}
