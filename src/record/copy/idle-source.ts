import { DrillError } from '../../support/errors.ts';
import { parseOwner } from '../../support/owner.ts';
import { formatAge } from '../../support/quantities.ts';
import type { CopyDatabase } from './copy-database.ts';

/** A healthy scheduler records its heartbeat more often than this. */
const SILENT_AFTER_MS = 5 * 60_000;

/**
 * Whatever a scheduler or a run writes during the copy would be missing from it, and users would look for it there.
 * @param isDead whether the process is known to be gone.
 * Throws `store-failed` while one of them uses the store.
 */
export async function requireIdle(source: CopyDatabase, now: Date, isDead: (owner: string) => boolean): Promise<void> {
  const since = new Date(now.getTime() - SILENT_AFTER_MS).toISOString();
  const beating = (table: string, kind: string) =>
    source.query(
      `select owner, beat_at, '${kind}' from ${source.table(table)} where stopped_at is null and beat_at > ? order by beat_at desc`,
      [since],
    );
  const processes = [...(await beating('daemon', 'scheduler')), ...(await beating('runner', 'runner'))];
  const runs = await source.query(
    `select lease_owner, id from ${source.table('run')} where status = 'running' and lease_expires_at > ? order by id`,
    [now.toISOString()],
  );
  const isAlive = ([owner]: readonly unknown[]) => !isDead(String(owner));
  const [user, run] = [processes.find(isAlive), runs.find(isAlive)];
  if (!user && !run) return;
  const who = run
    ? `run ${run[1]} is in progress (${describe(run[0])})`
    : `a ${user?.[2]} uses it (${describe(user?.[0])}, seen ${formatAge(now.getTime() - Date.parse(String(user?.[1])))} ago)`;
  throw new DrillError('store-failed', `the store ${source.label} is in use: ${who}`, {
    mayPass: true,
    hint: 'Stop `firedrill serve` and runners, and let runs finish, so that the copy is complete; then run this command again.',
  });
}

/** @returns a text that changes whenever something relevant is written. */
export async function readChangeMark(source: CopyDatabase): Promise<string> {
  const of = (table: string, what: string) => `(select ${what} from ${source.table(table)})`;
  const rows = await source.query(
    `select ${[
      of('run', 'count(*)'),
      of('run_fact', 'max(seq)'),
      of('log_line', 'count(*)'),
      of('daemon', 'max(beat_at)'),
      of('runner', 'max(beat_at)'),
      of('drill_state', 'sum(version)'),
      of('delivery', 'max(position)'),
      of('alert', 'sum(version)'),
      of('acceptance', 'count(*)'),
      of('acknowledgement', 'max(id)'),
      of('acknowledgement', 'count(ended_at)'),
      of('silence', 'count(*)'),
      of('silence', 'count(ended_at)'),
      of('access_token', 'count(*)'),
      of('access_token', 'count(revoked_at)'),
    ].join(', ')}`,
  );
  return JSON.stringify(rows);
}

function describe(owner: unknown): string {
  const known = parseOwner(String(owner));
  return known ? `process ${known.pid} on ${known.host}` : String(owner);
}
