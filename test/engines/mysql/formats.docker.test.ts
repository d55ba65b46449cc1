import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { isFullMatrix } from '../../support/full-matrix.ts';
import { hasSakila, makeDumps, type Source, type SourceImage } from './dumps.ts';
import { type Description, describeDatabase } from './fingerprint.ts';
import { engineOf, makeWorkDirectory, never, openBackup, restoreInto, startSandbox } from './restoring.ts';

/**
 * What a format preserves: everything; all but routines and events; rows and definitions, but not the exact text of
 * routines; only the number of rows.
 */
type Wholeness = 'all' | 'without routines' | 'but for texts' | 'in number';

/**
 * Each server version is combined with each way of dumping that differs on it; the compressions, which the server never
 * sees, are spread over them.
 */
const ALL: readonly (readonly [server: SourceImage, match: string, format: string, databases: string, Wholeness])[] = [
  ['mysql:9.7', 'whole.sql.zst', 'plain SQL dump (zstd)', 'sakila', 'all'],
  ['mysql:9.7', 'all.sql', 'plain SQL dump', 'sakila shop', 'all'],
  ['mysql:9.7', 'position.sql', 'plain SQL dump', 'sakila', 'all'],
  ['mysql:9.7', 'rows.sql', 'plain SQL dump', 'shop', 'all'],
  ['mysql:9.7', 'shell/', 'MySQL Shell dump (zstd)', 'sakila shop', 'all'],
  ['mysql:9.7', 'mydumper-packed/', 'mydumper directory (compressed)', 'sakila', 'in number'],
  ['mariadb:10.11', 'one.sql', 'plain SQL dump', 'sakila', 'without routines'],
  ['mariadb:10.11', 'databases.sql', 'plain SQL dump', 'sakila shop', 'all'],
  ['mariadb:10.11', 'mydumper/', 'mydumper directory', 'sakila', 'but for texts'],
  ['mariadb:11.8', 'whole.sql.xz', 'plain SQL dump (xz)', 'sakila', 'all'],
  ['mariadb:11.8', 'all.sql', 'plain SQL dump', 'sakila shop', 'all'],
  ['mariadb:11.8', 'position.sql', 'plain SQL dump', 'sakila', 'all'],
  ['mariadb:11.8', 'old.sql', 'plain SQL dump', 'shop', 'all'],
  ['mariadb:11.8', 'shell-gzip/', 'MySQL Shell dump (gzip)', 'sakila shop', 'all'],
  ['mariadb:11.8', 'mydumper-packed/', 'mydumper directory (compressed)', 'sakila', 'but for texts'],
];
/**
 * Left out because other tests cover them: a whole MySQL database (position.sql and rows.sql cover its parts); a
 * MariaDB position and MySQL's mydumper directory (e2e/sakila-mysql restores both); layouts on MariaDB 11.8 that are
 * tested here on another server, or in mysql-shell/shell-load.
 */
const UNPICKED = [
  'mysql:9.7 whole.sql.zst',
  'mysql:9.7 mydumper-packed/',
  'mariadb:11.8 position.sql',
  'mariadb:11.8 shell-gzip/',
  'mariadb:11.8 mydumper-packed/',
];
const ROWS = ALL.filter(([server, match]) => isFullMatrix || !UNPICKED.includes(`${server} ${match}`));

describe.skipIf(!inject('dockerAnswers') || !hasSakila)(
  'Sakila and a small shop, dumped and restored in containers',
  () => {
    describe.each<SourceImage>(['mysql:9.7', 'mariadb:10.11', 'mariadb:11.8'])('%s', (server) => {
      const boxes = shareSandboxes(startSandbox);
      let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
      let source: Source;
      const dumps = (): string => join(directory.path, 'dumps');
      const target = { runtime: 'docker', server } as const;
      const rows = ROWS.filter(([wanted]) => wanted === server);

      beforeAll(async () => {
        directory = await makeWorkDirectory();
        source = await makeDumps(
          server,
          dumps(),
          rows.map(([, match]) => match),
          ['sakila', 'shop'],
        );
      });

      afterAll(async () => {
        await boxes[Symbol.asyncDispose]();
        await directory[Symbol.asyncDispose]();
      });

      it.each(rows)('%s restores %s: a %s of %s, %s', async (_server, match, format, databases, wholeness) => {
        const content = await openBackup(dumps(), match);
        const sandbox = await boxes.take(target);
        await using restored = await restoreInto(sandbox, target, content);
        const { facts, needs } = await engineOf(target).inspect(content, never);
        const isMydumper = match.startsWith('mydumper');
        expect(facts.format.replace(' of several databases', '')).toBe(format);
        if (!isMydumper) {
          expect(facts.serverVersion).toBe(/^[\d.]+/.exec(source.serverVersion)?.[0]);
          expect(needs.major).toBe(server.split(':')[1]);
        }
        expect(restored.outcome.errors).toEqual([]);
        expect(restored.outcome).toMatchObject({ database: databases.split(' ')[0], errorCount: 0, ignoredCount: 0 });
        expect(new Set(restored.server.loaded)).toEqual(new Set(databases.split(' ')));
        for (const name of databases.split(' ')) {
          const wanted = source.databases.get(name);
          const got = await describeDatabase(restored.ask, name);
          expect(as(wholeness, got)).toEqual(as(wholeness, wanted));
        }
        expect(restored.progress.some((doing) => doing.startsWith(`loading ${databases.split(' ')[0]}.`))).toBe(true);
        if (databases.startsWith('sakila')) {
          const { rows } = await restored.check('SELECT COUNT(*), (SELECT COUNT(*) FROM customer_list) FROM payment');
          expect(rows.flat().map(String)).toEqual(['16049', '599']);
        }
        if (databases === 'shop')
          expect((await restored.check('SELECT n FROM over_children')).rows.flat().map(String)).toEqual(['2']);
      });
    });
  },
);

function as(wholeness: Wholeness, description: Description | undefined): unknown {
  if (!description) throw new Error('the source has no such database');
  const { routines, events, triggers, ...rest } = description;
  if (wholeness === 'all') return description;
  if (wholeness === 'without routines') return { ...rest, triggers };
  if (wholeness === 'in number')
    return { tables: rest.tables.map((line) => line.replace(/ \d+$/, '')), views: rest.views.length };
  return {
    ...rest,
    names: [...routines, ...events, ...triggers].map((line) => line.split(' | ').slice(0, 2).join(' ')),
  };
}
