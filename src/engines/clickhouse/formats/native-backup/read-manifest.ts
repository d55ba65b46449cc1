import { StringDecoder } from 'node:string_decoder';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { SYSTEM_DATABASES } from '../../server/system-databases.ts';
import { unescapeFileName } from '../file-names.ts';

export interface BackupTable {
  readonly database: string;
  readonly table: string;
  /** Whether the backup contains parts or files of rows for it. */
  readonly hasData: boolean;
}

/** Metadata of a backup, from its file `.backup`. Source: ClickHouse, src/Backups/BackupImpl.cpp, `writeBackupMetadata`. */
export interface Manifest {
  readonly uuid: string | undefined;
  /** As written, in the time zone of the server: `2026-11-29 06:34:09`. */
  readonly writtenAt: string | undefined;
  /** For an increment: the backup that it builds on, as named by its server, and that backup's id. May contain a password: never show it. */
  readonly base: { readonly uuid: string | undefined } | undefined;
  /** Excludes the server's own, as do tables and definitions. */
  readonly databases: readonly string[];
  readonly tables: readonly BackupTable[];
  /** The files that define them, by name in the backup. */
  readonly definitions: ReadonlyMap<string, Pick<BackupTable, 'database' | 'table'>>;
  /** In bytes, of all files together, including those of the base. */
  readonly sizeBytes: number;
  /** Files that the backup itself must contain, with their sizes. */
  readonly stored: ReadonlyMap<string, number>;
  /** For a backup of a cluster; 0 for a single server. */
  readonly shards: number;
}

const MAX_ELEMENT_CHARS = 2 ** 20;

/**
 * Reads it piece by piece: it has an entry for each file, and a large server has millions.
 * @param key of the backup, for use in messages. @throws DrillError `backup-truncated`, `backup-corrupt`, `version-unsupported`.
 */
export async function readManifest(key: string, bytes: AsyncIterable<Buffer>): Promise<Manifest> {
  const decoder = new StringDecoder('utf8');
  const reader = new ManifestReader(key);
  let rest = '';
  for await (const chunk of bytes) rest = reader.take(rest + decoder.write(chunk));
  return reader.finish(rest + decoder.end());
}

class ManifestReader {
  private readonly key: string;
  private head: string | undefined;
  private readonly stored = new Map<string, number>();
  private readonly tables = new Map<string, BackupTable>();
  private readonly definitions = new Map<string, Pick<BackupTable, 'database' | 'table'>>();
  private readonly databases = new Set<string>();
  private readonly shards = new Set<string>();
  private sizeBytes = 0;

  constructor(key: string) {
    this.key = key;
  }

  /** @returns the incomplete remainder. */
  take(text: string): string {
    let at = 0;
    if (this.head === undefined) {
      const end = text.indexOf('<contents>');
      if (end < 0) return this.held(text);
      this.head = text.slice(0, end);
      if (!/<config>/.test(this.head)) throw this.corrupt('it does not begin with <config>, as ClickHouse writes it');
      at = end + '<contents>'.length;
    }
    for (;;) {
      const end = text.indexOf('</file>', at);
      if (end < 0) return this.held(text.slice(at));
      this.addFile(text.slice(at, end));
      at = end + '</file>'.length;
    }
  }

  finish(rest: string): Manifest {
    if (this.head === undefined || !/<\/contents>\s*<\/config>\s*$/.test(rest)) {
      throw new DrillError(
        'backup-truncated',
        `${this.key}.backup ends in the middle: the list of the backup’s files is cut off`,
        {
          hint: 'Compare its size with what was written, and take a new backup.',
        },
      );
    }
    const version = textOf(this.head, 'version');
    if (version !== undefined && !/^[12]$/.test(version)) {
      throw new DrillError(
        'version-unsupported',
        `${this.key} has the layout version ${toPrintable(version, 40)}; versions 1 and 2 are supported`,
        {
          hint: 'Update Firedrill, if a newer release reads this version.',
        },
      );
    }
    return {
      uuid: textOf(this.head, 'uuid'),
      writtenAt: textOf(this.head, 'timestamp'),
      base: /<base_backup>/.test(this.head) ? { uuid: textOf(this.head, 'base_backup_uuid') } : undefined,
      databases: [...this.databases],
      tables: [...this.tables.values()],
      definitions: this.definitions,
      sizeBytes: this.sizeBytes,
      stored: this.stored,
      shards: this.shards.size,
    };
  }

  private addFile(element: string): void {
    const name = textOf(element, 'name');
    const size = Number(textOf(element, 'size'));
    if (name === undefined || !Number.isSafeInteger(size)) throw this.corrupt('an entry lacks a name or a size');
    if (name.startsWith('/') || name.split('/').includes('..')) {
      throw this.corrupt(`it names a file outside the backup, ${toPrintable(name, 100)}`);
    }
    this.sizeBytes += size;
    const isElsewhere = textOf(element, 'data_file') !== undefined || textOf(element, 'object_key') !== undefined;
    const ofBase = textOf(element, 'use_base') === undefined ? 0 : Number(textOf(element, 'base_size') ?? size);
    if (size > ofBase && !isElsewhere) this.stored.set(name, size - ofBase);
    this.addTable(name);
  }

  private addTable(name: string): void {
    const shard = /^shards\/\d+\/replicas\/\d+\//.exec(name)?.[0];
    if (shard !== undefined) this.shards.add(shard.split('/')[1] ?? '');
    const [folder, database = '', ...below] = name.slice(shard?.length ?? 0).split('/');
    // `BACKUP ALL` lists them as well, and RESTORE leaves them unchanged
    if (SYSTEM_DATABASES.has(below.length === 0 ? database.replace(/\.sql$/, '') : database)) return;
    if (folder === 'metadata' && below.length === 0 && database.endsWith('.sql')) {
      this.databases.add(this.decode(database.slice(0, -4)));
    } else if (folder === 'metadata' && below.length === 1 && below[0]?.endsWith('.sql')) {
      const table = below[0].slice(0, -4);
      this.noteTable(database, table, false);
      this.definitions.set(name, { database: this.decode(database), table: this.decode(table) });
    } else if (folder === 'data' && below.length > 1 && below[0] !== undefined) {
      this.noteTable(database, below[0], true);
    }
  }

  private noteTable(databaseFile: string, tableFile: string, hasData: boolean): void {
    const key = `${databaseFile}/${tableFile}`;
    const known = this.tables.get(key);
    if (known && (known.hasData || !hasData)) return;
    this.tables.set(key, { database: this.decode(databaseFile), table: this.decode(tableFile), hasData });
  }

  private decode(file: string): string {
    const name = unescapeFileName(file);
    if (name === undefined) throw this.corrupt(`it has a file name that no server writes, ${toPrintable(file, 100)}`);
    return name;
  }

  private held(text: string): string {
    if (text.length > MAX_ELEMENT_CHARS) throw this.corrupt('an entry has no end');
    return text;
  }

  private corrupt(why: string): DrillError {
    return new DrillError('backup-corrupt', `${this.key}.backup is damaged: ${why}`, {
      hint: 'Compare its checksum with what was written, and take a new backup.',
    });
  }
}

/** The text of an element without children. */
function textOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text === undefined ? undefined : decodeXml(text);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function decodeXml(text: string): string {
  return text.replaceAll(
    /&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g,
    (all, decimal?: string, hex?: string, name?: string) => {
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      if (name !== undefined) return ENTITIES[name] ?? all;
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
