import { compareSeries, isAtLeast, seriesOf, versionIn } from '../../../support/versions.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteText } from '../server/quoting.ts';
import { SYSTEM_ZONE } from '../server/settings.ts';
import type { LoggedQuery } from './logged-query.ts';
import type { CollationNames } from './replay-variables.ts';

/** Bits of a logged statement's flags. Source: MySQL's sql/query_options.h, MariaDB's sql/sql_priv.h. */
const AUTO_IS_NULL = 1 << 14;
const NO_CHECK_CONSTRAINTS = 1 << 15;
const NO_FOREIGN_KEYS = 1 << 26;
const NO_UNIQUE_CHECKS = 1 << 27;
/** The statement depends on the session that ran it: it uses temporary tables. */
const IS_OF_SESSION = 0x4;
/** Version of the server in the first event of a file; see readFormat. */
const VERSION_AT = 2;
const VERSION_BYTES = 50;
/**
 * Switches that only MariaDB logs, and only some releases: in the log of another, the bit means nothing. Source: MariaDB's sql/sql_priv.h, and
 * Format_description_log_event::deduce_options_written_to_bin_log in sql/log_event.cc.
 */
const MARIADB_SWITCHES: readonly { variable: string; bit: number; isIn: (version: string) => boolean }[] = [
  { variable: 'sql_if_exists', bit: 1 << 28, isIn: (version) => isAtLeast(version, '10.5.2') },
  { variable: 'explicit_defaults_for_timestamp', bit: 1 << 24, isIn: logsTimestampRule },
  { variable: 'system_versioning_insert_history', bit: 1 << 30, isIn: (version) => isAtLeast(version, '10.11') },
];

function logsTimestampRule(version: string): boolean {
  const first = ['10.5.17', '10.6.9', '10.7.5', '10.8.4', '10.9.2'].find(
    (each) => compareSeries(each, seriesOf(version, 2)) === 0,
  );
  return isAtLeast(version, first ?? '10.10');
}

/** Modes that MySQL 8.0 removed, as bits of `sql_mode`. Source: MySQL 5.7's sql/query_options.h, MODE_*. */
const GONE_MODES = 0x1003_ff00n;

/**
 * Sets on the replaying session what was set on the session that ran a statement: only what has changed since the previous one. Settings that a server of this
 * version does not know are skipped. Source: the output of mysqlbinlog and mariadb-binlog.
 */
export class ReplaySettings {
  private readonly server: MysqlServer;
  private readonly session: Session;
  private readonly onUnknownZone: () => void;
  private readonly current = new Map<string, string>();
  private database: string | undefined;
  /** Of the server that wrote the log. */
  private logVersion = '';
  private collations: Promise<ReadonlyMap<string, CollationNames>> | undefined;

  /** @param onUnknownZone called for a statement in the time zone of its server's system, if the drill does not name it. */
  constructor(server: MysqlServer, session: Session, onUnknownZone: () => void) {
    this.server = server;
    this.session = session;
    this.onUnknownZone = onUnknownZone;
  }

  /** @param description the first event of a file. */
  describe({ body }: { readonly body: Buffer }): void {
    this.logVersion = versionIn(body.toString('latin1', VERSION_AT, VERSION_AT + VERSION_BYTES), 3) ?? '';
  }

  /** @param event of the statement. */
  async apply(query: LoggedQuery, event: { readonly timestamp: number; readonly flags: number }): Promise<void> {
    const wanted = new Map<string, string>([
      ...this.ofSession(query, event),
      ...(await this.ofCharset(query.settings)),
    ]);
    const changed = [...wanted].filter(([name, value]) => this.current.get(name) !== value);
    if (changed.length === 0) return;
    await this.session.execute(`SET ${changed.map(([name, value]) => `@@session.${name}=${value}`).join(', ')}`);
    for (const [name, value] of changed) this.current.set(name, value);
  }

  /** Sets what applies to the next statement only: `INSERT_ID` and the like. */
  async setOnce(assignments: readonly string[]): Promise<void> {
    if (assignments.length > 0) await this.session.execute(`SET ${assignments.join(', ')}`);
  }

  /** Makes unqualified names refer to this database. */
  async use(name: string): Promise<void> {
    if (this.database === name) return;
    await this.inUtf8();
    await this.session.execute(`USE \`${name.replaceAll('`', '``')}\``);
    this.database = name;
  }

  /** A dropped database is no longer the current one. */
  forgetDatabase(): void {
    this.database = undefined;
  }

  /** Lets the session read text that the harness writes. */
  async inUtf8(): Promise<void> {
    if (!this.current.has('character_set_client')) return;
    await this.session.execute('SET NAMES utf8mb4');
    for (const name of ['character_set_client', 'collation_connection']) this.current.delete(name);
  }

  private ofSession(
    { settings, threadId }: LoggedQuery,
    { timestamp, flags }: { readonly timestamp: number; readonly flags: number },
  ): [string, string][] {
    const { microseconds } = settings;
    const fraction =
      microseconds === undefined || microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0')}`;
    const set: [string, string][] = [['timestamp', `${timestamp}${fraction}`]];
    if ((flags & IS_OF_SESSION) !== 0) set.push(['pseudo_thread_id', String(threadId)]);
    if (settings.flags !== undefined) {
      const has = (bit: number): boolean => ((settings.flags ?? 0) & bit) !== 0;
      set.push(['foreign_key_checks', has(NO_FOREIGN_KEYS) ? '0' : '1']);
      set.push(['unique_checks', has(NO_UNIQUE_CHECKS) ? '0' : '1']);
      set.push(['sql_auto_is_null', has(AUTO_IS_NULL) ? '1' : '0']);
      if (this.isMariadb) {
        set.push(['check_constraint_checks', has(NO_CHECK_CONSTRAINTS) ? '0' : '1']);
        for (const { variable, bit, isIn } of MARIADB_SWITCHES)
          if (isIn(this.logVersion) && isIn(this.server.version)) set.push([variable, has(bit) ? '1' : '0']);
      }
    }
    if (settings.sqlMode !== undefined) set.push(['sql_mode', String(this.knownModes(settings.sqlMode))]);
    const [increment, offset] = settings.autoIncrement ?? [1, 1];
    set.push(['auto_increment_increment', String(increment)], ['auto_increment_offset', String(offset)]);
    set.push(['time_zone', settings.timeZone === undefined ? 'DEFAULT' : quoteText(this.zoneOf(settings.timeZone))]);
    set.push(['lc_time_names', String(settings.lcTimeNames ?? 0)]);
    if (settings.explicitTimestamp !== undefined)
      set.push(['explicit_defaults_for_timestamp', settings.explicitTimestamp ? '1' : '0']);
    return set;
  }

  private zoneOf(timeZone: string): string {
    if (timeZone !== 'SYSTEM') return timeZone;
    const known = this.server.options.settings[SYSTEM_ZONE];
    if (known === undefined) this.onUnknownZone();
    return known ?? '+00:00';
  }

  private async ofCharset({
    charset,
    collationDatabase,
    ...more
  }: LoggedQuery['settings']): Promise<[string, string][]> {
    const set: [string, string][] = [];
    if (charset) {
      const [client, connection, server] = charset;
      set.push(['character_set_client', await this.charsetOf(client)], ['collation_connection', String(connection)]);
      set.push(['collation_server', String(server)]);
    }
    set.push(['collation_database', collationDatabase ? String(collationDatabase) : 'DEFAULT']);
    if (more.collationForUtf8mb4 !== undefined && !this.isMariadb)
      set.push(['default_collation_for_utf8mb4', String(more.collationForUtf8mb4)]);
    if (this.isMariadb && isAtLeast(this.server.version, '11.2'))
      set.push(['character_set_collations', quoteText(await this.namesOf(more.charsetCollations ?? []))]);
    return set;
  }

  /** MariaDB identifies a character set only by the number of its default collation. */
  private async charsetOf(collation: number): Promise<string> {
    if (!this.isMariadb) return String(collation);
    return (await this.collationOf(collation))?.[1] ?? String(collation);
  }

  /** @param collation its number. @returns undefined if the server does not know it. */
  async collationOf(collation: number): Promise<CollationNames | undefined> {
    this.collations ??= readCollations(this.session, this.server.version);
    return (await this.collations).get(String(collation));
  }

  private async namesOf(pairs: readonly (readonly [number, number])[]): Promise<string> {
    if (pairs.length === 0) return '';
    this.collations ??= readCollations(this.session, this.server.version);
    const known = await this.collations;
    return pairs
      .flatMap(([charset, collation]) => {
        const from = known.get(String(charset))?.[1];
        const to = known.get(String(collation))?.[0];
        return from === undefined || to === undefined ? [] : [`${from}=${to}`];
      })
      .join(',');
  }

  private knownModes(modes: bigint): bigint {
    const isKept = this.isMariadb || !isAtLeast(this.server.version, '8.0');
    return isKept ? modes : modes & ~GONE_MODES;
  }

  private get isMariadb(): boolean {
    return this.server.flavor.type === 'mariadb';
  }
}

async function readCollations(session: Session, version: string): Promise<ReadonlyMap<string, CollationNames>> {
  const table = isAtLeast(version, '10.10.1')
    ? 'FULL_COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY'
    : 'COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema.COLLATIONS';
  const rows = await session.ask(`SELECT ID, ${table}`);
  return new Map(rows.map(([id, collation, charset]) => [String(id), [String(collation), String(charset)] as const]));
}
