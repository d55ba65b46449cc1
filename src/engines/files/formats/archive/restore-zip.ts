import type { ObjectContent } from '../../../../backup/content.ts';
import { DrillError, type ErrorCode } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { formatCount } from '../../../../support/quantities.ts';
import { explainKilled } from '../../../../support/tool-killed.ts';
import { makeReadable } from '../../make-readable.ts';
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
  const { stdout } = await sandbox.exec(['sh', '-c', LIST, 'list', archive], { signal, env: ENV });
  const listed = readList(key, stdout);
  // the last of several members with one name counts, as in a tar; links are made at the end, so that nothing is written through one
  const script = 'mkdir -p "$2" && exec unzip -q -o "$1" -d "$2" < /dev/null';
  const unzipped = await sandbox.exec(['sh', '-c', script, 'unzip', archive, directory], { signal, env: ENV });
  const warnings = judgeUnzip(key, unzipped.exitCode, `${unzipped.stdout}\n${unzipped.stderr}`);
  await makeReadable(site);
  await sandbox.exec(['rm', '-f', archive], { signal });
  return { files: listed.files, warnings: [...warnings, ...listed.warnings] };
}

/**
 * Prints how many members are no folders, how many names these have, how many are links, and a name with `..`, which `unzip -q` changes without a word. Line
 * ends in names are printed as `^J`.
 */
const LIST = String.raw`
names() { unzip -Z1 "$1" | grep -v '[/\\]$'; }
names "$1" | wc -l; names "$1" | sort -u | wc -l; unzip -Z -s "$1" | grep -c '^l'
unzip -Z1 "$1" | grep -E '(^|[/\\])\.\.([/\\]|$)' | head -n 1`;

/** @param printed what {@link LIST} prints. @throws DrillError `backup-corrupt` for a name that leads out of the folder. */
export function readList(key: string, printed: string): Pick<RestoredTree, 'files' | 'warnings'> {
  const [members = '', names = '', links = '', outside = ''] = printed.split('\n');
  if (outside !== '') {
    throw new DrillError(
      'backup-corrupt',
      `${key}: ${JSON.stringify(toPrintable(outside, 120))} leads out of the folder that is restored: refused`,
      { hint: 'Check who wrote the archive (`unzip -l`). Pack with relative names.' },
    );
  }
  const linkCount = Number(links);
  const warnings = [
    ...(linkCount > 0
      ? [`links in the archive stay links, and no check follows them (${formatCount(linkCount)})`]
      : []),
    ...(Number(members) > Number(names)
      ? ['some names are in the archive more than once; the last of each was restored, as `unzip -o` does']
      : []),
  ];
  // another program called unzip may print none
  return { files: Number(members) > 0 ? Number(names) - linkCount : undefined, warnings };
}

/** @returns warnings. @throws DrillError unless everything was unpacked. */
export function judgeUnzip(key: string, exitCode: number, output: string): readonly string[] {
  if (exitCode === 0) return [];
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const isHarmless = lines.every((line) => HARMLESS.some(({ pattern }) => pattern.test(line)));
  if (exitCode !== 1 || lines.length === 0 || !isHarmless) throw explainUnzip(key, exitCode, output);
  return HARMLESS.filter(({ pattern }) => lines.some((line) => pattern.test(line))).map(({ says }) => says);
}

/** Warnings that cause exit code 1, and are about no damage. */
const HARMLESS = [
  {
    pattern: /^warning:\s.* appears to use backslashes as path separators$/,
    says: 'names in the archive have backslashes, which were read as slashes',
  },
  {
    pattern: /^warning:\s+stripped absolute path spec from /,
    says: 'names in the archive begin with `/` and were restored below the folder',
  },
];

/** Version 5.1 of the format is for AES only, and 99 stands for its method. Source: APPNOTE.TXT, 4.4.3.2; WinZip's AE-2. */
const AES = /need PK compat\. v5\.1|unsupported compression method 99/i;

/** Exit codes: unzip(1), DIAGNOSTICS. */
function explainUnzip(key: string, exitCode: number, output: string): DrillError {
  const killed = explainKilled('unzip', exitCode);
  if (killed) return killed;
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
  if (/zipfile is empty/i.test(output))
    return fail('backup-empty', 'is empty', 'Check the job that writes it, and which files it packs.');
  if (exitCode === 81 && AES.test(output))
    return fail(
      'backup-encrypted',
      'has members encrypted with AES, as WinZip and 7-Zip do, which unzip cannot decrypt',
      'Encrypt the archive as a whole, with age or OpenPGP, and name the key in `backup.keys`.',
    );
  if (exitCode === 81)
    return fail(
      'format-unsupported',
      'has members that unzip does not read: compressed with an uncommon method',
      'Pack with deflate.',
    );
  if (/exists but is not directory/i.test(output))
    return fail(
      'backup-corrupt',
      'has a file below a link or below another file: refused',
      'Check who wrote the archive (`unzip -l`).',
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
    'Its output is below.',
  );
}
