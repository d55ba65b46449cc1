import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { boot, engine, makeWorkDirectory, openBackup, restoreInto, startSandbox } from './restoring.ts';
import { dumpDirectoryTo, dumpTo, expectSakila, hasSakila, loadSakila } from './sakila.ts';

/** Each server version meets each archive layout; compressions, which the server never sees, are spread over them. */
const ROWS: readonly (readonly [major: string, format: string, database: string, match: string])[] = [
  ['15', 'pg_dump custom archive', 'sakila', 'custom.dump'],
  ['15', 'pg_dump directory', 'sakila', 'directory/'],
  ['15', 'pg_dump tar (bzip2)', 'sakila', 'packed.tar.bz2'],
  ['15', 'plain SQL dump (gzip)', 'restored', 'plain.sql.gz'],
  ['17', 'pg_dump custom archive (zstd)', 'sakila', 'custom.dump.zst'],
  ['17', 'pg_dump directory', 'sakila', 'directory/'],
  ['17', 'pg_dump tar', 'sakila', 'packed.tar'],
  ['17', 'plain SQL dump (zstd)', 'restored', 'plain.sql.zst'],
  ['17', 'plain SQL dump', 'restored', 'inserts.sql'],
  ['17', 'plain SQL dump of a cluster (xz)', 'sakila', 'cluster.sql.xz'],
  ['18', 'pg_dump custom archive', 'sakila', 'custom.dump'],
  ['18', 'pg_dump tar', 'sakila', 'directory.tar'],
  ['18', 'plain SQL dump (lz4)', 'sakila', 'created.sql.lz4'],
  ['18', 'plain SQL dump of a cluster', 'sakila', 'cluster.sql'],
];

describe.skipIf(!inject('dockerAnswers') || !hasSakila)('Sakila, dumped and restored in containers', () => {
  for (const major of ['15', '17', '18']) {
    describe(`of Postgres ${major}`, () => {
      let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
      let sandbox: Sandbox | undefined;

      beforeAll(async () => {
        directory = await makeWorkDirectory();
        sandbox = await startSandbox('docker', major);
        const server = await boot(sandbox);
        await loadSakila(sandbox, server);
        const at = (name: string): string => join(directory.path, name);
        await dumpTo(at('custom.dump'), sandbox, server, ['pg_dump', '-Fc', 'sakila']);
        await dumpTo(at('packed.tar'), sandbox, server, ['pg_dump', '-Ft', 'sakila']);
        await dumpTo(at('plain.sql'), sandbox, server, ['pg_dump', 'sakila']);
        await dumpTo(at('created.sql'), sandbox, server, ['pg_dump', '--create', 'sakila']);
        await dumpTo(at('inserts.sql'), sandbox, server, ['pg_dump', '--inserts', 'sakila']);
        await dumpTo(at('cluster.sql'), sandbox, server, ['pg_dumpall']);
        await dumpDirectoryTo(at('directory'), sandbox, server);
        for (const [wanted, , , match] of ROWS) if (wanted === major) compress(at(match));
      });

      afterAll(async () => {
        await sandbox?.dispose();
        await directory[Symbol.asyncDispose]();
      });

      it.each(ROWS.filter(([wanted]) => wanted === major))(
        'Postgres %s restores a %s',
        async (_major, format, database, match) => {
          const content = await openBackup(directory.path, match);
          const { facts, needs } = await engine.inspect(content, new AbortController().signal);
          expect(facts).toMatchObject({ format, engine: 'postgres' });
          expect(needs).toMatchObject({ major, extensions: ['pg_trgm'] });
          expect(facts.serverVersion).toMatch(new RegExp(`^${major}\\.\\d+$`));
          expect(facts.roles).toContain('Billing Team');
          await using sandbox = await startSandbox('docker', major);
          await using restored = await restoreInto(sandbox, await openBackup(directory.path, match));
          await expectSakila(restored, database);
          content.close();
        },
      );
    });
  }
});

/** With the command-line tools, as whoever makes the backups does. */
function compress(path: string): void {
  const tool = ({ gz: 'gzip', zst: 'zstd', lz4: 'lz4', xz: 'xz', bz2: 'bzip2' } as Record<string, string>)[
    path.split('.').at(-1) ?? ''
  ];
  if (tool)
    execFileSync(tool, ['-q', '-k', '-f', path.replace(/\.\w+$/, ''), ...(tool === 'lz4' ? [path] : [])], {
      stdio: 'ignore',
    });
}
