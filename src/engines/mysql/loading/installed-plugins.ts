import { placeOf, type Statement } from '../../sql-dump/statement.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteText } from '../server/quoting.ts';
import { NAME, unquote, withoutComments } from '../sql/sql-names.ts';

/** A library that a statement loads into the server. */
export interface WantedPlugin {
  /** Human-readable: `the plug-in server_audit`, `the loadable function sys_exec`. */
  readonly what: string;
  /** Its name in `information_schema.PLUGINS`; undefined if it is not listed there. */
  readonly plugin: string | undefined;
  /** File name without extension. */
  readonly library: string;
}

const TEXT = `'([^']*)'|"([^"]*)"`;
const INSTALL_PLUGIN = new RegExp(
  `^INSTALL\\s+PLUGIN\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${NAME})\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?SONAME\\s+(?:${TEXT})`,
  'i',
);
const INSTALL_LIBRARY = new RegExp(`^INSTALL\\s+SONAME\\s+(?:${TEXT})`, 'i');
const INSTALL_COMPONENT = /^INSTALL\s+COMPONENT\s+([\s\S]*)/i;
const CREATE_FUNCTION = new RegExp(
  `^CREATE\\b[\\s\\S]*?\\bFUNCTION\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${NAME})[\\s\\S]*?\\bSONAME\\s+(?:${TEXT})`,
  'i',
);

/** @returns what a statement of the kind `plugin` loads; empty for UNINSTALL. */
export function pluginsIn(statement: string): readonly WantedPlugin[] {
  const sql = withoutComments(statement);
  const [, plugin, one, two] = INSTALL_PLUGIN.exec(sql) ?? [];
  if (plugin !== undefined) {
    const name = unquote(plugin);
    return [{ what: `the plug-in ${name}`, plugin: name, library: libraryOf(one ?? two) }];
  }
  const [isLibrary, first, second] = INSTALL_LIBRARY.exec(sql) ?? [];
  if (isLibrary !== undefined) {
    const library = libraryOf(first ?? second);
    return [{ what: `the plug-in library ${library}`, plugin: undefined, library }];
  }
  const components = INSTALL_COMPONENT.exec(sql)?.[1] ?? '';
  const named = [...components.matchAll(/['"]file:\/\/([^'"]+)['"]/gi)].map(([, library]) => libraryOf(library));
  if (named.length > 0)
    return named.map((library) => ({ what: `the component ${library}`, plugin: undefined, library }));
  const [, fn, soname, other] = CREATE_FUNCTION.exec(sql) ?? [];
  if (fn === undefined) return [];
  return [{ what: `the loadable function ${unquote(fn)}`, plugin: undefined, library: libraryOf(soname ?? other) }];
}

/**
 * A drill loads no program that a dump names; plug-ins of the image that only store or validate data are loaded from the start. Therefore:
 * - a plug-in that is already active needs no finding;
 * - one that the image has but a drill skips would load in a real restore: a warning. Tables that need it fail on their own;
 * - one that the image lacks stops any restore with that image, so the image is at fault.
 */
export async function pluginFindings(
  statement: Statement,
  server: Pick<MysqlServer, 'pluginLibraries'>,
  session: Pick<Session, 'ask'>,
): Promise<readonly LoadFinding[]> {
  const findings: LoadFinding[] = [];
  for (const { what, plugin, library } of pluginsIn(statement.bytes.toString('utf8', 0, 16_384))) {
    if (plugin !== undefined && (await isActive(plugin, session))) continue;
    const isThere = (await server.pluginLibraries()).has(library.toLowerCase());
    if (isThere) {
      const text = `${placeOf(statement)}: ${what} is left out: it is a program, not data`;
      findings.push({ kind: 'program-left-out', text });
    } else
      findings.push({
        kind: 'plugin-missing',
        text: `${placeOf(statement)}: this server lacks ${what}`,
        hint: hintFor(what),
      });
  }
  return findings;
}

async function isActive(plugin: string, session: Pick<Session, 'ask'>): Promise<boolean> {
  const rows = await session.ask(
    `SELECT 1 FROM information_schema.PLUGINS WHERE PLUGIN_NAME = ${quoteText(plugin)} AND PLUGIN_STATUS = 'ACTIVE'`,
  );
  return rows.length > 0;
}

function hintFor(what: string): string {
  return `Name an image that has it in \`engine.image\`, or allow it where no data depends on it: \`restore.ignoreErrors: ["lacks ${what}"]\`.`;
}

function libraryOf(soname: string | undefined): string {
  return (soname ?? '').replace(/\.(?:so|dll|dylib)$/i, '');
}
