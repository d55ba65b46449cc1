import { pipeline, Readable } from 'node:stream';
import type { ObjectContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { compareSeries } from '../../../../support/versions.ts';
import { finishRestore } from '../../../finish-restore.ts';
import type { Restoration, Restored, RunOptions } from '../../../format.ts';
import { untilReady } from '../../../server/server-process.ts';
import type { BoltHeader } from '../../bolt/header.ts';
import type { StoredKeyspace } from '../../bolt/stored-keyspace.ts';
import type { EtcdOptions } from '../../etcd-options.ts';
import { createCheckAccount, findAdmin } from '../../server/accounts.ts';
import { type Asked, countKeys, hashKeyspace } from '../../server/ask-server.ts';
import { etcdError } from '../../server/etcd-error.ts';
import { etcdArgv, findPrograms } from '../../server/etcd-programs.ts';
import { RestoredEtcd } from '../../server/restored-etcd.ts';
import { DATA, MEMBER, startServer } from '../../server/start-server.ts';
import { judgeKeyspace, type ServedKeyspace } from './judge-keyspace.ts';
import { requireEtcd } from './require-etcd.ts';
import { SnapshotWatch } from './snapshot-watch.ts';

export interface SnapshotBackup {
  readonly content: ObjectContent;
  readonly header: BoltHeader;
  readonly options: EtcdOptions | undefined;
}

/** @throws DrillError `tool-missing`. */
export async function provisionSnapshot(
  backup: SnapshotBackup,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<Restoration> {
  const version = await findPrograms(sandbox, signal);
  return { run: (options) => restore(backup, { sandbox, version }, options) };
}

interface Site {
  readonly sandbox: Sandbox;
  readonly version: string;
}

async function restore(backup: SnapshotBackup, site: Site, options: RunOptions): Promise<Restored> {
  const { content } = backup;
  const { sandbox, version } = site;
  const { key } = content.backup;
  const { signal, phases } = options;
  const report = (phase: 'unpack' | 'load' | 'seal', doing: string) =>
    options.onProgress({ bytesRead: content.meter.bytesRead, doing, ratio: undefined, phase });
  report('unpack', 'fetching the snapshot');
  const staged = await stage(backup, sandbox, signal);
  const { stored } = staged;
  requireSeries(key, stored, site);
  await sandbox.guardRun?.('closed');
  report('load', 'restoring the snapshot');
  const [revision] = await Promise.all([
    phases.beside('verify', readRevision(key, sandbox, signal)),
    restoreFiles(key, staged, sandbox, signal),
  ]);
  const serverProcess = startServer(sandbox);
  try {
    await untilReady(serverProcess, sandbox, signal);
    const asked = {
      sandbox,
      signal,
      account: await findAdmin({ sandbox, signal }, key, backup.options?.rootPasswordEnv, process.env),
    };
    const served = await readServed(asked, key, stored?.revision ?? revision);
    const warnings = [...staged.warnings, ...judgeKeyspace(key, stored, served)];
    const { check } = await createCheckAccount(asked);
    const server = new RestoredEtcd({ sandbox, version, check, revision: served.revision, keys: served.keys });
    options.onBooted(server);
    return await finishRestore(server, { database: 'etcd', warnings }, options, () => report('seal', 'sealing'));
  } catch (error) {
    await serverProcess.kill();
    throw error;
  }
}

interface Staged {
  readonly hasChecksum: boolean;
  /** Undefined if it could not be read. */
  readonly stored: StoredKeyspace | undefined;
  readonly warnings: readonly string[];
}

const FILE = 'snapshot.db';

/** @throws DrillError `backup-truncated`, `backup-corrupt`, `backup-unrecognised`. */
async function stage({ content, header }: SnapshotBackup, sandbox: Sandbox, signal: AbortSignal): Promise<Staged> {
  const { key } = content.backup;
  const watch = new SnapshotWatch(key, header);
  pipeline(content.stream(signal), watch, () => undefined); // the error reaches the reader
  await sandbox.writeFiles(
    sandbox.paths.scratch,
    Readable.from([{ name: FILE, sizeBytes: undefined, content: watch }]),
    signal,
  );
  requireEtcd(key, watch.bucketNames());
  const { hasChecksum } = watch;
  const warnings = hasChecksum
    ? []
    : [
        `${key} has no checksum, like any copy of \`member/snap/db\`: changed values would go unnoticed, and what was only in the write-ahead log is lost. Use \`etcdctl snapshot save\``,
      ];
  return { hasChecksum, stored: watch.keyspace(), warnings };
}

function requireSeries(key: string, stored: StoredKeyspace | undefined, { sandbox, version }: Site): void {
  const needed = stored?.clusterVersion;
  if (needed === undefined || compareSeries(version, needed) >= 0) return;
  throw new DrillError(
    'version-unsupported',
    `${key} comes from a cluster of etcd ${needed}; ${sandbox.provenance.name} has ${version}`,
    { hint: `Name an image with etcd ${needed} or later in \`engine.image\`.` },
  );
}

/** Reads every page with etcd's own tool. @returns the newest stored revision. */
async function readRevision(key: string, sandbox: Sandbox, signal: AbortSignal): Promise<number> {
  const argv = ['etcdutl', 'snapshot', 'status', `${sandbox.paths.scratch}/${FILE}`, '--write-out=json'];
  const { exitCode, stdout, stderr } = await sandbox.exec(etcdArgv(sandbox, argv), { signal, env: { LC_ALL: 'C' } });
  const revision = /"revision":(\d+)/.exec(stdout)?.[1];
  if (exitCode === 0 && revision !== undefined) return Number(revision);
  throw damaged(key, sandbox, exitCode, stderr);
}

async function restoreFiles(
  key: string,
  { hasChecksum }: Staged,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<void> {
  const peer = 'http://localhost:2380'; // written into the data; nothing listens there
  const options = [
    `--data-dir=${DATA}`,
    `--name=${MEMBER}`,
    `--initial-cluster=${MEMBER}=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    ...(hasChecksum ? [] : ['--skip-hash-check']),
  ];
  const argv = ['etcdutl', 'snapshot', 'restore', `${sandbox.paths.scratch}/${FILE}`, ...options];
  const { exitCode, stderr } = await sandbox.exec(etcdArgv(sandbox, argv), { signal, env: { LC_ALL: 'C' } });
  if (exitCode !== 0) throw damaged(key, sandbox, exitCode, stderr);
}

function damaged(key: string, sandbox: Sandbox, exitCode: number, said: string): DrillError {
  return etcdError(sandbox, `\`etcdutl\` does not read ${key}`, {
    exitCode,
    said,
    otherwise: 'backup-corrupt',
    hint: 'Take a new snapshot, and drill an older one with `--backup`.',
  });
}

/** @param revision the snapshot's newest stored revision. @throws DrillError `restore-failed` for a server that has not reached it. */
async function readServed(asked: Asked, key: string, revision: number): Promise<ServedKeyspace> {
  const newest = await countKeys(asked);
  if (newest.revision < revision) {
    throw new DrillError(
      'restore-failed',
      `the server is at revision ${newest.revision} after the restore, and ${key} at ${revision}`,
      {
        hint: 'Take a new snapshot, and compare the versions of the server that wrote it and of the one that restores it.',
      },
    );
  }
  const { keys } = await countKeys(asked, revision);
  return { revision, keys, hash: await hashKeyspace(asked, revision) };
}
