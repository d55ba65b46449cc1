import type { ObjectContent } from '../../../../backup/content.ts';
import { DrillError, type ErrorCode } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { FilesSite, RestoredTree } from '../../site.ts';

const ENV = { LC_ALL: 'C.UTF-8' };

/** Unpacks a zip archive with `unzip` in the sandbox. It must seek in the archive, so that is copied there first. */
export async function restoreZip(content: ObjectContent, site: FilesSite): Promise<RestoredTree> {
  const { sandbox, directory, onDoing, signal } = site;
  const { key } = content.backup;
  const archive = `${sandbox.paths.scratch}/archive.zip`;
  onDoing('fetching');
  const copied = await sandbox.exec(['sh', '-c', 'exec cat > "$1"', 'copy', archive], {
    stdin: content.stream(signal),
    isStdinLarge: true,
    signal,
  });
  if (copied.exitCode !== 0) throw explainUnzip(key, copied.exitCode, copied.stderr);
  onDoing('unpacking', 'unknown');
  const script = 'mkdir -p "$2" && exec unzip -q -n "$1" -d "$2" < /dev/null';
  const unzipped = await sandbox.exec(['sh', '-c', script, 'unzip', archive, directory], { signal, env: ENV });
  if (unzipped.exitCode !== 0) throw explainUnzip(key, unzipped.exitCode, `${unzipped.stdout}\n${unzipped.stderr}`);
  const { stdout } = await sandbox.exec(['sh', '-c', COUNT, 'count', archive], { signal, env: ENV });
  const counted = /^(\d+) files, (\d+) bytes uncompressed/.exec(stdout.trim());
  await sandbox.exec(['rm', '-f', archive], { signal });
  const folders = Number(/^folders (\d+)$/m.exec(stdout)?.[1] ?? 0);
  return {
    ...(counted && { files: Number(counted[1]) - folders }),
    warnings: ['unpacked by `unzip`; links in it stay links, and no check follows them'].slice(
      0,
      unzipped.stderr === '' ? 0 : 1,
    ),
  };
}

/** `unzip -Zt` prints totals that include folders. */
const COUNT = `unzip -Zt "$1" | sed 's/^\\([0-9]*\\) file,/\\1 files,/'; printf 'folders %s\\n' "$(unzip -Z1 "$1" | grep -c '/$')"`;

/** Exit codes: unzip(1), DIAGNOSTICS. */
function explainUnzip(key: string, exitCode: number, output: string): DrillError {
  const details = output
    .trim()
    .split('\n')
    .filter(Boolean)
    .slice(-5)
    .map((line) => toPrintable(line, 200));
  const fail = (code: ErrorCode, what: string, hint: string) =>
    new DrillError(code, `the zip archive ${key} ${what}`, { hint, details });
  if (exitCode === 50 || /no space left|disk full/i.test(output))
    return fail(
      'disk-full',
      'does not fit the sandbox',
      'Free up space where the engine keeps its volumes: it is needed there twice, packed and unpacked.',
    );
  if (exitCode === 82 || exitCode === 5 || /unable to get password|incorrect password/i.test(output))
    return fail(
      'backup-encrypted',
      'has members with a password',
      'Encrypt the archive as a whole, with age or OpenPGP, and name the key in `backup.keys`.',
    );
  if (exitCode === 81)
    return fail('format-unsupported', 'is compressed in a way that unzip does not know', 'Pack it with deflate.');
  if (/stripped "\.\.\/"|stripped absolute path|absolute path spec/i.test(output))
    return fail(
      'backup-corrupt',
      'has a name that leads out of the folder that is restored: refused',
      'Look at who wrote it (`unzip -l`), and pack with relative names.',
    );
  if (exitCode === 9 || /End-of-central-directory signature not found/i.test(output))
    return fail(
      'backup-truncated',
      'has no directory at its end: it was cut off',
      'Compare its size with that of the file when it was written.',
    );
  if (exitCode <= 3 || exitCode === 51)
    return fail(
      'backup-corrupt',
      'is damaged',
      'Compare its checksum with that of the file when it was written (`unzip -t`).',
    );
  return fail(
    'restore-failed',
    `could not be unpacked: unzip ended with exit code ${exitCode}`,
    'Read its lines below.',
  );
}
