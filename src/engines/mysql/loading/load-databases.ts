import type { LoadOptions } from '../../engine.ts';
import { noSuchDatabase } from '../../sql-dump/load-dump.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteName } from '../server/quoting.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';

const DEFAULT_DATABASE = 'restored';

/** Tracks which databases a backup fills: those that it creates and uses, or one created for it if it names none. */
export class LoadDatabases {
  private readonly server: MysqlServer;
  private readonly options: LoadOptions;
  /** The database named in the backup's header. */
  private readonly own: string | undefined;

  constructor(server: MysqlServer, options: LoadOptions, own: string | undefined) {
    this.server = server;
    this.options = options;
    this.own = own;
  }

  /** Creates the database for a backup that can be loaded into any. @returns its name. */
  async makeTarget(): Promise<string> {
    const name = this.options.database ?? this.own ?? DEFAULT_DATABASE;
    await this.server.administer(this.options.signal, (session) =>
      session.execute(`CREATE DATABASE IF NOT EXISTS ${quoteName(name)}`),
    );
    this.note(name);
    return name;
  }

  note(name: string): void {
    if (!SYSTEM_DATABASES.has(name.toLowerCase())) this.server.loaded.add(this.stored(name));
  }

  forget(name: string): void {
    this.server.loaded.delete(this.stored(name));
  }

  private stored(name: string): string {
    return this.server.ignoresCase ? name.toLowerCase() : name;
  }

  /** @returns the database that checks run in. Throws if the drill names one that the backup does not contain. */
  restored(): string {
    const loaded = [...this.server.loaded];
    const wanted = this.options.database === undefined ? undefined : this.stored(this.options.database);
    if (wanted !== undefined && !loaded.includes(wanted)) throw noSuchDatabase(wanted, loaded);
    const [first] = loaded;
    return wanted ?? (this.own !== undefined && loaded.includes(this.own) ? this.own : (first ?? DEFAULT_DATABASE));
  }
}
