import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { isFullMatrix } from '../../support/full-matrix.ts';
import { boot, engine, makeWorkDirectory, openBackup, restoreInto, startSandbox, startSource } from './restoring.ts';
import { dumpDirectoryTo, dumpTo, expectSakila, hasSakila, loadSakila } from './sakila.ts';

/**
 * Each server version is combined with its own archive version, and each layout with one or two of them; the
 * compressions, which the server never sees, are spread over them.
 */
const ALL: readonly (readonly [major: string, format: string, database: string, match: string])[] = [
  ['15', 'pg_dump custom archive', 'sakila', 'custom.dump'],
  ['15', 'pg_dump directory', 'sakila', 'directory/'],
  ['15', 'plain SQL dump (gzip)', 'restored', 'plain.sql.gz'],
  ['17', 'pg_dump custom archive (zstd)', 'sakila', 'custom.dump.zst'],
  ['17', 'pg_dump tar', 'sakila', 'packed.tar'],
  ['17', 'plain SQL dump', 'restored', 'inserts.sql'],
  ['17', 'plain SQL dump of a cluster (xz)', 'sakila', 'cluster.sql.xz'],
  ['18', 'pg_dump custom archive', 'sakila', 'custom.dump'],
  ['18', 'pg_dump tar', 'sakila', 'directory.tar'],
  ['18', 'plain SQL dump (lz4)', 'sakila', 'created.sql.lz4'],
  ['18', 'plain SQL dump of a cluster', 'sakila', 'cluster.sql'],
];
/**
 * Left out because whole drills in e2e/sakila cover the same layouts; the other rows cover the archive versions of 15
 * and 17.
 */
const UNPICKED = ['15 directory/', '15 plain.sql.gz', '17 custom.dump.zst'];
const ROWS = ALL.filter(([major, , , match]) => isFullMatrix || !UNPICKED.includes(`${major} ${match}`));

const DUMPS: Readonly<Record<string, readonly string[]>> = {
  'custom.dump': ['pg_dump', '-Fc', 'sakila'],
  'packed.tar': ['pg_dump', '-Ft', 'sakila'],
  'plain.sql': ['pg_dump', 'sakila'],
  'created.sql': ['pg_dump', '--create', 'sakila'],
  'inserts.sql': ['pg_dump', '--inserts', 'sakila'],
  'cluster.sql': ['pg_dumpall'],
};

describe.skipIf(!inject('dockerAnswers') || !hasSakila)('Sakila, dumped and restored in containers', () => {
  for (const major of ['15', '17', '18']) {
    describe(`from Postgres ${major}`, () => {
      const boxes = shareSandboxes((of: string) => startSandbox('docker', of));
      let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
      let sandbox: Sandbox | undefined;
      const rows = ROWS.filter(([wanted]) => wanted === major);

      beforeAll(async () => {
        directory = await makeWorkDirectory();
        sandbox = await startSource(major);
        const server = await boot(sandbox);
        await loadSakila(sandbox, server);
        const at = (name: string): string => join(directory.path, name);
        const wants = (name: string): boolean => rows.some(([, , , match]) => match.startsWith(name));
        for (const [name, argv] of Object.entries(DUMPS))
          if (wants(name)) await dumpTo(at(name), sandbox, server, argv);
        if (wants('directory')) await dumpDirectoryTo(at('directory'), sandbox, server);
        for (const [, , , match] of rows) compress(at(match));
      });

      afterAll(async () => {
        await boxes[Symbol.asyncDispose]();
        await sandbox?.dispose();
        await directory[Symbol.asyncDispose]();
      });

      it.each(rows)('Postgres %s restores a %s', async (_major, format, database, match) => {
        const content = await openBackup(directory.path, match);
        const { facts, needs } = await engine.inspect(content, new AbortController().signal);
        expect(facts).toMatchObject({ format, engine: 'postgres' });
        expect(needs).toMatchObject({ major, extensions: ['pg_trgm'] });
        expect(facts.serverVersion).toMatch(new RegExp(`^${major}\\.\\d+$`));
        expect(facts.roles).toContain('Billing Team');
        await using restored = await restoreInto(await boxes.take(major), await openBackup(directory.path, match));
        await expectSakila(restored, database);
        content.close();
      });
    });
  }
});

/** Uses the command-line tools, as people who make backups do. */
function compress(path: string): void {
  const tool = ({ gz: 'gzip', zst: 'zstd', lz4: 'lz4', xz: 'xz' } as Record<string, string>)[
    path.split('.').at(-1) ?? ''
  ];
  if (tool)
    execFileSync(tool, ['-q', '-k', '-f', path.replace(/\.\w+$/, ''), ...(tool === 'lz4' ? [path] : [])], {
      stdio: 'ignore',
    });
}
