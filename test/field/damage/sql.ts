import type { Random } from '../random.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { type Damage, toSql } from './damage.ts';

/** What happens to SQL as text: by killed jobs, shells, terminals and editors. */
export function sqlDamages(): readonly Damage[] {
  const sql = (
    kind: string,
    effect: Damage['effect'],
    change: (sql: Buffer, random: Random, recipe: Recipe) => Buffer | undefined,
  ): Damage => ({
    kind,
    effect,
    apply: toSql(change),
  });
  return [
    sql('SQL cut after a statement', 'incomplete', (text, random) => cutAfter(text, /;\n/g, random)),
    sql('SQL cut after a line', 'incomplete', (text, random) => cutAfter(text, /\n/g, random)),
    sql('SQL cut between rows', 'incomplete', (text, random) =>
      cutAfter(text, /\n(?=\d+\t)|\),(?=\()|\),\n(?=\t?\()/g, random),
    ),
    sql('SQL cut after rows of a table', 'incomplete', (text, random) =>
      cutAfter(text, /\n\\\.\n|\);\n(?=.*UNLOCK|\n)/g, random),
    ),
    sql('completion line lost', 'incomplete', loseCompletion),
    sql('first of two dumps cut', 'incomplete', (text, random) => concat(cutAfter(text, /;\n/g, random), text)),
    sql('second of two dumps cut', 'incomplete', (text, random) => concat(text, cutAfter(text, /;\n/g, random))),
    sql('a COPY line lost', 'by oracle', (text, random) => without(text, /\nCOPY [^\n]* FROM stdin;/g, random)),
    sql('an end of COPY lost', 'by oracle', (text, random) => without(text, /\n\\\.(?=\n)/g, random)),
    sql('a semicolon lost', 'by oracle', (text, random) => without(text, /;(?=\n)/g, random)),
    sql('a quote lost', 'by oracle', (text, random) => without(text, /'/g, random)),
    sql('a CREATE TABLE lost', 'by oracle', (text, random) => without(text, /\nCREATE TABLE [^;]*;\n/g, random)),
    sql('an INSERT line lost', 'by oracle', (text, random) => without(text, /\nINSERT INTO [^\n]*/g, random)),
    sql('a row lost', 'by oracle', (text, random) => without(text, /\n\d+\t[^\n]*(?=\n)/g, random)),
    sql('a line lost', 'by oracle', (text, random) => without(text, /\n[^\n]+(?=\n)/g, random)),
    sql('a line twice', 'by oracle', (text, random) => atOne(text, /\n[^\n]+(?=\n)/g, random, (line) => line + line)),
    sql('an unfinished statement before a psql command', 'by oracle', (text, random) =>
      atOne(text, /\n\\(connect|restrict|unrestrict)/g, random, (line) => `\nINSERT INTO customer VALUES (1${line}`),
    ),
    ...Object.entries(FOREIGN).flatMap(([what, foreign]): Damage[] => [
      sql(`${what} before its SQL`, what === 'NUL bytes' ? 'suspicious' : 'tolerable', (text) =>
        Buffer.concat([Buffer.from(foreign), text]),
      ),
      sql(`${what} within its SQL`, 'by oracle', (text, random) =>
        atOne(text, /\n/g, random, (line) => `${line}${foreign}`),
      ),
      sql(`${what} after its SQL`, what === 'NUL bytes' ? 'suspicious' : 'tolerable', (text) =>
        Buffer.concat([text, Buffer.from(foreign)]),
      ),
    ]),
    sql('CR at every line', 'by oracle', (text) =>
      Buffer.from(text.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
    ),
    sql('UTF-16', 'refused', (text) =>
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text.toString('utf8'), 'utf16le')]),
    ),
    sql('UTF-16, big-endian', 'refused', (text) =>
      Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text.toString('utf8'), 'utf16le').swap16()]),
    ),
    sql('UTF-16 without its mark', 'refused', (text) => Buffer.from(text.toString('utf8'), 'utf16le')),
    sql('UTF-8 with a mark', 'tolerable', (text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text])),
    sql('UTF-8 stored as Latin-1', 'by oracle', (text) => Buffer.from(text.toString('utf8'), 'latin1')),
    sql('UTF-8 taken for Latin-1', 'by oracle', (text) => Buffer.from(text.toString('latin1'), 'utf8')),
    sql('tabs as spaces', 'by oracle', (text) =>
      Buffer.from(text.toString('latin1').replaceAll('\t', '    '), 'latin1'),
    ),
    sql('blanks at line ends lost', 'by oracle', (text) =>
      Buffer.from(text.toString('latin1').replaceAll(/[ \t]+\n/g, '\n'), 'latin1'),
    ),
  ];
}

/** Output of other programs that ends up in dumps. */
const FOREIGN: Readonly<Record<string, string>> = {
  'an HTML page':
    '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n<body><h1>It\'s a "bad" gateway</h1></body></html>\n',
  'a line of kubectl': 'Defaulted container "db" out of: db, exporter, init (init)\n',
  'an error of pg_dump': 'pg_dump: error: query failed: ERROR:  canceling statement due to user request\n',
  'an error of mysqldump':
    'mysqldump: Error 2013: Lost connection to MySQL server during query when dumping table `orders` at row: 17\n',
  'a warning of mysqldump': 'mysqldump: [Warning] Using a password on the command line interface can be insecure.\n',
  'NUL bytes': '\0'.repeat(64),
};

function cutAfter(text: Buffer, border: RegExp, random: Random): Buffer | undefined {
  const latin = text.toString('latin1');
  const places = [...latin.matchAll(border)]
    .map((match) => match.index + match[0].length)
    .filter((at) => at > 200 && at < latin.length - 120);
  const at = places[random.below(places.length)];
  return at === undefined ? undefined : text.subarray(0, at);
}

function loseCompletion(text: Buffer): Buffer | undefined {
  const latin = text.toString('latin1');
  const at = Math.max(latin.lastIndexOf('\n--\n-- PostgreSQL database '), latin.lastIndexOf('\n-- Dump completed'));
  return at === -1 ? undefined : text.subarray(0, at + 1);
}

function concat(first: Buffer | undefined, second: Buffer | undefined): Buffer | undefined {
  return first && second && Buffer.concat([first, second]);
}

function without(text: Buffer, part: RegExp, random: Random): Buffer | undefined {
  return atOne(text, part, random, () => '');
}

function atOne(text: Buffer, part: RegExp, random: Random, change: (found: string) => string): Buffer | undefined {
  const latin = text.toString('latin1');
  const places = [...latin.matchAll(part)];
  const match = places[random.below(places.length)];
  if (!match) return undefined;
  const end = match.index + match[0].length;
  return Buffer.from(latin.slice(0, match.index) + change(match[0]) + latin.slice(end), 'latin1');
}
