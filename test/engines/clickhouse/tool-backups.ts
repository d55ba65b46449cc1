import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const FROZEN = 'followed/shadow/nightly/data/shop';
const DEFINED = 'followed/metadata/shop';

export interface ToolLayout {
  readonly name: string;
  /** `none` stores parts as files, `gzip` as two tars per table. */
  readonly compression: 'none' | 'gzip';
  /** Backup that holds the parts which this one omits. */
  readonly requires?: string;
  /** Names of parts to omit because `requires` has them. Default: none. */
  readonly required?: RegExp;
}

/**
 * Arranges the copies of {@link takeFreezes} as clickhouse-backup stores them, according to its source code: the
 * program itself is not available here.
 */
export async function arrangeAsTool(path: string, layout: ToolLayout): Promise<void> {
  const to = join(path, layout.name);
  const files = await readdir(join(path, DEFINED));
  const tables = files.map((file) => file.replace(/\.sql$/, ''));
  for (const table of tables) await arrangeTable(path, table, layout);
  const about = {
    backup_name: layout.name,
    disks: { default: '/var/lib/clickhouse' },
    version: '2.6.5',
    creation_date: '2026-01-01T13:00:00Z',
    tags: 'regular',
    clickhouse_version: 'v18.16.1',
    databases: [{ name: 'shop', engine: 'Ordinary', query: 'CREATE DATABASE shop ENGINE = Ordinary' }],
    tables: tables.map((table) => ({ database: 'shop', table: decodeURIComponent(table) })),
    functions: null,
    data_format: layout.compression === 'none' ? 'directory' : layout.compression,
    ...(layout.requires && { required_backup: layout.requires }),
  };
  await writeFile(join(to, 'metadata.json'), JSON.stringify(about, null, '\t'));
}

async function arrangeTable(path: string, table: string, layout: ToolLayout): Promise<void> {
  const to = join(path, layout.name);
  const frozen = join(path, FROZEN, table);
  const parts = (await readdir(frozen).catch(() => [])).toSorted();
  const stored = parts.filter((part) => !layout.required?.test(part));
  const files: string[] = [];
  if (layout.compression === 'none') {
    for (const part of stored)
      await cp(join(frozen, part), join(to, 'shadow/shop', table, 'default', part), { recursive: true });
  } else if (stored.length > 0) {
    await mkdir(join(to, 'shadow/shop', table), { recursive: true });
    const half = Math.ceil(stored.length / 2);
    for (const [index, some] of [stored.slice(0, half), stored.slice(half)].entries()) {
      if (some.length === 0) continue;
      const name = `default_${index + 1}.tar.gz`;
      await execa('tar', ['-czf', join(to, 'shadow/shop', table, name), '-C', frozen, ...some]);
      files.push(name);
    }
  }
  const attach = await readFile(join(path, DEFINED, `${table}.sql`), 'utf8');
  const about = {
    ...(files.length > 0 && { files: { default: files } }),
    table: decodeURIComponent(table),
    database: 'shop',
    parts: { default: parts.map((name) => ({ name, ...(!stored.includes(name) && { required: true }) })) },
    query: attach.replace(/^ATTACH /, 'CREATE '),
    size: { default: 1 },
    metadata_only: false,
  };
  await mkdir(join(to, 'metadata/shop'), { recursive: true });
  await writeFile(join(to, 'metadata/shop', `${table}.json`), JSON.stringify(about, null, '\t'));
}

/** Rewrites one tar of a table without a part. */
export async function losePart(tar: string, part: RegExp): Promise<void> {
  const folder = `${tar}.d`;
  await mkdir(folder);
  await execa('tar', ['-xzf', tar, '-C', folder]);
  const names = (await readdir(folder)).filter((name) => !part.test(name));
  await execa('tar', ['-czf', `${tar}.new`, '-C', folder, ...names]);
  await rename(`${tar}.new`, tar);
  await rm(folder, { recursive: true });
}
