import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';

/** One file of a multi-part append-only log. */
export interface AofPart {
  readonly name: string;
  readonly sequence: number;
}

/** The contents of a manifest: the initial state, and the commands since, in order. Files that the server was about to delete are left out. */
export interface AofManifest {
  readonly base: AofPart | undefined;
  readonly increments: readonly AofPart[];
}

/** `file NAME seq 2 type i`; Redis 8 adds where it starts and ends in the replication stream. Source: `aof.c` of Redis 7 and 8, `aofLoadManifestFromFile`. */
const LINE = /^file (?:"((?:[^"\\]|\\.)*)"|(\S+)) seq (\d+) type ([bhi])(?: |$)/;

/** File names that a server accepts in its folder. Control characters are refused as well: they never occur by accident. */
const IN_FOLDER = /^[^/\\\p{Cc}]+$/u;

/**
 * @param key of the backup, for messages.
 * @throws DrillError `backup-corrupt` for text that no server accepts, and for a file outside the folder; `backup-truncated` if its first file is missing.
 */
export function readManifest(key: string, text: string): AofManifest {
  let base: AofPart | undefined;
  const increments: AofPart[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, quoted, plain, sequence, type] = LINE.exec(line.trimEnd()) ?? [];
    const name = quoted === undefined ? plain : unquote(quoted);
    if (name === undefined) throw unreadable(key, line);
    if (!IN_FOLDER.test(name) || name === '.' || name === '..') throw outside(key, name);
    const part = { name, sequence: Number(sequence) };
    if (type === 'b' && base) throw unreadable(key, line);
    if (type === 'b') base = part;
    if (type === 'i' && part.sequence <= (increments.at(-1)?.sequence ?? 0)) throw unreadable(key, line);
    if (type === 'i') increments.push(part);
  }
  const [first] = increments;
  if (!base && !first) throw unreadable(key, text.slice(0, 60));
  if (!base && first && first.sequence > 1) {
    throw new DrillError(
      'backup-truncated',
      `the manifest of ${key} begins with ${first.name}, and lists no file before it`,
      {
        hint: 'Copy the folder as a whole, while no rewrite is in progress.',
      },
    );
  }
  return { base, increments };
}

/** The files in the order in which a server loads them. */
export function partsOf({ base, increments }: AofManifest): readonly AofPart[] {
  return base ? [base, ...increments] : increments;
}

/** Writes a manifest that any server can read. */
export function writeManifest({ base, increments }: AofManifest): string {
  const line = (type: string) => (part: AofPart) =>
    `file "${part.name.replaceAll('"', '\\"')}" seq ${part.sequence} type ${type}\n`;
  return [...(base ? [line('b')(base)] : []), ...increments.map(line('i'))].join('');
}

const CONTROL: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

/** Servers write non-ASCII bytes as `\xc3`. Source: `sds.c`, `sdscatrepr` and `sdssplitargs`. */
function unquote(quoted: string): string {
  const bytes = Buffer.from(quoted).toString('latin1');
  const plain = bytes.replaceAll(/\\(?:x([\da-fA-F]{2})|(.))/gs, (_all, hex: string | undefined, char: string) =>
    hex === undefined ? (CONTROL[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, 'latin1').toString();
}

function unreadable(key: string, line: string): DrillError {
  return new DrillError('backup-corrupt', `the manifest of ${key} is damaged: ${toPrintable(line, 100)}`, {
    hint: 'Compare it with the one on the server, and copy the folder again.',
  });
}

function outside(key: string, name: string): DrillError {
  return new DrillError(
    'backup-corrupt',
    `the manifest of ${key} names ${toPrintable(name, 100)}, which is not a file of its folder`,
    {
      hint: 'Compare it with the one on the server: a server refuses such a name, too.',
    },
  );
}
