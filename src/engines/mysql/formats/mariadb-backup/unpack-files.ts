import type { DirectoryContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { copyDirectory } from '../../../physical/copy-directory.ts';
import { explainUnpacked } from '../../xbstream/explain-unpacked.ts';
import type { StreamFile } from '../../xbstream/stream-file.ts';

/** Copies a plain directory into the sandbox. */
export async function copyPlain(
  content: DirectoryContent,
  directory: string,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<void> {
  await copyDirectory(content, directory, { sandbox, signal });
}

/**
 * Unpacks a tar of such a directory, whose files may be inside a folder of any name. tar itself refuses `..`, strips a leading slash, and creates links to the
 * outside last.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `disk-full`.
 */
export async function unpackTar(
  { key, open }: Pick<StreamFile, 'key' | 'open'>,
  directory: string,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<void> {
  const argv = ['sh', '-c', EXTRACT, 'unpack', directory];
  const stdin = await open(signal);
  const { exitCode, stderr } = await sandbox.exec(argv, { stdin, signal, env: { LC_ALL: 'C' } });
  const problem = explainUnpacked(key, exitCode, stderr);
  if (problem) throw problem;
}

/** Files inside folders are moved up, so that the server finds them. */
const EXTRACT = `
set -eu
umask 077
mkdir -p "$1"
tar -x -k --no-same-owner --no-same-permissions -f - -C "$1"
chmod -R u+rwX "$1"
depth=0
while [ ! -e "$1/ibdata1" ] && [ ! -e "$1/backup-my.cnf" ] && [ $depth -lt 8 ]; do
  set -- "$1" "$1"/*
  [ $# -eq 2 ] && [ -d "$2" ] && [ ! -L "$2" ] || break
  inner="$1/.inner"
  mv "$2" "$inner"
  find "$inner" -mindepth 1 -maxdepth 1 -exec mv {} "$1/" \\;
  rmdir "$inner"
  set -- "$1"
  depth=$((depth + 1))
done
`;
