import { readdir, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { DrillError } from '../../support/errors.ts';
import { compareVersions, isAtLeast, seriesOf } from '../../support/versions.ts';
import type { LocalEngine, ServerInstall } from '../local-binaries.ts';
import type { SandboxRequest } from '../sandbox.ts';
import { runTool } from './processes.ts';

/**
 * Chooses the install to restore a backup of this major version into: the same major, preferring one with client tools, else the nearest
 * newer major (a dump loads into a newer server, but not reliably into an older one) unless `match` is `exact`.
 * Throws `tool-missing`, naming what was found and what to install.
 */
export function chooseServer(
  installs: readonly ServerInstall[],
  engine: LocalEngine,
  { major, match }: Pick<SandboxRequest['server'], 'major' | 'match'>,
): ServerInstall {
  const { title, localBinaries } = engine;
  if (!localBinaries) return hostPrograms(engine, major);
  const numbers = localBinaries.majorNumbers;
  const wanted = seriesOf(major, numbers);
  const fitting = installs
    .filter((install) => install.engine === engine.type && isAtLeast(seriesOf(install.version, numbers), wanted))
    .filter(({ version }) => match !== 'exact' || compareVersions(seriesOf(version, numbers), wanted) === 0)
    .sort(
      (a, b) =>
        compareVersions(seriesOf(a.version, numbers), seriesOf(b.version, numbers)) ||
        Number(b.hasClientTools) - Number(a.hasClientTools) ||
        compareVersions(b.version, a.version),
    );
  if (fitting[0]) return fitting[0];
  const found = installs
    .filter((install) => install.engine === engine.type)
    .map(({ version, from }) => `${version} ${from}`);
  throw new DrillError(
    'tool-missing',
    `no ${title} ${wanted}${match === 'exact' ? '' : ' or newer'} on this host (${found.length > 0 ? `found ${found.join(', ')}` : `no ${title} server found at all`})`,
    { hint: localBinaries.install(wanted) },
  );
}

/** For an engine without a server of its own: the program that its drill names. */
function hostPrograms({ type }: LocalEngine, version: string): ServerInstall {
  const none = { installRoots: [], libraryLinks: [] };
  return { engine: type, version, binDir: '/usr/bin', from: 'on this host', hasClientTools: true, ...none };
}

/** `PostgreSQL 17.11 in /usr/lib/postgresql/17/bin`, with a note when the backup is from an older major. */
export function describeServer(install: ServerInstall, { title, localBinaries }: LocalEngine, major: string): string {
  if (!localBinaries) return 'programs of this host';
  const { majorNumbers } = localBinaries;
  const exact = compareVersions(seriesOf(install.version, majorNumbers), seriesOf(major, majorNumbers)) === 0;
  return `${title} ${install.version} ${install.from}${exact ? '' : ` (backup is from ${major})`}`;
}

/** Lists the installs per engine: `15.18 (/usr/lib/postgresql/15/bin), 18.4 (npm)`. */
export function listServers(installs: readonly ServerInstall[], engines: readonly LocalEngine[]): string {
  const listed = engines.map(({ type, title }) => {
    const own = installs.filter((install) => install.engine === type);
    return own.length > 0
      ? `${title} ${own.map(({ version, from }) => `${version} (${from.replace(/^(in|from) /, '')})`).join(', ')}`
      : '';
  });
  return listed.filter(Boolean).join('; ');
}

/** @returns every install of the engine, from `path`, the usual system directories and npm; each directory once. */
export async function findServers(engine: LocalEngine, path: string): Promise<readonly ServerInstall[]> {
  const { localBinaries } = engine;
  if (!localBinaries) return [];
  const { directories, findPackaged } = localBinaries;
  const candidates = [
    ...path.split(delimiter).filter((entry) => entry.startsWith('/')),
    ...(await expandAll(directories)),
  ];
  const found: ServerInstall[] = [];
  for (const binDir of await realDirectories(candidates, localBinaries.server)) {
    const install = await inspectDirectory({ ...engine, localBinaries }, binDir);
    if (install) found.push(install);
  }
  return [...found, ...((await findPackaged?.()) ?? [])];
}

/**
 * Directories that contain the program, without duplicates: `/sbin` is a link to `/usr/sbin` on most systems, and some servers take long to print their
 * version.
 */
async function realDirectories(candidates: readonly string[], program: string): Promise<ReadonlySet<string>> {
  const real = new Set<string>();
  for (const directory of candidates) {
    const path = await realpath(join(directory, program)).catch(() => undefined);
    if (path !== undefined) real.add(dirname(path));
  }
  return real;
}

async function inspectDirectory(engine: Required<LocalEngine>, binDir: string): Promise<ServerInstall | undefined> {
  const { server, clientTool, versionPattern } = engine.localBinaries;
  try {
    const version = versionPattern.exec(await runTool(join(binDir, server), ['--version']))?.[1];
    if (!version) return undefined;
    const hasClientTools = await isFile(join(binDir, clientTool));
    return {
      engine: engine.type,
      version,
      binDir,
      from: `in ${binDir}`,
      installRoots: installRootsOf(binDir),
      libraryLinks: [],
      hasClientTools,
    };
  } catch {
    return undefined; // missing, or does not run here: not an install
  }
}

/** Programs outside the system directories ship their libraries next to them; Homebrew's have links across its whole tree. */
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
