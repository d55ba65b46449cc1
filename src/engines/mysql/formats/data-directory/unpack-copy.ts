import { pipeline } from 'node:stream';
import type { ObjectContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../../support/free-up-space.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { PageWatch } from './newest-page.ts';

/**
 * Unpacks a tar of a data directory, which may be inside folders (`var/lib/mysql/`) and next to other files. tar itself refuses `..`, strips a leading slash,
 * and creates links to the outside last.
 * @param watch inspects the pages as they stream past.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `disk-full`, or what the content's stream threw.
 */
export async function unpackCopy(
  content: ObjectContent,
  watch: PageWatch,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<void> {
  const argv = ['sh', '-c', EXTRACT, 'unpack', sandbox.paths.data];
  const stdin = watch.tarWatch();
  pipeline(content.stream(signal), stdin, () => undefined); // the error reaches whoever reads
  const { exitCode, stderr } = await sandbox.exec(argv, { stdin, signal, env: { LC_ALL: 'C' } });
  if (exitCode === 0) return;
  throw explain(content.backup.key, exitCode, stderr);
}

const IS_CUT = 91;
const HAS_NONE = 92;
const HAS_SEVERAL = 93;

/** The end of the tar is checked as well: tar unpacks one that was cut between two members without an error. */
const EXTRACT = `
set -eu
umask 077
data=$1
into="$data/.unpacked"
mkdir -p "$into"
exec 3>&1
failed=$( {
  { tee /dev/fd/5 | tar -x -k --no-same-owner --no-same-permissions -f - -C "$into" >&3 || echo failed >&4; } 5>&1 |
    { end=$(tail -c 1024 | tr '0\\000' '10'); case $end in *[!0]*) end= ;; esac; [ \${#end} -eq 1024 ] || echo cut >&4; }
} 4>&1 )
case $failed in '') ;; cut) exit ${IS_CUT} ;; *) exit 1 ;; esac
chmod -R u+rwX "$into"
found=$(find "$into" -maxdepth 8 -name ibdata1 -print)
case $found in
  '') exit ${HAS_NONE} ;;
  *"
"*) printf '%s' "$found" >&2; exit ${HAS_SEVERAL} ;;
esac
find "$(dirname "$found")" -mindepth 1 -maxdepth 1 -exec mv {} "$data/" \\;
rm -rf "$into"
`;

function explain(key: string, exitCode: number, stderr: string): DrillError {
  const details = stderr
    .split('\n')
    .filter(Boolean)
    .slice(-5)
    .map((line) => toPrintable(line, 300));
  const hint = 'Compare its size and checksum with what was written, and take a new backup.';
  if (exitCode === IS_CUT || /unexpected eof/i.test(stderr))
    return new DrillError('backup-truncated', `${key} has no end-of-archive mark: it was cut off`, { hint, details });
  if (exitCode === HAS_NONE) {
    return new DrillError('backup-truncated', `${key} lacks ibdata1, the system tablespace`, {
      hint: 'Copy the whole data directory. What the server keeps elsewhere (innodb_data_home_dir) has to be in it too.',
    });
  }
  if (exitCode === HAS_SEVERAL) {
    return new DrillError('format-unsupported', `${key} holds several data directories`, {
      hint: 'Store each of them as a tar of its own.',
      details,
    });
  }
  if (/no space left/i.test(stderr)) {
    return new DrillError('disk-full', `the sandbox is full: ${key} could not be unpacked`, {
      hint: FREE_UP_SPACE,
      details,
    });
  }
  return new DrillError('backup-corrupt', `${key} cannot be unpacked (exit code ${exitCode})`, { hint, details });
}
