import { lookForNewest } from '../backup/selection/poll-newest-backup.ts';
import type { BackupSource } from '../backup/source.ts';
import type { Drill, SourceSpec } from '../config/drill-file.ts';
import type { SeenBackup } from '../record/schedule-store.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';
import { untilAborted } from '../support/until-aborted.ts';
import type { DaemonLog } from './log.ts';

export interface BackupWatchDeps {
  readonly openSource: (spec: SourceSpec) => Promise<BackupSource>;
  readonly log: DaemonLog;
  readonly redact: (text: string) => string;
  /** How often the sources of drills with an RPO are looked at; those of drills that run on new backups have their own. */
  readonly lookEveryMs: number;
  /** Called after each look. */
  readonly onLooked: (drill: Drill, result: LookResult) => void;
}

export type LookResult = { readonly seen: SeenBackup } | { readonly error: string };

/** A listing that takes longer has failed. */
const LOOK_TIMEOUT_MS = 5 * 60_000;
/** So long a look that was told to end may take to do so. */
const GIVE_UP_MS = 2000;
/** So many sources are looked at side by side. */
const PARALLEL_LOOKS = 4;

/** Looks at the sources again and again, each in its own time, for what is the newest backup there. Reads listings and tags only. */
export class BackupWatch {
  private readonly deps: BackupWatchDeps;
  private readonly nextLookMs = new Map<string, number>();
  private readonly looking = new Map<string, Promise<void>>();
  private readonly stopped = new AbortController();

  constructor(deps: BackupWatchDeps) {
    this.deps = deps;
  }

  /** Starts the looks whose time has come. @returns when the next comes; undefined: never. */
  look(drills: readonly Drill[], now: Date): Date | undefined {
    const nowMs = now.getTime();
    let nextMs = Number.POSITIVE_INFINITY;
    const known = new Set(drills.map(({ name }) => name));
    for (const name of this.nextLookMs.keys()) if (!known.has(name)) this.nextLookMs.delete(name);
    for (const drill of drills) {
      const everyMs = lookEveryMs(drill, this.deps.lookEveryMs);
      if (everyMs === undefined || this.looking.has(drill.name)) continue;
      const dueMs = this.nextLookMs.get(drill.name) ?? nowMs;
      const isDue = dueMs <= nowMs || dueMs > nowMs + everyMs; // a clock that was set back delays nothing
      if (isDue && this.looking.size < PARALLEL_LOOKS) {
        this.nextLookMs.set(drill.name, nowMs + everyMs);
        this.looking.set(drill.name, this.lookAt(drill, now));
        nextMs = Math.min(nextMs, nowMs + everyMs);
      } else if (!isDue) nextMs = Math.min(nextMs, dueMs);
    }
    return Number.isFinite(nextMs) ? new Date(nextMs) : undefined;
  }

  /** Looks at a drill's source again then, if that is sooner than it would. */
  lookAgain(drill: string, at: Date): void {
    const dueMs = this.nextLookMs.get(drill);
    if (dueMs !== undefined) this.nextLookMs.set(drill, Math.min(dueMs, at.getTime()));
  }

  async stop(): Promise<void> {
    this.stopped.abort(new DrillError('interrupted', 'the scheduler stops'));
    await Promise.all(this.looking.values());
  }

  private async lookAt(drill: Drill, now: Date): Promise<void> {
    const result = await this.find(drill, now);
    this.looking.delete(drill.name);
    if (!this.stopped.signal.aborted) this.deps.onLooked(drill, result);
  }

  private async find(drill: Drill, now: Date): Promise<LookResult> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(explainLate()), LOOK_TIMEOUT_MS);
    const signal = AbortSignal.any([this.stopped.signal, late.signal]);
    try {
      // Given up also where it ignores the signal: a disk of the network may hang for ever in a call that nothing ends.
      return { seen: await untilAborted(this.ask(drill, now, signal), signal, GIVE_UP_MS) };
    } catch (thrown) {
      const { code, message } = asDrillError(thrown);
      return { error: this.deps.redact(`${code}: ${message}`) };
    } finally {
      clearTimeout(timer);
    }
  }

  private async ask({ backup }: Drill, now: Date, signal: AbortSignal): Promise<SeenBackup> {
    const source = await this.deps.openSource(backup.source);
    try {
      return await lookForNewest(source, backup, now, signal);
    } finally {
      source.close();
    }
  }
}

function explainLate(): DrillError {
  return new DrillError('source-unreachable', `the source was not listed within ${formatDuration(LOOK_TIMEOUT_MS)}`, {
    hint: 'Look whether the store or the disk answers, and give the drill a prefix of its own where very many objects lie.',
  });
}

/** undefined: nothing would be learned from it. A backup that comes once in an RPO of an hour is not missed by looking once an hour. */
function lookEveryMs({ schedule, objectives: { rpoMs } }: Drill, defaultMs: number): number | undefined {
  if (!schedule) return undefined;
  if (schedule.onNewBackup) return schedule.onNewBackup.pollMs;
  return rpoMs === undefined ? undefined : Math.min(defaultMs, Math.max(60_000, rpoMs / 4));
}
