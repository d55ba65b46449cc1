import { describe, expect, it } from 'vitest';
import { readPlainFacts } from '../../../../src/engines/mysql/formats/plain-sql/plain-facts.ts';
import { problemReportedIn, rowFilterIn } from '../../../../src/engines/mysql/formats/plain-sql/reported-problems.ts';
import { causeOfSyntaxError } from '../../../../src/engines/mysql/loading/refusal-causes.ts';
import { meaningOfCommand } from '../../../../src/engines/mysql/sql/client-commands.ts';

const PMA = (server: string) =>
  `-- phpMyAdmin SQL Dump\n-- version 5.2.1deb1\n-- https://www.phpmyadmin.net/\n--\n-- Host: localhost:3306\n-- Server version: ${server}\n-- PHP Version: 8.2.18\n\n--\n-- Database: \`kiosk\`\n--\n`;
const NAVICAT = (type: string, version: string) =>
  `/*\n Navicat Premium Dump SQL\n\n Source Server         : x\n Source Server Type    : ${type}\n Source Server Version : ${version}\n Source Host           : localhost:3306\n*/\n\nSET NAMES utf8mb4;\n`;
const HEIDI = (line: string) =>
  `-- -----\n-- Host:                         127.0.0.1\n${line}\n-- Server OS:                    Win64\n-- HeidiSQL Version:             12.3.0.6589\n-- -----\n`;

describe('the header of a dump', () => {
  it.each<[string, string]>([
    [PMA('10.11.6-MariaDB-0+deb12u1'), 'mariadb 10.11.6 kiosk by phpMyAdmin 5.2.1'],
    [PMA('8.0.36-0ubuntu0.22.04.1'), 'mysql 8.0.36 kiosk by phpMyAdmin 5.2.1'],
    [
      '-- mysqldump-php https://github.com/ifsnop/mysqldump-php\n--\n-- Host: localhost\tDatabase: shop\n-- -----\n-- Server version \t5.5.5-10.4.8-MariaDB\n',
      'mariadb 10.4.8 shop by mysqldump-php',
    ],
    [
      '-- Adminer 4.8.1 MySQL 5.5.5-10.6.12-MariaDB-0ubuntu0.22.04.1 dump\n',
      'mariadb 10.6.12 undefined by Adminer 4.8.1',
    ],
    ['-- Adminer 5.3.0 MySQL 8.0.43-cll-lve dump\r\n', 'mysql 8.0.43 undefined by Adminer 5.3.0'],
    [
      HEIDI('-- Server version:               10.4.14-MariaDB - mariadb.org binary distribution'),
      'mariadb 10.4.14 undefined by HeidiSQL 12.3.0',
    ],
    [
      HEIDI('-- Version du serveur:           8.0.30 - MySQL Community Server - GPL'),
      'mysql 8.0.30 undefined by HeidiSQL 12.3.0',
    ],
    [
      '# ****\n# Sequel Ace SQL dump\n# Version 20062\n#\n# Host: 127.0.0.1 (MySQL 8.0.32)\n# Database: oms\n',
      'mysql 8.0.32 oms by Sequel Ace',
    ],
    [
      '# ****\n# Sequel Pro SQL dump\n# Version 4541\n#\n# Host: 127.0.0.1 (MySQL 5.5.5-10.4.8-MariaDB)\n# Database: oms\n',
      'mariadb 10.4.8 oms by Sequel Pro',
    ],
    [NAVICAT('MariaDB', '110402 (11.4.2-MariaDB)'), 'mariadb 11.4.2 undefined by Navicat'],
    [NAVICAT('MySQL', '80032'), 'mysql 8.0.32 undefined by Navicat'],
    [
      '/*\nSQLyog Ultimate v12.4.3 (64 bit)\nMySQL - 10.4.18-MariaDB : Database - pegawai\n****\n*/\n',
      'mariadb 10.4.18 pegawai by SQLyog 12.4.3',
    ],
    [
      '-- Dump created by MySQL pump utility, version: 5.7.29, Linux (x86_64)\n-- Server version: 5.7.29\n',
      'mysql 5.7.29 undefined by mysqlpump 5.7.29',
    ],
    [
      '-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: db    Database: shop\n-- ---\n-- Server version\t5.5.5-10.4.8-MariaDB\n',
      'mariadb 10.4.8 shop by mysqldump 8.0.36',
    ],
    [
      '-- ----\n-- TablePlus 5.4.2(507)\n--\n-- https://tableplus.com/\n',
      'undefined undefined undefined by TablePlus 5.4.2',
    ],
  ])('states product, version, database and program: %j', (sql, expected) => {
    const { product, serverVersion, databases, dumpedBy, tool, isToolMade } = readPlainFacts(Buffer.from(sql));
    expect(`${product} ${serverVersion} ${databases[0]} by ${dumpedBy}`).toBe(expected);
    expect([tool === undefined, isToolMade]).toEqual([false, true]);
  });

  it('states the server and database of a WordPress backup', () => {
    const sql =
      '# WordPress MySQL database backup\n# WordPress Version: 6.4, running on PHP 8.1.2 (Apache), MySQL 10.6.12-MariaDB-log\n# Database: `wp_1`\n';
    const { product, serverVersion, databases } = readPlainFacts(Buffer.from(sql));
    expect([product, serverVersion, ...databases]).toEqual(['mariadb', '10.6.12', 'wp_1']);
  });

  it('is optional: handwritten SQL is accepted', () => {
    const { tool, isToolMade } = readPlainFacts(Buffer.from('-- my dump\nCREATE TABLE `t` (a int);\n'));
    expect([tool, isToolMade]).toEqual([undefined, false]);
  });
});

describe('a message in a dump', () => {
  it.each([
    '-- insufficient privileges to SHOW CREATE FUNCTION `dbl`',
    '-- failed on view `v`: CREATE VIEW `v` AS select 1',
    "-- Couldn't execute 'SHOW FIELDS FROM `v`': View 'shop.v' references invalid table(s) (1356)",
  ])('means that something is missing: %s', (comment) => {
    expect(problemReportedIn(comment)).toMatchObject({ isMissing: true, quoted: `“${comment.slice(3)}”` });
  });

  it.each(["-- Warning: Skipping data for table `f` because it's of type FEDERATED"])(
    'raises a warning: %s',
    (comment) => {
      expect(problemReportedIn(comment)?.isMissing).toBe(false);
    },
  );

  it.each([
    '-- Dumping data for table `failed on view`',
    '-- Warning: column statistics not supported by the server.',
    '-- does shop have permissions on mysql.proc?',
  ])('is harmless: %s', (comment) => {
    expect(problemReportedIn(comment)).toBeUndefined();
  });
});

describe('the condition of mysqldump --where', () => {
  it.each([
    '-- WHERE:  id<1000',
    "-- WHERE:  created > now() - interval 90 day and name = 'a'\n",
    '-- WHERE:  1 limit 100',
  ])('raises a warning: %s', (comment) => {
    const [, condition = ''] = comment.trim().split(':  ');
    expect(rowFilterIn(comment)).toContain(`“${condition}”`);
  });

  it.each([
    '-- WHERE:  1',
    '-- WHERE:  1=1\n',
    '-- WHERE:  TRUE',
    '-- Dumping data for table `where`',
    '-- where is it?',
  ])('says nothing about a dump with all rows: %s', (comment) => {
    expect(rowFilterIn(comment)).toBeUndefined();
  });
});

describe('a statement that is not SQL', () => {
  it.each<[string, string]>([
    ['mysqldump: [Warning] Using a password can be insecure.\n/*!40101 SET NAMES utf8mb4 */', 'tool-error-in-dump'],
    [
      "INSERT INTO `t` VALUES (1,'a')\nmysqldump: Error 2013: Lost connection to MySQL server during query\n",
      'tool-error-in-dump',
    ],
    ['Defaulted container "mysql" out of: mysql, exporter\nSET x', 'tool-error-in-dump'],
    [
      "INSERT INTO `t` VALUES (1,'a\n-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)\n-- Host: '",
      'missing-part',
    ],
  ])('is explained: %j', (sql, kind) => {
    expect(causeOfSyntaxError(Buffer.from(sql))?.kind).toBe(kind);
  });

  it.each(["INSERT INTO `t` VALUES (1,'a\nerror: of a customer", 'CREATE TABLE t (a nonsense)'])(
    'is left unexplained, with the server’s own message: %j',
    (sql) => {
      expect(causeOfSyntaxError(Buffer.from(sql))).toBeUndefined();
    },
  );
});

describe('a client command', () => {
  it.each<[string, string]>([
    ['warnings', 'harmless'],
    ['\\W', 'harmless'],
    ['STATUS', 'harmless'],
    ['source other.sql', 'refused'],
    ['\\! ls', 'refused'],
    ['exit', 'refused'],
    ["\\'", 'unknown'],
    ['\\z', 'unknown'],
    ['DELIMITER', 'passed-over'],
    ['Delimiter;', 'passed-over'],
    ['delimiter \\', 'passed-over'],
    ['\\d', 'passed-over'],
    ['\\d //', 'refused'],
  ])('%s is %s', (text, meaning) => {
    expect(meaningOfCommand(text)).toBe(meaning);
  });
});
