import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { encryptedFiles } from '../../recovery/encrypted-files.ts';
import type { BackupInfo } from '../../xbstream/backup-info.ts';
import { readPageEncryption, readPageSize } from '../data-directory/innodb-header.ts';

const DEFAULT_PAGE_BYTES = 16_384;

/**
 * Looks at one page of each tablespace of an unpacked backup. Preparing it may go well although some tables cannot be read.
 * @throws DrillError `image-incomplete`, naming the first that MariaDB encrypted.
 */
export async function requireNotEncrypted(
  key: string,
  directory: string,
  { settings }: BackupInfo,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<void> {
  const pageSize = Number(settings?.['innodb_page_size'] ?? DEFAULT_PAGE_BYTES);
  const argv = ['sh', '-c', LOOK, 'look', directory, String(pageSize)];
  const { exitCode, stdout, stderr } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  if (exitCode !== 0)
    throw new DrillError(
      'server-failed',
      `the files of ${key} cannot be read in the sandbox: ${toPrintable(stderr, 200)}`,
    );
  const name = firstEncrypted(stdout, pageSize);
  if (name !== undefined)
    throw encryptedFiles(key, `pages of ${toPrintable(name, 200)} cannot be read without its key`);
}

/** @param stdout lines of fields with tabs between them: a name, the heads of the first page and of the one a server's page behind it, as hex. Pure. */
export function firstEncrypted(stdout: string, pageSize: number): string | undefined {
  for (const line of stdout.split('\n')) {
    const [name, ...fields] = line.split('\t');
    const [first, page] = fields.map((field) => Buffer.from(field.replaceAll(' ', ''), 'hex'));
    if (name === undefined || first === undefined || page === undefined || page.length < 38) continue;
    const number = pageSize / (readPageSize(first, pageSize) ?? pageSize);
    if (readPageEncryption(first)(page, number)) return name;
  }
  return undefined;
}

const LOOK = `
set -eu
cd "$1"
find . -name '*.ibd' -type f -exec sh -c '
  size=$1; shift
  for file in "$@"; do
    printf "%s\\t%s\\t%s\\n" "\${file#./}" "$(od -An -v -tx1 -N64 "$file" | tr -d "\\n")" "$(od -An -v -tx1 -j"$size" -N38 "$file" 2>/dev/null | tr -d "\\n")"
  done' look "$2" {} +
`;
