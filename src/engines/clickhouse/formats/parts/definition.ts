import { quoteName } from '../../sql/quoting.ts';
import { pauseSchedule, readSchedule, type Schedule } from './schedule.ts';
import { type LostSecurity, withoutSecurity } from './security.ts';

/** How to recreate a table, from the statement with which a server attaches it. */
export interface Definition {
  /** @param uuid the id to give it; undefined: the server chooses one. */
  create(uuid?: string): string;
  readonly kind: 'table' | 'view' | 'dictionary';
  /** The id that names the folders of its parts; undefined: the table's name does. */
  readonly uuid: string | undefined;
  /** Whether it was one of several replicas, which need ClickHouse Keeper. */
  readonly wasReplicated: boolean;
  /** The original schedule; undefined: it is not a view that is refreshed. */
  readonly schedule: Schedule | undefined;
  /** Set for a view whose query had the rights of a user of its server, or was not restricted by any. */
  readonly lostSecurity: LostSecurity | undefined;
  /** What was omitted because a sandbox does not have it. */
  readonly changes: readonly string[];
}

const HEAD =
  /^\s*(?:ATTACH|CREATE)\s+(?:OR\s+REPLACE\s+)?(TABLE|DICTIONARY|(?:MATERIALIZED\s+|LIVE\s+|WINDOW\s+)?VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:(?:`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.)*"|\w+)\s*\.\s*)?(?:`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.)*"|\w+)(?:\s+UUID\s+'([\da-fA-F-]{36})')?(?:\s+TO\s+INNER\s+UUID\s+'[\da-fA-F-]{36}')?(?=[\s(])/;

/**
 * Turns `ATTACH TABLE _ UUID '…' (…)` into `CREATE TABLE db.table (…)`. A replicated table becomes one without replicas, since a sandbox has no Keeper; its
 * storage policy is omitted, and so is a TTL that moves parts between disks. A view that is refreshed on a schedule becomes one without automatic refresh,
 * because that replaces the rows of its target, or adds to them. A view with a definer becomes one without, since a sandbox does not have the server's users.
 * @returns undefined for text that does not define a table.
 */
export function readDefinition(text: string, database: string, table: string): Definition | undefined {
  const head = HEAD.exec(text);
  if (!head) return undefined;
  const [whole, words = '', uuid] = head;
  const what = words.replaceAll(/\s+/g, ' ').toUpperCase();
  const changes: string[] = [];
  const written = text.slice(whole.length);
  const schedule = what === 'MATERIALIZED VIEW' ? readSchedule(written) : undefined;
  if (schedule) changes.push('without its refreshes');
  const paused = schedule ? pauseSchedule(written) : written;
  const { body: own, lost } = /VIEW$/.test(what) ? withoutSecurity(paused) : { body: paused, lost: undefined };
  if (lost) changes.push(lost === 'none' ? 'without SQL SECURITY NONE' : 'without its definer');
  const alone = withoutReplicas(own);
  if (alone !== own) changes.push('without replicas');
  const rest = withoutDisks(alone, changes);
  const body = rest.trimEnd().replace(/;$/, '');
  return {
    create: (id) => `CREATE ${what} ${quoteName(database, table)}${id === undefined ? '' : ` UUID '${id}'`}${body}`,
    kind: what === 'TABLE' ? 'table' : what === 'DICTIONARY' ? 'dictionary' : 'view',
    uuid: uuid?.toLowerCase(),
    wasReplicated: alone !== own,
    schedule,
    lostSecurity: lost,
    changes,
  };
}

const TEXT = String.raw`'(?:[^'\\]|\\.|'')*'`;
const REPLICATED = new RegExp(
  String.raw`(\bENGINE\s*=\s*)(?:Replicated|Shared)(\w*MergeTree)\b(?:\(\s*(?:${TEXT}\s*,\s*${TEXT}\s*,?\s*)?)?`,
);

function withoutReplicas(text: string): string {
  return text.replace(
    REPLICATED,
    (found, before: string, engine: string) => `${before}${engine}${found.includes('(') ? '(' : ''}`,
  );
}

const SETTING = String.raw`(?:storage_policy|disk)\s*=\s*(?:${TEXT}|disk\((?:[^()']|${TEXT}|\([^()]*\))*\))`;

function withoutDisks(text: string, changes: string[]): string {
  const kept = withoutMoves(text, changes);
  const at = lastOf(/\sSETTINGS(?=\s)/g, kept);
  if (at < 0) return kept;
  const settings = kept.slice(at);
  const others = settings
    .replace(new RegExp(String.raw`,\s*${SETTING}`), '')
    .replace(new RegExp(String.raw`${SETTING}\s*,?\s*`), '');
  if (others !== settings) changes.push('on one disk');
  return `${kept.slice(0, at)}${/^\s*SETTINGS\s*$/.test(others) ? '' : others}`;
}

/** The last TTL belongs to the table: those of columns precede it. None takes effect in a sandbox. */
function withoutMoves(text: string, changes: string[]): string {
  const at = lastOf(/\sTTL(?=\s)/g, text);
  const clause = at < 0 ? '' : (/^\sTTL\s.*?(?=\s(?:SETTINGS|COMMENT|AS)\s|$)/s.exec(text.slice(at))?.[0] ?? '');
  if (!new RegExp(String.raw`\bTO\s+(?:DISK|VOLUME)\s+${TEXT}`).test(clause)) return text;
  changes.push('without its TTL');
  return `${text.slice(0, at)}${text.slice(at + clause.length)}`;
}

/** @returns where the last match begins, or -1. Works in one pass: a lookahead for another match would read all the text after each. */
function lastOf(pattern: RegExp, text: string): number {
  let at = -1;
  for (const { index } of text.matchAll(pattern)) at = index;
  return at;
}
