import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SqlSplitter } from '../../../../src/engines/mysql/sql/sql-splitter.ts';
import { products, type RealClient, startRealClient } from '../real-client.ts';

const SCRIPTS = 1500;

/** Text between strings that does not combine with its neighbour into a comment, a delimiter or a client command. */
const free = fc.constantFrom(
  ...[
    'x',
    ' ',
    '\n',
    '\t',
    '5',
    '- ',
    '--5',
    '+',
    ' / ',
    ' * ',
    ',',
    '(',
    ')',
    '=',
    'begin',
    'end',
    '\\N',
    '! ',
    '@',
    '$ ',
    ': ',
    '0x3B',
    "X'3b'",
  ],
  ...[
    '-- a; \'b "c `d /* \\! e\n',
    '--\n',
    '--\t;\n',
    "# f; 'g\n",
    '#\n',
    '/* h; \'i\n "j -- */ ',
    '/**/ ',
    '/*/ ; */ ',
    '/* \\g */ ',
  ],
  ...['/*!40000 a */ ', "/*!99999 'b;' */ ", '/*! c\n*/ ', '/*!50003 d*/ /*!50017 e*/ ', '\nsource f\n', '\n\\N'],
);
const quotedPiece = fc.constantFrom(
  ...[
    'a',
    ';',
    ';;',
    '//',
    '$$',
    '|',
    'END.',
    '\n',
    '\r\n',
    ' ',
    '--',
    '-- ',
    '#',
    '/*',
    '*/',
    '/*!',
    '\\\\',
    "''",
    '""',
    '``',
  ],
  ...[
    '\nDELIMITER x\n',
    '\\n',
    '\\0',
    '\\%',
    '\u00e4',
    '\u0001',
    'x'.repeat(60),
    '\n-- Dump completed\n',
    '\nsource f\n',
  ],
);

/** @param hasEscapes whether a backslash is an escape in strings here. */
function quoted(hasEscapes: boolean): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom("'", '"', '`'), fc.array(quotedPiece, { maxLength: 6 })).map(([quote, pieces]) => {
    const text = pieces
      .join('')
      .replaceAll(new RegExp(`${quote}{2}|${quote}`, 'g'), (found) => (found === quote ? '' : found));
    return `${quote}${quote === '`' || !hasEscapes ? text : text.replaceAll('a', `\\${quote}`)}${quote}`;
  });
}

function statement(delimiter: string, hasEscapes: boolean): fc.Arbitrary<string> {
  const loose = delimiter.startsWith(';') ? [] : [fc.constantFrom(';', ' ;; ')];
  const pieces = fc.array(fc.oneof(free, free, quoted(hasEscapes), ...loose), { maxLength: 9 });
  const end = fc.constantFrom(
    delimiter,
    `\n${delimiter}`,
    ` ${delimiter} `,
    `${delimiter}\n`,
    `${delimiter}${delimiter}\n`,
    '\\g',
    '\\G\n',
  );
  const remark = fc.constantFrom('', '', '', ' -- k; \n', '# l "\n', '\n-- m\n', '\n/* n; */\n');
  return fc.tuple(remark, pieces, end).map(([before, text, after]) => `${before}select ${text.join('')}x${after}`);
}

/** A few statements under one delimiter and one sql_mode, both of which are reset at the end. */
const script = fc
  .tuple(
    fc.constantFrom(';', ';;', '//', '$$', '|', "'//'", 'END.'),
    fc.constantFrom('DELIMITER', 'delimiter', 'Delimiter'),
    fc.boolean(),
  )
  .chain(([delimiter, word, hasEscapes]) => {
    const statements = fc.array(statement(delimiter.replaceAll("'", ''), hasEscapes), { minLength: 1, maxLength: 4 });
    const [begin, end] = delimiter === ';' ? ['', '\n'] : [`${word} ${delimiter}\n`, `\n${word} ;\n`];
    const [mode, modeBack] = hasEscapes ? ['', ''] : ["SET sql_mode='NO_BACKSLASH_ESCAPES';\n", "SET sql_mode='';\n"];
    return statements.map((texts) => `${mode}${begin}${texts.join('')}${end}${modeBack}`);
  });

describe.skipIf(!inject('dockerAnswers'))('the splitter, compared with the real client', () => {
  describe.each(['mysql 9.7', 'mariadb 11.8'] as const)('%s', (name) => {
    const dialect = name.startsWith('mysql') ? 'mysql' : 'mariadb';
    let client: RealClient | undefined;

    beforeAll(() => {
      client = startRealClient(products[name]);
    });
    afterAll(() => client?.[Symbol.dispose]());

    function compare(scripts: readonly string[], ...options: string[]): void {
      // Each script is followed by a statement that identifies it: a wrong split in one does not affect the next.
      const all = Buffer.from(scripts.map((text, index) => `${text}\nselect 'script ${index}';\n`).join(''), 'latin1');
      const expected = byScript(client?.statementsOf(all, ...options) ?? []);
      const actual = byScript(split(all, dialect));
      for (const [index, text] of scripts.entries()) {
        const shown = expected[index]?.map((sent, at) => withoutRemark(sent, actual[index]?.[at] ?? ''));
        expect(actual[index], text).toEqual(shown);
      }
      expect(actual.length).toBe(scripts.length + 1);
    }

    it('agrees on strings, comments and delimiters of every kind', () => {
      const seed = Date.now() | 0;
      compare(fc.sample(script, { numRuns: SCRIPTS, seed }));
    });

    it.each([
      ['gbk', '\u0081\\', '\u00fe`', '\u0095|'],
      ['gb18030', '\u0081\\', '\u00fe`', '\u00810\u00810'],
      ['sjis', '\u0095\\', '\u00e0`', '\u0081|'],
      ['cp932', '\u0095\\', '\u00fa`', '\u00b1'],
      ['big5', '\u00a4\\', '\u00f9`', '\u00b3|'],
    ])('agrees on %s characters whose second byte is a backslash', (charset, ...texts) => {
      if (dialect === 'mariadb' && charset === 'gb18030') return; // MariaDB does not have this character set
      const quotes = ["'", '"', '`'];
      const statements = texts.flatMap((text) =>
        quotes.map((quote) => `select ${quote}${text}${quote}, ${quote}x${text}${text};${quote};\n`),
      );
      compare([`SET NAMES ${charset};`, ...statements], `--default-character-set=${charset}`);
    });
  });
});

function split(script: Buffer, dialect: 'mysql' | 'mariadb'): string[] {
  const splitter = new SqlSplitter(dialect);
  return [...splitter.push(script), ...splitter.end()]
    .filter(({ kind }) => kind !== 'comment') // the client sends no comments
    .map((item) => (item.kind === 'statement' ? item.bytes.toString('latin1') : `(${item.kind})`));
}

/**
 * Groups statements by script, without what only the client sends: comments before a statement, and a blank after some
 * comments.
 */
function byScript(statements: readonly string[]): string[][] {
  const scripts: string[][] = [[]];
  for (const text of statements) {
    const shown = text.replaceAll('\r\n', '\n').replace(LEADING, '').replaceAll(' ', '').trimEnd();
    if (/^select'script\d+'/.test(shown)) scripts.push([]);
    else if (shown !== '') scripts.at(-1)?.push(shown);
  }
  return scripts;
}

const LEADING = /^(?:\s|--(?=\s|$)[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*(?![!+])[\s\S]*?\*\/)+/;

/** The client sends a comment after a delimiter along with the preceding statement. */
function withoutRemark(sent: string, own: string): string {
  return sent.startsWith(own) && /^\s*(?:--|#)[^\n]*$/.test(sent.slice(own.length)) ? own : sent;
}
