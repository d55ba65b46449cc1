import type { Drill } from '../config/drill-file.ts';
import type { DiscoverSettings } from '../config/resolve-discover.ts';
import { ENGINE_TYPES } from '../engines/registry.ts';
import type { DiscoveryRecord } from '../record/discovery-store.ts';
import type { DrillServices } from '../run/contract.ts';
import { lookAround } from '../run/discover/look-around.ts';
import { recordRequests } from '../run/record-requests.ts';
import { newestDue } from '../schedule/newest-due.ts';
import { asDrillError } from '../support/errors.ts';
import { formatCount } from '../support/quantities.ts';
import type { DaemonLog } from './log.ts';

export interface DiscoveryLoopDeps {
  readonly services: Pick<DrillServices, 'openSource' | 'engineOf' | 'clock' | 'redact' | 'store'>;
  readonly settings: DiscoverSettings;
  readonly log: DaemonLog;
  /** Called when a discovery was recorded. */
  readonly onFound: () => void;
}

/** A discovery that became due while no scheduler was running is still started within this time. */
const LATEST_MS = 24 * 3_600_000;

/** Searches for backups and databases without a drill, on a schedule, one discovery at a time and in parallel with runs. */
export class DiscoveryLoop {
  private readonly deps: DiscoveryLoopDeps;
  private readonly stopped = new AbortController();
  private looking: Promise<void> | undefined;
  /** The last due time that was handled. */
  private handledMs = Number.NEGATIVE_INFINITY;
  private known: DiscoveryRecord | undefined;

  constructor(deps: DiscoveryLoopDeps) {
    this.deps = deps;
  }

  /** The last discovery, by any process. */
  get last(): DiscoveryRecord | undefined {
    return this.known;
  }

  /** The last discovery if it may raise alerts: without a schedule, nothing would resolve them. */
  get toTell(): DiscoveryRecord | undefined {
    return this.deps.settings.schedule ? this.known : undefined;
  }

  /** Rereads the last discovery. Throws the store's errors. */
  async read(): Promise<void> {
    this.known = await this.deps.services.store.getDiscovery();
  }

  /** Starts a discovery if one is due. Throws the store's errors. */
  async lookWhenDue(drills: readonly Drill[], now: Date): Promise<void> {
    const { settings } = this.deps;
    if (this.looking) return;
    await this.read();
    const dueAt = settings.schedule && newestDue(settings.schedule, now, LATEST_MS);
    if (!dueAt || dueAt.getTime() <= this.handledMs) return;
    this.handledMs = dueAt.getTime();
    if (this.known && this.known.startedAt >= dueAt) return;
    this.looking = this.look(drills).finally(() => {
      this.looking = undefined;
    });
  }

  /** Resolves when no discovery is in progress. */
  async settle(): Promise<void> {
    await this.looking;
  }

  async stop(): Promise<void> {
    this.stopped.abort(new Error('the scheduler stops'));
    await this.settle();
  }

  private async look(drills: readonly Drill[]): Promise<void> {
    const { services, settings, log, onFound } = this.deps;
    const { signal } = this.stopped;
    try {
      const engines = await Promise.all(ENGINE_TYPES.map((type) => services.engineOf(type)));
      const onProgress = (text: string): void => log.debug(`discover: ${text}`);
      const { maxRequests } = settings;
      const request = { drills, settings, servers: [], maxRequests, signal, onProgress };
      const recorder = recordRequests(services, { drill: undefined, runId: undefined });
      const { record } = await lookAround(request, { ...recorder.services, engines }).finally(() => recorder.save());
      for (const { where, message, isError } of record.problems)
        log[isError ? 'warn' : 'info'](`discover: ${where}: ${message}`);
      this.known = record;
      const { findings, newGaps, closedGaps } = record;
      const counts = `${formatCount(findings.length)} found, ${newGaps.length} new gaps, ${closedGaps.length} closed`;
      log.info(`discovery ended: ${counts}`);
      onFound();
    } catch (thrown) {
      if (!signal.aborted) log.error(`discover: ${asDrillError(thrown).message}`);
    }
  }
}
