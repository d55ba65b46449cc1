import { fingerprintTables } from '../../../src/verify/fingerprint/digest-tables.ts';
import { formatManifest } from '../../../src/verify/fingerprint/manifest.ts';
import type { SessionPool } from '../../../src/verify/session-pool.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';

/** The output of `firedrill fingerprint` for the database that the pool's sessions use. */
export async function manifestOf(pool: SessionPool, database: string, serverVersion: string): Promise<string> {
  const options = { database: undefined, maxRows: 200_000, timeoutMs: STEP_TIMEOUT_MS };
  const signal = AbortSignal.timeout(STEP_TIMEOUT_MS);
  const ask = (sql: string) => pool.query(sql, { ...options, signal });
  const tables = await pool.hasher.listTables(ask);
  return formatManifest({
    rules: pool.hasher.rules,
    database,
    serverVersion,
    at: '2026-11-21T03:00:00.000Z',
    firedrillVersion: '0',
    filter: { exclude: [] },
    tables: [...(await fingerprintTables(tables, { hasher: pool.hasher, sessions: [ask] }))],
  });
}
