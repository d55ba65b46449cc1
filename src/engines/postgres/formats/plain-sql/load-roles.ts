import type pg from 'pg';
import { DrillError } from '../../../../support/errors.ts';
import { quoteIdentifier, readIdentifier, rolesNeededBy } from '../../server/dump-names.ts';
import type { PostgresServer } from '../../server/postgres-server.ts';

/** Objects that only a superuser may own. */
const SUPERUSERS_ONLY = /^ALTER\s+(?:EVENT\s+TRIGGER|FOREIGN\s+DATA\s+WRAPPER|PUBLICATION|SUBSCRIPTION)\b/i;

/** Creates the roles to which a dump assigns objects and privileges, before the statement that needs them, on a session of its own. */
export class LoadRoles {
  private readonly server: PostgresServer;
  private readonly signal: AbortSignal;
  private readonly known = new Set<string>();
  private readonly ours = new Set<string>();
  private admin: pg.Client | undefined;

  constructor(server: PostgresServer, signal: AbortSignal) {
    this.server = server;
    this.signal = signal;
  }

  async begin(roles: readonly string[]): Promise<void> {
    await this.withAdmin(async (admin) => {
      const existing = await admin.query<{ rolname: string }>('SELECT rolname FROM pg_catalog.pg_roles');
      for (const { rolname } of existing.rows) this.known.add(rolname).add(rolname);
      for (const { rolname } of existing.rows) this.ours.add(rolname);
    });
    for (const role of roles) await this.create(role, '');
  }

  /** Creates the roles that a statement needs and that do not exist yet. */
  async provide(statement: string): Promise<void> {
    const created = this.namedBy(statement);
    if (created !== undefined) this.known.add(created);
    for (const role of rolesNeededBy(statement)) {
      if (!this.known.has(role)) await this.create(role, SUPERUSERS_ONLY.test(statement) ? 'SUPERUSER' : '');
      else if (SUPERUSERS_ONLY.test(statement)) await this.promote(role);
    }
  }

  /** @returns the role that a CREATE ROLE statement creates. */
  private namedBy(statement: string): string | undefined {
    const head = /^CREATE\s+(?:ROLE|USER|GROUP)\s+(?!MAPPING\b)/i.exec(statement)?.[0];
    return head === undefined ? undefined : readIdentifier(statement, head.length)?.name;
  }

  async withAdmin<T>(use: (admin: pg.Client) => Promise<T>): Promise<T> {
    this.admin ??= await this.server.openSession('postgres', this.signal, { search_path: 'pg_catalog' });
    try {
      return await use(this.admin);
    } catch (error) {
      throw await this.server.explainLoss(error, this.signal);
    }
  }

  /** Ends its session; the next statement that needs one opens another. */
  async close(): Promise<void> {
    const { admin } = this;
    this.admin = undefined;
    if (admin) await this.server.closeSession(admin);
  }

  private async create(role: string, attributes: string): Promise<void> {
    if (this.known.has(role)) return;
    this.known.add(role);
    this.ours.add(role);
    await this.tryAsAdmin(`CREATE ROLE ${quoteIdentifier(role)} NOLOGIN ${attributes}`);
  }

  /** A refusal (a role was renamed to this name, the name is reserved) is ignored: the statement that needs the role then fails on its own. */
  private async tryAsAdmin(sql: string): Promise<void> {
    try {
      await this.withAdmin((admin) => admin.query(sql));
    } catch (error) {
      if (error instanceof DrillError || typeof (error as { code?: unknown }).code !== 'string') throw error;
    }
  }

  private async promote(role: string): Promise<void> {
    if (this.ours.has(role)) await this.tryAsAdmin(`ALTER ROLE ${quoteIdentifier(role)} SUPERUSER`);
  }
}
