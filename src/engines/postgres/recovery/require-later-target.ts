import { DrillError } from '../../../support/errors.ts';
import type { RecoverySite } from './recovery-site.ts';
import type { ServerTarget } from './recovery-target.ts';

/**
 * Refuses an instant before the checkpoint that the backup was taken with or after. A server stops just after the backup then if nothing committed while it was
 * taken, and says nothing: the data would be newer than what was asked for.
 * @throws DrillError `target-not-reached`.
 */
export async function requireLaterTarget(
  key: string,
  { sandbox, tool }: Pick<RecoverySite, 'sandbox' | 'tool'>,
  target: ServerTarget,
  signal: AbortSignal,
): Promise<void> {
  if (target.kind !== 'time') return;
  const argv = ['sh', '-c', 'exec "$1/pg_controldata" "$2"', 'control', tool.dir, sandbox.paths.data];
  const { stdout, exitCode } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C', TZ: 'UTC' } });
  const taken = exitCode === 0 ? readCheckpointTime(stdout) : undefined; // without the program, the server has to tell
  if (taken === undefined || target.at >= taken) return;
  throw new DrillError(
    'target-not-reached',
    `the point that recovery is to stop at, ${target.at.toISOString()}, lies before ${key}, whose checkpoint is of ${taken.toISOString()}`,
    { hint: 'Recover from an older backup: name it with `--backup`.' },
  );
}

/** @param text of pg_controldata, in UTC. Whole seconds. */
export function readCheckpointTime(text: string): Date | undefined {
  const found = /^Time of latest checkpoint: +(\w{3} \w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4})$/m.exec(text)?.[1];
  const time = found === undefined ? Number.NaN : Date.parse(`${found} UTC`);
  return Number.isNaN(time) ? undefined : new Date(time);
}
