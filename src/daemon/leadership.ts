import { LEAD_MS, type Lead } from '../record/lead.ts';
import type { Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import type { Owner } from '../support/owner.ts';
import type { DaemonLog } from './log.ts';
import type { ServiceManager } from './service-manager.ts';

export interface LeadershipDeps {
  readonly store: Pick<Store, 'openLead' | 'isShared'>;
  readonly clock: Clock;
  readonly log: DaemonLog;
  readonly manager: Pick<ServiceManager, 'status'>;
  readonly owner: Owner;
  /** Whether this process may lead at all. */
  readonly mayLead: boolean;
  /** Called when leadership is gained or lost. */
  readonly onChange: () => void;
}

const RENEW_MS = 3000;

/**
 * Whether this scheduler is the leader on its store: only the leader decides what is due, polls sources and sends notifications. The lead is renewed
 * independently of ticks, which may take longer than it lasts.
 */
export class Leadership {
  private readonly deps: LeadershipDeps;
  private readonly lead: Lead;
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> | undefined;
  /** Until when this process is certain to lead, by its monotonic clock. */
  private untilMs = Number.NEGATIVE_INFINITY;
  private others: string | undefined;
  /** Whether the leader is unknown, because the store does not answer. */
  private isUnknown = false;
  private wasLeading: boolean | undefined;

  constructor(deps: LeadershipDeps) {
    this.deps = deps;
    const { host, pid } = deps.owner;
    this.lead = deps.store.openLead(`${host} (process ${pid})`);
  }

  get isLeading(): boolean {
    const { store, mayLead } = this.deps;
    if (!mayLead || !store.isShared) return mayLead;
    return this.deps.clock.monotonicMs() < this.untilMs;
  }

  /** `on standby: the scheduler on db-1 (process 812) leads`, `scheduling is left to other processes`; undefined: this one leads. */
  get standby(): string | undefined {
    if (!this.deps.mayLead) return 'scheduling is left to other processes';
    if (this.isLeading) return undefined;
    if (this.isUnknown) return 'on standby: the store does not answer which scheduler leads';
    return `on standby: ${this.others === undefined ? 'another scheduler leads' : `the scheduler on ${this.others} leads`}`;
  }

  /** Resolves when the leader is known, or cannot be determined. */
  async start(): Promise<void> {
    const { store, mayLead } = this.deps;
    if (!mayLead || !store.isShared) return;
    await this.renew();
    this.timer = setInterval(() => void this.renew(), RENEW_MS);
    this.timer.unref();
  }

  /** Hands over the lead at once. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    this.untilMs = Number.NEGATIVE_INFINITY;
    await this.lead[Symbol.asyncDispose]();
  }

  private renew(): Promise<void> {
    this.renewing ??= this.ask().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async ask(): Promise<void> {
    const { clock, log } = this.deps;
    const askedAtMs = clock.monotonicMs();
    try {
      const holder = await this.lead.renew().catch(() => this.lead.renew()); // a lost connection is made again before others look
      this.untilMs = holder.isOwn ? askedAtMs + LEAD_MS : Number.NEGATIVE_INFINITY;
      this.others = holder.isOwn ? undefined : holder.by;
      this.isUnknown = false;
    } catch (thrown) {
      log.debug(`could not renew the lead among schedulers: ${asDrillError(thrown).message}`); // ticks report what is wrong with the store
      this.untilMs = Number.NEGATIVE_INFINITY;
      this.isUnknown = true;
    }
    this.tell();
  }

  private tell(): void {
    const { log, manager, onChange } = this.deps;
    const { isLeading } = this;
    if (this.wasLeading === isLeading) return;
    const sentence = this.standby ?? 'leads the schedulers on this store';
    log.info(sentence);
    manager.status(sentence);
    this.wasLeading = isLeading;
    onChange();
  }
}
