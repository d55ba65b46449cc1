import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { openProgram } from '../../../src/engines/clickhouse/server/open-program.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { never, type Taken } from './backups.ts';

const TABLES = `CREATE DATABASE shop;
CREATE TABLE shop.orders (d Date, id UInt64, at DateTime, v Decimal(18, 4)) ENGINE = MergeTree PARTITION BY toYYYYMM(d) ORDER BY id;
INSERT INTO shop.orders SELECT toDate('2026-01-01') + number % 60, number, toDateTime('2026-01-01 00:00:00') + number, number / 4 FROM (SELECT number FROM system.numbers LIMIT 20000);
INSERT INTO shop.orders SELECT toDate('2026-01-01'), 20000 + number, toDateTime('2026-01-01 12:00:00'), 1 FROM (SELECT number FROM system.numbers LIMIT 10);
CREATE TABLE shop.\`a b;\\'t é\` (x Int8) ENGINE = MergeTree ORDER BY x;
INSERT INTO shop.\`a b;\\'t é\` VALUES (1);
CREATE TABLE shop.empty (x Int8) ENGINE = MergeTree ORDER BY x;
CREATE MATERIALIZED VIEW shop.daily ENGINE = SummingMergeTree ORDER BY d POPULATE AS SELECT d, count() AS n FROM shop.orders GROUP BY d;
CREATE VIEW shop.totals AS SELECT count() AS n FROM shop.daily;
`;

/**
 * Copies frozen by a real server, with their definitions: `followed/`, as `cp -RL` copies them. A server whose tables
 * have UUIDs also yields `links/`: definitions are in store/, and the folder in metadata/ is a link that was not
 * copied.
 * @param sandbox keeps the server and its tables.
 */
export async function takeFreezes(sandbox: Sandbox): Promise<Taken> {
  const program = await openProgram(sandbox, never);
  await program.ask(TABLES, { signal: never });
  const inner = (
    await program.ask(`SELECT name FROM system.tables WHERE name LIKE '.inner%'`, { signal: never })
  ).trim();
  const frozen = ['orders', "a b;\\'t é", 'empty', inner].map(
    (name) => `ALTER TABLE shop.\`${name}\` FREEZE WITH NAME 'nightly';`,
  );
  await program.ask(frozen.join('\n'), { signal: never });
  const path = await mkdtemp(join(tmpdir(), 'fd-freeze-'));
  const copy = async (name: string, argv: readonly string[]): Promise<void> => {
    await mkdir(join(path, name));
    const unpacking = execa('tar', ['-x', '-C', join(path, name)]);
    await sandbox.exec(['tar', '-C', program.path, ...argv], { stdout: unpacking.stdin, signal: never });
    await unpacking;
  };
  await copy('followed', ['-ch', 'metadata', 'shadow']);
  if (program.checksParts) {
    await copy('links', ['-c', '--anchored', '--exclude=store/*/*/*/*', 'metadata', 'store', 'shadow']);
    await rm(join(path, 'links/metadata/shop'));
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
