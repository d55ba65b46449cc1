import type { DumpParts, TableParts } from './dump-parts.ts';

/** How programs other than the products' own write the same database. Sources: the code of the programs, and their dumps. */

const RULER = '-- --------------------------------------------------------';
const titled = (title: string) => `--\n-- ${title}\n--\n\n`;
const isKey = (line: string) => /^(?:PRIMARY KEY|UNIQUE KEY|KEY|CONSTRAINT `[^`]+` FOREIGN KEY)/.test(line);
const isReference = (line: string) => /^CONSTRAINT `[^`]+` FOREIGN KEY/.test(line);
const createTable = (name: string, lines: readonly string[], options: string) =>
  `CREATE TABLE ${name} (\n  ${lines.join(',\n  ')}\n${options};\n`;

/** phpMyAdmin 5: one transaction around everything, keys and auto-increment after the rows. */
export function writePhpMyAdmin(parts: DumpParts): string {
  const { database, serverVersion, tables, triggers, routines, events, views } = parts;
  const delimited = (statements: readonly string[]) => statements.map((text) => `${text}$$\n\n`).join('');
  return [
    `-- phpMyAdmin SQL Dump\n-- version 5.2.1\n-- https://www.phpmyadmin.net/\n--\n-- Host: localhost\n-- Generation Time: Nov 28, 2026 at 02:05 AM\n-- Server version: ${serverVersion}\n-- PHP Version: 8.2.7\n\n`,
    'SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";\nSTART TRANSACTION;\nSET time_zone = "+00:00";\n\n\n',
    '/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;\n/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;\n/*!40101 SET NAMES utf8mb4 */;\n\n',
    titled(`Database: \`${database}\``),
    `DELIMITER $$\n--\n-- Functions\n--\n${delimited(routines)}DELIMITER ;\n\n`,
    ...tables.map((table) => {
      const own = triggers.filter(
        (text) => text.includes(` ON ${table.name} `) || text.includes(` ON ${bare(table)} `),
      );
      const fires =
        own.length === 0 ? '' : `\n--\n-- Triggers ${table.name}\n--\nDELIMITER $$\n${delimited(own)}DELIMITER ;\n`;
      const lines = table.lines.filter((line) => !isKey(line)).map((line) => line.replace(' AUTO_INCREMENT', ''));
      const create = createTable(table.name, lines, table.options.replace(/ AUTO_INCREMENT=\d+/, ''));
      return `${RULER}\n\n${titled(`Table structure for table ${table.name}`)}${create}\n${rowsOf(table, 100, ', ')}${fires}`;
    }),
    ...views.map(
      ({ name, columns }) =>
        `${RULER}\n\n--\n-- Stand-in structure for view ${name}\n-- (See below for the actual view)\n--\nCREATE TABLE ${name} (\n${columns.map((column) => `${column} int`).join('\n,')}\n);\n\n`,
    ),
    ...views.map(
      ({ name, how, definition }) =>
        `${RULER}\n\n--\n-- Structure for view ${name}\n--\nDROP TABLE IF EXISTS ${name};\n\nCREATE ${how} ${definition};\n\n`,
    ),
    titled('Indexes for dumped tables'),
    ...alters(
      tables,
      'Indexes for table',
      (line) => isKey(line) && !isReference(line),
      (line) => `ADD ${line}`,
    ),
    titled('AUTO_INCREMENT for dumped tables'),
    ...alters(
      tables,
      'AUTO_INCREMENT for table',
      (line) => line.includes(' AUTO_INCREMENT'),
      (line, { options }) => {
        const next = / AUTO_INCREMENT=\d+/.exec(options)?.[0];
        return `MODIFY ${line}${next === undefined ? '' : `,${next}`}`;
      },
    ),
    titled('Constraints for dumped tables'),
    ...alters(tables, 'Constraints for table', isReference, (line) => `ADD ${line}`),
    `DELIMITER $$\n--\n-- Events\n--\n${delimited(events)}DELIMITER ;\nCOMMIT;\n\n`,
    '/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;\n/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n',
  ].join('');
}

/** mysqldump-php: like mysqldump, with a transaction and a count for each table. */
export function writeMysqldumpPhp(parts: DumpParts): string {
  const { database, serverVersion, tables, triggers, routines, events, views } = parts;
  const delimited = (statements: readonly string[]) =>
    statements.map((text) => `DELIMITER ;;\n${text} ;;\nDELIMITER ;\n\n`).join('');
  const saved = [
    ['40101', 'CHARACTER_SET_CLIENT', ''],
    ['40101', 'CHARACTER_SET_RESULTS', ''],
    ['40101', 'COLLATION_CONNECTION', ''],
    ['40103', 'TIME_ZONE', "/*!40103 SET TIME_ZONE='+00:00' */;\n"],
    ['40014', 'FOREIGN_KEY_CHECKS', '/*!40014 SET FOREIGN_KEY_CHECKS=0 */;\n'],
    ['40101', 'SQL_MODE', "/*!40101 SET SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n"],
    ['40111', 'SQL_NOTES', '/*!40111 SET SQL_NOTES=0 */;\n'],
  ] as const;
  return [
    `-- mysqldump-php https://github.com/ifsnop/mysqldump-php\n--\n-- Host: localhost\tDatabase: ${database}\n-- ------------------------------------------------------\n-- Server version \t${serverVersion}\n-- Date: Sat, 28 Nov 2026 02:05:44 +0000\n\n`,
    ...saved.map(([version, name, set]) => `/*!${version} SET @OLD_${name}=@@${name} */;\n${set}`),
    '/*!40101 SET NAMES utf8mb4 */;\n\n',
    ...tables.map(
      (table) =>
        `${titled(`Table structure for table ${table.name}`)}DROP TABLE IF EXISTS ${table.name};\n/*!40101 SET @saved_cs_client     = @@character_set_client */;\n/*!40101 SET character_set_client = utf8mb4 */;\n${createTable(table.name, table.lines, table.options)}/*!40101 SET character_set_client = @saved_cs_client */;\n\n`,
    ),
    ...tables.map(
      (table) =>
        `${titled(`Dumping data for table ${table.name}`)}LOCK TABLES ${table.name} WRITE;\n/*!40000 ALTER TABLE ${table.name} DISABLE KEYS */;\nSET autocommit=0;\n${insertsOf(table, 40, ',')}/*!40000 ALTER TABLE ${table.name} ENABLE KEYS */;\nUNLOCK TABLES;\nCOMMIT;\n\n-- Dumped table ${table.name} with ${table.rows.length} row(s)\n--\n\n`,
    ),
    ...triggers.map((text) => delimited([text])),
    ...views.map(
      ({ name, columns }) =>
        `${titled(`Stand-In structure for view ${name}`)}/*!50001 DROP VIEW IF EXISTS ${name}*/;\nCREATE TABLE IF NOT EXISTS ${name} (\n${columns.map((column) => `${column} int`).join('\n,')}\n);\n`,
    ),
    ...views.map(
      ({ name, how, definition }) =>
        `${titled(`View structure for view ${name}`)}DROP TABLE IF EXISTS ${name};\n/*!50001 DROP VIEW IF EXISTS ${name}*/;\n/*!50001 CREATE ${how} ${definition} */;\n\n`,
    ),
    delimited(routines),
    delimited(events),
    ...saved.map(([version, name]) => `/*!${version} SET ${name}=@OLD_${name} */;\n`),
    '\n-- Dump completed on: Sat, 28 Nov 2026 02:05:44 +0000\n',
  ].join('');
}

/** Adminer 4: no transaction and no settings to restore; the last line is a date. */
export function writeAdminer(parts: DumpParts): string {
  const { serverVersion, tables, triggers, routines, events, views } = parts;
  const delimited = (statements: readonly string[]) =>
    statements.length === 0
      ? ''
      : `DELIMITER ;;\n\n${statements.map((text) => `${text};;\n\n`).join('')}DELIMITER ;\n\n`;
  return [
    `-- Adminer 4.8.1 MySQL ${serverVersion} dump\n\nSET NAMES utf8;\nSET time_zone = '+00:00';\nSET foreign_key_checks = 0;\nSET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';\n\nSET NAMES utf8mb4;\n\n`,
    delimited([...routines, ...events]),
    ...tables.map((table) => {
      const create = createTable(table.name, table.lines, table.options);
      return `DROP TABLE IF EXISTS ${table.name};\n${create}\n${insertsOf(table, 1000, ',\t')}\n`;
    }),
    delimited(triggers),
    ...views.map(
      ({ name, columns }) =>
        `DROP VIEW IF EXISTS ${name};\nCREATE TABLE ${name} (${columns.map((column) => `${column} int`).join(', ')});\n\n\n`,
    ),
    ...views.map(({ name, how, definition }) => `DROP TABLE IF EXISTS ${name};\nCREATE ${how} ${definition};\n\n`),
    '-- 2026-11-28 02:05:44\n',
  ].join('');
}

function bare({ name }: TableParts): string {
  return name.slice(1, -1);
}

function rowsOf(table: TableParts, perStatement: number, comma: string): string {
  return table.rows.length === 0
    ? ''
    : `${titled(`Dumping data for table ${table.name}`)}${insertsOf(table, perStatement, comma)}`;
}

/** @param comma between values; rows are on separate lines unless it is a bare `,`. */
function insertsOf({ name, columns, rows }: TableParts, perStatement: number, comma: string): string {
  const [before, between] = comma === ',' ? [' ', ','] : ['\n', ',\n'];
  let text = '';
  for (let at = 0; at < rows.length; at += perStatement)
    text += `INSERT INTO ${name} ${columns} VALUES${before}${rows.slice(at, at + perStatement).join(between)};\n`;
  return text;
}

function alters(
  tables: readonly TableParts[],
  title: string,
  which: (line: string) => boolean,
  change: (line: string, table: TableParts) => string,
): readonly string[] {
  return tables.flatMap((table) => {
    const changes = table.lines.filter(which).map((line) => change(line, table));
    return changes.length === 0
      ? []
      : [`--\n-- ${title} ${table.name}\n--\nALTER TABLE ${table.name}\n  ${changes.join(',\n  ')};\n\n`];
  });
}
