import type { Unchecked } from '../../backup/content.ts';
import { encrypted, garbage } from '../../backup/layer.ts';
import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatBytes } from '../../support/quantities.ts';
import { isTarHeader } from '../../support/tar-header.ts';
import type { DumpWords } from '../engine-descriptor.ts';
import { textOf } from './content-head.ts';
import { findForeignFormat, findForeignName, isEmptyZip } from './foreign-formats.ts';
import { describeNames, explainTar, namesInTar } from './tar-names.ts';
import { afterText, insideBase64, wideEncodingOf, zeroByteInText } from './text-damage.ts';
import { findToolMessage } from './tool-messages.ts';

const ENCRYPTED: readonly (readonly [how: string, looksLike: (head: Buffer) => boolean])[] = [
  [
    'age',
    (head) =>
      head.toString('latin1', 0, 21) === 'age-encryption.org/v1' || startsWith(head, '-----BEGIN AGE ENCRYPTED FILE'),
  ],
  ['OpenSSL', (head) => startsWith(head, 'Salted__') || startsWith(head, 'U2FsdGVkX1')],
  ['OpenPGP', (head) => startsWith(head, '-----BEGIN PGP MESSAGE')],
];

/**
 * Refuses content that no engine can read as a backup, before an engine examines it.
 * @param tool the program that writes such backups, for the hints.
 * @param unchecked if the content looks random, a short signature in it is ignored as a coincidence.
 * @throws DrillError
 * - for content that is not a backup: `backup-empty`; `backup-unrecognised` for a page or message instead of a backup and for UTF-16; `backup-corrupt` for
 *   archives whose line endings were changed and for SQL with zero bytes;
 * - for content that may be a backup but is not supported: `backup-encrypted`, `format-unsupported`.
 */
export function refuseUnreadable(key: string, head: Buffer, tool: string, unchecked?: Unchecked): void {
  refuseEmpty(key, head, tool);
  const isRandom = unchecked?.looksRandom ?? false;
  const encryption = ENCRYPTED.find(([, looksLike]) => looksLike(head))?.[0];
  if (encryption) throw encrypted(key, encryption);
  if (!isRandom) refuseRewritten(key, head, tool);
  const format = findForeignFormat(head);
  if (format && !(isRandom && format.hasShortMagic)) {
    const holds = format.holds === undefined ? '' : ` that holds ${format.holds}`;
    throw new DrillError('format-unsupported', `${key} is ${format.what}${holds}, which Firedrill does not read`, {
      hint: format.hint,
    });
  }
  if (isText(head)) refuseMessage(key, head);
}

function refuseEmpty(key: string, head: Buffer, tool: string): void {
  const hint = `Check the job that writes it: an empty dump often means that ${tool} failed and its exit code was ignored.`;
  if (head.length === 0)
    throw new DrillError('backup-empty', `${key} holds nothing (0 bytes once decompressed)`, { hint });
  const looked = `the first ${formatBytes(head.length)} were looked at`;
  if (head.every((byte) => byte === 0)) {
    throw new DrillError('backup-empty', `${key} holds only zero bytes (${looked})`, {
      hint: 'The file was allocated but never written, or its disk lost it: take a new backup.',
    });
  }
  if (head.every((byte) => byte === 32 || (byte >= 9 && byte <= 13)))
    throw new DrillError('backup-empty', `${key} holds only blanks and line endings (${looked})`, { hint });
  if (isEmptyZip(head)) throw new DrillError('backup-empty', `${key} is an empty zip archive`, { hint });
}

/** Refuses a backup that was altered by text processing in transit. */
function refuseRewritten(key: string, head: Buffer, tool: string): void {
  const encoding = wideEncodingOf(head);
  if (encoding) {
    const option = tool.startsWith('pg_') ? `${tool} -f FILE` : `${tool} --result-file=FILE`;
    throw new DrillError('backup-unrecognised', `${key} is text in ${encoding}, which no client loads`, {
      hint: `PowerShell writes UTF-16 when output is redirected with \`>\`: let the tool write the file itself, \`${option}\`.`,
    });
  }
  // 0x8b, the second byte of gzip, in UTF-8: replaced, or converted as a letter
  if (/^1f(?:efbfbd|c28b)/.test(head.toString('hex', 0, 4))) {
    throw new DrillError('backup-corrupt', `${key} was gzip data and was rewritten as if it were text in UTF-8`, {
      hint: 'Let the tool write the file itself instead of redirecting its output in PowerShell or handling it as a string.',
    });
  }
  const inside = insideBase64(head);
  if (inside !== undefined) {
    throw new DrillError('backup-unrecognised', `${key} is ${inside} in base64, which no client loads`, {
      hint: 'Have the job store the data without base64, which is a quarter smaller, or decode it afterwards: `base64 -d`.',
    });
  }
  const zeroAt = zeroByteInText(head);
  if (zeroAt !== undefined) {
    throw new DrillError('backup-corrupt', `${key} begins as SQL text, but has a zero byte at offset ${zeroAt}`, {
      hint: 'Zeros instead of text come from a disk or a copy that lost a block: compare its checksum with the original.',
    });
  }
}

/** Refuses pages and messages: SQL never starts with `<` or `{`, nor like a program's message. */
function refuseMessage(key: string, head: Buffer): void {
  const text = head.toString('latin1', 0, 65_536);
  const page = describePage(text);
  if (page) {
    throw new DrillError('backup-unrecognised', `${key} is not a dump: it looks like ${page}`, {
      hint: 'Check the job that writes it: it stored a server’s response instead of the dump.',
    });
  }
  const message = findToolMessage(text);
  if (!message) return;
  throw new DrillError(
    'backup-unrecognised',
    message.isBeforeDump
      ? `${key} begins with a program’s message, not with SQL: ${message.quoted}`
      : `${key} contains a program’s message instead of a dump: ${message.quoted}`,
    {
      hint: message.isBeforeDump
        ? 'Keep messages out of the dump: send stderr to a log with `2> dump.log` instead of `2>&1`, and use `docker exec` and `kubectl exec` without `-t`.'
        : 'Run the command of the backup job by hand, and let the job stop at its errors (`set -o pipefail`).',
    },
  );
}

function describePage(text: string): string | undefined {
  if (/^\s*(?:<!doctype html|<html)/i.test(text))
    return 'an HTML page, most likely an error page that was saved as the backup';
  if (/^\s*(?:<\?xml[^>]*>\s*)?<Error>\s*<Code>/.test(text)) {
    const code = /<Code>(\w{1,60})<\/Code>/.exec(text)?.[1];
    return `an error answer of an object store${code ? ` (${code})` : ''}`;
  }
  if (/^\s*(?:<\?xml[^>]*>\s*)?<mysqldump\b/.test(text)) return undefined; // the engine has a more specific error
  if (/^\s*<\?xml/.test(text)) return 'an XML document';
  if (/^\s*(?:\{\s*["}]|\[\s*[[{"\d])/.test(text)) return 'a JSON document';
  return undefined;
}

/**
 * The error for content that {@link refuseUnreadable} accepted, but neither the drill's engine recognises nor any other claims.
 * @param unchecked set if it was decrypted with a method that cannot detect a wrong key.
 */
export function foreignContent(
  key: string,
  head: Buffer,
  { none, hint }: DumpWords,
  unchecked?: Unchecked,
): DrillError {
  if (isTarHeader(head)) return foreignTar(key, namesInTar(head));
  if (startsWith(head, 'XBSTCK01')) {
    return new DrillError(
      'format-unsupported',
      `${key} is a physical backup in xbstream format (xtrabackup or mariadb-backup)`,
      {
        hint: 'Set `engine.type` to the product of the backup: mysql for XtraBackup, mariadb for mariadb-backup.',
      },
    );
  }
  if (/^(?:PRAGMA |BEGIN TRANSACTION;\r?\nCREATE TABLE )/m.test(textOf(head).slice(0, 2000)))
    return new DrillError('format-unsupported', `${key} is an SQL dump of SQLite, which Firedrill does not read`, {
      hint,
    });
  const what = unchecked?.looksRandom ? undefined : findForeignFormat(head)?.what; // for an engine that takes any content
  if (what !== undefined)
    return new DrillError('format-unsupported', `${key} is ${what}, which Firedrill does not read`, { hint });
  const named = findForeignName(key);
  if (named)
    return new DrillError('format-unsupported', `${key} is named like ${named.what}, which Firedrill does not read`, {
      hint: named.hint,
    });
  if (unchecked && !isText(head)) return garbage(key, unchecked.encryption, 'with the keys that the drill names');
  const spoilt = unchecked ? undefined : afterText(head);
  if (spoilt) {
    return new DrillError(
      'backup-unrecognised',
      `${key} starts with text before ${spoilt.what}, which no client loads: "${toPrintable(Buffer.from(spoilt.line, 'latin1').toString('utf8'), 160)}"`,
      {
        hint: 'Keep greetings and messages out of the file: let the login shell print nothing when it is not interactive, use `ssh -T`, and send stderr to a log.',
      },
    );
  }
  const seen = isText(head)
    ? 'it looks like text, but not SQL'
    : `it is binary data that begins with ${head.toString('hex', 0, 8)}`;
  return new DrillError('backup-unrecognised', `${key} is ${none}: ${seen}`, { hint });
}

/** @param names the tar's members. @param isAll whether the list is complete. */
export function foreignTar(key: string, names: readonly string[], isAll = false): DrillError {
  const { what, hint } = explainTar(names);
  const holds = names.length === 0 ? '' : ` that holds ${describeNames(names, isAll)}`;
  return new DrillError('format-unsupported', `${key} is ${what}${holds}, which Firedrill does not read`, { hint });
}

export function isText(head: Buffer): boolean {
  const sample = head.subarray(0, 4096);
  return !sample.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
}

function startsWith(head: Buffer, text: string): boolean {
  return head.toString('latin1', 0, text.length) === text;
}
