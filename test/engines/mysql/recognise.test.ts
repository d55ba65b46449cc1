import { describe, expect, it } from 'vitest';
import type { BackupContent } from '../../../src/backup/content.ts';
import { readMydumperMetadata } from '../../../src/engines/mysql/formats/mydumper/mydumper-metadata.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import { bytesContent, directoryContent } from '../../support/fake-content.ts';
import { NEW_DIRECTORY, OLD_METADATA } from './formats/mydumper/mydumper-directory.ts';

const never = new AbortController().signal;
const mysql = engineOf('mysql');
const mariadb = engineOf('mariadb');
const bytes = (content: Buffer | string) => bytesContent(Buffer.from(content), 'orders.sql');
const failure = (content: BackupContent, engine = mysql): Promise<string> =>
  engine.inspect(content, never).then(
    ({ facts }) => `taken for ${facts.format}`,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
const without = (name: string, changes: Record<string, string> = {}) => {
  const { [name]: _gone, ...rest } = NEW_DIRECTORY;
  return directoryContent({ ...rest, ...changes });
};

const MYSQL_HEAD =
  '-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: db1    Database: shop\n-- ------------------------------------------------------\n-- Server version\t8.0.36-28\n\nCREATE TABLE `a` (`id` int);\n';

describe('a backup is recognised by its content', () => {
  it('as a mysqldump dump, with the facts in its head', async () => {
    const { facts, needs } = await mysql.inspect(bytes(MYSQL_HEAD), never);
    expect({ ...facts, ...needs }).toMatchObject({
      engine: 'mysql',
      format: 'plain SQL dump',
      serverVersion: '8.0.36',
      major: '8.0',
      dumpedBy: 'mysqldump 8.0.36',
      database: 'shop',
    });
    expect(mysql.imageFor(needs.major)).toBe('mysql:8.0');
  });

  it('as SQL of unknown origin, by its first statement', async () => {
    const { facts, needs } = await mariadb.inspect(bytes('\n-- made by hand\nCREATE TABLE a (id int);'), never);
    expect({ ...facts, ...needs }).toMatchObject({
      engine: 'mariadb',
      serverVersion: 'unknown',
      major: '11.8',
      dumpedBy: 'unknown',
    });
  });

  it('and a dump of several databases states none of them as its own', async () => {
    const sql = `${MYSQL_HEAD}CREATE DATABASE \`shop\`;\nUSE \`shop\`;\nCREATE DATABASE \`mysql\`;\nUSE \`mysql\`;\nUSE \`crm\`;\n`;
    const { facts } = await mysql.inspect(bytes(sql), never);
    expect(facts).toMatchObject({ format: 'plain SQL dump of several databases', database: undefined });
  });

  it.each([
    [
      'the other product’s',
      MYSQL_HEAD,
      /^engine-mismatch: orders.sql is a dump of MySQL 8.0.36, and the drill restores MariaDB$/,
    ],
    ['nothing', '', /^backup-empty: /],
    ['HTML', '<!DOCTYPE html><html><body>502', /^backup-unrecognised: .* an HTML page/],
    [
      'Postgres',
      '--\n-- PostgreSQL database dump\n--\nSET x = 1;',
      /^engine-mismatch: orders.sql is a PostgreSQL dump, and the drill restores mariadb$/,
    ],
    [
      'a Postgres archive',
      'PGDMP\u0001\u000e',
      /^engine-mismatch: orders.sql is a PostgreSQL dump, and the drill restores mariadb$/,
    ],
    [
      'mysqldump --xml',
      '<?xml version="1.0"?>\n<mysqldump xmlns:xsi="x">\n',
      /^format-unsupported: .* an XML dump \(mysqldump --xml\)/,
    ],
    [
      'xtrabackup',
      Buffer.concat([Buffer.from('XBSTCK01'), Buffer.alloc(100)]),
      /^format-unsupported: .* xbstream format/,
    ],
    ['a tablespace', tablespace(), /^format-unsupported: .* an InnoDB tablespace/],
    ['a binary log', Buffer.from('fe62696e00', 'hex'), /^format-unsupported: .* a binary log/],
    [
      'an error message of the tool',
      'mysqldump: Got error: 1045: Access denied for user',
      /^backup-unrecognised: .* a program’s message instead of a dump: "mysqldump: Got error: 1045: /,
    ],
    ['encrypted', 'Salted__abcdefgh', /^backup-encrypted: .* OpenSSL/],
  ])('but %s is not', async (_what, content, expected) => {
    expect(await failure(bytes(content), mariadb)).toMatch(expected);
  });
});

describe('a mydumper directory', () => {
  it('states what its files reveal about its contents', async () => {
    const { facts, needs } = await mariadb.inspect(directoryContent(NEW_DIRECTORY), never);
    expect({ ...facts, ...needs }).toMatchObject({
      format: 'mydumper directory',
      database: 'shop',
      tableCount: 1,
      serverVersion: 'unknown',
    });
    expect(readMydumperMetadata(NEW_DIRECTORY['metadata'] ?? '')).toEqual({
      isFinished: true,
      product: 'mariadb',
      sqlMode: 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES',
      rowCounts: new Map([
        ['shop.orders', 3],
        ['shop.empty', 0],
      ]),
      realNames: new Map([['shop.orders', 'orders']]),
      others: new Set(),
      coordinates: { gtids: '0-7-75', saidBy: 'mydumper’s metadata' },
      stated: { text: '19 Sep 2026, 18:15:36 (its own clock)', atLatest: new Date('2026-09-20T06:15:36Z') },
    });
    expect(readMydumperMetadata(OLD_METADATA)).toMatchObject({
      isFinished: true,
      product: 'mysql',
      sqlMode: undefined,
    });
  });

  it.each([
    [
      'that is still being written',
      without('metadata', { 'metadata.partial': '' }),
      /^backup-truncated: nightly\/ is a mydumper directory that was not finished: .*metadata.partial$/,
    ],
    [
      'with truncated metadata',
      without('metadata', { metadata: 'Started dump at: 2026-11-21\n' }),
      /^backup-truncated: .* does not say when it was finished$/,
    ],
    ['without any metadata', without('metadata'), /^backup-unrecognised: nightly\/ holds 9 objects, but no metadata/],
    [
      'with missing rows',
      directoryContent(Object.fromEntries(Object.entries(NEW_DIRECTORY).filter(([name]) => !name.includes('.0000')))),
      /^backup-truncated: nightly\/ lacks the rows of 1 of the 2 tables .* the first is shop.orders with 3 rows$/,
    ],
    [
      'with a missing table definition',
      without('shop.empty-schema.sql'),
      /^backup-truncated: nightly\/ lacks the definitions of 1 of the 2 tables .* the first is shop.empty$/,
    ],
    [
      'with an empty file',
      without('shop.orders.00001.sql', { 'shop.orders-schema-triggers.sql': '' }),
      /^backup-truncated: nightly\/ holds an empty file shop.orders-schema-triggers.sql$/,
    ],
    [
      'with missing first chunks',
      without('metadata', { metadata: OLD_METADATA.replace(/GTID.*/, ''), 'shop.lines.00003.sql': ' ' }),
      /^backup-truncated: nightly\/ lacks 3 files of rows of shop.lines/,
    ],
    [
      'of the other product',
      without('metadata', { metadata: OLD_METADATA }),
      /^engine-mismatch: nightly\/ is a dump of MySQL, and the drill restores MariaDB$/,
    ],
    [
      'with rows that only LOAD DATA reads',
      without('metadata', { metadata: OLD_METADATA, 'shop.orders.00000.dat': '' }),
      /^format-unsupported: nightly\/ holds rows as shop.orders.00000.dat/,
    ],
  ])('%s is refused', async (_what, content, expected) => {
    expect(await failure(content, mariadb)).toMatch(expected);
  });
});

describe('an empty row file in a mydumper directory', () => {
  const OLD = { metadata: OLD_METADATA, 'shop.a-schema.sql': 'CREATE TABLE `a` (`id` int);\n' };
  const hintOf = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const read = mysql.inspect(directoryContent(files), never);
    return read.then(
      () => 'read',
      (error: { hint?: string }) => error.hint ?? 'none',
    );
  };

  it('may come from --build-empty-files, where each table has a file', async () => {
    expect(await hintOf({ ...OLD, 'shop.a.sql': '' })).toContain('--build-empty-files');
  });

  it.each([
    ['is numbered', { 'shop.a.00000.sql': '' }],
    ['is compressed', { 'shop.a.sql.gz': '' }],
    ['is next to a table without one', { 'shop.a.sql': '', 'shop.b-schema.sql': 'CREATE TABLE `b` (`id` int);\n' }],
    ['is next to an empty definition', { 'shop.a.sql': '', 'shop.a-schema-triggers.sql': '' }],
  ])('does not when it %s', async (_how, files) => {
    expect(await hintOf({ ...OLD, ...files })).toMatch(/^The dump or its upload was cut short/);
  });
});

/** The first page of an InnoDB data file: page number 0, type FSP_HDR, its space id twice. */
function tablespace(): Buffer {
  const page = Buffer.alloc(32_768);
  page.writeUInt16BE(8, 24);
  page.writeUInt32BE(17, 34);
  page.writeUInt32BE(17, 38);
  page.writeUInt32BE(0xabcdef01, 0);
  return page;
}
