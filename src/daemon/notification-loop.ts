import { budgetSubject } from '../notify/budget-subject.ts';
import { type NotificationSubject, toDrillSubject, toProofSubjects } from '../notify/compose-notification.ts';
import { coverageSubject } from '../notify/coverage-subject.ts';
import type { Notifier } from '../notify/notifier.ts';
import { poolSubject } from '../notify/pool-subject.ts';
import { providerSubject } from '../notify/provider-subject.ts';
import type { ReportScheduler } from '../notify/report-scheduler.ts';
import type { DiscoveryRecord } from '../record/discovery-store.ts';
import { keepRecentRuns, type RecentRuns } from '../record/recent-runs.ts';
import type { Store } from '../record/store.ts';
import { type BudgetMonth, readBudgetMonth } from '../status/budget-month.ts';
import type { PoolService } from '../status/pool-service.ts';
import { readRates } from '../status/read-rates.ts';
import { type DrillStanding, readerOf, readStandings, type Standings } from '../status/read-standings.ts';
import type { EndpointRate } from '../status/request-rates.ts';
import { LIST_RUN_LIMIT } from '../status/standing-facts.ts';
import { standingOfBrokenFile } from '../status/standing-of.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import type { Money } from '../support/reading.ts';
import { untilAborted } from '../support/until-aborted.ts';
import type { BrokenFile, DrillCatalog } from './drill-catalog.ts';
import type { DaemonLog } from './log.ts';

export interface NotificationLoopDeps {
  readonly notifier: Notifier;
  readonly reports: ReportScheduler;
  readonly store: Store;
  readonly costPerMonth: Money | undefined;
  readonly clock: Clock;
  readonly log: DaemonLog;
}

/** How often standings are read; they are also read right after a run. */
const UPDATE_INTERVAL_MS = 30_000;
/** Rates cover 24 hours and change slowly … */
const RATES_INTERVAL_MS = 60_000;
/** … except with each run: how soon they are read after one has ended. */
const RATES_AFTER_RUN_MS = 5_000;
/** A digest covers the runs of one day, up to the number below. */
const DIGEST_MS = 24 * 3_600_000;
const DIGEST_RUNS = 1000;
/** How long shutdown waits for deliveries in progress; the rest is sent at the next start. */
const LAST_DELIVERY_MS = 10_000;

/** Keeps the standing of every drill current and sends notifications. Deliveries run in the background. */
export class NotificationLoop {
  private readonly deps: NotificationLoopDeps;
  private readonly stopped = new AbortController();
  private known: readonly DrillStanding[] = [];
  private silence: string | undefined;
  private budget: BudgetMonth | undefined;
  private isLeading = false;
  private nextUpdateMs = Number.NEGATIVE_INFINITY;
  private rates: readonly EndpointRate[] = [];
  private ratesReadAtMs = Number.NEGATIVE_INFINITY;
  private hasRunEnded = false;
  private readonly delivering = new Set<Promise<void>>();
  private readonly recent: RecentRuns;

  constructor(deps: NotificationLoopDeps) {
    this.deps = deps;
    this.recent = keepRecentRuns(deps.store, LIST_RUN_LIMIT);
  }

  /** As of the last update. */
  get standings(): readonly DrillStanding[] {
    return this.known;
  }

  /** Message that no scheduler starts drills, as of the last update; undefined: one does. */
  get schedulerSilence(): string | undefined {
    return this.silence;
  }

  /** Message that runs are skipped because of the month's budget, as of the last update; undefined: none are. */
  get budgetExceeded(): string | undefined {
    return this.budget?.exceeded;
  }

  /** Request statistics of every store, at most {@link RATES_INTERVAL_MS} old. */
  get providers(): readonly EndpointRate[] {
    return this.rates;
  }

  /** Makes the next update reread the standings, and the request statistics soon after. */
  noteEndedRun(): void {
    this.hasRunEnded = true;
    this.invalidate();
  }

  /** Makes the next update reread the standings. */
  invalidate(): void {
    this.nextUpdateMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * @param others besides drills: the last discovery, if its gaps raise alerts, and the pools that drills name.
   * @param isLeading whether this scheduler sends notifications; otherwise it only reads.
   * @returns the standing of every drill, at most {@link UPDATE_INTERVAL_MS} old. Throws the store's errors.
   */
  async update(
    catalog: Pick<DrillCatalog, 'drills' | 'broken'>,
    { discovery, pools }: { readonly discovery: DiscoveryRecord | undefined; readonly pools: readonly PoolService[] },
    now: Date,
    isLeading = true,
  ): Promise<readonly DrillStanding[]> {
    const { clock } = this.deps;
    this.isLeading = isLeading;
    if (clock.monotonicMs() >= this.nextUpdateMs) {
      const { drills, schedulerSilence } = await this.readStandings(catalog, now);
      this.known = drills;
      this.silence = schedulerSilence;
      this.budget = await readBudgetMonth(this.deps.store, this.deps.costPerMonth, now);
      this.nextUpdateMs = clock.monotonicMs() + UPDATE_INTERVAL_MS;
      await this.readProviders(now);
      if (!isLeading) return this.known;
      const others = [
        ...toProofSubjects(this.known, now),
        ...(discovery ? [coverageSubject(discovery)] : []),
        ...this.rates.map(providerSubject),
        ...pools.map((pool) => poolSubject(pool, now)),
        ...(this.budget ? [budgetSubject(this.budget)] : []),
      ];
      await this.endAcknowledgements(now);
      await this.notify(toSubjects(this.known, catalog.broken), others, now);
    }
    if (isLeading) this.deliver();
    return this.known;
  }

  /**
   * Delivers pending notifications within {@link LAST_DELIVERY_MS}, if this scheduler sends at all: one without channels would give up notifications addressed
   * to them.
   */
  async stop(immediately: AbortSignal): Promise<void> {
    if (this.isLeading) this.deliver();
    const patience = AbortSignal.any([immediately, AbortSignal.timeout(LAST_DELIVERY_MS)]);
    await untilAborted(Promise.all(this.delivering), patience).catch(() => this.stopped.abort());
    await Promise.all(this.delivering);
  }

  /** Ends acknowledgements of problems that are over or were replaced by another one: if the same problem occurs later, it is a new one. */
  private async endAcknowledgements(now: Date): Promise<void> {
    const { store, log } = this.deps;
    const standings = new Map(this.known.map((one) => [one.drill.name, one]));
    for (const { drill, kind, until } of await store.getAcknowledgements()) {
      const { standing, acknowledged } = standings.get(drill) ?? {};
      const isUncertain = !standing || standing.isProvisional || standing.state === 'running';
      if (kind !== 'acknowledged' || acknowledged || isUncertain || (until && until <= now)) continue;
      if (await store.endAcknowledgement(drill, now, 'firedrill'))
        log.info(`${drill}: no longer acknowledged`, { drill });
    }
  }

  private async readProviders(now: Date): Promise<void> {
    const nowMs = this.deps.clock.monotonicMs();
    if (nowMs < this.ratesReadAtMs + (this.hasRunEnded ? RATES_AFTER_RUN_MS : RATES_INTERVAL_MS)) return;
    this.hasRunEnded = false;
    this.rates = await readRates(this.deps.store, now);
    this.ratesReadAtMs = nowMs;
  }

  private async readStandings(
    { drills, broken }: Pick<DrillCatalog, 'drills' | 'broken'>,
    now: Date,
  ): Promise<Standings> {
    const { store } = this.deps;
    const problems = new Map(broken.flatMap((file) => (file.keeps === undefined ? [] : [[file.keeps, file]])));
    await this.recent.refresh();
    return readStandings(readerOf(store, this.recent.findRuns), drills, now, problems);
  }

  /** @param others not included in the digest, whose rows are drills. */
  private async notify(
    subjects: readonly NotificationSubject[],
    others: readonly NotificationSubject[],
    now: Date,
  ): Promise<void> {
    const { notifier, store, log } = this.deps;
    const all = [...subjects, ...others];
    for (const { subject, kind, channels } of await notifier.consider(all, now, { isWhole: true })) {
      if (channels.length === 0 && kind === 'resolved') continue; // the problem was not sent either
      const to = channels.length > 0 ? channels.join(', ') : 'no channel: no route matches';
      log.info(`${subject}: ${kind}, alert sent to ${to}`, { drill: subject, notification: kind });
    }
    const read = async () => {
      const runs = await store.findRuns({ limit: DIGEST_RUNS });
      return { subjects, runs: runs.filter(({ startedAt }) => now.getTime() - startedAt.getTime() <= DIGEST_MS) };
    };
    if (await notifier.digest(read, now)) log.info('digest queued');
    for (const name of await this.deps.reports.enqueueDue(now)) log.info(`report ${name} queued`);
  }

  /** In the background, so that a stuck channel does not block others. */
  private deliver(): void {
    const { notifier, log } = this.deps;
    const delivery = notifier
      .deliver(this.stopped.signal)
      .then(({ problems }) => {
        for (const problem of problems) log.warn(`could not send a notification: ${problem}`);
      })
      .catch((thrown: unknown) =>
        log.error(`notification delivery failed, will retry: ${asDrillError(thrown).message}`),
      )
      .finally(() => this.delivering.delete(delivery));
    this.delivering.add(delivery);
  }
}

function toSubjects(known: readonly DrillStanding[], broken: readonly BrokenFile[]): NotificationSubject[] {
  const orphans = broken.filter(({ keeps }) => keeps === undefined);
  return [
    ...known.map(toDrillSubject),
    ...orphans.map((file) => ({
      drill: undefined,
      standing: standingOfBrokenFile(`file:${file.file}`, file),
      run: undefined,
    })),
  ];
}
