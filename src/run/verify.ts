import type { Drill } from '../config/drill-file.ts';
import type { Server } from '../engines/engine.ts';
import type { CheckRecord } from '../record/run-record.ts';
import { openCheckSessions } from '../verify/check-sessions.ts';
import { runChecks } from '../verify/run-checks.ts';
import type { StageContext } from './contract.ts';

export interface VerifyInput {
  readonly drill: Pick<Drill, 'checks' | 'place'>;
  readonly server: Server;
  /** The database that checks connect to unless they name one. */
  readonly database: string;
  /** When the backup was taken. */
  readonly takenAt: Date;
}

/** Runs the drill's checks on read-only sessions; throws what `runChecks` throws. */
export async function verify(
  { drill, server, database, takenAt }: VerifyInput,
  { signal, clock, emit }: StageContext,
): Promise<readonly CheckRecord[]> {
  await using sessions = openCheckSessions(server, database, signal);
  return await runChecks(sessions, drill.checks, {
    place: drill.place,
    takenAt,
    clock,
    signal,
    onCheck: (check) => emit({ type: 'check', check }),
    onWarning: (message) => emit({ type: 'warning', message }),
  });
}
