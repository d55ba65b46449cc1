import type { BackupNeighbours } from '../backup/neighbours.ts';
import type { Drill } from '../config/drill-file.ts';
import type { Server } from '../engines/engine.ts';
import type { CheckRecord } from '../record/check-record.ts';
import type { Store } from '../record/store.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { RestoreFacts } from '../verify/check-kind.ts';
import { type RunChecksOptions, runChecks } from '../verify/run-checks.ts';
import { openSessionPool } from '../verify/session-pool.ts';
import type { StageContext } from './contract.ts';

export interface VerifyInput {
  readonly drill: Pick<Drill, 'name' | 'checks' | 'place' | 'objectives'>;
  readonly server: Server;
  /** The database that checks connect to unless they name one. */
  readonly database: string;
  /** When the backup was taken. */
  readonly takenAt: Date;
  readonly restore: RestoreFacts;
  /** Files stored next to the backup. */
  readonly neighbours: BackupNeighbours;
  /** Where to start applications; undefined: nowhere. */
  readonly sandbox: Pick<Sandbox, 'startApplication'> | undefined;
  /** Image names of this installation, which replace others. */
  readonly images: Readonly<Record<string, string>>;
  /** CPUs of the sandbox. */
  readonly cpus: number;
  /** History of earlier checks. */
  readonly store: Pick<Store, 'findPastChecks' | 'keepSnapshot' | 'getSnapshot'>;
}

/** Runs the drill's checks on read-only sessions. Throws what `runChecks` throws. */
export async function verify(input: VerifyInput, ctx: StageContext): Promise<readonly CheckRecord[]> {
  const { drill, server, database, sandbox, images, cpus } = input;
  await using pool = openSessionPool(server, { defaultDatabase: database, sandbox, images, cpus, signal: ctx.signal });
  return await runChecks(pool, drill.checks, {
    ...checkOptions(input, ctx),
    timed: (step, work) => ctx.phases.beside(step, work),
    onCheck: (check) => ctx.emit({ type: 'check', check }),
    onWarning: (message) => ctx.emit({ type: 'warning', message }),
  });
}

/** Options for running the drill's checks, which may run more than once. */
export function checkOptions(
  { drill, takenAt, restore, neighbours, store }: VerifyInput,
  { signal, clock }: Pick<StageContext, 'signal' | 'clock'>,
): RunChecksOptions {
  return {
    place: drill.place,
    takenAt,
    restore,
    neighbours,
    rpoMs: drill.objectives.rpoMs,
    findPast: (filter) => store.findPastChecks({ ...filter, drill: drill.name, takenUntil: takenAt }),
    snapshots: { keep: (text) => store.keepSnapshot(text), read: (id) => store.getSnapshot(id) },
    clock,
    signal,
  };
}
