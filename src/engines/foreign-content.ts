import { DrillError } from '../support/errors.ts';
import { formatBytes } from '../support/quantities.ts';

/** What the first bytes look like, for content that no engine loads, or another one. */
const SIGNATURES: readonly (readonly [what: string, looksLike: (head: Buffer, text: string) => boolean])[] = [
  [
    'an HTML page, most likely an error page that was saved as the backup',
    (_, text) => /^\s*(?:<!doctype html|<html)/i.test(text),
  ],
  ['an error answer of an object store', (_, text) => /^\s*(?:<\?xml[^>]*>\s*)?<Error>\s*<Code>/.test(text)],
  ['an XML document', (_, text) => /^\s*<\?xml/.test(text)],
  ['a MySQL or MariaDB dump', (_, text) => /^(?:\/\*M?!999999|-- (?:MySQL|MariaDB) dump)/m.test(text.slice(0, 2000))],
  [
    'a PostgreSQL dump',
    (head, text) =>
      head.toString('latin1', 0, 5) === 'PGDMP' || /^-- PostgreSQL database (?:cluster )?dump\r?$/m.test(text),
  ],
  ['an SQLite database', (head) => head.toString('latin1', 0, 15) === 'SQLite format 3'],
  ['a zip archive', (head) => head.toString('latin1', 0, 4) === 'PK\u0003\u0004'],
  ['a Parquet file', (head) => head.toString('latin1', 0, 4) === 'PAR1'],
  ['an RDB file of Redis', (head) => head.toString('latin1', 0, 5) === 'REDIS'],
  ['a JSON document', (_, text) => /^\s*(?:\{\s*["}]|\[\s*[[{"\d])/.test(text)],
  ['text, but no SQL', (head) => isText(head)],
];

const ENCRYPTED: readonly (readonly [how: string, looksLike: (head: Buffer) => boolean])[] = [
  [
    'age',
    (head) =>
      head.toString('latin1', 0, 21) === 'age-encryption.org/v1' || startsWith(head, '-----BEGIN AGE ENCRYPTED FILE'),
  ],
  ['OpenSSL', (head) => startsWith(head, 'Salted__') || startsWith(head, 'U2FsdGVkX1')],
  ['OpenPGP', (head) => startsWith(head, '-----BEGIN PGP MESSAGE') || isPgpPacket(head)],
];

/**
 * @param tool what writes such backups, for the hint.
 * @throws DrillError `backup-empty` or `backup-encrypted` when the content is no backup that anything could be read from.
 */
export function refuseUnreadable(key: string, head: Buffer, tool: string): void {
  if (head.length === 0) {
    throw new DrillError('backup-empty', `${key} holds nothing (0 bytes once decompressed)`, {
      hint: `Look at the job that writes it: an empty dump often means that ${tool} failed and its exit code was not looked at.`,
    });
  }
  if (head.every((byte) => byte === 0)) {
    throw new DrillError(
      'backup-empty',
      `${key} holds only zero bytes (the first ${formatBytes(head.length)} were looked at)`,
      {
        hint: 'The file was allocated but never written, or its disk lost it: take a new backup.',
      },
    );
  }
  const encryption = ENCRYPTED.find(([, looksLike]) => looksLike(head))?.[0];
  if (encryption) {
    throw new DrillError('backup-encrypted', `${key} is encrypted with ${encryption}`, {
      hint: 'Firedrill holds no key for it: drill the backup before it is encrypted, or a decrypted copy.',
    });
  }
}

/** @returns what content in no known format seems to be, to go after a colon: `it looks like a zip archive`. */
export function describeForeign(head: Buffer): string {
  const text = head.toString('latin1', 0, 4096);
  const what = SIGNATURES.find(([, looksLike]) => looksLike(head, text))?.[0];
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
  return what
    ? `it looks like ${what}${code ? ` (${code})` : ''}`
    : `it begins with the bytes ${head.toString('hex', 0, 8)}`;
}

export function isText(head: Buffer): boolean {
  const sample = head.subarray(0, 4096);
  return !sample.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
}

function startsWith(head: Buffer, text: string): boolean {
  return head.toString('latin1', 0, text.length) === text;
}

/** RFC 9580: a message begins with a session key packet, public-key (tag 1) or symmetric (tag 3), of version 3 to 6. */
function isPgpPacket(head: Buffer): boolean {
  const [first = 0, second = 0, third = 0, fourth = 0] = head;
  const isNew = (first & 0xc0) === 0xc0;
  const tag = isNew ? first & 0x3f : (first & 0x3c) >> 2;
  const version = isNew || (first & 3) === 0 ? third : fourth;
  return (first & 0x80) !== 0 && (tag === 1 || tag === 3) && version >= 3 && version <= 6 && second > 0;
}
