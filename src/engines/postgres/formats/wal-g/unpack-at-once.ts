import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { BackupPart } from '../../recovery/backup-part.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { unpackParts } from '../../recovery/unpack-parts.ts';

/**
 * Unpacks several tars for the same directory in parallel: each into a directory of its own, where no link from another tar can redirect it. Their files are
 * then merged.
 * @throws DrillError `backup-corrupt` for a link, and for a name that is in two of them; what `unpackParts` throws.
 */
export async function unpackAtOnce(
  { key, parts }: { readonly key: string; readonly parts: readonly BackupPart[] },
  site: Pick<RecoverySite, 'sandbox'>,
  onPart: (name: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { sandbox } = site;
  const { data } = sandbox.paths;
  const apart = `${data}/${APART}`; // on the same file system
  const numbered = parts.map((part, index) => ({ ...part, into: { tablespace: String(index) } }));
  await unpackParts(numbered, { data, tablespaces: apart }, { sandbox, onPart, signal });
  const argv = ['sh', '-c', PUT_TOGETHER, 'put-together', data, apart];
  const { exitCode, stdout, stderr } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  if (exitCode === 0) return;
  const what =
    exitCode === HAS_LINK ? 'holds a link' : exitCode === IS_TWICE ? 'holds a name twice' : 'cannot be put together';
  const name = toPrintable(stdout.trim().split('\n').at(-1) ?? '');
  throw new DrillError('backup-corrupt', `${key} ${what}${name === '' ? '' : ` (${name})`}: refused`, {
    hint: 'WAL-G stores files and directories only, each once: check who can write to the source.',
    details: stderr
      .split('\n')
      .filter(Boolean)
      .slice(-3)
      .map((line) => toPrintable(line)),
  });
}

const APART = 'unpacked-apart';
const [HAS_LINK, IS_TWICE] = [90, 91];

/** Creates hard links rather than copying any content. */
const PUT_TOGETHER = `
set -eu
umask 077
link=$(find "$2" -type l -print | head -n 1)
[ -z "$link" ] || { printf '%s\\n' "\${link#"$2"/*/}"; exit ${HAS_LINK}; }
twice=$(for part in "$2"/*/; do ( cd "$part"; find . ! -type d -print ); done | sort | uniq -d | head -n 1)
[ -z "$twice" ] || { printf '%s\\n' "$twice"; exit ${IS_TWICE}; }
for part in "$2"/*/; do
  [ ! -e "$part/\${2##*/}" ] || exit 1
  cp -al "$part/." "$1/"
  rm -rf "$part"
done
rmdir "$2"
chmod 700 "$1"
`;
