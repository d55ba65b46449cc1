import type { PoolClient } from 'pg';
import { LEAD_MS, type Lead, type LeadHolder } from '../lead.ts';
import type { PostgresAddress } from '../store-address.ts';
import { createPool, type StorePool } from './postgres-pool.ts';

/** The first key of the lock, `FDLD`; the second is the schema's. */
const LOCK = 0x46444c44;
/** Timeout of an answer: after that, the server soon gives the lead to another scheduler. */
const ANSWER_MS = 4000;
/** Prefix of the session's name, by which others find the leader. PostgreSQL truncates it to 63 bytes. */
const SESSION = 'firedrill scheduler ';

/**
 * The lead is a lock held by a dedicated session, so that the server decides, by its own clock. The server terminates a session that has been idle for {@link
 * LEAD_MS} (PostgreSQL 14 or later), because a suspended process would keep its connection, and the lock, forever.
 */
export function openPostgresLead(address: PostgresAddress, name: string): Lead {
  let session: Session | undefined;
  const end = async () => {
    const ended = session;
    session = undefined;
    ended?.client.release(true);
    await ended?.connections.destroy();
  };
  return {
    async renew() {
      try {
        session ??= await openSession(address, name);
        return await renewIn(session, address);
      } catch (error) {
        await end();
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      // Released explicitly, because the server notices the end of a session a little later; if it does not answer, that must suffice.
      if (session?.holds) await session.client.query('select pg_advisory_unlock_all()').catch(() => undefined);
      await end();
    },
  };
}

interface Session {
  readonly connections: StorePool;
  readonly client: PoolClient;
  holds: boolean;
}

async function openSession(address: PostgresAddress, name: string): Promise<Session> {
  const connections = createPool(address, { answerMs: ANSWER_MS, name: `${SESSION}${name}` });
  try {
    const client = await connections.pool.connect();
    await client.query(
      `select set_config(name, '${LEAD_MS}', false) from pg_settings where name = 'idle_session_timeout'`,
    );
    return { connections, client, holds: false };
  } catch (error) {
    await connections.destroy();
    throw error;
  }
}

/** The lock's holder only needs to show that it is alive. */
async function renewIn(session: Session, { schema }: PostgresAddress): Promise<LeadHolder> {
  const { client } = session;
  if (session.holds) await client.query('select 1');
  else {
    const { rows } = await client.query(`select pg_try_advisory_lock(${LOCK}, hashtext($1)) as holds`, [schema]);
    session.holds = (rows[0] as { holds: boolean }).holds;
  }
  return session.holds ? { isOwn: true } : { isOwn: false, by: await findHolder(client, schema) };
}

/** The names of other users' sessions are not visible to everyone. */
async function findHolder(client: PoolClient, schema: string): Promise<string | undefined> {
  const { rows } = await client.query(
    `select application_name as name from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and objsubid = 2 and classid = ${LOCK}
        and objid::bigint = hashtext($1)::bigint & 4294967295
        and database = (select oid from pg_database where datname = current_database())`,
    [schema],
  );
  const [{ name } = { name: null }] = rows as { name: string | null }[];
  return name?.startsWith(SESSION) ? name.slice(SESSION.length) : undefined;
}
