import { DrillError } from '../../../../support/errors.ts';
import { isAtLeast, versionIn } from '../../../../support/versions.ts';
import type { PostgresFacts } from '../../loading/check-compatibility.ts';
import { majorOf } from '../../major.ts';
import { isOwnRole, rolesNeededBy } from '../../server/dump-names.ts';
import type { ArchiveToc } from './archive-toc.ts';

/** What loading needs to know in addition to the engine contract's facts. */
export interface ArchiveFacts extends PostgresFacts {
  /** Roles that own objects which only a superuser may own. */
  readonly superusers: readonly string[];
  readonly oldestRestore: string;
  readonly entryCount: number;
}

const OWNED_BY_SUPERUSERS = new Set(['EVENT TRIGGER', 'FOREIGN DATA WRAPPER', 'SUBSCRIPTION', 'PUBLICATION']);
const NAMES_ROLES = new Set(['ACL', 'DEFAULT ACL', 'POLICY', 'USER MAPPING', 'DATABASE PROPERTIES']);

/** Reads everything that is needed before boot from the table of contents. */
export function factsOfArchive(toc: ArchiveToc, format: string): ArchiveFacts {
  const serverVersion = versionIn(toc.serverVersion ?? '');
  if (!serverVersion) {
    throw new DrillError('backup-corrupt', 'the archive does not say which server version it was dumped from', {
      hint: 'Take a new backup, and compare the size and checksum of this one with what was written.',
    });
  }
  const oldestRestore = oldestRestoreFor(toc.version);
  const serverMajor = majorOf(serverVersion);
  const data = toc.entries.filter((entry) => entry.desc === 'TABLE DATA');
  return {
    engine: 'postgres',
    format,
    serverVersion,
    dumpedBy: `pg_dump ${versionIn(toc.dumpVersion ?? '') ?? 'of unknown version'}`,
    roles: unique(toc.entries.flatMap(rolesOf)),
    superusers: unique(toc.entries.filter(({ desc }) => OWNED_BY_SUPERUSERS.has(desc)).map(({ owner }) => owner ?? '')),
    database: toc.database || undefined,
    tableCount: data.length,
    needs: {
      major: isAtLeast(serverMajor, oldestRestore) ? serverMajor : oldestRestore,
      extensions: unique(toc.entries.filter(({ desc }) => desc === 'EXTENSION').map(({ tag }) => tag)),
    },
    oldestRestore,
    entryCount: toc.entries.length,
  };
}

function rolesOf(entry: ArchiveToc['entries'][number]): string[] {
  const mentioned = NAMES_ROLES.has(entry.desc) ? statementsOf(entry.defn).flatMap(rolesNeededBy) : [];
  return [entry.owner ?? '', ...mentioned].filter(isOwnRole);
}

/** pg_dump ends each statement of these entries with `;` and a new line; role names cannot contain that unquoted. */
function statementsOf(defn: string): string[] {
  return defn.split(/;\n/).map((statement) => statement.trim());
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => name !== '').sort();
}

/**
 * The oldest pg_restore that reads an archive of this version: 1.12 and 1.13 since 9.0 (every version in use), 1.14 since
 * 12, 1.15 since 16, 1.16 since 17. Source: K_VERS_* in PostgreSQL's src/bin/pg_dump/pg_backup_archiver.h across its
 * releases.
 */
function oldestRestoreFor(version: readonly [number, number, number]): string {
  const minor = version[1];
  if (minor <= 13) return '9.6';
  if (minor === 14) return '12';
  if (minor === 15) return '16';
  return '17';
}
