import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SqlItem, SqlSplitter } from '../../../../../src/engines/postgres/formats/plain-sql/sql-splitter.ts';
import { countNewlines } from '../../../../../src/engines/sql-dump/count-newlines.ts';
import { cpuMsOf } from '../../../../support/cpu-time.ts';

/**
 * Items as text, with adjacent data joined, since the result must not depend on how the input was split into chunks.
 */
function split(input: string | Buffer, chunkBytes = Number.POSITIVE_INFINITY): string[] {
  const bytes = Buffer.from(input);
  const splitter = new SqlSplitter();
  const items: SqlItem[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    items.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  items.push(...splitter.end());
  const shown: string[] = [];
  for (const item of items) {
    const last = shown.at(-1);
    if (item.kind === 'data' && last?.startsWith('data '))
      shown[shown.length - 1] = last + item.bytes.toString('latin1');
    else shown.push(show(item));
  }
  return shown;
}

function show(item: SqlItem): string {
  if (item.kind === 'statement' || item.kind === 'copy' || item.kind === 'fragment')
    return `${item.kind} ${item.line}: ${item.bytes.toString('latin1')}`;
  if (item.kind === 'data') return `data ${item.bytes.toString('latin1')}`;
  if (item.kind === 'meta') return `meta ${item.line}: ${item.text}`;
  if (item.kind === 'unfinished') return `unfinished ${item.within}`;
  if (item.kind === 'zeros' || item.kind === 'oversized') return `${item.kind} ${item.line}`;
  return item.kind === 'data-end' ? item.kind : `${item.kind} ${item.of} ${item.line}`;
}

const CASES: readonly (readonly [title: string, sql: string, expected: string[]])[] = [
  [
    'ends statements at semicolons and drops comments and empty ones',
    '-- a; b\nSELECT 1;;\n/* ; */ SELECT 2;',
    ['statement 2: SELECT 1', 'statement 3: SELECT 2'],
  ],
  [
    'keeps semicolons in strings and quoted names',
    `SELECT 'a;b''c;', "d;""e";SELECT 2;`,
    [`statement 1: SELECT 'a;b''c;', "d;""e"`, 'statement 1: SELECT 2'],
  ],
  [
    'takes a backslash in a plain string as itself',
    String.raw`SELECT 'a\';SELECT 2;`,
    [String.raw`statement 1: SELECT 'a\'`, 'statement 1: SELECT 2'],
  ],
  [
    "takes a backslash in an E'' string as an escape",
    String.raw`SELECT E'a\';b', e'\\';SELECT 2;`,
    [String.raw`statement 1: SELECT E'a\';b', e'\\'`, 'statement 1: SELECT 2'],
  ],
  [
    "continues with an E'' string on the next line",
    "SELECT E'a'\n -- x\n '\\';b';SELECT 2;",
    ["statement 1: SELECT E'a'\n -- x\n '\\';b'", 'statement 3: SELECT 2'],
  ],
  [
    'follows standard_conforming_strings = off',
    String.raw`SET standard_conforming_strings = off;SELECT 'a\';b';`,
    ['statement 1: SET standard_conforming_strings = off', String.raw`statement 1: SELECT 'a\';b'`],
  ],
  [
    'does not take an e at the end of a name for an escape string',
    String.raw`SELECT date'a\';SELECT 2;`,
    [String.raw`statement 1: SELECT date'a\'`, 'statement 1: SELECT 2'],
  ],
  [
    'keeps what is dollar-quoted',
    'DO $a$ x; $b$ ; $a $$ ; $a$;SELECT $1;',
    ['statement 1: DO $a$ x; $b$ ; $a $$ ; $a$', 'statement 1: SELECT $1'],
  ],
  [
    'finds a dollar quote whose text ends in part of its delimiter',
    'SELECT $a$x$$a$;SELECT 2;',
    ['statement 1: SELECT $a$x$$a$', 'statement 1: SELECT 2'],
  ],
  [
    'takes a dollar in a name as part of it',
    'SELECT a$b$c;SELECT b$c$;',
    ['statement 1: SELECT a$b$c', 'statement 1: SELECT b$c$'],
  ],
  [
    'nests block comments',
    '/* a /* ; */ ; */ SELECT 1 /* /* */ ; */ + 1;',
    ['statement 1: SELECT 1 /* /* */ ; */ + 1'],
  ],
  [
    'sees comments right behind operators',
    'SELECT 1+--x;\n2;SELECT 1*/*;*/2;',
    ['statement 1: SELECT 1+--x;\n2', 'statement 2: SELECT 1*/*;*/2'],
  ],
  [
    'keeps a rule of several commands in one piece',
    'CREATE RULE r AS ON INSERT TO t DO (a; b);SELECT 2;',
    ['statement 1: CREATE RULE r AS ON INSERT TO t DO (a; b)', 'statement 1: SELECT 2'],
  ],
  [
    'keeps an SQL-standard function body in one piece',
    'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;SELECT 3;',
    [
      'statement 1: CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
      'statement 1: SELECT 3',
    ],
  ],
  [
    'ends a statement with the input, behind a long comment too',
    `SELECT 1;SELECT 2 -- ${'y'.repeat(300)}`,
    ['statement 1: SELECT 1', `statement 1: SELECT 2 -- ${'y'.repeat(300)}`],
  ],
  [
    'ends a transaction’s BEGIN as a statement',
    'BEGIN;SELECT 1;END;',
    ['statement 1: BEGIN', 'statement 1: SELECT 1', 'statement 1: END'],
  ],
  [
    'passes COPY data on untouched',
    "COPY t FROM stdin;\n1\\n;\t'\n\\.x\n\\\\.\n\\.\nSELECT 1;\n",
    ['copy 1: COPY t FROM stdin', "data 1\\n;\t'\n\\.x\n\\\\.\n", 'data-end', 'statement 6: SELECT 1'],
  ],
  [
    'knows an empty COPY',
    'COPY t (a, b) FROM stdin;\n\\.\n\nSELECT 1;',
    ['copy 1: COPY t (a, b) FROM stdin', 'data-end', 'statement 4: SELECT 1'],
  ],
  [
    'knows CRLF, and a byte order mark',
    '\u00ef\u00bb\u00bfCOPY t FROM stdin;\r\n1\r\n\\.\r\nSELECT 1;\r\n',
    ['copy 1: COPY t FROM stdin', 'data 1\r\n', 'data-end', 'statement 4: SELECT 1'],
  ],
  [
    'does not take COPY from elsewhere for data',
    'COPY t TO stdout;COPY "FROM stdin" FROM \'/x\';',
    ['statement 1: COPY t TO stdout', `statement 1: COPY "FROM stdin" FROM '/x'`],
  ],
  [
    'gives meta-commands with their lines',
    '\\restrict abc\nSELECT 1;\n\\connect "a b"\n',
    ['meta 1: \\restrict abc', 'statement 2: SELECT 1', 'meta 3: \\connect "a b"'],
  ],
  [
    'gives a meta-command inside a statement, and what it cuts off',
    'SELECT 1 \\gexec\n',
    ['fragment 1: SELECT 1 ', 'meta 1: \\gexec'],
  ],
  [
    'loses no text before a meta-command',
    '<html>\n<p>\n\\connect shop\nSELECT 1;',
    ['fragment 1: <html>\n<p>\n', 'meta 3: \\connect shop', 'statement 4: SELECT 1'],
  ],
  [
    'sees what a dump begins and ends with',
    '--\n-- PostgreSQL database dump\n--\n--\n-- PostgreSQL database dump complete\r\n--\n\n',
    ['header database 2', 'trailer database 5'],
  ],
  [
    'breaks off a statement at the header of the next dump',
    'CREATE TABLE a (\n  id int,\n--\n-- PostgreSQL database cluster dump\n--\nSELECT 1;',
    ['fragment 1: CREATE TABLE a (\n  id int,\n--\n', 'header cluster 4', 'statement 6: SELECT 1'],
  ],
  [
    'gives zero bytes apart from the statement that they break',
    'SELECT 1;\n\0\0\nCREATE TABLE a (\0\0\0);SELECT 2;',
    [
      'statement 1: SELECT 1',
      'zeros 2',
      'fragment 3: CREATE TABLE a (',
      'zeros 3',
      'statement 3: )',
      'statement 3: SELECT 2',
    ],
  ],
  [
    'does not see it in data',
    'COPY t FROM stdin;\n-- PostgreSQL database dump complete\n',
    ['copy 1: COPY t FROM stdin', 'data -- PostgreSQL database dump complete\n', 'unfinished COPY data'],
  ],
  ['says what the input ended within', "SELECT 'abc", ['unfinished a quoted string']],
  [
    'says that a function body has no end',
    'CREATE FUNCTION f() RETURNS int AS $$ x; ',
    ['unfinished a dollar-quoted string'],
  ],
  ['runs a last statement without semicolon, as psql does', 'SELECT 1', ['statement 1: SELECT 1']],
];

/** Like {@link split}, but sends every statement through a file and reads it back. */
async function splitSpooled(sql: string, chunkBytes: number, maxBytes: number): Promise<string[]> {
  const bytes = Buffer.from(sql, 'latin1');
  using splitter = new SqlSplitter({ spoolFromBytes: 1, maxBytes });
  const items: SqlItem[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    items.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  items.push(...splitter.end());
  return Promise.all(
    items.map(async (item) => {
      using spool = item.kind === 'statement' ? item.spool : undefined;
      if (item.kind !== 'statement' || !spool) return show(item);
      const pieces: Buffer[] = [];
      for await (const piece of spool.read()) pieces.push(piece);
      return show({ ...item, bytes: Buffer.concat(pieces) });
    }),
  );
}

describe('splitting a plain dump', () => {
  it.each(
    CASES.filter(
      ([, sql, expected]) => !/COPY|SET standard/.test(sql) && !expected.some((item) => item.startsWith('fragment')),
    ),
  )('%s, through a file', async (_title, sql, expected) => {
    for (const chunkBytes of [1, 3, 8]) expect(await splitSpooled(sql, chunkBytes, 1000)).toEqual(expected);
  });

  it('rejects a statement longer than any server accepts, and everything after it', async () => {
    const sql = `SELECT 1;\nSELECT '${'x'.repeat(90)}';SELECT 2;`;
    expect(await splitSpooled(sql, 8, 50)).toEqual(['statement 1: SELECT 1', 'oversized 2']);
    expect(await splitSpooled("SELECT 'abcdefghij';", 8, 10)).toEqual(['oversized 1']);
  });

  it.each(CASES)('%s', (_title, sql, expected) => {
    const bytes = Buffer.from(sql, 'latin1');
    expect(split(bytes)).toEqual(expected);
  });

  it.each(CASES)('%s, in chunks of any size', (_title, sql, expected) => {
    const bytes = Buffer.from(sql, 'latin1');
    for (let size = 1; size <= bytes.length; size += 1)
      expect(split(bytes, size), `chunks of ${size}`).toEqual(expected);
  });

  it.each([1, 7, 40, 1000])('stops at the header of the next dump among rows, in chunks of %s', (chunkBytes) => {
    const sql = 'COPY t FROM stdin;\na\n--\n-- PostgreSQL database dump\n--\n\\.\nSELECT 1;';
    expect(split(sql, chunkBytes).at(-1)).toBe('unfinished COPY data');
  });

  it('returns the rows of a COPY unchanged, however they are split into chunks', () => {
    const row = fc.string({ unit: fc.constantFrom('a', ';', "'", '\\\\', '\\n', '.', '\t', '$$', '--', '\\N') });
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 1, max: 40 }), (rows, chunkBytes) => {
        const data = rows.map((line) => `${line}\n`).join('');
        const shown = split(`COPY t FROM stdin;\n${data}\\.\nSELECT 1;`, chunkBytes);
        const expected = data === '' ? [] : [`data ${data}`];
        expect(shown).toEqual([
          'copy 1: COPY t FROM stdin',
          ...expected,
          'data-end',
          `statement ${rows.length + 3}: SELECT 1`,
        ]);
      }),
    );
  });

  it('does not depend on chunk boundaries, for any text', () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '$a$',
      '$$',
      '$',
      'E',
      ';',
      '/*',
      '*/',
      '--',
      '\n',
      '\\',
      '(',
      ')',
      'begin',
      'end',
      'case',
      'create function',
      ' ',
      'x',
      'COPY t FROM stdin;\n',
      '\\.\n',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (pieces, chunkBytes) => {
        const sql = pieces.join('');
        expect(split(sql, chunkBytes)).toEqual(split(sql));
      }),
      { numRuns: 5000 },
    );
  });

  it('reads a statement of many megabytes only once, not again with each chunk', () => {
    const body = 'x'.repeat(6_000_000);
    const lengthsBy = (chunkBytes: number) => split(`SELECT '${body}';`, chunkBytes).map((text) => text.length);
    const atOnceMs = cpuMsOf(() => expect(lengthsBy(2 * body.length)).toEqual([body.length + 22]));
    const inChunksMs = cpuMsOf(() => expect(lengthsBy(65_536)).toEqual([body.length + 22]));
    expect(inChunksMs / atOnceMs).toBeLessThan(20); // rereading everything with each of 90 chunks would take 45 times as long
  });

  it('counts lines correctly', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(5), (array, offset) => {
        const bytes = Buffer.from(array.map((byte) => (byte % 3 === 0 ? 10 : byte))).subarray(offset);
        expect(countNewlines(bytes)).toBe([...bytes].filter((byte) => byte === 10).length);
      }),
    );
  });
});
