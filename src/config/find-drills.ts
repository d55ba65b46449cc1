import { glob, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DrillError } from '../support/errors.ts';
import { nearest } from './nearest.ts';
import { readYaml } from './yaml-file.ts';

export interface FindOptions {
  readonly cwd: string;
  readonly drillsDir?: string;
}

const YAML_NAME = /\.ya?ml$/;

/**
 * Finds the drill files that paths refer to, absolute, without duplicates, sorted within each path.
 * @param paths files, directories, globs, or names of drills below `drillsDir` (the file's name or the drill's).
 * @throws `drill-not-found` for a path that matches no file.
 */
export async function findDrillFiles(paths: readonly string[], options: FindOptions): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    for (const file of await expandPath(path, options)) found.add(file);
  }
  return [...found];
}

async function expandPath(path: string, options: FindOptions): Promise<readonly string[]> {
  const absolute = resolve(options.cwd, path);
  const kind = await kindOf(absolute);
  if (kind === 'file') return [absolute];
  if (kind === 'directory') {
    const files = await yamlFilesBelow(absolute);
    if (files.length > 0) return files;
    const named = await findByName(path, options);
    if (named.length > 0) return named;
    throw new DrillError('drill-not-found', `no drill in ${path}: it has no .yaml files`, {
      hint: 'Create a drill with `firedrill init`, or name the directory of your drills.',
    });
  }
  if (/[*?[{]/.test(path)) {
    const files: string[] = [];
    for await (const file of glob(path, { cwd: options.cwd })) files.push(resolve(options.cwd, file));
    const drills = files.filter((file) => YAML_NAME.test(file)).sort();
    if (drills.length > 0) return drills;
    throw notFound(`no drill file matches ${path}`, path, options);
  }
  const named = await findByName(path, options);
  if (named.length > 0) return named;
  throw await nothingNamed(path, options);
}

/**
 * `orders` for `drills/orders.yaml`, else for the files with `name: orders`, as `firedrill list` shows them.
 * @returns several files if several drills have that name, which is reported as a problem of those drills.
 */
async function findByName(name: string, options: FindOptions): Promise<readonly string[]> {
  if (!/^[\w.-]+$/.test(name)) return [];
  const known = await knownFiles(options);
  const ofFile = known.find((file) => nameOf(file) === name);
  if (ofFile !== undefined) return [ofFile];
  const names = await Promise.all(known.map(async (file) => ({ file, ofDrill: await drillNameIn(file) })));
  return names.filter(({ ofDrill }) => ofDrill === name).map(({ file }) => file);
}

/** The drill with this name next to or below another drill's file, else in the drills directory. @returns several if several have the name. */
export async function findDrillsNear(file: string, name: string, options: FindOptions): Promise<readonly string[]> {
  const near = await findByName(name, { ...options, drillsDir: dirname(file) });
  return near.length > 0 ? near : findByName(name, options);
}

async function knownFiles(options: FindOptions): Promise<readonly string[]> {
  const directory = drillsDirectory(options);
  return (await kindOf(directory)) === 'directory' ? yamlFilesBelow(directory) : [];
}

function drillsDirectory({ cwd, drillsDir = 'drills' }: FindOptions): string {
  return resolve(cwd, drillsDir);
}

function nameOf(file: string): string {
  return basename(file).replace(YAML_NAME, '');
}

/** @returns undefined if the file has no readable name; the reason is reported when it is loaded. */
async function drillNameIn(file: string): Promise<unknown> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes && readYaml(file, bytes).value?.name;
}

async function nothingNamed(name: string, options: FindOptions): Promise<DrillError> {
  const directory = drillsDirectory(options);
  const isDirectory = (await kindOf(directory)) === 'directory';
  if (!isDirectory && resolve(options.cwd, name) === directory) return noDirectory(name, directory);
  const known = await knownFiles(options);
  const named = new Map<string, string>();
  for (const file of known) {
    const ofDrill = await drillNameIn(file);
    if (typeof ofDrill === 'string') named.set(ofDrill, file);
    named.set(nameOf(file), file);
  }
  const near = nearest(nameOf(name), [...named.keys()]);
  const meant = near === undefined ? undefined : named.get(near);
  return notFound(`no drill file at ${name}`, name, options, meant);
}

function noDirectory(name: string, directory: string): DrillError {
  return new DrillError('drill-not-found', `no drills directory here: ${name} (${directory})`, {
    hint: 'Create a drill with `firedrill init`, or set `drills` in firedrill.yaml to the directory of your drills.',
  });
}

function notFound(message: string, path: string, options: FindOptions, meant?: string): DrillError {
  const directory = options.drillsDir ?? 'drills';
  return new DrillError('drill-not-found', message, {
    hint:
      meant === undefined
        ? `Looked for ${path} from ${options.cwd}; \`firedrill list\` shows the drills in ${directory}/.`
        : `Did you mean ${meant.startsWith(`${options.cwd}/`) ? meant.slice(options.cwd.length + 1) : meant}?`,
  });
}

/** Hidden files and directories are skipped: they belong to editors and version control. */
async function yamlFilesBelow(directory: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(directory, entry.name);
    const kind = entry.isSymbolicLink() ? await kindOf(path) : undefined;
    if (entry.isDirectory()) files.push(...(await yamlFilesBelow(path)));
    else if (YAML_NAME.test(entry.name) && (entry.isFile() || kind === 'file')) files.push(path);
  }
  return files.sort();
}

async function kindOf(path: string): Promise<'file' | 'directory' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch {
    return undefined; // does not exist; the caller reports what it was looking for
  }
}
