import type { BackupContent } from '../../../../backup/content.ts';
import type { StoredPart } from '../parts/parted-table.ts';

/** A folder of parts in `shadow/`. */
export interface FrozenFolder {
  /** `nightly`, from FREEZE WITH NAME, or a number. */
  readonly freeze: string;
  /** As used in file names: the database and the table, or the id of the table. */
  readonly owner: { readonly database: string; readonly table: string } | { readonly uuid: string };
  readonly parts: readonly StoredPart[];
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const PART_FILE = new RegExp(
  `^((?:.*/)?)shadow/([^/]+)/(?:data/([^/]+)/([^/]+)|store/[0-9a-f]{3}/(${UUID}))/([^/]+)/(.+)$`,
  's',
);
/** Present in every part, in every version since 1.1. */
const MARK = 'checksums.txt';

/** The folder that contains `shadow/` and `metadata/`, for the key of one of its parts; empty or with a trailing `/`. */
export function rootOfFreeze(key: string): string | undefined {
  if (!key.endsWith(`/${MARK}`)) return undefined;
  const [, root, , , , , , file] = PART_FILE.exec(key) ?? [];
  return file === MARK ? root : undefined;
}

/** @param names of the backup's files, relative to its folder. */
export function readFrozen(names: Iterable<string>): readonly FrozenFolder[] {
  const folders = new Map<
    string,
    { freeze: string; owner: FrozenFolder['owner']; parts: Map<string, Map<string, string>> }
  >();
  for (const name of names) {
    const [, root, freeze = '', database, table, uuid, part = '', file = ''] = PART_FILE.exec(name) ?? [];
    if (root !== '') continue;
    const owner = uuid === undefined ? { database: database ?? '', table: table ?? '' } : { uuid };
    const id = JSON.stringify([freeze, owner]);
    const folder = folders.get(id) ?? { freeze, owner, parts: new Map() };
    folders.set(id, folder);
    const files = folder.parts.get(part) ?? new Map<string, string>();
    folder.parts.set(part, files.set(file, name));
  }
  return [...folders.values()].map(({ freeze, owner, parts }) => ({
    freeze,
    owner,
    parts: [...parts].map(([name, files]) => ({ name, files })),
  }));
}

export function isFreeze(content: BackupContent): boolean {
  if (content.kind === 'object' || content.members.has('.backup')) return false;
  for (const name of content.members.keys()) if (rootOfFreeze(name) === '') return true;
  return false;
}
