import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { Flavor } from '../flavor.ts';
import { type SqlItem, SqlSplitter } from '../sql/sql-splitter.ts';
import type { Session } from './connect.ts';
import { quoteText } from './quoting.ts';
import { readZone, type Zone } from './zone-file.ts';

/** Where operating systems keep the zone database. */
export const HOST_ZONES = '/usr/share/zoneinfo';
/** Duplicates of the same zones, with or without leap seconds; and files that are not zones of a place. */
const PASSED_OVER = /^(?:posix|right|posixrules|localtime|leapseconds|leap-seconds\.list|Factory|.*\.(?:tab|zi|list))$/;

/**
 * Fills the server's time zone tables, which are empty after its installation, because events and functions name zones. The data comes from the zone
 * database of this host, or else from the image's own loader and zone database.
 * @returns whether there was a zone database.
 */
export async function loadZones(
  zones: ReadonlyMap<string, Zone>,
  parts: {
    readonly sandbox: Sandbox;
    readonly flavor: Flavor;
    readonly session: Session;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const statements = zones.size > 0 ? zoneStatements(zones) : await statementsOfImage(parts);
  if (statements.length === 0) return false;
  await parts.session.execute('USE mysql');
  for (const statement of statements) await parts.session.execute(statement);
  return true;
}

/** @returns the zones of a zone database by name, which is the file's path in it; empty if it does not exist. */
export async function readZones(directory: string): Promise<ReadonlyMap<string, Zone>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter((name) => !name.split('/').some((part) => PASSED_OVER.test(part)))
    .sort();
  const files = await Promise.all(names.map((name) => readFile(join(directory, name)).catch(() => Buffer.alloc(0))));
  const zones = new Map<string, Zone>();
  const known = new Map<string, Zone>(); // many names share one zone
  for (const [index, name] of names.entries()) {
    const bytes = files[index] ?? Buffer.alloc(0);
    const key = bytes.toString('latin1');
    const zone = known.get(key) ?? readZone(bytes);
    if (!zone) continue;
    known.set(key, zone);
    zones.set(name, zone);
  }
  return zones;
}

/** The statements that fill the tables (MySQL manual, "MySQL Server Time Zone Support"): one for each of the four. */
export function zoneStatements(zones: ReadonlyMap<string, Zone>): string[] {
  const ids = new Map<Zone, number>();
  for (const zone of zones.values()) if (!ids.has(zone)) ids.set(zone, ids.size + 1);
  if (ids.size === 0) return [];
  const all = [...ids];
  const rows = {
    'time_zone (Time_zone_id, Use_leap_seconds)': all.map(([, id]) => `(${id},'N')`),
    'time_zone_name (Name, Time_zone_id)': [...zones].map(([name, zone]) => `(${quoteText(name)},${ids.get(zone)})`),
    'time_zone_transition (Time_zone_id, Transition_time, Transition_type_id)': all.flatMap(([zone, id]) =>
      zone.transitions.map(({ at, type }) => `(${id},${at},${type})`),
    ),
    'time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`, Is_DST, Abbreviation)': all.flatMap(
      ([zone, id]) =>
        zone.types.map(
          ({ offsetSeconds, isDst, abbreviation }, index) =>
            `(${id},${index},${offsetSeconds},${isDst ? 1 : 0},${quoteText(abbreviation.slice(0, 8))})`,
        ),
    ),
  };
  return Object.entries(rows).map(([table, values]) => `INSERT INTO mysql.${table} VALUES ${values.join(',')}`);
}

async function statementsOfImage(parts: {
  readonly sandbox: Sandbox;
  readonly flavor: Flavor;
  readonly signal: AbortSignal;
}): Promise<string[]> {
  const splitter = new SqlSplitter(parts.flavor.type);
  const statements: string[] = [];
  const take = (items: readonly SqlItem[]): void => {
    for (const item of items) if (item.kind === 'statement') statements.push(item.bytes.toString());
  };
  await parts.sandbox.exec(['sh', '-c', OF_IMAGE], {
    signal: parts.signal,
    onStderrLine: (line) => take(splitter.push(Buffer.from(`${line}\n`))),
  });
  take(splitter.end());
  return statements;
}

/** Its output is piped to a reader of single lines, because it is megabytes long. */
const OF_IMAGE = `
for program in mariadb-tzinfo-to-sql mysql_tzinfo_to_sql; do
  command -v "$program" > /dev/null && [ -d ${HOST_ZONES} ] || continue
  exec "$program" ${HOST_ZONES} 3>&2 2> /dev/null >&3
done`;
