import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SqlItem, SqlSplitter } from '../../../../src/engines/mysql/sql/sql-splitter.ts';
import { cpuMsOf } from '../../../support/cpu-time.ts';
import { heldBufferBytes } from '../../../support/held-memory.ts';

function split(input: string | Buffer, chunkBytes = Number.POSITIVE_INFINITY, dialect?: 'mysql' | 'mariadb'): string[] {
  const bytes = typeof input === 'string' ? Buffer.from(input, 'latin1') : input;
  const splitter = new SqlSplitter(dialect);
  const items: SqlItem[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    items.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  items.push(...splitter.end());
  return items.filter(({ kind }) => kind !== 'comment').map(show);
}

function pushAll(splitter: SqlSplitter, sql: string, chunkBytes: number): readonly SqlItem[] {
  const bytes = Buffer.from(sql);
  const items: SqlItem[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    items.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  items.push(...splitter.end());
  return items;
}

function show(item: SqlItem): string {
  if (item.kind === 'statement')
    return `${item.isUndelimited ? 'cut?' : item.line}: ${item.bytes.toString('latin1').trimEnd()}`;
  if (item.kind === 'client') return `client ${item.line}: ${item.text}`;
  if (item.kind === 'unfinished') return `unfinished ${item.within}, line ${item.line}`;
  return item.kind === 'comment' ? `comment ${item.line}: ${item.text}` : `${item.kind} ${item.line}`;
}

const CASES: readonly (readonly [title: string, sql: string, expected: string[]])[] = [
  [
    'ends statements at semicolons and drops comments before them, and empty ones',
    '-- a; b\nSELECT 1;;\n/* ; */ SELECT 2;# c; d\n ; SELECT 3;',
    ['2: SELECT 1', '3: SELECT 2', '4: SELECT 3'],
  ],
  [
    'keeps what stands in strings and quoted names',
    `SELECT 'a;b''c;', "d;""e", \`f;\`\`g\`;SELECT 2;`,
    [`1: SELECT 'a;b''c;', "d;""e", \`f;\`\`g\``, '1: SELECT 2'],
  ],
  [
    'takes a backslash in a string as an escape, and in a quoted name as itself',
    String.raw`SELECT 'a\';b\\', "c\";d", ${'`e\\`'};SELECT 2;`,
    [String.raw`1: SELECT 'a\';b\\', "c\";d", ${'`e\\`'}`, '1: SELECT 2'],
  ],
  ['keeps comments within a statement', 'SELECT 1 -- ;\n+ /* ; */ 2 # ;\n;', ['1: SELECT 1 -- ;\n+ /* ; */ 2 # ;']],
  [
    'takes two dashes for a comment only before white space, or where a statement begins',
    'SELECT 1--2;SELECT 3--\t;\n;--x;\nSELECT 4--',
    ['1: SELECT 1--2', '1: SELECT 3--\t;', 'cut?: SELECT 4--'],
  ],
  [
    'takes a word for a delimiter, also where a statement would begin',
    'DELIMITER GO\nSELECT 1 GO\nGO GOSELECT 2\nGO',
    ['2: SELECT 1', '3: SELECT 2'],
  ],
  ['does not nest comments', '/* a /* ; */ SELECT 1;', ['1: SELECT 1']],
  ['does not end a comment by the star that begins it', '/*/ ; */ SELECT 1;', ['1: SELECT 1']],
  [
    'keeps what only the server reads, and ends statements within it as the client does',
    "/*!40101 SET NAMES utf8mb4 */;/*!50001 SELECT ';' ; */;",
    ['1: /*!40101 SET NAMES utf8mb4 */', "1: /*!50001 SELECT ';'", '1: */'],
  ],
  [
    'follows DELIMITER, in any case of letters',
    'DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER t BEGIN\n SET a = 1; -- ;;\nEND */;;\ndelimiter ;\nSELECT 2;',
    ['2: /*!50003 CREATE*/ /*!50003 TRIGGER t BEGIN\n SET a = 1; -- ;;\nEND */', '6: SELECT 2'],
  ],
  [
    'takes a quoted delimiter, words behind it, and CRLF',
    "DELIMITER '//' now\r\nSELECT 1; SELECT 2 //\r\ndelimiter ;\r\nSELECT 3;\r\n",
    ['2: SELECT 1; SELECT 2', '4: SELECT 3'],
  ],
  [
    'sees a delimiter before what else it could be',
    'DELIMITER --\nSELECT 1-- SELECT 2--\nDELIMITER \'"\'\nSELECT 3"',
    ['2: SELECT 1', '2: SELECT 2', '4: SELECT 3'],
  ],
  [
    'does not take DELIMITER for one within a statement or a string',
    "SELECT 'a\nDELIMITER //\n',\nDELIMITER //\n;SELECT 2;",
    ["1: SELECT 'a\nDELIMITER //\n',\nDELIMITER //", '5: SELECT 2'],
  ],
  [
    'takes \\g and \\G for delimiters',
    'SELECT 1\\g SELECT 2\\G\nSELECT \\N;',
    ['1: SELECT 1', '1: SELECT 2', '2: SELECT \\N'],
  ],
  [
    'ends a USE without delimiter at its line, as the client does',
    'use shop\nSELECT 1;USE `a b`;\nuse\n c;',
    ['1: use shop', '2: SELECT 1', '2: USE `a b`', '3: use\n c'],
  ],
  [
    'gives commands to the client with their lines',
    'SELECT 1;\n\\! rm -rf /; x\nsource a.sql\nSystem ls; \nquit\nSELECT 2;',
    [
      '1: SELECT 1',
      'client 2: \\! rm -rf /; x',
      'client 3: source a.sql',
      'client 4: System ls;',
      'client 5: quit',
      '6: SELECT 2',
    ],
  ],
  [
    'keeps its delimiter at a DELIMITER that names none, as the client does',
    "DELIMITER ;;\nSELECT 1; ;;\nDELIMITER\nSELECT 2; ;;\nDELIMITER ;\nDELIMITER ''\nSELECT 3;",
    ['2: SELECT 1;', 'client 3: DELIMITER', '4: SELECT 2;', "client 6: DELIMITER ''", '7: SELECT 3'],
  ],
  [
    'does not take names in a statement for commands',
    'SELECT *\nFROM\nsource\n, status;quit now;sourcex 1;',
    ['1: SELECT *\nFROM\nsource\n, status', '4: quit now', '4: sourcex 1'],
  ],
  ['gives a backslash command within a statement', 'SELECT 1 \\! ls\n;', ['client 1: \\! ls']],
  [
    'passes over the line that mariadb-dump begins with, in both its forms',
    '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump\nSELECT 1;\n/*!999999\\- enable the sandbox mode */ SELECT 2;',
    ['3: SELECT 1', '4: SELECT 2'],
  ],
  [
    'keeps bytes that are no text, and zero bytes',
    "INSERT INTO t VALUES (_binary '\u0000\u00ff\\';\u001a\r\n',0x3B,X'3b');SELECT 2;",
    ["1: INSERT INTO t VALUES (_binary '\u0000\u00ff\\';\u001a\r\n',0x3B,X'3b')", '2: SELECT 2'],
  ],
  [
    'follows NO_BACKSLASH_ESCAPES from where the dump sets it to where it sets it back',
    "/*!50003 SET @saved_sql_mode = @@sql_mode */ ;/*!50003 SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES' */ ;SELECT '\\';SELECT 2;" +
      "/*!50003 SET sql_mode = @saved_sql_mode */ ;SELECT '\\';';",
    [
      '1: /*!50003 SET @saved_sql_mode = @@sql_mode */',
      "1: /*!50003 SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES' */",
      "1: SELECT '\\'",
      '1: SELECT 2',
      '1: /*!50003 SET sql_mode = @saved_sql_mode */',
      "1: SELECT '\\';'",
    ],
  ],
  [
    'follows ANSI_QUOTES, under which a quoted name knows no escapes',
    `SET SESSION sql_mode='ANSI_QUOTES';SELECT "\\";SELECT '\\'';`,
    ["1: SET SESSION sql_mode='ANSI_QUOTES'", '1: SELECT "\\"', "1: SELECT '\\''"],
  ],
  [
    'reads characters of two bytes whose second is a backslash or a backtick',
    "SET NAMES gbk;SELECT '\u0081\\', `\u0081``, \u0081\\;SET NAMES utf8mb4;SELECT '\u0081\\'';",
    ['1: SET NAMES gbk', "1: SELECT '\u0081\\', `\u0081``, \u0081\\", '1: SET NAMES utf8mb4', "1: SELECT '\u0081\\''"],
  ],
  [
    'reads characters of four bytes',
    "/*!50003 SET character_set_client  = gb18030 */;SELECT '\u00810\u00810\\';';",
    ['1: /*!50003 SET character_set_client  = gb18030 */', "1: SELECT '\u00810\u00810\\';'"],
  ],
  ['passes over a byte order mark', '\u00ef\u00bb\u00bfSELECT 1;', ['1: SELECT 1']],
  [
    'gives zero bytes between statements as such, each run once',
    'SELECT 1;\n\0\0\0\nSELECT 2;\0\0',
    ['1: SELECT 1', 'zeros 2', '3: SELECT 2', 'zeros 3'],
  ],
  ['says what the input ended within', "SELECT 1;\nSELECT 'abc", ['1: SELECT 1', 'unfinished a quoted string, line 2']],
  ['says that a quoted name has no end', 'SELECT `abc;', ['unfinished a quoted name, line 1']],
  ['says that a comment has no end', 'SELECT 1;\n\n/* abc;', ['1: SELECT 1', 'unfinished a comment, line 3']],
  [
    'gives a last statement without delimiter, as the client sends it, and says so',
    'SELECT 1 \n\u001a',
    ['cut?: SELECT 1'],
  ],
  ['makes nothing of white space and comments', ' \n-- a\n/* b */\n# c', []],
];

describe('splitting a MySQL or MariaDB dump', () => {
  it.each(CASES)('%s', (_title, sql, expected) => {
    expect(split(sql)).toEqual(expected);
  });

  it.each(CASES)('%s, in chunks of any size', (_title, sql, expected) => {
    for (let size = 1; size <= sql.length; size += 1) expect(split(sql, size), `chunks of ${size}`).toEqual(expected);
  });

  it('reads syntax of only one server according to the dialect', () => {
    const sql = "/*M! a;b */ SELECT /*+ it's */ 1;\n--x;\n";
    expect(split(sql, undefined, 'mysql')).toEqual(['unfinished a quoted string, line 1']);
    expect(split(sql, undefined, 'mariadb')).toEqual(['1: /*M! a', "1: b */ SELECT /*+ it's */ 1"]);
    expect(split('--x;', undefined, 'mysql')).toEqual(['1: --x']);
  });

  it('returns statements unchanged, whatever their strings and however they are split into chunks', () => {
    const value = fc.oneof(
      fc.integer().map(String),
      fc.constant('NULL'),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => `_binary '${escaped(Buffer.from(bytes).toString('latin1'))}'`),
      fc.string({ unit: fc.constantFrom(...`';"\\\`#-/* \n\0x`) }).map((text) => `'${escaped(text)}'`),
      fc.string({ unit: fc.constantFrom(...`;"\\'# x`) }).map((text) => `\`${text}\``),
    );
    const statement = fc
      .array(value, { minLength: 1, maxLength: 40 })
      .map((values) => `INSERT INTO t VALUES (${values.join(',')})`);
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 6 }), fc.integer({ min: 1, max: 200 }), (statements, chunkBytes) => {
        const shown = split(statements.map((text) => `${text};\n`).join(''), chunkBytes);
        expect(shown.map((text) => text.replace(/^\d+: /, ''))).toEqual(statements);
      }),
    );
  });

  it('does not depend on chunk boundaries, for any text', () => {
    const piece = fc.constantFrom(
      ...[
        "'",
        '"',
        '`',
        ';',
        '/*',
        '*/',
        '/*!',
        '/*M!',
        '/*+',
        '-',
        '--',
        '-- ',
        '#',
        '\n',
        '\\',
        '\\g',
        '\\!',
        ' ',
        'x',
        '\r\n',
        '\u0000',
      ],
      ...[
        'DELIMITER //\n',
        'delimiter GO\n',
        'delimiter ;\n',
        '//',
        'GO',
        'use a\n',
        'source b\n',
        '-- Dump completed\n',
        'y'.repeat(70),
      ],
      ...[
        "SET sql_mode='NO_BACKSLASH_ESCAPES';",
        "SET sql_mode='';",
        'SET NAMES gbk;',
        'SET NAMES utf8mb4;',
        '\u0081',
        '\u0081\\',
      ],
      '/*M!999999\\- enable the sandbox mode */',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (pieces, chunkBytes) => {
        const sql = pieces.join('');
        expect(split(sql, chunkBytes)).toEqual(split(sql));
      }),
      { numRuns: 5000 },
    );
  });

  it('returns comments between statements: whole lines, short blocks, and the start of long lines', () => {
    const sql = `-- one\n#two\n/* three\n3 */ SELECT 1 -- no\n; -- no\nSELECT '\n-- no\n';\n--\n-- ${'x'.repeat(2000)}\n-- last`;
    for (const chunkBytes of [1, 7, 5000]) {
      const splitter = new SqlSplitter();
      const bytes = Buffer.from(sql);
      const items: SqlItem[] = [];
      for (let at = 0; at < bytes.length; at += chunkBytes)
        items.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
      items.push(...splitter.end());
      const comments = items.filter((item) => item.kind === 'comment');
      expect(comments.map(({ text, line }) => `${line}: ${text.slice(0, 10)}`)).toEqual([
        '1: -- one',
        '2: #two',
        '3: /* three\n3',
        '10: -- xxxxxxx',
        '11: -- last',
      ]);
      expect(comments[3]?.text).toHaveLength(1000);
    }
  });

  it('returns a long statement completely through a file, at any chunk boundary, and the others as usual', async () => {
    const long = `INSERT INTO t VALUES ('a;\\'b\n'), (\`;\`), ("${'x'.repeat(300)}"), -- ;\n (2)`;
    const sql = Buffer.from(`-- c\nSELECT 1;\n${long};\nSELECT 2;`);
    for (let chunkBytes = 1; chunkBytes < 90; chunkBytes += 1) {
      using splitter = new SqlSplitter('mysql', { spoolFromBytes: 50, maxBytes: 10_000 });
      const items: SqlItem[] = [];
      for (let at = 0; at < sql.length; at += chunkBytes)
        items.push(...splitter.push(sql.subarray(at, at + chunkBytes)));
      items.push(...splitter.end());
      const statements = items.filter((item) => item.kind === 'statement');
      const [, spooled] = statements;
      using spool = spooled?.spool;
      const pieces: Buffer[] = [];
      if (spool) for await (const piece of spool.read()) pieces.push(piece);
      expect(Buffer.concat(pieces).toString()).toBe(long);
      expect(statements.map(({ line }) => line)).toEqual([2, 3, 6]);
      expect(statements[2]?.bytes.toString()).toBe('SELECT 2');
    }
  });

  it.each(['', ' \n', '\n-- c'])('returns a long unterminated statement at the end, with %j after it', (rest) => {
    const long = `INSERT INTO t VALUES (${'1, '.repeat(40)}2)`;
    for (let chunkBytes = 1; chunkBytes < 90; chunkBytes += 1) {
      using splitter = new SqlSplitter('mysql', { spoolFromBytes: 50, maxBytes: 10_000 });
      const items = pushAll(splitter, `SELECT 1;\n${long}${rest}`, chunkBytes);
      const last = items.at(-1);
      if (last?.kind !== 'statement') throw new Error(`ends with ${last?.kind}`);
      using spool = last.spool;
      expect([items.length, last.line, last.isUndelimited]).toEqual([2, 2, true]);
      expect(spool?.sizeBytes).toBeGreaterThanOrEqual(long.length);
    }
  });

  it('returns a client command inside a long statement with its own line', () => {
    const sql = `SELECT 1;\nSELECT ${'1,\n'.repeat(40)}\\! ls\n;`;
    for (let chunkBytes = 1; chunkBytes < 90; chunkBytes += 7) {
      using splitter = new SqlSplitter('mysql', { spoolFromBytes: 50, maxBytes: 10_000 });
      const commands = pushAll(splitter, sql, chunkBytes).filter(({ kind }) => kind === 'client');
      expect(commands).toEqual([{ kind: 'client', text: '\\! ls', line: 42, isWithin: true }]);
    }
  });

  it('rejects a statement longer than any server accepts, using little memory', () => {
    using splitter = new SqlSplitter('mysql', { spoolFromBytes: 2 ** 20, maxBytes: 20 * 2 ** 20 });
    const chunk = Buffer.alloc(65_536, ' ');
    const before = heldBufferBytes();
    const items: SqlItem[] = [...splitter.push(Buffer.from('SELECT 1;\nSELECT'))];
    for (let count = 0; count < 1000; count += 1) items.push(...splitter.push(chunk));
    items.push(...splitter.end());
    expect(items.map(show)).toEqual(['1: SELECT 1', 'oversized 2']);
    expect(heldBufferBytes() - before).toBeLessThan(20_000_000);
  });

  it('detects whether every line between statements ends with a carriage return', () => {
    const splitter = new SqlSplitter();
    splitter.push(Buffer.from("--\r\n-- a\r\nDELIMITER ;\r\nSELECT 1, -- it's\r\n 'b';\r\nSELECT 'a\r\nb';\r\n"));
    expect(splitter.hasReturns).toBe(true);
    splitter.push(Buffer.from('\n'));
    expect(splitter.hasReturns).toBe(false);
  });

  it('reads a statement of many megabytes only once, not again with each chunk', () => {
    const body = "x\\'".repeat(2_000_000);
    const lengthsBy = (chunkBytes: number) => split(`SELECT '${body}';`, chunkBytes).map((text) => text.length);
    const atOnceMs = cpuMsOf(() => expect(lengthsBy(2 * body.length)).toEqual([body.length + 12]));
    const inChunksMs = cpuMsOf(() => expect(lengthsBy(65_536)).toEqual([body.length + 12]));
    expect(inChunksMs / atOnceMs).toBeLessThan(20); // rereading everything with each of 90 chunks would take 45 times as long
  });

  it('does not buffer a long comment', () => {
    const splitter = new SqlSplitter();
    splitter.push(Buffer.from('SELECT 1;\n/*'));
    const line = Buffer.from(`${"; 'x".repeat(20_000)}\n`);
    const before = heldBufferBytes();
    for (let count = 0; count < 500; count += 1) expect(splitter.push(line)).toEqual([]);
    expect(heldBufferBytes() - before).toBeLessThan(20_000_000);
    expect([...splitter.push(Buffer.from('*/ SELECT 2;'))].map(show)).toEqual(['502: SELECT 2']);
  });
});

/** Escapes text as mysql_real_escape_string does. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\\'"]/g, '\\$&')
    .replaceAll('\0', '\\0')
    .replaceAll('\n', '\\n')
    .replaceAll('\u001a', '\\Z');
}
