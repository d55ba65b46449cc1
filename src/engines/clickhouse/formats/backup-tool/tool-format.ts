import type { DirectoryContent } from '../../../../backup/content.ts';
import type { SandboxFile } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { formatCount } from '../../../../support/quantities.ts';
import { seriesOf } from '../../../../support/versions.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { OLDEST_LOCAL } from '../../server/oldest-local.ts';
import { type Definition, readDefinition } from '../parts/definition.ts';
import { noteUncopied, withChange } from '../parts/note-uncopied.ts';
import type { PartedTable, StoredPart } from '../parts/parted-table.ts';
import { readPartFiles } from '../parts/read-part-files.ts';
import { type PartedBackup, provisionParts } from '../parts/restore-parts.ts';
import { type FoundPart, findParts, requireParts } from './find-parts.ts';
import { isToolBackup } from './is-tool-backup.ts';
import { indexPartFiles, type PartFiles } from './part-files.ts';
import { readArchives, type WantedParts } from './read-archives.ts';
import { readToolBackup, type ToolBackup, type ToolTable } from './tool-metadata.ts';

export const toolFormat: BackupFormat = {
  recognise: (content) =>
    content.kind === 'directory' && isToolBackup(content) ? (signal) => openToolBackup(content, signal) : undefined,
};

const DEEPEST = 100;

async function openToolBackup(content: DirectoryContent, signal: AbortSignal): Promise<OpenBackup> {
  const { key } = content.backup;
  const chain = await openChain(content, signal);
  const [backup, ...bases] = chain;
  if (!backup) throw new DrillError('internal', 'a chain of backups is empty');
  const parts = new Map(backup.tables.map((table) => [table, findParts(table, chain)]));
  requireParts(key, [...parts.values()].flat());
  /** By the part object that a table retains when it gets another name or id. */
  const found = new Map<StoredPart, FoundPart>();
  const files = new Map(chain.map((one) => [one, indexPartFiles(one.content.members.keys())]));
  const tables = backup.tables.map((table) => tableOf(table, parts.get(table) ?? [], { key, found, files }));
  const { clickhouse_version: written, version: tool, functions } = backup.info;
  const version = /\d+\.\d+(?:\.\d+)*/.exec(written)?.[0] ?? 'unknown';
  const databases = [...new Set(backup.tables.map(({ database }) => database))];
  const readFiles: PartedBackup['readFiles'] = (folders, given) =>
    readAll(
      [...folders].flatMap(([{ parts: own }, folder]) =>
        own.flatMap((stored) => {
          const part = found.get(stored);
          return part ? [{ folder, stored, part }] : [];
        }),
      ),
      given,
    );
  return {
    facts: {
      engine: 'clickhouse',
      format: bases.length > 0 ? 'clickhouse-backup, incremental' : 'clickhouse-backup',
      serverVersion: version,
      dumpedBy: `clickhouse-backup ${toPrintable(tool, 40)}`.trim(),
      roles: [],
      database: databases.length === 1 ? databases[0] : undefined,
      tableCount: tables.filter(({ parts: own }) => own.length > 0).length,
    },
    needs: { major: version === 'unknown' ? OLDEST_LOCAL : seriesOf(version, 2), extensions: [] },
    databases,
    readFiles: bases.flatMap(({ content: base }) =>
      [...base.members].map(([name, { sizeBytes }]) => ({ key: `${base.backup.key}${name}`, sizeBytes })),
    ),
    provision: (sandbox, options) =>
      provisionParts(
        {
          content,
          tables,
          functions: (functions ?? []).map(({ create_query }) => create_query),
          readFiles,
        },
        sandbox,
        options,
      ),
  };
}

/** The backup, and those that it requires, found next to it by name. */
async function openChain(content: DirectoryContent, signal: AbortSignal): Promise<readonly ToolBackup[]> {
  const chain: ToolBackup[] = [];
  const parent = content.backup.key.replace(/[^/]*\/$/, '');
  for (let next: DirectoryContent | undefined = content; next; ) {
    const backup: ToolBackup = await readToolBackup(next, signal);
    requireReadable(backup);
    chain.push(backup);
    const { required_backup: required } = backup.info;
    if (required === '') return chain;
    const folder = `${parent}${required}/`;
    const isStored = content.inSource?.files.some(({ key }) => key === `${folder}metadata.json`) === true;
    if (!isStored || required.includes('/') || chain.length === DEEPEST) throw lacksBase(content.backup.key, required);
    next = content.inSource?.openDirectory(folder);
  }
  return chain;
}

function lacksBase(key: string, required: string): DrillError {
  return new DrillError(
    'backup-incomplete',
    `${key} is an incremental backup, and the backup ${toPrintable(required, 100)} that it requires is not beside it in the source`,
    { hint: 'Keep both below the URL of the source until no increment needs the older one.' },
  );
}

/** @throws DrillError `format-unsupported` for data that the tool stores elsewhere, or in another layout. */
function requireReadable({ content, info }: ToolBackup): void {
  const { key } = content.backup;
  const embedded = info.tags.includes('embedded');
  if (!embedded && info.cas === undefined && info.object_disk_size === 0) return;
  const why = embedded
    ? 'was taken by the server’s own BACKUP (use_embedded_backup_restore)'
    : info.cas === undefined
      ? 'keeps data of object disks outside the backup (object_disk_path)'
      : 'stores its files by content hash (cas-upload)';
  throw new DrillError(
    'format-unsupported',
    `${key}, a backup by clickhouse-backup, ${why}, which Firedrill does not read`,
    {
      hint: 'Drill it with `engine: { type: exec }`, running `clickhouse-backup restore_remote` in its own image.',
    },
  );
}

function tableOf(
  table: ToolTable,
  parts: readonly FoundPart[],
  {
    key,
    found,
    files,
  }: {
    readonly key: string;
    readonly found: Map<StoredPart, FoundPart>;
    readonly files: ReadonlyMap<ToolBackup, PartFiles>;
  },
): PartedTable {
  const definition = readDefinition(table.query, table.database, table.table);
  if (!definition) {
    throw new DrillError('backup-corrupt', `${key}metadata/${table.path}.json does not define a table`, {
      hint: 'Compare its checksum with what was written, and take a new backup.',
    });
  }
  return {
    database: table.database,
    table: table.table,
    definition: describeRows(table, definition),
    parts: parts.map((part) => {
      const stored = { name: part.name, files: filesOf(part, files) };
      found.set(stored, part);
      return stored;
    }),
  };
}

/** Rows that a restored copy lacks, besides those that every copy of parts lacks. */
function describeRows({ metadata_only: hasDefinitionOnly, mutations }: ToolTable, definition: Definition): Definition {
  if (hasDefinitionOnly) return withChange(definition, 'without rows: the backup has its definition only');
  const unfinished = mutations?.length ?? 0;
  if (unfinished === 0) return noteUncopied(definition);
  const what = unfinished === 1 ? 'a mutation' : `${formatCount(unfinished)} mutations`;
  return withChange(
    definition,
    `without ${what} that had not finished when the backup was taken: its rows are from before it`,
  );
}

/** Empty for a part in an archive. */
function filesOf(
  { name, disk, backup, table }: FoundPart,
  files: ReadonlyMap<ToolBackup, PartFiles>,
): ReadonlyMap<string, string> {
  if (table.archives.length > 0) return new Map();
  return files.get(backup)?.get(`shadow/${table.path}/${disk}/${name}/`) ?? new Map();
}

interface Placed {
  readonly folder: string;
  readonly stored: StoredPart;
  readonly part: FoundPart;
}

/** A single stream of files: first those of backups stored as files, then those from archives. */
async function* readAll(placed: readonly Placed[], signal: AbortSignal): AsyncGenerator<SandboxFile> {
  for (const [{ content }, all] of Map.groupBy(placed, ({ part }) => part.backup)) {
    const asFiles = all.filter(({ part }) => part.table.archives.length === 0);
    yield* readPartFiles(
      content,
      asFiles.map(({ folder, stored }) => ({ folder, part: stored })),
      signal,
    );
    const archived = all.filter(({ part }) => part.table.archives.length > 0);
    const wanted = [...Map.groupBy(archived, ({ part }) => part.table)].map(
      ([table, some]): WantedParts => ({
        content,
        archives: table.archives,
        parts: new Set(some.map(({ part }) => part.name)),
        folder: some[0]?.folder ?? '',
      }),
    );
    yield* readArchives(wanted, signal);
  }
}
