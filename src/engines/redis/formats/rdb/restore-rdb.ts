import type { ObjectContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { isAtLeast } from '../../../../support/versions.ts';
import type { ProvisionOptions, Restoration, Restored, RunOptions } from '../../../format.ts';
import type { Product } from '../../product.ts';
import { findTools } from '../../server/find-tools.ts';
import type { Keyspace } from '../../server/keyspace.ts';
import { DUMP_FILE } from '../../server/start-server.ts';
import { explainModules } from '../explain-modules.ts';
import { type FilesToLoad, loadFiles, type Site } from '../load-files.ts';
import { type CheckedRdb, checkRdb } from './check-rdb.ts';

export interface RdbBackup {
  readonly product: Product;
  readonly content: ObjectContent;
  /** `an RDB of version 11 by Valkey 8.1.1` */
  readonly what: string;
  readonly rdbVersion: number;
}

/** @throws DrillError `tool-missing`, `version-unsupported`. */
export async function provisionRdb(
  backup: RdbBackup,
  sandbox: Sandbox,
  { signal }: ProvisionOptions,
): Promise<Restoration> {
  const { product } = backup;
  const version = await findTools(sandbox, product, signal);
  requireVersion({ ...backup, key: backup.content.backup.key }, version, sandbox);
  return { run: (options) => restore(backup, { sandbox, product, version }, options) };
}

export interface RdbToRead extends Pick<RdbBackup, 'product' | 'what' | 'rdbVersion'> {
  /** Names the backup in errors. */
  readonly key: string;
}

/** @throws DrillError `version-unsupported` if the server in the sandbox is older than the first that reads such an RDB. */
export function requireVersion(
  { product, key, what, rdbVersion }: RdbToRead,
  version: string,
  sandbox: Pick<Sandbox, 'provenance'>,
): void {
  const needed = product.readsFrom(rdbVersion) ?? product.oldest;
  if (isAtLeast(version, needed)) return;
  throw new DrillError(
    'version-unsupported',
    `${key} is ${what}, and needs ${product.title} ${needed} or later; ${sandbox.provenance.name} has ${version}`,
    { hint: `Set \`engine.version\` to "${needed}" or later, or name such an image in \`engine.image\`.` },
  );
}

async function restore(backup: RdbBackup, site: Site, options: RunOptions): Promise<Restored> {
  const { product, content } = backup;
  const { sandbox } = site;
  const { key } = content.backup;
  const { signal, phases } = options;
  const report = (phase: 'unpack' | 'load' | 'seal', doing: string) =>
    options.onProgress({ bytesRead: content.meter.bytesRead, doing, ratio: undefined, phase });
  report('unpack', 'fetching the file');
  await sandbox.writeFiles(sandbox.paths.data, oneFile(content, signal), signal);
  await sandbox.guardRun?.('closed');
  report('load', 'loading keys');
  const files: FilesToLoad<CheckedRdb> = {
    kind: 'dump',
    checked: () => phases.beside('verify', checkRdb(sandbox, product, key, signal)),
    judge: (checked, keyspace) => ({
      warnings: judgeLoad(key, checked, keyspace),
      listed: keyspace,
      files: [DUMP_FILE],
    }),
    explain: (error, lines) => explainModules(key, error, lines),
  };
  return loadFiles(site, files, options, () => report('seal', 'sealing'));
}

async function* oneFile(content: ObjectContent, signal: AbortSignal) {
  yield { name: DUMP_FILE, sizeBytes: undefined, content: content.stream(signal) };
}

/**
 * Compares what the server loaded with the contents of the file. Any server drops keys that have expired since the backup.
 * @returns warnings.
 * @throws DrillError `backup-empty`, `restore-failed`.
 */
export function judgeLoad(key: string, checked: CheckedRdb, { loaded, expired }: Keyspace): readonly string[] {
  const { keys } = checked;
  if (keys === 0) {
    throw new DrillError('backup-empty', `${key} is a complete RDB file, but has no keys`, {
      hint: 'Check what the backup job copies: a server that started empty writes such a dump.',
    });
  }
  if (loaded + expired !== keys) {
    throw new DrillError(
      'restore-failed',
      `the server loaded ${loaded} keys of ${key} and dropped ${expired} as expired; the file has ${keys}`,
      { hint: 'Take a new backup, and compare the versions of the server that wrote it and of the one that loads it.' },
    );
  }
  if (loaded === 0) {
    throw new DrillError(
      'restore-failed',
      `all ${keys} keys of ${key} have expired since the backup: the recovered server is empty`,
      { hint: 'Drill the backup before its keys expire, or back up data that outlives its backup.' },
    );
  }
  return [
    ...(expired > 0 ? [`${expired} of ${keys} keys had expired since the backup, and were dropped`] : []),
    ...(checked.hasChecksum ? [] : [`${key} has no checksum (\`rdbchecksum no\`): changed values would go unnoticed`]),
  ];
}
