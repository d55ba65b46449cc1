import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatExactInstant } from '../../../../support/instants.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { Restoration, Restored, RunOptions } from '../../../format.ts';
import type { Product } from '../../product.ts';
import { findTools } from '../../server/find-tools.ts';
import type { Keyspace } from '../../server/keyspace.ts';
import { APPEND_ONLY_FILE, APPEND_ONLY_FOLDER } from '../../server/start-server.ts';
import { explainModules } from '../explain-modules.ts';
import { type FilesToLoad, loadFiles, type Site } from '../load-files.ts';
import { readWriter } from '../rdb/rdb-format.ts';
import { readRdbHeader } from '../rdb/rdb-header.ts';
import { requireVersion } from '../rdb/restore-rdb.ts';
import { type CheckedAof, checkAof } from './check-aof.ts';
import { partsOf } from './manifest.ts';
import { NewestWrite } from './newest-write.ts';
import { type AofContent, type StagedAof, stageAof } from './stage-aof.ts';

export type AofBackup = AofContent & { readonly product: Product };

/** @throws DrillError `tool-missing`. */
export async function provisionAof(backup: AofBackup, sandbox: Sandbox, signal: AbortSignal): Promise<Restoration> {
  const version = await findTools(sandbox, backup.product, signal);
  return { run: (options) => restore(backup, { sandbox, product: backup.product, version }, options) };
}

async function restore(backup: AofBackup, site: Site, options: RunOptions): Promise<Restored> {
  const { product, content } = backup;
  const { sandbox } = site;
  const { key } = content.backup;
  const { signal, phases } = options;
  const report = (phase: 'unpack' | 'verify' | 'load' | 'seal', doing: string) =>
    options.onProgress({ bytesRead: content.meter.bytesRead, doing, ratio: undefined, phase });
  report('unpack', 'fetching the append-only file');
  const staged = await stageAof(backup, sandbox, signal);
  requireReadable(key, await readMagic(staged, sandbox, signal), site);
  await sandbox.guardRun?.('closed');
  report('verify', 'checking the append-only file');
  phases.enter('verify');
  const manifest = `${staged.folder}/${APPEND_ONLY_FILE}.manifest`;
  const checked = await checkAof(sandbox, product, { key, manifest, originals: staged.originals }, signal);
  const newest = await readNewestWrite(staged, sandbox, signal);
  phases.enter('load');
  report('load', 'replaying commands');
  const names = [...partsOf(staged.manifest).map(({ name }) => name), `${APPEND_ONLY_FILE}.manifest`];
  const summary = newest && `to its last command, of ${formatExactInstant(newest)} or later`;
  const files: FilesToLoad<CheckedAof> = {
    kind: 'append-only',
    checked: async () => checked, // a server writes to the files: the tool must have read them before
    judge: (found, keyspace) => ({
      ...judgeReplay(key, { checked: found, bytes: staged.bytes }, keyspace),
      files: names.map((name) => `${APPEND_ONLY_FOLDER}/${name}`),
      ...(newest && summary && { replayed: { summary, recoverableUntil: undefined, lastCommitAt: newest } }),
    }),
    explain: (error, lines) => explainModules(key, explainCommand(key, error, lines), lines),
  };
  return loadFiles(site, files, options, () => report('seal', 'sealing'));
}

/** An RDB begins with text, which is all of it that can be passed on as text. */
async function readMagic({ manifest, folder }: StagedAof, sandbox: Sandbox, signal: AbortSignal): Promise<string> {
  const [first] = partsOf(manifest);
  const { stdout } = await sandbox.exec(['head', '-c', '9', `${folder}/${first?.name}`], { signal });
  return stdout;
}

/**
 * The product's check tool takes a dump that is newer than itself for damage.
 * @param magic the first 9 bytes of the first part.
 * @throws DrillError `engine-mismatch`, `version-unsupported`.
 */
export function requireReadable(
  key: string,
  magic: string,
  { product, version, sandbox }: Pick<Site, 'product' | 'version'> & { readonly sandbox: Pick<Sandbox, 'provenance'> },
): void {
  const header = readRdbHeader(Buffer.from(magic));
  if (!header) return;
  const { what } = readWriter(key, header, product);
  requireVersion(
    { product, key, what: `an append-only file with ${what}`, rdbVersion: header.rdbVersion },
    version,
    sandbox,
  );
}

/** Reads only parts that start with a time; each of these is read once more in full. */
async function readNewestWrite(
  { manifest, folder }: StagedAof,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<Date | undefined> {
  let newest: Date | undefined;
  for (const { name } of partsOf(manifest)) {
    const path = `${folder}/${name}`;
    const { stdout } = await sandbox.exec(['head', '-c', '4', path], { signal });
    if (stdout !== '#TS:') continue;
    const scan = new NewestWrite();
    await sandbox.exec(['cat', path], { signal, stdout: scan });
    newest = scan.at ?? newest;
  }
  return newest;
}

/**
 * Compares what the server loaded with the files: the server reports their bytes, and the keys of the dump at the start. Only the server knows how many keys
 * the commands leave.
 * @throws DrillError `restore-failed`, `backup-empty`.
 */
export function judgeReplay(
  key: string,
  { checked: { dumpKeys }, bytes }: { readonly checked: CheckedAof; readonly bytes: number },
  keyspace: Keyspace,
): { readonly listed: Keyspace; readonly warnings: readonly string[] } {
  const { loaded, expired, appendOnlyBytes } = keyspace;
  const keys = [...keyspace.databases.values()].reduce((sum, database) => sum + database.keys, 0);
  const hint = 'Take a new backup, and compare the versions of the server that wrote it and of the one that loads it.';
  if (!(appendOnlyBytes >= bytes)) {
    throw new DrillError(
      'restore-failed',
      `the server has read ${appendOnlyBytes} bytes of ${key}, which has ${bytes}`,
      { hint },
    );
  }
  if (dumpKeys !== undefined && loaded + expired !== dumpKeys) {
    throw new DrillError(
      'restore-failed',
      `the server loaded ${loaded} keys of the dump in ${key} and dropped ${expired} as expired; it has ${dumpKeys}`,
      { hint },
    );
  }
  if (keys === 0) {
    throw new DrillError(
      'backup-empty',
      `${key} is complete, but no key is left once all of its commands are replayed`,
      {
        hint: 'Check which server the backup job copies from, whether a FLUSHALL is in the file, and whether all of its keys have expired since.',
      },
    );
  }
  return { listed: { ...keyspace, loaded: keys }, warnings: [] };
}

/** A command that the server does not know usually belongs to a module: that is not damage. */
function explainCommand(key: string, error: unknown, lines: readonly string[]): unknown {
  const command = /Unknown command '([^']{1,60})' reading the append only file/i.exec(lines.join('\n'))?.[1];
  if (command === undefined) return error;
  return new DrillError(
    'format-unsupported',
    `${key} has the command ${toPrintable(command, 60)}, which the server does not know: drills load no modules`,
    { cause: error, hint: 'Name an image of the version that wrote it in `engine.image`, if that is not of a module.' },
  );
}
