import { versionIn } from '../../../support/versions.ts';

/** How a tool's dump shows that it is complete. */
export type EndMark =
  /** `-- Dump completed` as its last line. */
  | 'completion-line'
  /** A comment that contains only a date. */
  | 'date-line'
  /** COMMIT of the transaction that the dump begins with. */
  | 'commit'
  /** The settings saved in `@OLD_…` at the beginning are restored. */
  | 'settings'
  /** FOREIGN_KEY_CHECKS is turned on again. */
  | 'key-checks';

/** A program that writes SQL for these servers. */
export interface DumpTool {
  readonly name: string;
  /** The comment at the beginning of its dumps; group 1 is the program's own version. */
  readonly header: RegExp;
  readonly end: EndMark;
  /** Human-readable, to follow "without". */
  readonly endWords: string;
}

const COMPLETED = 'the line “-- Dump completed” that it ends with';
const PUT_BACK = 'the settings (@OLD_…) that it puts back at its end';

/** Sources: the programs' own code, and dumps written by them. */
const DUMP_TOOLS: readonly DumpTool[] = [
  {
    name: 'mysqldump',
    header: /^-- MySQL dump \S+?(?:\s+Distrib ([^\s,]+))?,/,
    end: 'completion-line',
    endWords: COMPLETED,
  },
  {
    name: 'mariadb-dump',
    header: /^-- MariaDB dump (?:\S+\s+Distrib |[\d.]+-)?([^\s,]+),/,
    end: 'completion-line',
    endWords: COMPLETED,
  },
  { name: 'mysqldump-php', header: /^-- mysqldump-php (?=https?:)/i, end: 'completion-line', endWords: COMPLETED },
  {
    name: 'mysqlpump',
    header: /^-- Dump created by MySQL pump utility, version: ([^\s,]+)/,
    end: 'settings',
    endWords: PUT_BACK,
  },
  {
    name: 'phpMyAdmin',
    header: /^-- phpMyAdmin SQL Dump/,
    end: 'commit',
    endWords: 'the COMMIT of the transaction that it begins with',
  },
  {
    name: 'Adminer',
    header: /^-- Adminer(?:Evo)? (\d\S*) .*\bdump\s*$/,
    end: 'date-line',
    endWords: 'the comment with a date that it ends with',
  },
  { name: 'HeidiSQL', header: /^-- HeidiSQL Version:\s+(\S+)/, end: 'settings', endWords: PUT_BACK },
  { name: 'Sequel Ace', header: /^# Sequel Ace SQL dump/, end: 'settings', endWords: PUT_BACK },
  { name: 'Sequel Pro', header: /^# Sequel Pro SQL dump/, end: 'settings', endWords: PUT_BACK },
  { name: 'TablePlus', header: /^-- TablePlus (\d[\d.]*)/, end: 'settings', endWords: PUT_BACK },
  { name: 'SQLyog', header: /^\/\*\s*SQLyog (?:\w+ )*v?(\d[\d.]*)/, end: 'settings', endWords: PUT_BACK },
  {
    name: 'Navicat',
    header: /^\/\*\s*Navicat [\w ]*(?:Data Transfer|Dump SQL)/,
    end: 'key-checks',
    endWords: 'the SET FOREIGN_KEY_CHECKS = 1 that it ends with',
  },
];

/** What mariadb-dump writes before everything else, including its header, and even without a header. */
export const SANDBOX_MODE = /^\/\*M?!999999\\-/;
const COMPLETION_LINE = /^-- Dump completed(?: on:? [^;'"`]{0,60})?\s*$/;
const DATE_LINE = /^-- \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: [A-Z]{1,5})?\s*$/;

/** @param comment as found in a dump, between statements. */
export function toolOf(comment: string): DumpTool | undefined {
  return DUMP_TOOLS.find(({ header }) => header.test(comment));
}

/** `-- Dump completed on 2026-11-28  2:05:44` of mysqldump, `-- Dump completed on: Sat, 28 Nov 2026 02:05:44 +0000` of mysqldump-php. */
export function isCompletionLine(comment: string): boolean {
  return COMPLETION_LINE.test(comment);
}

export function isDateLine(comment: string): boolean {
  return DATE_LINE.test(comment);
}

/** The server that a dump was taken from, according to the dump. */
export interface DumpedServer {
  readonly product: 'mysql' | 'mariadb';
  /** `10.11.6`; undefined when the dump names only the product. */
  readonly version: string | undefined;
}

/**
 * The ways in which tools write the server's version, which is group 1. Some tools translate their headers, so those are recognised
 * by the version, which is not translated.
 */
const SERVER_LINES: readonly RegExp[] = [
  /^-- Server version[ \t]*[:\t][ \t]*(\d[^\r\n]*)/m, // mysqldump, mysqldump-php, phpMyAdmin, mysqlpump, HeidiSQL
  /^-- Adminer(?:Evo)? \S+ ((?:MySQL|MariaDB)[^\r\n]*) dump\s*$/m,
  /^-- [^\r\n:]{1,40}:\s{3,}(\d+\.\d+\.\d+[^\r\n]*? - [^\r\n]*)$/m, // HeidiSQL, in other languages
  /^# [^\r\n:]{1,40}: [^\r\n]*\(((?:MySQL|MariaDB) [^\r\n()]+)\)/m, // Sequel Ace, Sequel Pro
  /^# WordPress Version: [^\r\n]*, (MySQL \d[^\r\n]*)/m, // UpdraftPlus
  /^MySQL - (\d[^\r\n]*?)(?: : Database - [^\r\n]*)?\s*$/m, // SQLyog
];
const NAVICAT_SERVER =
  /^ Source Server Type {4}: (MySQL|MariaDB)\s*\r?\n Source Server Version : (\d+)(?: \(([^)\r\n]*)\))?/m;

/** @param text a dump's beginning, or one of its comments. @returns undefined if it does not name the server. */
export function dumpedServerIn(text: string): DumpedServer | undefined {
  const navicat = NAVICAT_SERVER.exec(text);
  if (navicat) {
    const [, type = '', digits = '', version] = navicat;
    return serverOf(`${type} ${version ?? versionOfDigits(digits)}`);
  }
  for (const pattern of SERVER_LINES) {
    const written = pattern.exec(text)?.[1];
    if (written !== undefined) return serverOf(written);
  }
  return undefined;
}

function serverOf(written: string): DumpedServer {
  const product = /MariaDB/i.test(written) ? 'mariadb' : 'mysql';
  return { product, version: versionIn(written, 3) };
}

/** `101106` is 10.11.6. */
function versionOfDigits(digits: string): string {
  const number = Number(digits);
  return `${Math.floor(number / 10_000)}.${Math.floor(number / 100) % 100}.${number % 100}`;
}
