import pg from 'pg';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { BootOptions } from '../../engine.ts';
import type { SyntaxFinding, SyntaxServer } from '../../syntax.ts';
import { bootServer } from './boot.ts';
import { checkSettings } from './check-session.ts';

export async function openSyntaxServer(sandbox: Sandbox, options: BootOptions): Promise<SyntaxServer> {
  const server = await bootServer(sandbox, options);
  const client = await server.openSession(
    'postgres',
    options.signal,
    checkSettings(server.major, 'pg_catalog, public'),
  );
  return {
    version: server.version,
    prepare: (sql) => prepare(client, sql),
    [Symbol.asyncDispose]: () => server.closeSession(client),
  };
}

/** Tables and schemas, functions and operators, types and collations: the data may contain them. */
const OF_DATA: ReadonlySet<unknown> = new Set(['42P01', '3F000', '42883', '42704']);

/** The whole text is parsed before any name is looked up (PostgreSQL manual, "The Path of a Query"). */
async function prepare(client: pg.Client, sql: string): Promise<SyntaxFinding> {
  try {
    const isQuery = await parse(client, sql);
    if (isQuery) return { kind: 'valid' };
    return { kind: 'malformed', message: 'the check queries nothing: its result has no columns' };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code === undefined || /^(?:08|57P)/.test(error.code)) throw error;
    const position = Number(error.position);
    const at = position > 0 ? ` at character ${position}` : '';
    return { kind: OF_DATA.has(error.code) ? 'needs-data' : 'malformed', message: `${error.message}${at}` };
  }
}

/** Sends Parse and Describe (PostgreSQL manual, "Extended Query"). @returns whether it returns columns. */
function parse(client: pg.Client, sql: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let hasColumns = false;
    const ignore = (): void => undefined;
    const submittable = {
      submit(connection: pg.Connection) {
        connection.parse({ name: '', text: sql, types: [] }, false);
        connection.describe({ type: 'S', name: '' }, false);
        connection.sync();
      },
      handleRowDescription: () => {
        hasColumns = true;
      },
      handleError: reject, // after an error, pg does not notify this object when the server is ready
      handleReadyForQuery: () => resolve(hasColumns),
      handleDataRow: ignore,
      handleCommandComplete: ignore,
      handleEmptyQuery: ignore,
      handlePortalSuspended: ignore,
    };
    client.query(submittable as unknown as pg.Submittable);
  });
}
