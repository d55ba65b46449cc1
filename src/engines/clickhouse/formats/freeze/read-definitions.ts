import type { DirectoryContent } from '../../../../backup/content.ts';
import { inBatches } from '../../../../support/in-batches.ts';
import { readShort } from '../../../../support/read-start.ts';
import { SYSTEM_DATABASES } from '../../server/system-databases.ts';
import { unescapeFileName } from '../file-names.ts';
import { type Definition, readDefinition } from '../parts/definition.ts';

export interface DefinedTable {
  readonly database: string;
  readonly table: string;
  readonly definition: Definition;
  /** Database and table as used in file names: `shop/orders`. */
  readonly path: string;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const DATABASE_FILE = /^metadata\/([^/]+)\.sql$/;
const TABLE_FILE = /^metadata\/([^/]+)\/([^/]+)\.sql$/;
/** `metadata/DB` is a link to such a folder; a copy may or may not have followed it. */
const STORED_FILE = new RegExp(`^(?:shadow/[^/]+/)?store/[0-9a-f]{3}/(${UUID})/([^/]+)\\.sql$`);
const AT_ONCE = 16;
const MAX_BYTES = 2 ** 22;

/** Reads the definitions next to the parts, in the form that a server stores in `metadata/`. */
export async function readDefinitions(
  content: DirectoryContent,
  signal: AbortSignal,
): Promise<readonly DefinedTable[]> {
  const names = [...content.members.keys()];
  const stored = names.filter((name) => STORED_FILE.test(name));
  const databases = stored.length === 0 ? new Map<string, string>() : await readDatabases(names, content, signal);
  const files = names.flatMap((name) => {
    const [, database, table] = TABLE_FILE.exec(name) ?? [];
    if (database !== undefined && table !== undefined) return [{ name, database, table }];
    const [, uuid = '', own] = STORED_FILE.exec(name) ?? [];
    const owner = databases.get(uuid);
    return own === undefined || owner === undefined ? [] : [{ name, database: owner, table: own }];
  });
  const found = await inBatches(files, AT_ONCE, async ({ name, database, table }) => {
    const [schema, own] = [unescapeFileName(database), unescapeFileName(table)];
    if (schema === undefined || own === undefined || SYSTEM_DATABASES.has(schema)) return undefined;
    const definition = readDefinition(await readText(name, content, signal), schema, own);
    return definition && { database: schema, table: own, definition, path: `${database}/${table}` };
  });
  const byPath = new Map(found.flatMap((one) => (one ? [[one.path, one]] : [])));
  return [...byPath.values()];
}

/** Database names by id. */
async function readDatabases(
  names: readonly string[],
  content: DirectoryContent,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const files = names.filter((name) => DATABASE_FILE.test(name));
  const found = await inBatches(files, AT_ONCE, async (name) => {
    const uuid = new RegExp(`\\bUUID\\s+'(${UUID})'`).exec(await readText(name, content, signal))?.[1];
    return uuid === undefined ? undefined : ([uuid, DATABASE_FILE.exec(name)?.[1] ?? ''] as const);
  });
  return new Map(found.flatMap((one) => (one ? [one] : [])));
}

async function readText(name: string, content: DirectoryContent, signal: AbortSignal): Promise<string> {
  const bytes = await readShort(await content.streamUnwrapped(name, signal), MAX_BYTES);
  return bytes?.toString() ?? '';
}
