import type { DeliveryOutcome, DeliveryRecord, NotificationStore } from '../record/notification-store.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import { toPrintable } from '../support/printable.ts';
import type { Channel } from './channel.ts';
import type { NotificationKind } from './notification.ts';
import { parseNotification } from './notification-json.ts';
import { NotifyError } from './notify-error.ts';

/** The delay after each failed attempt; the last one repeats. */
const BACK_OFF_MS = [30_000, 120_000, 600_000, 1_800_000, 3_600_000] as const;
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** A message that is older, because no process was running to send it, still gets this many attempts. */
const MIN_ATTEMPTS = 8;
/** The longest `Retry-After` that is honored. An alert that arrives hours late is useless. */
const MAX_RETRY_AFTER_MS = { alert: 10 * 60_000, other: 6 * 3_600_000 } as const;
/** Kinds that are not urgent. */
const PATIENT: readonly NotificationKind[] = ['digest', 'test'];
/** How long this process owns the messages that it has taken. */
const LEASE_MS = 300_000;
/** Maximum duration of one send. None is started when less than this is left of the lease. */
const MAX_SEND_MS = 60_000;
const BATCH = 100;
const MAX_BATCHES = 10;
/** After this many failures in a row a channel counts as down, and its remaining messages are retried later. */
const MAX_FAILURES = 3;
const MAX_PENDING = 10_000;

export interface DeliveryReport {
  readonly sent: number;
  /** Failed, or waiting behind a message that failed; retried later. */
  readonly retried: number;
  readonly givenUp: number;
  /** What went wrong, one line for each attempt, printable and without secrets. */
  readonly problems: readonly string[];
}

interface DeliveryDeps {
  readonly store: NotificationStore;
  readonly channels: readonly Channel[];
  readonly clock: Clock;
  readonly redact: (text: string) => string;
}

/** Older pending messages to the same channel about the same drill, by message: a problem must be sent before its resolution. */
type Predecessors = ReadonlyMap<string, readonly DeliveryRecord[]>;

interface Round {
  readonly leaseUntil: Date;
  readonly predecessors: Predecessors;
  /** Messages settled in this round, and when the others are retried. */
  readonly ended: Set<string>;
  readonly postponed: Map<string, Date>;
  readonly report: { sent: number; retried: number; givenUp: number; readonly problems: string[] };
}

/**
 * Sends stored messages at least once, each with a stable id. Channels are served in parallel, and a stuck one does not block the others;
 * the messages of one channel are sent one at a time.
 */
export class DeliveryWorker {
  private readonly deps: DeliveryDeps;
  private readonly channels: ReadonlyMap<string, Channel>;
  /** The last operation of each channel. */
  private readonly tails = new Map<string, Promise<void>>();

  constructor(deps: DeliveryDeps) {
    this.deps = deps;
    this.channels = new Map(deps.channels.map((channel) => [channel.name, channel]));
  }

  /** @throws what the store throws, after every channel is done. */
  async deliver(signal: AbortSignal): Promise<DeliveryReport> {
    const report = { sent: 0, retried: 0, givenUp: 0, problems: [] };
    const work: Promise<void>[] = [];
    for (let batch = 0; batch < MAX_BATCHES && !signal.aborted; batch += 1) {
      const taken = await this.take(signal, report);
      work.push(...taken.work);
      if (taken.count < BATCH) break;
    }
    const results = await Promise.allSettled(work);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return report;
  }

  private async take(signal: AbortSignal, report: Round['report']): Promise<{ count: number; work: Promise<void>[] }> {
    const { store, clock } = this.deps;
    const now = clock.now();
    const leaseUntil = new Date(now.getTime() + LEASE_MS);
    const taken = await store.takeDeliveries(now, leaseUntil, BATCH);
    if (taken.length === 0) return { count: 0, work: [] };
    const pending = await store.findDeliveries({ status: 'pending', limit: MAX_PENDING });
    const round = {
      leaseUntil,
      predecessors: findPredecessors(pending),
      ended: new Set<string>(),
      postponed: new Map(),
      report,
    };
    const work = [...Map.groupBy(taken, ({ channel }) => channel)].map(([channel, deliveries]) => {
      const before = this.tails.get(channel) ?? Promise.resolve();
      const done = before.then(() => this.sendAll(deliveries, round, signal));
      this.tails.set(
        channel,
        done.catch(() => undefined),
      );
      return done;
    });
    return { count: taken.length, work };
  }

  private async sendAll(deliveries: readonly DeliveryRecord[], round: Round, signal: AbortSignal): Promise<void> {
    let failures = 0;
    for (const delivery of newestFirst(deliveries)) {
      const outcome = await this.attempt(delivery, round, failures, signal);
      if (outcome.kind === 'sent') failures = 0;
      else if (outcome.kind === 'retry' && outcome.isFailure) failures += 1;
      await this.deps.store.endDelivery(delivery.id, outcome);
      count(outcome, delivery, round);
    }
  }

  private async attempt(
    delivery: DeliveryRecord,
    { leaseUntil, predecessors, ended, postponed }: Round,
    failures: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const now = this.deps.clock.now();
    const later = (error: string, nextAttemptAt: Date): Outcome => ({
      kind: 'retry',
      error,
      nextAttemptAt,
      isFailure: false,
    });
    const channel = this.channels.get(delivery.channel);
    const notification = parseNotification(delivery.notification);
    if (!channel) return { kind: 'given-up', error: 'the channel was removed from the settings', at: now };
    if (!notification) return { kind: 'given-up', error: 'this version cannot read the notification', at: now };
    const earlier = predecessors.get(delivery.id)?.find(({ id }) => !ended.has(id));
    if (earlier) {
      const at = postponed.get(earlier.id) ?? earlier.nextAttemptAt;
      return later('waiting for an earlier notification about the same drill', at);
    }
    if (signal.aborted || leaseUntil.getTime() - now.getTime() < MAX_SEND_MS)
      return later(delivery.error ?? 'not attempted yet', now);
    if (failures >= MAX_FAILURES)
      return later('waiting: the channel is failing', new Date(now.getTime() + BACK_OFF_MS[0]));
    try {
      await channel.send(notification, signal);
      return { kind: 'sent', at: this.deps.clock.now() };
    } catch (thrown) {
      if (signal.aborted) return later('canceled because Firedrill stopped', now);
      return this.judge(delivery, notification.kind, thrown);
    }
  }

  private judge({ attempts, createdAt }: DeliveryRecord, kind: NotificationKind, thrown: unknown): Outcome {
    const at = this.deps.clock.now();
    const error = toPrintable(this.deps.redact(asDrillError(thrown).message), 500);
    const known = thrown instanceof NotifyError ? thrown : undefined;
    if (known && !known.retryable) return { kind: 'given-up', error, at };
    const most = PATIENT.includes(kind) ? MAX_RETRY_AFTER_MS.other : MAX_RETRY_AFTER_MS.alert;
    const asked = Math.min(known?.retryAfterMs ?? 0, most);
    const backOff = BACK_OFF_MS[Math.min(attempts, BACK_OFF_MS.length) - 1] ?? BACK_OFF_MS[0];
    const nextAttemptAt = new Date(at.getTime() + Math.max(backOff, asked));
    if (attempts < MIN_ATTEMPTS || nextAttemptAt.getTime() - createdAt.getTime() <= GIVE_UP_AFTER_MS)
      return { kind: 'retry', error, nextAttemptAt, isFailure: true };
    return { kind: 'given-up', error: `${error} (the last of ${attempts} attempts)`, at };
  }
}

type Outcome =
  | Exclude<DeliveryOutcome, { kind: 'retry' }>
  /** `isFailure`: it was tried and failed, and is not just waiting behind another message. */
  | (Extract<DeliveryOutcome, { kind: 'retry' }> & { readonly isFailure: boolean });

/** Messages that failed before must not starve untried ones, but within one drill the oldest goes first. @param deliveries oldest first. */
function newestFirst(deliveries: readonly DeliveryRecord[]): readonly DeliveryRecord[] {
  const bySubject = Map.groupBy(deliveries, ({ subject }) => subject);
  const attemptsOf = ({ subject }: DeliveryRecord) => bySubject.get(subject)?.[0]?.attempts ?? 0;
  return deliveries.toSorted((a, b) => attemptsOf(a) - attemptsOf(b));
}

/** @param pending newest first. */
function findPredecessors(pending: readonly DeliveryRecord[]): Predecessors {
  const predecessors = new Map<string, readonly DeliveryRecord[]>();
  const seen = new Map<string, DeliveryRecord[]>();
  for (const delivery of pending.toReversed()) {
    const line = JSON.stringify([delivery.channel, delivery.subject]);
    const before = seen.get(line) ?? [];
    predecessors.set(delivery.id, [...before]);
    seen.set(line, [...before, delivery]);
  }
  return predecessors;
}

function count(outcome: Outcome, { id, channel }: DeliveryRecord, { ended, postponed, report }: Round): void {
  if (outcome.kind === 'retry') {
    postponed.set(id, outcome.nextAttemptAt);
    report.retried += 1;
    if (outcome.isFailure) report.problems.push(`${channel}: ${outcome.error}`);
    return;
  }
  ended.add(id);
  if (outcome.kind === 'sent') report.sent += 1;
  else {
    report.givenUp += 1;
    report.problems.push(`${channel}: delivery failed for good: ${outcome.error}`);
  }
}
