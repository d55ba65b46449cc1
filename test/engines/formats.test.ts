import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { BackupContent } from '../../src/backup/content.ts';
import { ALL_ENGINES } from '../../src/engines/registry.ts';
import { describeFormatContract, type Sample } from '../contracts/format-contract.ts';
import { bytesContent, directoryContent } from '../support/fake-content.ts';
import { NEW_DIRECTORY } from './mysql/formats/mydumper/mydumper-directory.ts';
import { makeArchive } from './postgres/formats/archive/archive-bytes.ts';

const text = (sql: string) => (): BackupContent => bytesContent(Buffer.from(sql), 'shop.sql');
const TOC = makeArchive({ layout: 3 });
const MYSQL =
  '-- MySQL dump 10.13  Distrib 8.4.3, for Linux (x86_64)\n--\n-- Server version\t8.4.3\n\nSET NAMES utf8mb4;\n';
const MARIADB =
  '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19-11.8.3-MariaDB, for debian-linux-gnu (x86_64)\n-- Server version\t11.8.3-MariaDB\n';

/** Without what tells which of the two products it is of. */
const DIRECTORY = {
  ...NEW_DIRECTORY,
  metadata: (NEW_DIRECTORY['metadata'] ?? '').replace(/^# executed_gtid_set.*\n/m, ''),
};

/** Backups of each format, by its name. A format without samples fails the first test below. */
const SAMPLES: Readonly<Record<string, readonly Sample[]>> = {
  'pg-dump-archive': [
    { what: 'a custom archive', content: () => bytesContent(makeArchive()), isClaimed: true },
    { what: 'a directory', content: () => directoryOfPgDump(), isClaimed: true },
  ],
  'postgres-plain-sql': [
    {
      what: 'a dump',
      content: text('--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 17.2\n\nSET x = 1;\n'),
      isClaimed: true,
    },
    { what: 'SQL by hand', content: text('CREATE TABLE a (id int);\n'), isClaimed: false },
  ],
  'mysql-plain-sql': [
    { what: 'SQL with names in backticks', content: text('CREATE TABLE `a` (`id` int);\n'), isClaimed: true },
    { what: 'SQL by hand', content: text('CREATE TABLE a (id int);\n'), isClaimed: false },
    {
      what: 'a dump in XML',
      content: text('<?xml version="1.0"?>\n<mysqldump xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'),
      isClaimed: false,
      refusedWith: 'format-unsupported',
    },
  ],
  mydumper: [{ what: 'a directory', content: () => directoryContent(DIRECTORY), isClaimed: true }],
  'mysql-shell': [
    {
      what: 'a finished dump',
      content: () => directoryContent({ '@.json': '{"serverVersion": "8.4.3"}', '@.done.json': '{}' }),
      isClaimed: false,
      refusedWith: 'format-unsupported',
    },
    {
      what: 'an unfinished dump',
      content: () => directoryContent({ '@.json': '{}' }),
      isClaimed: false,
      refusedWith: 'backup-truncated',
    },
  ],
};
/** What only one of the engines that share a format opens. */
const OF_ENGINE: Readonly<Record<string, readonly Sample[]>> = {
  mysql: [{ what: 'a dump of its product', content: text(MYSQL), isClaimed: true }],
  mariadb: [{ what: 'a dump of its product', content: text(MARIADB), isClaimed: true }],
};

const all = ALL_ENGINES.flatMap((engine) => engine.formats.map((format) => ({ engine, format })));

describe('the registry of formats', () => {
  it.each(all)('has samples of $format.name ($engine.type)', ({ format }) => {
    expect(SAMPLES[format.name]?.length).toBeGreaterThan(0);
  });

  it('has unique format names, and one product for each', () => {
    const products = new Set(all.map(({ format }) => `${format.name} ${format.product}`));
    expect(products.size).toBe(new Set(all.map(({ format }) => format.name)).size);
    for (const { formats } of ALL_ENGINES) expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length);
  });
});

for (const { engine, format } of all) {
  const own = format.name === 'mysql-plain-sql' ? (OF_ENGINE[engine.type] ?? []) : [];
  describeFormatContract({
    engine,
    format,
    samples: [...(SAMPLES[format.name] ?? []), ...own],
    others: Object.entries(SAMPLES).flatMap(([name, samples]) => (name === format.name ? [] : samples)),
    allEngines: ALL_ENGINES,
  });
}

function directoryOfPgDump(): BackupContent {
  const members = new Map([['toc.dat', { sizeBytes: TOC.length }]]);
  return { ...directoryContent({}), members, stream: () => Readable.from([TOC]) };
}
