import { glob, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DrillError } from '../support/errors.ts';
import { nearest } from './nearest.ts';

export interface FindOptions {
  readonly cwd: string;
  readonly drillsDir?: string;
}

const YAML_NAME = /\.ya?ml$/;

/**
 * Finds the drill files that paths refer to, absolute, without duplicates, sorted within each path.
 * @param paths files, directories, globs, or bare names of drills in `drillsDir`.
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
  return await findByName(path, options);
}

/** `orders` for `drills/orders.yaml`. */
async function findByName(name: string, options: FindOptions): Promise<readonly string[]> {
  const directory = resolve(options.cwd, options.drillsDir ?? 'drills');
  for (const ending of ['.yaml', '.yml']) {
    const file = join(directory, name + ending);
    if (/^[\w.-]+$/.test(name) && (await kindOf(file)) === 'file') return [file];
  }
  const hasDirectory = (await kindOf(directory)) === 'directory';
  if (!hasDirectory && resolve(options.cwd, name) === directory) throw noDirectory(name, directory);
  const known = hasDirectory ? await yamlFilesBelow(directory) : [];
  const names = known.map((file) => basename(file).replace(YAML_NAME, ''));
  const near = nearest(basename(name).replace(YAML_NAME, ''), names);
  const meant = known.find((file) => basename(file).replace(YAML_NAME, '') === near);
  throw notFound(`no drill file at ${name}`, name, options, meant);
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
