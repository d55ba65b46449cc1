import picomatch from 'picomatch';
import type { DirectoryLayout } from '../directory-layout.ts';
import type { StoredObject } from '../source.ts';
import { layoutMarkedBy, layoutsMarkedBy, originalName } from '../wrapped-members.ts';
import { isSideFile, isSystemFile } from './side-files.ts';
import { findSplitSets, type SplitDoubt, type SplitReadings, type SplitSet } from './split-sets.ts';

/** A possible backup: an object, the parts of a split file, or a directory dump with everything below it. */
export interface Candidate {
  readonly kind: 'object' | 'directory';
  /** Full key; a directory's ends with `/`, and that of a split file with `*`. */
  readonly key: string;
  /** The key as `match` sees it: without the source's prefix. */
  readonly name: string;
  /** For a split file, its parts in order. */
  readonly objects: readonly StoredObject[];
  /** For a split file, its other names: the name of the original file, and those of its parts. */
  readonly aliases?: readonly string[];
  readonly sizeBytes: number;
  /** For a directory and a split file, the time of its newest member. */
  readonly modifiedAt: Date;
  /** For a directory, the member that its dump tool wrote last, as a full key. */
  readonly mark?: string;
  /** For an unfinished directory dump, the file that its tool would have written last; for a split file, the first part that is missing. */
  readonly lacks?: string;
  /** For files that no format restores, recognized by their names: what they are together. */
  readonly refused?: string;
  /** For a directory in a repository, the folder with its series of backups, as a full key. */
  readonly series?: string;
  /** For a split file, why its content must prove that it was split. */
  readonly doubt?: SplitDoubt;
}

/** What to look for in a listing. */
export interface Where {
  /** The source's prefix, which `match` does not see. */
  readonly prefix: string;
  readonly match: string;
  /** Layouts of directories that are one backup. */
  readonly layouts: readonly DirectoryLayout[];
  /** What is known about files that may have been split. Default: nothing. */
  readonly splitReadings?: SplitReadings;
}

export interface Candidates {
  /** Number of listed objects, without folder markers. */
  readonly listedCount: number;
  readonly matched: readonly Candidate[];
  /** Every candidate, matching or not; for `select: key` and for hints. */
  readonly all: readonly Candidate[];
}

/**
 * Groups the listed objects into candidates, and finds those that match. `match` is a glob on the key below the prefix; `*` stays within a segment and matches
 * no leading dot (upload tools use those for unfinished files), `**` crosses segments. Folder markers are skipped, and so are side files unless `match` names
 * their extension. A directory dump is one candidate; its members are not. An unfinished dump (without the file that its tool writes last) whose folder
 * matches is a candidate too, so that an older backup does not hide it. The parts of a split file are one candidate, which matches by any of its names.
 */
export function findCandidates(objects: readonly StoredObject[], where: Where): Candidates {
  const { prefix } = where;
  const files = objects.filter(({ key, sizeBytes }) => !(key.endsWith('/') && sizeBytes === 0));
  const directories = groupDirectories(files, where);
  const inDirectory = new Set([...directories.values()].flatMap(({ members }) => members));
  const folders = new Set([...directories.values()].flatMap(({ repository }) => repository));
  const outside = files.filter((file) => !inDirectory.has(file) && !isBelow(file.key, folders));
  const sets = findSplitSets(outside, where.splitReadings);
  const inSet = new Set(sets.flatMap(({ parts }) => parts));
  const all = [
    ...[...directories].flatMap(([key, group]) => entriesOf(key, group, where)),
    ...[...directories].map(([key, group]) => directoryCandidate(key, prefix, group)),
    ...sets.map((set) => splitCandidate(set, prefix)),
    ...outside.filter((file) => !inSet.has(file)).map((file) => objectCandidate(file, prefix)),
  ];
  const isMatch = matcher(where, new Set(all.flatMap(({ name, aliases = [] }) => [name, ...aliases])));
  const unfinished = groupUnfinished(all, where).filter((candidate) => isMatch(candidate));
  const owned = new Set(unfinished.flatMap(({ objects }) => objects));
  const whole = all.filter(({ kind, objects: [object] }) => kind === 'directory' || !object || !owned.has(object));
  const matched = [...unfinished, ...whole.filter((candidate) => isMatch(candidate))];
  return { listedCount: files.length, matched, all: [...unfinished, ...all] };
}

/** Groups members by directory key (`orders-1/`, or `./` for the source itself); the outermost directory wins. */
function groupDirectories(files: readonly StoredObject[], where: Where): Map<string, Group> {
  const { prefix, layouts } = where;
  const groups = new Map<string, Group>();
  const keys = new Set<string>();
  for (const file of files) {
    const name = file.key.slice(file.key.lastIndexOf('/') + 1);
    const key = file.key.slice(0, -name.length);
    if (!key.startsWith(prefix)) continue;
    for (const { layout, wraps } of layoutsMarkedBy(name, layouts)) {
      const other = groups.get(key);
      if (other && other.wraps <= wraps.length) continue; // a copy of it, or its signature
      const isAsked = layout.needs !== undefined && !layout.place?.test(key);
      if (isAsked && keys.size === 0) for (const each of files) keys.add(each.key);
      if (isAsked && !hasNeeded(key, layout, keys)) continue;
      groups.set(key, {
        mark: file.key,
        wraps: wraps.length,
        members: [],
        repository: layout.repository?.(key) ?? [],
        ...(layout.entries && { entries: layout.entries }),
      });
    }
  }
  const folderOf = folderFinder(where);
  for (const file of files) {
    const key = folderOf(file.key);
    if (key?.startsWith(prefix) && !groups.has(key))
      groups.set(key, { mark: file.key, wraps: 0, members: [], repository: [] });
  }
  if (groups.size === 0) return groups;
  for (const file of files) {
    const owner = ancestors(file.key).find((directory) => groups.has(directory));
    if (owner !== undefined) groups.get(owner)?.members.push(file);
  }
  const folders = new Set([...groups.values()].flatMap(({ repository }) => repository));
  for (const [key, { members, repository }] of groups)
    if (members.length === 0 || (repository.length === 0 && isBelow(key, folders))) groups.delete(key);
  return groups;
}

/** Finds the folder of a backup that has no marker file with a fixed name. */
function folderFinder({ prefix, match, layouts }: Where): (key: string) => string | undefined {
  const finders = layouts.flatMap(({ folderOf }) => folderOf ?? []);
  const isNamed = match.endsWith('/') && layouts.some(({ anyFolder }) => anyFolder);
  const isMatch = isNamed ? (isWhole(match) ? (name: string) => name === '' : compileMatch(match)) : () => false;
  return (key) => {
    for (const find of finders) {
      const found = find(key);
      if (found !== undefined) return found;
    }
    if (!isNamed || !key.startsWith(prefix)) return undefined;
    const folder = ancestors(key.slice(prefix.length)).find((name) => isMatch(name.replace(/\/$/, '')));
    return folder === undefined ? undefined : `${prefix}${folder}`;
  };
}

/** Whether a `match` selects the whole source. */
function isWhole(match: string): boolean {
  return match === './' || match === '/';
}

interface Group {
  readonly mark: string;
  /** How many times the marker file was encrypted or compressed after the dump. */
  readonly wraps: number;
  readonly members: StoredObject[];
  /** The folders of its repository. */
  readonly repository: readonly string[];
  readonly entries?: DirectoryLayout['entries'];
}

function isBelow(key: string, folders: ReadonlySet<string>): boolean {
  for (const folder of folders) if (key.startsWith(folder)) return true;
  return false;
}

function hasNeeded(directory: string, layout: DirectoryLayout, keys: ReadonlySet<string>): boolean {
  for (const key of keys) {
    if (!key.startsWith(directory)) continue;
    const name = key.slice(directory.length);
    if (layout.needs?.test(name) || layout.needs?.test(originalName(name, layout).name)) return true;
  }
  return false;
}

/** `a/b/c` → ``, `a/`, `a/b/`. */
function ancestors(key: string): string[] {
  const found = [''];
  for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1))
    found.push(key.slice(0, slash + 1));
  return found;
}

function directoryCandidate(key: string, prefix: string, group: Group): Candidate {
  const { mark, members, repository } = group;
  const [series] = repository;
  return { ...groupOf(key, prefix, members), mark, ...(series === undefined ? {} : { series }) };
}

/** The backups in a directory that contains many, if `match` selects them. */
function entriesOf(key: string, { members, entries }: Group, { prefix, match }: Where): readonly Candidate[] {
  if (!entries || !match.includes(entries.folder)) return [];
  return members
    .filter((member) => entries.name.test(member.key.slice(key.length)))
    .map((member) => objectCandidate(member, prefix));
}

/** The candidate that several objects form together. */
function groupOf(key: string, prefix: string, objects: readonly StoredObject[]): Candidate {
  return {
    kind: 'directory',
    key,
    name: key.slice(prefix.length),
    objects,
    sizeBytes: objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    modifiedAt: new Date(objects.reduce((newest, { modifiedAt }) => Math.max(newest, modifiedAt.getTime()), 0)),
  };
}

/** Finds unfinished dumps: folders in which all files have member names of one dump tool, and at least one a name that only this tool uses. */
function groupUnfinished(all: readonly Candidate[], { prefix, layouts }: Where): Candidate[] {
  const folders = new Map<string, StoredObject[]>();
  for (const { kind, key, objects } of all) {
    if (kind === 'directory') continue;
    const folder = key.slice(0, key.lastIndexOf('/') + 1);
    const files = folders.get(folder);
    if (files) files.push(...objects);
    else folders.set(folder, [...objects]);
  }
  return [...folders].flatMap(([folder, files]) => {
    const names = files.map(({ key }) => key.slice(folder.length));
    const dump = layouts.find((layout) => isUnfinished(names, layout));
    return dump ? [{ ...groupOf(folder, prefix, files), mark: `${folder}${dump.mark}`, lacks: dump.mark }] : [];
  });
}

/** For files that the job encrypted or compressed, the dump tool's original names are compared. */
function isUnfinished(stored: readonly string[], layout: DirectoryLayout): boolean {
  const { mark, begun, member } = layout;
  if (!begun || !member) return false;
  const names = stored.map((name) => (member.test(name) ? name : originalName(name, layout).name));
  return !names.includes(mark) && names.some((name) => begun.test(name)) && names.every((name) => member.test(name));
}

function objectCandidate(object: StoredObject, prefix: string): Candidate {
  const { key, sizeBytes, modifiedAt } = object;
  return { kind: 'object', key, name: key.slice(prefix.length), objects: [object], sizeBytes, modifiedAt };
}

function splitCandidate({ key, wholeKey, parts, lacks, doubt }: SplitSet, prefix: string): Candidate {
  return {
    ...groupOf(key, prefix, parts),
    kind: 'object',
    aliases: [wholeKey, ...parts.map((part) => part.key)].map((each) => each.slice(prefix.length)),
    ...(lacks === undefined ? {} : { lacks: lacks.slice(prefix.length) }),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/**
 * A drill's `match` as a function. A key may contain line breaks, which `.` in a regular expression does not match by default, and accented letters as macOS
 * stores them, in two characters.
 */
export function compileMatch(match: string): (name: string) => boolean {
  const isMatch = picomatch(
    match
      .normalize()
      .replace(/^\.?\/+/, '')
      .replace(/\/$/, ''),
    { flags: 's' },
  );
  return (name) => isMatch(name.normalize());
}

function matcher({ match, layouts }: Where, names: ReadonlySet<string>): (candidate: Candidate) => boolean {
  if (isWhole(match)) return ({ kind, name }) => kind === 'directory' && name === '';
  const last = match.slice(match.lastIndexOf('/') + 1);
  const ending = last !== match && layoutMarkedBy(last, layouts) ? last : '';
  const isMatch = compileMatch(match.slice(0, match.length - ending.length));
  const isFileMatch = compileMatch(match); // a file may have the name of a directory’s marker and be a backup by itself
  return ({ kind, key, name, mark, aliases = [] }) => {
    if (isSystemFile(name, match)) return false;
    if (kind === 'directory') return isMatch(name === '' ? (mark ?? '').slice(key.length) : name.slice(0, -1));
    if (match.endsWith('/')) return false;
    return [name, ...aliases].some((each) => isFileMatch(each) && !isSideFile(each, match, names));
  };
}
