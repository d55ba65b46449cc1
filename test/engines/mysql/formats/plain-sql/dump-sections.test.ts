import { describe, expect, it } from 'vitest';
import { DumpSections } from '../../../../../src/engines/mysql/formats/plain-sql/dump-sections.ts';
import { SqlSplitter } from '../../../../../src/engines/mysql/sql/sql-splitter.ts';
import { classifyStatement } from '../../../../../src/engines/mysql/sql/statement-kind.ts';

/** How each dump in a text ended, in order: `whole`, `unknown`, or `cut` followed by how. */
function endsOf(sql: string, completionLine?: 'optional'): string[] {
  const sections = new DumpSections(completionLine);
  const splitter = new SqlSplitter();
  const ends: string[] = [];
  const show = (end: ReturnType<DumpSections['finish']>): void => {
    ends.push(end.state === 'cut' ? `cut ${end.how}` : end.state);
  };
  for (const item of [...splitter.push(Buffer.from(sql)), ...splitter.end()]) {
    if (item.kind === 'statement')
      sections.noteStatement(classifyStatement(item.bytes), item.bytes.toString(), item.line);
    const end = item.kind === 'comment' ? sections.noteComment(item.text, item.line) : undefined;
    if (end) show(end);
  }
  show(sections.finish());
  return ends;
}

const MYSQL = '-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)\n';
const MARIADB =
  '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19-11.8.3-MariaDB, for debian (x86_64)\n';
const ROWS = 'CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n';
const SAVE =
  "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='' */;\n/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n";
const PUT_BACK = "/*!40101 SET SQL_MODE=IFNULL(@OLD_SQL_MODE, '') */;\n/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n";
const DONE = '-- Dump completed on 2026-11-28  2:05:44\n';
const NO_LINE = 'cut without the line “-- Dump completed” that it ends with';
const NO_SETTINGS = 'cut without the settings (@OLD_…) that it puts back at its end';

describe('the dumps in a file', () => {
  it.each<[string, string, string[]]>([
    ['one of mysqldump', MYSQL + SAVE + ROWS + DONE, ['whole']],
    ['one without a date', `${MARIADB}${ROWS}-- Dump completed`, ['whole']],
    ['one with CRLF', (MYSQL + ROWS + DONE).replaceAll('\n', '\r\n'), ['whole']],
    ['one that is truncated', MYSQL + ROWS, [NO_LINE]],
    ['two complete ones', MYSQL + ROWS + DONE + MYSQL + ROWS + DONE, ['whole', 'whole']],
    ['two of MariaDB', MARIADB + ROWS + DONE + MARIADB + ROWS + DONE, ['whole', 'whole']],
    ['two, the first truncated', MARIADB + ROWS + MARIADB + ROWS + DONE, [NO_LINE, 'whole']],
    ['two, the last truncated', MYSQL + ROWS + DONE + MYSQL + ROWS, ['whole', NO_LINE]],
    ['a header alone, then a dump', MYSQL + MYSQL + ROWS + DONE, [NO_LINE, 'whole']],
    ['statements before a dump', `CREATE DATABASE x;\nUSE x;\n${MYSQL}${ROWS}${DONE}`, ['unknown', 'whole']],
    ['a transaction around a dump', `BEGIN;\n${MYSQL}${ROWS}${DONE}COMMIT;\n`, ['unknown', 'whole']],
    [
      'mysqldump-php',
      `-- mysqldump-php https://github.com/ifsnop/mysqldump-php\n${ROWS}-- Dump completed on: Sat, 28 Nov 2026 02:05:44 +0000\n`,
      ['whole'],
    ],
    ['mysqldump-php, cut', `-- mysqldump-php https://github.com/ifsnop/mysqldump-php\n${ROWS}`, [NO_LINE]],
    ['phpMyAdmin', `-- phpMyAdmin SQL Dump\nSTART TRANSACTION;\n${ROWS}COMMIT;\n`, ['whole']],
    ['phpMyAdmin without transaction', `-- phpMyAdmin SQL Dump\n${ROWS}`, ['unknown']],
    ['Adminer', `-- Adminer 4.8.1 MySQL 8.0.32 dump\n${ROWS}\n-- 2026-11-28 02:05:44`, ['whole']],
    ['Adminer 5', `-- Adminer 5.4.1 MariaDB 11.8.3-MariaDB-log dump\n${ROWS}\n-- 2026-11-28 02:05:44 UTC\n`, ['whole']],
    [
      'Adminer, cut',
      `-- Adminer 5.4.1 MySQL 8.0.44 dump\n${ROWS}`,
      ['cut without the comment with a date that it ends with'],
    ],
    ['HeidiSQL', `-- HeidiSQL Version:             12.3.0.6589\n${SAVE}${ROWS}${PUT_BACK}`, ['whole']],
    ['HeidiSQL, cut', `-- HeidiSQL Version:             12.3.0.6589\n${SAVE}${ROWS}`, [NO_SETTINGS]],
    [
      'SQLyog',
      `/*\nSQLyog Ultimate v13.1.1 (64 bit)\nMySQL - 5.7.27 : Database - x\n*/\n${SAVE}${ROWS}${PUT_BACK}`,
      ['whole'],
    ],
    ['Sequel Ace, cut', `# ****\n# Sequel Ace SQL dump\n# Version 20062\n${SAVE}${ROWS}`, [NO_SETTINGS]],
    [
      'mysqlpump',
      `-- Dump created by MySQL pump utility, version: 8.0.30, Linux (x86_64)\nSET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0;\nSET @OLD_SQL_MODE=@@SQL_MODE;\n${ROWS}SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS;\nSET SQL_MODE=@OLD_SQL_MODE;\n`,
      ['whole'],
    ],
    [
      'Navicat',
      `/*\n Navicat Premium Data Transfer\n\n Source Server : x\n*/\nSET FOREIGN_KEY_CHECKS = 0;\n${ROWS}SET FOREIGN_KEY_CHECKS = 1;\n`,
      ['whole'],
    ],
    [
      'Navicat, cut',
      `/*\n Navicat Premium Dump SQL\n*/\nSET FOREIGN_KEY_CHECKS = 0;\n${ROWS}`,
      ['cut without the SET FOREIGN_KEY_CHECKS = 1 that it ends with'],
    ],
    ['SQL by hand', ROWS, ['unknown']],
    ['mysqldump --skip-comments', SAVE + ROWS + PUT_BACK, ['unknown']],
    [
      'mysqldump --skip-comments, truncated',
      SAVE + ROWS,
      ['cut without putting back the settings that it saved as @OLD_… at its beginning'],
    ],
    [
      'tables still locked',
      `${ROWS}LOCK TABLES t WRITE;\nINSERT INTO t VALUES (2);\n`,
      ['cut with the tables still locked that it locked at line 3'],
    ],
    ['tables unlocked again', `${ROWS}LOCK TABLES t WRITE;\nINSERT INTO t VALUES (2);\nUNLOCK TABLES;\n`, ['unknown']],
    [
      'completion lines in rows and comments',
      `${MYSQL}INSERT INTO t VALUES ('\n-- Dump completed\n');\n/*\n-- Dump completed\n*/\n`,
      [NO_LINE],
    ],
    ['a header in a row', `${MYSQL}INSERT INTO t VALUES ('\n${MYSQL}');\n${DONE}`, ['whole']],
  ])('%s', (_what, sql, ends) => {
    expect(endsOf(sql)).toEqual(ends);
  });

  it.each<[string, string, string]>([
    [
      'of phpMyAdmin',
      `-- phpMyAdmin SQL Dump\nSTART TRANSACTION;\n${ROWS}`,
      'cut with the transaction still open that it began at line 2',
    ],
    ['of unknown origin', `BEGIN;\n${ROWS}`, 'cut with the transaction still open that it began at line 1'],
    [
      'by autocommit',
      'SET autocommit=0;\nINSERT INTO t VALUES (1);\n',
      'cut without a COMMIT for its rows from line 2 on, with autocommit off',
    ],
    [
      'by autocommit that a definition has ended',
      'SET autocommit=0;\nINSERT INTO t VALUES (1);\nCREATE TABLE u (a int);\n',
      'unknown',
    ],
    [
      'by autocommit that was turned on',
      'SET autocommit=0;\nINSERT INTO t VALUES (1);\nSET autocommit=1;\n',
      'unknown',
    ],
    ['of mysqldump --no-autocommit', `${MYSQL}set autocommit=0;\n${ROWS}commit;\n${DONE}`, 'whole'],
  ])('reports that a transaction %s is still open, since the client would lose it', (_whose, sql, end) => {
    expect(endsOf(sql)).toEqual([end]);
  });

  it('needs no completion line when the drill says that there is none, but still checks the end', () => {
    expect(endsOf(MYSQL + ROWS, 'optional')).toEqual(['unknown']);
    expect(endsOf(MYSQL + SAVE + ROWS + PUT_BACK, 'optional')).toEqual(['unknown']);
    expect(endsOf(MYSQL + SAVE + ROWS, 'optional')).toEqual([
      'cut without putting back the settings that it saved as @OLD_… at its beginning',
    ]);
  });
});
