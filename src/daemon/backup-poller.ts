import { pollNewestBackup } from '../backup/selection/poll-newest-backup.ts';
import type { Drill, EngineSpec } from '../config/drill-file.ts';
import type { Engine } from '../engines/engine-descriptor.ts';
import type { PollError, SeenBackup } from '../record/schedule-store.ts';
import { type RequestServices, recordRequests } from '../run/record-requests.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';
import { limitTime } from '../support/time-limit.ts';
import { untilAborted } from '../support/until-aborted.ts';
import type { DaemonLog } from './log.ts';

export interface BackupWatchDeps {
  /** Opens sources, and records the requests to them. */
  readonly services: RequestServices;
  readonly engineOf: (type: EngineSpec['type']) => Promise<Pick<Engine, 'layouts'>>;
  readonly log: DaemonLog;
  readonly redact: (text: string) => string;
  /** How often to poll drills with an RPO. Drills that run on new backups have their own interval. */
  readonly pollIntervalMs: number;
  /** Called after each poll. */
  readonly onPolled: (drill: Drill, result: PollResult) => void;
}

export type PollResult = { readonly seen: SeenBackup } | { readonly error: PollError };

/** Timeout of a listing. */
const POLL_TIMEOUT_MS = 5 * 60_000;
/** How long an aborted poll may take to end. */
const GIVE_UP_MS = 2000;
/** Maximum number of concurrent polls. */
const PARALLEL_POLLS = 4;

/** Polls each source at its own interval for its newest backup. Reads listings and tags only. */
export class BackupWatch {
  private readonly deps: BackupWatchDeps;
  private readonly nextPollMs = new Map<string, number>();
  private readonly polling = new Map<string, Promise<void>>();
  private readonly stopped = new AbortController();

  constructor(deps: BackupWatchDeps) {
    this.deps = deps;
  }

  /** Starts the polls that are due. @returns when the next one is due; undefined: never. */
  pollDue(drills: ReadonlyMap<string, Drill>, now: Date): Date | undefined {
    const nowMs = now.getTime();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const name of this.nextPollMs.keys()) if (!drills.has(name)) this.nextPollMs.delete(name);
    for (const drill of drills.values()) {
      const everyMs = pollIntervalOf(drill, this.deps.pollIntervalMs);
      if (everyMs === undefined || this.polling.has(drill.name)) continue;
      const dueMs = this.nextPollMs.get(drill.name) ?? nowMs;
      const isDue = dueMs <= nowMs || dueMs > nowMs + everyMs; // setting the clock back must not delay a poll
      if (isDue && this.polling.size < PARALLEL_POLLS) {
        this.nextPollMs.set(drill.name, nowMs + everyMs);
        this.polling.set(drill.name, this.poll(drill, now));
        nextMs = Math.min(nextMs, nowMs + everyMs);
      } else if (!isDue) nextMs = Math.min(nextMs, dueMs);
    }
    return Number.isFinite(nextMs) ? new Date(nextMs) : undefined;
  }

  /** Brings the next poll of a drill forward to `at`. */
  pollAgain(drill: string, at: Date): void {
    const dueMs = this.nextPollMs.get(drill);
    if (dueMs !== undefined) this.nextPollMs.set(drill, Math.min(dueMs, at.getTime()));
  }

  async stop(): Promise<void> {
    this.stopped.abort(new DrillError('interrupted', 'the scheduler stops'));
    await Promise.all(this.polling.values());
  }

  private async poll(drill: Drill, now: Date): Promise<void> {
    const result = await this.find(drill, now);
    this.polling.delete(drill.name);
    if (!this.stopped.signal.aborted) this.deps.onPolled(drill, result);
  }

  private async find(drill: Drill, now: Date): Promise<PollResult> {
    using limit = limitTime(POLL_TIMEOUT_MS, pollTimeout, this.stopped.signal);
    const { signal } = limit;
    try {
      // Give up even if the source ignores the signal: a network disk may hang forever in a call that cannot be canceled.
      return { seen: await untilAborted(this.ask(drill, now, signal), signal, GIVE_UP_MS) };
    } catch (thrown) {
      const { code, message } = asDrillError(thrown);
      return { error: { code, message: this.deps.redact(message) } };
    }
  }

  private async ask({ name, backup, engine }: Drill, now: Date, signal: AbortSignal): Promise<SeenBackup> {
    const { layouts } = await this.deps.engineOf(engine.type);
    const { services, save } = recordRequests(this.deps.services, { drill: name, runId: undefined });
    try {
      const source = await services.openSource(backup.source);
      try {
        return await pollNewestBackup(source, { ...backup, layouts }, now, signal);
      } finally {
        source.close();
      }
    } finally {
      const unsaved = await save();
      if (unsaved !== undefined) this.deps.log.warn(`${name}: requests to the store were not recorded: ${unsaved}`);
    }
  }
}

function pollTimeout(): DrillError {
  return new DrillError('source-unreachable', `the source was not listed within ${formatDuration(POLL_TIMEOUT_MS)}`, {
    hint: 'Check that the store or the disk responds. If there are very many objects, give the drill its own prefix.',
  });
}

/** undefined: not polled. A quarter of the RPO is often enough to see that a backup is missing. */
function pollIntervalOf({ schedule, objectives: { rpoMs } }: Drill, defaultMs: number): number | undefined {
  if (!schedule) return undefined;
  if (schedule.onNewBackup) return schedule.onNewBackup.pollMs;
  return rpoMs === undefined ? undefined : Math.min(defaultMs, Math.max(60_000, rpoMs / 4));
}
