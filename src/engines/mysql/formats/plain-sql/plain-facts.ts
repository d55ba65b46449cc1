import { seriesOf, versionIn } from '../../../../support/versions.ts';
import { type DumpTool, dumpedServerIn, SANDBOX_MODE, toolOf } from '../../loading/dump-tools.ts';
import type { OtherCase } from '../../loading/letter-case.ts';
import { coordinatesInDump, type LogCoordinates } from '../../log/start-coordinates.ts';
import type { Account } from '../../server/accounts.ts';
import { SYSTEM_DATABASES } from '../../server/system-databases.ts';
import { definersIn, withoutComments } from '../../sql/sql-names.ts';
import { SqlSplitter } from '../../sql/sql-splitter.ts';
import { classify } from '../../sql/statement-kind.ts';
import { NamesSeen } from './names-seen.ts';

/** Facts from the beginning of a dump. Names are in order of occurrence. */
export interface PlainFacts {
  /** undefined when the dump does not name it: either product may load it. */
  readonly product: 'mysql' | 'mariadb' | undefined;
  /** `8.0.36`, `11.8.6`; undefined when the dump does not state it. */
  readonly serverVersion: string | undefined;
  /** `8.0`, `11.8`. */
  readonly major: string | undefined;
  /** `mysqldump 9.7.4`, `mariadb-dump 11.8.6`, `mydumper 0.10.1`; undefined when the dump does not name it. */
  readonly dumpedBy: string | undefined;
  /** The databases that it creates or uses; without such statements, the one in its header. */
  readonly databases: readonly string[];
  /** Whether it names its databases itself (`--databases`, `--all-databases`), so that it cannot be loaded into another one. */
  readonly isSeveral: boolean;
  /** The tool that wrote it, if its header names one. */
  readonly tool: DumpTool | undefined;
  /** Whether a program wrote it, so that every row has all its values and none depends on earlier statements. */
  readonly isToolMade: boolean;
  readonly collations: readonly string[];
  readonly charsets: readonly string[];
  /** In lower case, like the two above. */
  readonly storageEngines: readonly string[];
  readonly definers: readonly Account[];
  /** Evidence of a server that ignores the case of names. */
  readonly otherCase: OtherCase | undefined;
  /** Position in the server's log at which it was taken. */
  readonly coordinates: LogCoordinates | undefined;
}

/** Found only in dumps that a program wrote: version comments around settings and definitions. Used if there is no header. */
const PROGRAM_MARKS = /^\/\*M?!\d{5,6} (?:SET|DROP|CREATE|ALTER) |^SET @MYSQLDUMP_TEMP_LOG_BIN\b/m;
/** In headers of mysqldump and mysqldump-php; phpMyAdmin and backups of WordPress; Sequel Ace and Pro; SQLyog. */
const HEADER_DATABASE =
  /^-- Host: .*?(?:\s{4}|\t)Database: ([^\r\n]*?)\r?$|^(?:--|#) Database: `([^\r\n]*)`\r?$|^# Database: ([^\r\n]*?)\r?$|^MySQL - .* : Database - ([^\r\n]*?)\r?$/m;
const HEADER_COMMENT = /^(?:-- |# )[^\r\n]*|^\/\*[\s\S]{0,400}?\*\//gm;
const PHPMYADMIN_VERSION = /^-- version (\d[\w.]*)/m;
/** How only dumps of these products begin, even without comments. */
const SETTINGS =
  /^\/\*M?!\d{5,6} (?:SET |DROP |CREATE |ALTER )|^SET @MYSQLDUMP_TEMP_LOG_BIN\b|^(?:CREATE|DROP) TABLE (?:IF (?:NOT )?EXISTS )?`|^INSERT (?:IGNORE )?INTO `|^USE `/m;
const LOOK_CHARACTERS = 65_536;
/** Definitions are shorter, and rows do not matter here. */
const MAX_DEFINITION_LENGTH = 262_144;

/** Whether the text begins like SQL from mysqldump, mariadb-dump or mydumper, or hand-written SQL for these servers, which is recognised by its backticks. */
export function isMysqlDump(head: Buffer): boolean {
  const text = textOf(head);
  return toolIn(text) !== undefined || SANDBOX_MODE.test(text) || SETTINGS.test(text);
}

/** Whether the text is the output of mysqldump's `--xml`, which no client loads. */
export function isXmlDump(head: Buffer): boolean {
  return /^<mysqldump\b/m.test(textOf(head));
}

/** Dump tools state the log position before the first table; after it, rows might look like one. */
function beforeTables(text: string): string {
  const end = text.search(/^(?:-- Table structure|DROP TABLE|CREATE TABLE|INSERT) ?/m);
  return end < 0 ? wholeLinesOf(text) : text.slice(0, end);
}

/** A dump may be cut in the middle of a line, and of a version: `11.8.9` of `11.8.9-MariaDB`. */
function wholeLinesOf(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

/** @param head the first megabyte or so of a dump, decompressed. */
export function readPlainFacts(head: Buffer): PlainFacts {
  const text = textOf(head);
  const tool = toolIn(text);
  const server = dumpedServerIn(wholeLinesOf(text));
  const serverVersion = server?.version;
  const product = server?.product ?? productOf(text);
  const seen = lookThrough(head, product ?? 'mariadb');
  const ownDatabase = HEADER_DATABASE.exec(text)
    ?.slice(1)
    .find((name) => name !== undefined)
    ?.trim();
  // with --system, accounts, statistics and the like follow the tables of a dump that names no database itself
  const isOwnOnly =
    ownDatabase !== undefined &&
    ownDatabase !== '' &&
    [...seen.databases].every((name) => SYSTEM_DATABASES.has(name.toLowerCase()));
  return {
    product,
    serverVersion,
    major: serverVersion ? seriesOf(serverVersion, 2) : undefined,
    dumpedBy: dumpedBy(tool, text),
    databases: isOwnOnly ? [ownDatabase] : [...seen.databases],
    isSeveral: seen.databases.size > 0 && !isOwnOnly,
    tool,
    isToolMade: tool !== undefined || SANDBOX_MODE.test(text) || PROGRAM_MARKS.test(text),
    collations: [...seen.collations],
    charsets: [...seen.charsets],
    storageEngines: [...seen.storageEngines],
    definers: [...seen.definers.values()],
    otherCase: seen.names.otherCase,
    coordinates: coordinatesIn(text, serverVersion),
  };
}

/** With `--dump-replica`, the coordinates refer to the source's log, whose version the dump does not state. */
function coordinatesIn(text: string, serverVersion: string | undefined): LogCoordinates | undefined {
  const coordinates = coordinatesInDump(beforeTables(text));
  if (!coordinates || serverVersion === undefined || OF_SOURCE.test(text)) return coordinates;
  return { ...coordinates, serverVersion: versionIn(serverVersion, 3) };
}

const OF_SOURCE = /^-- Position to start replication or point-in-time recovery from \(/m;

/** The first header in a text, even if other text precedes it. */
function toolIn(text: string): DumpTool | undefined {
  for (const [comment] of text.matchAll(HEADER_COMMENT)) {
    const tool = toolOf(comment);
    if (tool) return tool;
  }
  return undefined;
}

/** Either product's mysqldump can dump the other's server, so the program's name in the header counts only if the header names no server. */
function productOf(text: string): PlainFacts['product'] {
  const header = /^-- (?:MySQL|MariaDB) dump [^\r\n]*/m.exec(text)?.[0];
  if (header) return /MariaDB/i.test(header) ? 'mariadb' : 'mysql';
  if (/^-- Dump created by MySQL pump utility/m.test(text)) return 'mysql';
  if (/^\/\*M!/m.test(text)) return 'mariadb';
  return /^SET @MYSQLDUMP_TEMP_LOG_BIN\b/m.test(text) ? 'mysql' : undefined;
}

function dumpedBy(tool: DumpTool | undefined, text: string): string | undefined {
  if (tool) {
    const headers = [...text.matchAll(HEADER_COMMENT)].map(([comment]) => tool.header.exec(comment));
    const header = headers.find((match) => match !== null);
    const written = header?.[1] ?? (tool.name === 'phpMyAdmin' ? PHPMYADMIN_VERSION.exec(text)?.[1] : undefined);
    // MariaDB's own program long called itself "MySQL dump"
    const name = tool.name === 'mysqldump' && /MariaDB/i.test(header?.[0] ?? '') ? 'mariadb-dump' : tool.name;
    return written === undefined ? name : `${name} ${versionIn(written, 3) ?? written}`;
  }
  const version = /^-- (?:Dumped by )?mydumper v?(\d[\w.-]*)/im.exec(text)?.[1];
  return version ? `mydumper ${version}` : undefined;
}

interface HeadScan {
  readonly databases: Set<string>;
  readonly collations: Set<string>;
  readonly charsets: Set<string>;
  readonly storageEngines: Set<string>;
  readonly definers: Map<string, Account>;
  readonly names: NamesSeen;
}

function lookThrough(head: Buffer, dialect: 'mysql' | 'mariadb'): HeadScan {
  const seen: HeadScan = {
    databases: new Set(),
    collations: new Set(),
    charsets: new Set(),
    storageEngines: new Set(),
    definers: new Map(),
    names: new NamesSeen(),
  };
  for (const item of new SqlSplitter(dialect).push(head)) {
    if (item.kind === 'statement' && item.bytes.length < MAX_DEFINITION_LENGTH)
      lookAt(item.bytes.toString('utf8'), seen);
  }
  return seen;
}

function lookAt(statement: string, seen: HeadScan): void {
  const kind = classify(statement);
  seen.names.note(kind);
  if (kind.kind === 'use' || kind.kind === 'createDatabase') seen.databases.add(kind.database);
  for (const definer of definersIn(statement)) seen.definers.set(JSON.stringify(definer), definer);
  if (kind.kind !== 'createTable' && kind.kind !== 'createDatabase' && kind.kind !== 'setting') return;
  const words = withoutComments(statement).replaceAll(QUOTED, ' ');
  for (const name of namesAfter(COLLATION, words)) seen.collations.add(name);
  for (const name of namesAfter(CHARSET, words)) seen.charsets.add(name);
  if (kind.kind === 'createTable') for (const name of namesAfter(STORAGE_ENGINE, words)) seen.storageEngines.add(name);
}

function namesAfter(pattern: RegExp, words: string): string[] {
  return [...words.matchAll(pattern)].map((match) => (match[1] ?? '').toLowerCase()).filter((name) => name !== 'null');
}

/** Quoted text in a definition (comments, defaults, column names), which must not be read as one of these names. */
const QUOTED = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`/g;
const COLLATION = /\b(?:COLLATE(?:\s+|\s*=\s*)|collation_\w+\s*=\s*)(\w+)/gi;
const CHARSET = /\b(?:(?:CHARACTER\s+SET|CHARSET)(?:\s+|\s*=\s*)|NAMES\s+|character_set_\w+\s*=\s*)(\w+)/gi;
const STORAGE_ENGINE = /\bENGINE\s*=\s*(\w+)/gi;

function textOf(head: Buffer): string {
  return head.toString('utf8', 0, LOOK_CHARACTERS).replace(/^\uFEFF/, '');
}
