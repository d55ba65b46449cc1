import type { EngineType } from '../../support/words.ts';
import type { Account } from './accounts.ts';
import { definersIn, withoutComments } from './sql-names.ts';
import { SqlSplitter } from './sql-splitter.ts';
import { classify } from './statement-kind.ts';
import { majorOf, versionIn } from './versions.ts';

/** What the beginning of a dump says of it. Names are in the order in which they come. */
export interface PlainFacts {
  /** undefined when it does not say: any of them may load it. */
  readonly product: Extract<EngineType, 'mysql' | 'mariadb'> | undefined;
  /** `8.0.36`, `11.8.6`; undefined when it does not say. */
  readonly serverVersion: string | undefined;
  /** `8.0`, `11.8`. */
  readonly major: string | undefined;
  /** `mysqldump 9.7.4`, `mariadb-dump 11.8.6`, `mydumper 0.10.1`; undefined when it does not say. */
  readonly dumpedBy: string | undefined;
  /** The databases that it makes or uses; without such statements the one of its header. */
  readonly databases: readonly string[];
  /** It names its databases itself (`--databases`, `--all-databases`): it cannot be loaded into another. */
  readonly isSeveral: boolean;
  /** It says that mysqldump or mariadb-dump wrote it, so it must end with their last line. */
  readonly hasTrailer: boolean;
  readonly collations: readonly string[];
  readonly charsets: readonly string[];
  /** In small letters, as the two before. */
  readonly storageEngines: readonly string[];
  readonly definers: readonly Account[];
}

const DUMP_HEADER = /^-- (MySQL|MariaDB) dump (\S+?)(?:\s+Distrib ([^\s,]+))?,/m;
const SERVER_VERSION = /^-- Server version\t([^\r\n]*)/m;
const HEADER_DATABASE = /^-- Host: .*?\s{4}Database: ([^\r\n]*?)\r?$/m;
const SANDBOX_MODE = /^\/\*M?!999999\\- enable the sandbox mode/;
/** What only a dump of these products begins with, also where comments were left out. */
const SETTINGS =
  /^\/\*M?!\d{5,6} (?:SET |DROP |CREATE |ALTER )|^SET @MYSQLDUMP_TEMP_LOG_BIN\b|^(?:CREATE|DROP) TABLE (?:IF (?:NOT )?EXISTS )?`|^INSERT (?:IGNORE )?INTO `|^USE `/m;
const LOOK_CHARACTERS = 65_536;
/** Definitions are shorter; rows say nothing. */
const LONGEST_DEFINITION = 262_144;

/** Whether this is how SQL of mysqldump, mariadb-dump or mydumper, or by hand for their servers, begins. Hand-made SQL is told by its backticks. */
export function isMysqlDump(head: Buffer): boolean {
  const text = textOf(head);
  return DUMP_HEADER.test(text) || SANDBOX_MODE.test(text) || SETTINGS.test(text);
}

/** Whether it is mysqldump's `--xml`, which no client loads. */
export function isXmlDump(head: Buffer): boolean {
  return /^<mysqldump\b/m.test(textOf(head));
}

/** @param head the first megabyte or so of a dump, decompressed. */
export function readPlainFacts(head: Buffer): PlainFacts {
  const text = textOf(head);
  const header = DUMP_HEADER.exec(text);
  const server = SERVER_VERSION.exec(text)?.[1] ?? '';
  const serverVersion = versionIn(server);
  const product = productOf(header, server, text);
  const seen = lookThrough(head, product ?? 'mariadb');
  const ownDatabase = HEADER_DATABASE.exec(text)?.[1]?.trim();
  return {
    product,
    serverVersion,
    major: serverVersion ? majorOf(serverVersion) : undefined,
    dumpedBy: dumpedBy(header, text),
    databases: seen.databases.size > 0 ? [...seen.databases] : ownDatabase ? [ownDatabase] : [],
    isSeveral: seen.databases.size > 0,
    hasTrailer: header !== null,
    collations: [...seen.collations],
    charsets: [...seen.charsets],
    storageEngines: [...seen.storageEngines],
    definers: [...seen.definers.values()],
  };
}

/** mysqldump of MySQL may dump a MariaDB, and the other way round: the server's version says what it was. */
function productOf(header: RegExpExecArray | null, server: string, text: string): PlainFacts['product'] {
  if (server !== '') return /MariaDB/i.test(server) ? 'mariadb' : 'mysql';
  if (header) return /MariaDB/i.test(header[0]) ? 'mariadb' : 'mysql';
  if (/^\/\*M!/m.test(text)) return 'mariadb';
  return /^SET @MYSQLDUMP_TEMP_LOG_BIN\b/m.test(text) ? 'mysql' : undefined;
}

/** `-- MySQL dump 10.13  Distrib 8.0.36, for …`, `-- MariaDB dump 10.19-11.8.3-MariaDB, for …`, `-- MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for …`. */
function dumpedBy(header: RegExpExecArray | null, text: string): string | undefined {
  if (header) {
    const written = header[3] ?? header[2]?.replace(/^[^-]*-/, '') ?? '';
    const program = /MariaDB/i.test(header[0]) ? 'mariadb-dump' : 'mysqldump';
    return `${program} ${versionIn(written) ?? written}`;
  }
  const version = /^-- (?:Dumped by )?mydumper v?(\d[\w.-]*)/im.exec(text)?.[1];
  return version ? `mydumper ${version}` : undefined;
}

interface Seen {
  readonly databases: Set<string>;
  readonly collations: Set<string>;
  readonly charsets: Set<string>;
  readonly storageEngines: Set<string>;
  readonly definers: Map<string, Account>;
}

function lookThrough(head: Buffer, dialect: 'mysql' | 'mariadb'): Seen {
  const seen: Seen = {
    databases: new Set(),
    collations: new Set(),
    charsets: new Set(),
    storageEngines: new Set(),
    definers: new Map(),
  };
  for (const item of new SqlSplitter(dialect).push(head)) {
    if (item.kind === 'statement' && item.bytes.length < LONGEST_DEFINITION) lookAt(item.bytes.toString('utf8'), seen);
  }
  return seen;
}

function lookAt(statement: string, seen: Seen): void {
  const kind = classify(statement);
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

/** What is quoted in a definition (comments, defaults, names of columns) is no name of these. */
const QUOTED = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`/g;
const COLLATION = /\b(?:COLLATE(?:\s+|\s*=\s*)|collation_\w+\s*=\s*)(\w+)/gi;
const CHARSET = /\b(?:(?:CHARACTER\s+SET|CHARSET)(?:\s+|\s*=\s*)|NAMES\s+|character_set_\w+\s*=\s*)(\w+)/gi;
const STORAGE_ENGINE = /\bENGINE\s*=\s*(\w+)/gi;

function textOf(head: Buffer): string {
  return head.toString('utf8', 0, LOOK_CHARACTERS).replace(/^\uFEFF/, '');
}
