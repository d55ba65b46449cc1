import { hasDrilled } from '../../backup/selection/drilled-backup.ts';
import { type ListedBackups, listBackups } from '../../backup/selection/list-backups.ts';
import type { Drill } from '../../config/drill-file.ts';
import { estimateRecovery } from '../../plan/estimate.ts';
import type { Estimate } from '../../plan/plan.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { SeenBackup } from '../../record/schedule-store.ts';
import { DrillError } from '../../support/errors.ts';
import { formatAge, formatCount, formatDuration } from '../../support/quantities.ts';
import { chooseIdentity } from '../choose-identity.ts';
import type { DrillRequest, DrillServices } from '../contract.ts';
import { OpenResources } from '../open-resources.ts';
import { readAs } from '../read-as.ts';
import { withRecordedRequests } from '../record-requests.ts';
import { runDrill } from '../run-drill.ts';
import { judgeBackup } from './judge-backup.ts';
import { findRecordedRuns } from './recorded-runs.ts';
import { type Finding, mostTries, nextStep, type Step } from './search.ts';

export interface BisectRequest extends Pick<DrillRequest, 'drill' | 'triggeredBy' | 'runtime' | 'emit' | 'interrupt'> {
  /** Name of the only check that counts; undefined: all of them count. */
  readonly check: string | undefined;
  /** Maximum age of the oldest backup to consider, in milliseconds; undefined: no limit. */
  readonly sinceMs: number | undefined;
  /** Whether to run the drill even where a recorded run already has the answer. */
  readonly fresh: boolean;
  /** Called once, before the first run. */
  readonly onPlanned: (plan: BisectPlan) => void;
  /** Called before each run. */
  readonly onTry: (backup: SeenBackup, tries: number) => void;
  /** Called after each run. */
  readonly onTried: () => Promise<void>;
}

/** Upper bounds for what a bisection will take. */
export interface BisectPlan {
  /** Newest first. */
  readonly backups: readonly SeenBackup[];
  readonly warnings: readonly string[];
  /** Number of backups for which a recorded run already has a verdict. */
  readonly known: number;
  /** Maximum number of restores, if none errors. */
  readonly restores: number;
  /** Estimate for the largest backup; undefined: no run of the drill has passed yet. */
  readonly perRestore: Estimate | undefined;
}

/** A backup, and the run that shows whether it is good. */
export interface Tried {
  readonly backup: SeenBackup;
  readonly finding: Finding;
  readonly run: RunRecord;
  /** Whether this is an earlier recorded run that was reused. */
  readonly isRecorded: boolean;
}

export type BisectEnd = Exclude<Step['kind'], 'try'> | 'interrupted';

export interface Bisection {
  /** `unclear`: runs errored, so the boundary is not known. */
  readonly end: BisectEnd;
  /** The newest backup known to be good. */
  readonly good: Tried | undefined;
  /** The oldest bad backup newer than that. */
  readonly bad: Tried | undefined;
  /** Newest first. */
  readonly tried: readonly Tried[];
}

/** After this many errored runs, the cause is not the backup. */
const MAX_ERRORED = 3;

/**
 * Finds the newest backup whose data passes the checks, by running the drill on selected backups one at a time; see `search.ts` for the order. Every run is
 * recorded like a manual one.
 * @throws DrillError `usage` for a check that the drill does not have, `backup-missing`, and what the source, the store and {@link runDrill} throw.
 */
export async function bisectDrill(request: BisectRequest, services: DrillServices): Promise<Bisection> {
  const { drill, check, interrupt } = request;
  requireCheck(drill, check);
  const { backups, warnings } = await withRecordedRequests(services, drill.name, (recorded) =>
    listWithin(request, recorded),
  );
  const tried = new Map<number, Tried>();
  const note = (index: number, run: RunRecord, isRecorded: boolean) => {
    const backup = backups[index];
    if (!backup) return;
    const isOther = !isRecorded && run.backup !== undefined && run.status === 'completed' && !hasDrilled(run, backup);
    const finding = isOther ? 'unknown' : judgeBackup(run, drill.checks.length, check);
    if (isRecorded && finding === 'unknown') return;
    tried.set(index, { backup, finding, run, isRecorded });
  };
  if (!request.fresh)
    for (const [index, run] of await findRecordedRuns(drill, backups, services)) note(index, run, true);
  request.onPlanned({
    backups,
    warnings,
    known: tried.size,
    restores: mostTries(backups.length, findingsOf(tried)),
    perRestore: estimateRecovery(
      Math.max(...backups.map(({ sizeBytes }) => sizeBytes)),
      await services.store.getBaseline(drill.name),
    ),
  });
  let tries = 0;
  let errored = 0;
  for (;;) {
    const step = nextStep(backups.length, findingsOf(tried));
    const isOpen = step.kind === 'try' || step.kind === 'unclear';
    if (isOpen && interrupt.aborted) return endAs('interrupted', tried);
    if (step.kind !== 'try') return endAs(step.kind, tried);
    if (errored >= MAX_ERRORED) return endAs('unclear', tried);
    const backup = backups[step.index];
    if (!backup) throw new Error(`there is no backup ${step.index} of ${backups.length}`);
    tries += 1;
    request.onTry(backup, tries);
    const run = await runDrill(runRequest(request, backup), services);
    note(step.index, run, false);
    await request.onTried();
    if (tried.get(step.index)?.finding === 'unknown') errored += 1;
  }
}

function requireCheck({ checks, name }: Drill, check: string | undefined): void {
  if (check === undefined || checks.some((one) => one.name === check)) return;
  throw new DrillError('usage', `--check: ${name} has no check "${check}"`, {
    hint: `Its checks are: ${checks.map((one) => `"${one.name}"`).join(', ')}.`,
  });
}

async function listWithin(
  { drill, sinceMs, interrupt }: BisectRequest,
  services: DrillServices,
): Promise<ListedBackups> {
  const { clock, store } = services;
  const now = clock.now();
  const { layouts } = await services.engineOf(drill.engine.type);
  using resources = new OpenResources();
  const { backup } = readAs(drill, await chooseIdentity(drill, undefined, store, now));
  const source = resources.add(await services.openSource(backup.source));
  const { backups, warnings } = await listBackups(source, { ...backup, layouts }, now, interrupt);
  const fromMs = sinceMs === undefined ? Number.NEGATIVE_INFINITY : now.getTime() - sinceMs;
  const within = backups.filter(({ takenAt }) => takenAt.getTime() >= fromMs);
  if (within.length > 0) return { backups: within, warnings };
  const [newest] = backups;
  if (!newest || sinceMs === undefined) {
    throw new DrillError('backup-missing', `every backup that matches ${backup.match} is empty or unfinished`, {
      hint: 'Check the log of the job that writes them.',
    });
  }
  const age = formatAge(Math.max(0, now.getTime() - newest.takenAt.getTime()));
  const count = `none of ${formatCount(backups.length)} backups was taken within ${formatDuration(sinceMs)}`;
  throw new DrillError('backup-missing', `${count}; the newest is ${age} old`, {
    hint: 'Pass a longer --since, or leave it out.',
  });
}

function runRequest(request: BisectRequest, { key }: SeenBackup): DrillRequest {
  const { drill, triggeredBy, runtime, emit, interrupt } = request;
  const { asOf: _, ...backup } = drill.backup;
  return {
    drill: { ...drill, backup: { ...backup, select: { by: 'key', key } } },
    triggeredBy,
    trigger: { kind: 'hand', dueAt: undefined, attempt: 1 },
    due: undefined,
    runtime,
    keep: { ms: undefined, limitMs: 0 },
    emit,
    interrupt,
  };
}

function findingsOf(tried: ReadonlyMap<number, Tried>): ReadonlyMap<number, Finding> {
  return new Map([...tried].map(([index, { finding }]) => [index, finding]));
}

function endAs(end: BisectEnd, tried: ReadonlyMap<number, Tried>): Bisection {
  const newestFirst = [...tried].sort(([a], [b]) => a - b).map(([, one]) => one);
  const first = newestFirst.findIndex(({ finding }) => finding === 'good');
  const newer = first === -1 ? newestFirst : newestFirst.slice(0, first);
  return {
    end,
    good: newestFirst[first],
    bad: newer.findLast(({ finding }) => finding === 'bad'),
    tried: newestFirst,
  };
}
