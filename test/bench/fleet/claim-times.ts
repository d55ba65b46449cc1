import type { TestPostgres } from '../../support/postgres-server.ts';

/** The claim of a run as the server saw it; instants in ms since 1970. */
export interface ClaimTime {
  readonly runId: string;
  readonly drill: string;
  readonly owner: string;
  /** When the transaction began, before it waited for the write lock. */
  readonly beganAtMs: number;
  /** When it was about to commit. */
  readonly claimedAtMs: number;
}

/** Makes the server record the time of each claim from now on. @returns a function that reads them, in order. */
export async function noteClaims(postgres: TestPostgres): Promise<() => Promise<readonly ClaimTime[]>> {
  await postgres.query(`
    create schema bench;
    create table bench.claim (run text, drill text, owner text, began float8, claimed float8);
    create function bench.note() returns trigger language plpgsql as $$ begin
      insert into bench.claim values (new.id, new.drill, new.lease_owner,
        extract(epoch from transaction_timestamp()) * 1000, extract(epoch from clock_timestamp()) * 1000);
      return null;
    end $$;
    create constraint trigger note after insert on firedrill.run deferrable initially deferred
      for each row execute function bench.note()`);
  return async () => {
    const rows = await postgres.query('select * from bench.claim order by claimed');
    return rows.map((row) => ({
      runId: String(row['run']),
      drill: String(row['drill']),
      owner: String(row['owner']),
      beganAtMs: Number(row['began']),
      claimedAtMs: Number(row['claimed']),
    }));
  };
}
