import { describe, expect, it } from 'vitest';
import {
  isMysqlDump,
  isXmlDump,
  readPlainFacts,
} from '../../../../../src/engines/mysql/formats/plain-sql/plain-facts.ts';
import { heads } from '../../dump-heads.ts';

describe('the head of a MySQL or MariaDB dump', () => {
  it.each(Object.entries(heads))('%s is recognised', (_title, { sql }) => {
    expect(isMysqlDump(Buffer.from(sql))).toBe(true);
    expect(isMysqlDump(Buffer.from(`\uFEFF${sql.replaceAll('\n', '\r\n')}`))).toBe(true);
  });

  it.each(Object.entries(heads))('%s names its origin', (_title, { sql, facts }) => {
    expect(readPlainFacts(Buffer.from(sql))).toMatchObject(facts);
    expect(readPlainFacts(Buffer.from(sql.replaceAll('\n', '\r\n')))).toMatchObject(facts);
  });

  it('names the database in its header when it also has system tables', () => {
    const sql =
      '-- MariaDB dump 10.20-11.8.9-MariaDB, for debian-linux-gnu (x86_64)\n-- Host: localhost    Database: shop\n';
    const system = `${sql}CREATE TABLE t (a INT);\nUSE mysql;\nINSERT INTO column_stats VALUES (1);\n`;
    expect(readPlainFacts(Buffer.from(system))).toMatchObject({ databases: ['shop'], isSeveral: false });
    const other = `${sql}USE mysql;\nUSE other;\n`;
    expect(readPlainFacts(Buffer.from(other))).toMatchObject({ databases: ['mysql', 'other'], isSeveral: true });
  });

  it.each([
    [
      'a Postgres dump',
      '--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\nCREATE TABLE public.t (a int);\nCOPY public.t (a) FROM stdin;\n1\n\\.\n',
    ],
    ['a page', '<!doctype html><p>-- MySQL'],
    ['a text', 'Use `mysqldump` to make a dump of MySQL.'],
    ['XML', '<?xml version="1.0"?>\n<mysqldump>\n'],
  ])('%s is not recognised', (_title, text) => {
    expect(isMysqlDump(Buffer.from(text))).toBe(false);
  });

  it('recognises mysqldump XML, with and without leading lines', () => {
    const xml =
      '<?xml version="1.0"?>\n<mysqldump xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<database name="shop">';
    expect(isXmlDump(Buffer.from(xml))).toBe(true);
    expect(isXmlDump(Buffer.from(xml.replace('<database', 'SET @@SESSION.SQL_LOG_BIN= 0;\n<database')))).toBe(true);
    expect(isXmlDump(Buffer.from("INSERT INTO t VALUES ('<mysqldump>')"))).toBe(false);
  });
});

it.each([
  ['-- MariaDB dump 10.19-11.8.9-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Server version\t11.8.9', undefined],
  [
    '-- MariaDB dump 10.19-11.8.9-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Server version\t11.8.9-MariaDB\n',
    '11.8.9',
  ],
])('does not trust a version that is truncated (%j)', (head, serverVersion) => {
  expect(readPlainFacts(Buffer.from(head))).toMatchObject({ product: 'mariadb', serverVersion });
});
