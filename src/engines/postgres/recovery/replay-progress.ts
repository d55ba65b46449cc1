import type { StepBytes } from '../../engine.ts';
import { StopEstimate, type UnplacedTarget } from '../log/estimate-stop.ts';
import { parseLsn } from '../log/log-line.ts';
import type { OpenLog } from '../log/open-log.ts';
import type { RecoverySite } from './recovery-site.ts';
import type { ServerTarget } from './recovery-target.ts';

interface ReplayParts {
  readonly startLsn: string;
  readonly target: ServerTarget;
  readonly log: OpenLog | undefined;
  readonly site: RecoverySite;
}

/** How much of the log has been replayed, and of how much. If the target is not a position, the log that has arrived is searched for it meanwhile. */
export class ReplayProgress implements AsyncDisposable {
  readonly #startsAt: number;
  readonly #endsAt: number | undefined;
  #estimate: StopEstimate | undefined;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  #looking: Promise<void> | undefined;

  constructor({ startLsn, target, log, site: { sandbox, tool } }: ReplayParts, signal: AbortSignal) {
    this.#startsAt = parseLsn(startLsn);
    this.#endsAt = endOf(target, log);
    this.#signal = AbortSignal.any([signal, this.#ending.signal]);
    const unplaced = unplacedTarget(target);
    if (!log || !unplaced) return;
    const { plan, segmentBytes, feed } = log;
    this.#estimate = new StopEstimate(unplaced, {
      ...{ sandbox, binDir: tool.dir },
      ...{ directory: feed.directory, plan, segmentBytes },
    });
  }

  /** @param lsn how far the server has replayed. */
  at(lsn: string): StepBytes {
    this.#look();
    const done = Math.max(0, parseLsn(lsn) - this.#startsAt);
    const end = this.#endsAt ?? this.#estimate?.lsn;
    return { done, total: end === undefined ? undefined : Math.max(done, end - this.#startsAt) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#looking;
  }

  /** In parallel with the replay, one search at a time. */
  #look(): void {
    if (this.#looking || this.#signal.aborted) return;
    this.#looking = this.#estimate
      ?.look(this.#signal)
      .catch(() => {
        this.#estimate = undefined; // progress is then less precise, nothing else
      })
      .finally(() => {
        this.#looking = undefined;
      });
  }
}

function endOf(target: ServerTarget, log: OpenLog | undefined): number | undefined {
  if (target.kind === 'latest') return log && (log.plan.newest.number + 1) * log.segmentBytes;
  return target.kind === 'position' && 'lsn' in target.at ? parseLsn(target.at.lsn) : undefined;
}

function unplacedTarget(target: ServerTarget): UnplacedTarget | undefined {
  if (target.kind === 'time') return { at: target.at };
  if (target.kind !== 'position') return undefined;
  const { at } = target;
  if ('xid' in at) return { xid: at.xid };
  return 'name' in at ? { name: at.name } : undefined;
}
