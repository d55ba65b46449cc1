import { basename } from 'node:path';
import type { BackupContent, DirectoryContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupFacts, BackupFormat, OpenBackup } from '../../../format.ts';
import { OLDEST_LOCAL } from '../../server/oldest-local.ts';
import { findBases } from './find-bases.ts';
import { isNativeBackup } from './is-native-backup.ts';
import type { Manifest } from './read-manifest.ts';
import { openManifest, requireStored, requireTables } from './require-stored.ts';
import { provisionNative } from './restore-native-backup.ts';

export const nativeBackupFormat: BackupFormat = {
  recognise: (content) => (isNativeBackup(content) ? (signal) => openNative(content, signal) : undefined),
};

async function openNative(content: BackupContent, signal: AbortSignal): Promise<OpenBackup> {
  if (content.kind === 'object') {
    const facts = factsOf(`BACKUP in a tar${describeLayers(content.layers)}`, undefined);
    return { facts, needs: NEEDS, provision: (sandbox, options) => provisionNative({ content }, sandbox, options) };
  }
  const manifest = await openManifest(content, signal);
  requireOneServer(content.backup.key, manifest);
  requireTables(content.backup.key, manifest);
  requireStored(content, manifest);
  const bases = manifest.base ? await findBases(content, manifest, signal) : [];
  return {
    facts: factsOf(manifest.base ? 'BACKUP, incremental' : 'BACKUP', manifest),
    needs: NEEDS,
    databases: manifest.databases,
    readFiles: bases.flatMap(filesOf),
    provision: (sandbox, options) => provisionNative({ content, manifest, bases }, sandbox, options),
  };
}

/** A backup does not state which server wrote it. */
const NEEDS = { major: OLDEST_LOCAL, extensions: [] };

function factsOf(format: string, manifest: Manifest | undefined): BackupFacts {
  const databases = manifest?.databases ?? [];
  return {
    engine: 'clickhouse',
    format,
    serverVersion: 'unknown',
    dumpedBy: 'BACKUP',
    roles: [],
    database: databases.length === 1 ? databases[0] : undefined,
    tableCount: manifest?.tables.filter(({ hasData }) => hasData).length,
  };
}

function filesOf({ backup, members }: DirectoryContent) {
  return [...members].map(([name, { sizeBytes }]) => ({ key: `${backup.key}${name}`, sizeBytes }));
}

function requireOneServer(key: string, { shards }: Manifest): void {
  if (shards < 2) return;
  throw new DrillError(
    'format-unsupported',
    `${basename(key)} is a backup of ${shards} shards of a cluster; backups of one server are supported`,
    {
      hint: 'Drill a backup of each shard, taken without ON CLUSTER.',
    },
  );
}
