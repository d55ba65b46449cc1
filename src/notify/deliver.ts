import type { DeliveryOutcome, DeliveryRecord, NoticeStore } from '../record/notice-store.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import { toPrintable } from '../support/printable.ts';
import type { Channel } from './channel.ts';
import type { NoticeKind } from './notice.ts';
import { parseNotice } from './notice-json.ts';
import { NotifyError } from './notify-error.ts';

/** After so many attempts a message waits that long; the last one from then on. */
const BACK_OFF_MS = [30_000, 120_000, 600_000, 1_800_000, 3_600_000] as const;
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** One that waited for longer because nobody was there to send it gets its chance all the same. */
const FEWEST_ATTEMPTS = 8;
/** A channel may ask for more time than that, and does not get it: an alert that comes hours late is none. */
const MAX_RETRY_AFTER_MS = { alert: 10 * 60_000, other: 6 * 3_600_000 } as const;
/** These can wait. */
const PATIENT: readonly NoticeKind[] = ['digest', 'test'];
/** Taken messages are this process's alone for so long. */
const LEASE_MS = 300_000;
/** The longest that a channel may take: none is begun when less is left of the lease. */
const LONGEST_SEND_MS = 60_000;
const BATCH = 100;
const MAX_BATCHES = 10;
/** After so many failures in a row the rest of a channel's notification delivery failed, will retry: it is down. */
const MAX_FAILURES = 3;
const MAX_PENDING = 10_000;

export interface DeliveryReport {
  readonly sent: number;
  /** Tried, or held back behind what was tried, and tried again later. */
  readonly retried: number;
  readonly givenUp: number;
  /** What went wrong, one line for each attempt, free of secrets and printable. */
  readonly problems: readonly string[];
}

interface CourierDeps {
  readonly store: NoticeStore;
  readonly channels: readonly Channel[];
  readonly clock: Clock;
  readonly redact: (text: string) => string;
}

/** Older pending messages to the same channel about the same drill, by message: a trouble is told before its end. */
type Predecessors = ReadonlyMap<string, readonly DeliveryRecord[]>;

interface Round {
  readonly leaseUntil: Date;
  readonly predecessors: Predecessors;
  /** Messages that have ended in this round, and when those that have not are tried again. */
  readonly ended: Set<string>;
  readonly postponed: Map<string, Date>;
  readonly report: { sent: number; retried: number; givenUp: number; readonly problems: string[] };
}

/**
 * Sends stored messages: at least once, each with the id it always had. Channels go side by side and one that is stuck holds back no other; the
 * messages of one channel go one after the other.
 */
export class Courier {
  private readonly deps: CourierDeps;
  private readonly channels: ReadonlyMap<string, Channel>;
  /** The last thing that each channel does. */
  private readonly tails = new Map<string, Promise<void>>();

  constructor(deps: CourierDeps) {
    this.deps = deps;
    this.channels = new Map(deps.channels.map((channel) => [channel.name, channel]));
  }

  /** @throws what the store throws, once every channel is done. */
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
    for (const delivery of freshestFirst(deliveries)) {
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
    const notice = parseNotice(delivery.notice);
    if (!channel) return { kind: 'given-up', error: 'the settings have no such channel any more', at: now };
    if (!notice) return { kind: 'given-up', error: 'this version does not understand the message', at: now };
    const earlier = predecessors.get(delivery.id)?.find(({ id }) => !ended.has(id));
    if (earlier) {
      const at = postponed.get(earlier.id) ?? earlier.nextAttemptAt;
      return later('waits for an earlier message about the same drill', at);
    }
    if (signal.aborted || leaseUntil.getTime() - now.getTime() < LONGEST_SEND_MS)
      return later(delivery.error ?? 'not tried yet', now);
    if (failures >= MAX_FAILURES)
      return later('waits: the channel does not take messages', new Date(now.getTime() + BACK_OFF_MS[0]));
    try {
      await channel.send(notice, signal);
      return { kind: 'sent', at: this.deps.clock.now() };
    } catch (thrown) {
      if (signal.aborted) return later('given up because Firedrill stopped', now);
      return this.judge(delivery, notice.kind, thrown);
    }
  }

  private judge({ attempts, createdAt }: DeliveryRecord, kind: NoticeKind, thrown: unknown): Outcome {
    const at = this.deps.clock.now();
    const error = toPrintable(this.deps.redact(asDrillError(thrown).message), 500);
    const known = thrown instanceof NotifyError ? thrown : undefined;
    if (known && !known.retryable) return { kind: 'given-up', error, at };
    const most = PATIENT.includes(kind) ? MAX_RETRY_AFTER_MS.other : MAX_RETRY_AFTER_MS.alert;
    const asked = Math.min(known?.retryAfterMs ?? 0, most);
    const backOff = BACK_OFF_MS[Math.min(attempts, BACK_OFF_MS.length) - 1] ?? BACK_OFF_MS[0];
    const nextAttemptAt = new Date(at.getTime() + Math.max(backOff, asked));
    if (attempts < FEWEST_ATTEMPTS || nextAttemptAt.getTime() - createdAt.getTime() <= GIVE_UP_AFTER_MS)
      return { kind: 'retry', error, nextAttemptAt, isFailure: true };
    return { kind: 'given-up', error: `${error} (the last of ${attempts} attempts)`, at };
  }
}

type Outcome =
  | Exclude<DeliveryOutcome, { kind: 'retry' }>
  /** `isFailure`: it was tried, and is not held back behind another. */
  | (Extract<DeliveryOutcome, { kind: 'retry' }> & { readonly isFailure: boolean });

/** What has failed before must not starve what has not been tried; but about one drill the oldest goes first. @param deliveries oldest first. */
function freshestFirst(deliveries: readonly DeliveryRecord[]): readonly DeliveryRecord[] {
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
    report.problems.push(`${channel}: given up: ${outcome.error}`);
  }
}
