import type { Readable } from 'node:stream';
import type { BackupContent } from '../../backup/content.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { isTarHeader } from '../../support/tar-header.ts';
import { copyDirectory } from '../physical/copy-directory.ts';
import { requireTarEnd } from '../physical/require-tar-end.ts';
import type { ExecOptions } from './exec-options.ts';
import { backupPath } from './placeholders.ts';

/**
 * Copies the backup into the sandbox, under the same name for every backup: as one file, as the contents of a tar, or as a directory. Throws what the content's
 * stream throws, `backup-truncated` for a tar without its end mark, `backup-corrupt` for a tar that tar cannot read, `disk-full`, `tool-missing`.
 */
export async function stageBackup(
  content: BackupContent,
  { stage }: Pick<ExecOptions, 'stage'>,
  { sandbox, signal }: { readonly sandbox: Sandbox; readonly signal: AbortSignal },
): Promise<void> {
  const { scratch } = sandbox.paths;
  const path = backupPath(sandbox.paths);
  if (content.kind === 'directory') return copyDirectory(content, path, { sandbox, signal });
  if (stage === 'unpacked') return unpack(content, path, { sandbox, signal });
  const sizeBytes = content.layers.length === 0 ? content.backup.sizeBytes : undefined;
  await sandbox.writeFiles(scratch, one({ name: 'backup', sizeBytes, content: content.stream(signal) }), signal);
}

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item;
}

const MAKE_AND_EXTRACT = 'mkdir -p "$1" && exec tar -x -f - -C "$1"';

async function unpack(
  content: Extract<BackupContent, { kind: 'object' }>,
  path: string,
  { sandbox, signal }: { readonly sandbox: Sandbox; readonly signal: AbortSignal },
): Promise<void> {
  const { key } = content.backup;
  const stream = content.stream(signal);
  // tar itself accepts one that was cut off between two members
  const stdin = isTarHeader(content.head) ? requireTarEnd(stream, key) : stream;
  const ended = await sandbox.exec(['sh', '-c', MAKE_AND_EXTRACT, 'sh', path], { stdin, isStdinLarge: true, signal });
  const said = toPrintable(ended.stderr.trim().split('\n').at(-1) ?? '', 300);
  if (ended.exitCode === 0) return;
  if (ended.exitCode === 127) throw new DrillError('tool-missing', 'the image has no tar to unpack the backup');
  if (/No space left on device/i.test(ended.stderr)) throw new DrillError('disk-full', `unpacking the backup: ${said}`);
  throw new DrillError('backup-corrupt', `${key} is not a complete tar: ${said}`, {
    hint: 'Set `engine.stage: file` if the backup is not a tar, or drill an older backup with `--backup`.',
  });
}

/** Writes a program's output to a file in the sandbox. */
export async function writeStream(
  sandbox: Sandbox,
  name: string,
  content: Readable,
  signal: AbortSignal,
): Promise<void> {
  await sandbox.writeFiles(sandbox.paths.scratch, one({ name, sizeBytes: undefined, content }), signal);
}
