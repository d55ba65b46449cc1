import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { DrillControl, LiveChange } from '../daemon/control.ts';
import type { Clock } from '../support/clock.ts';

/** The largest number of browsers with a live stream; others must reload pages manually. */
const MAX_FOLLOWERS = 60;
/** The progress of a run is sent at most this often. */
const PROGRESS_GAP_MS = 1000;
/** How often runs of other processes are read. */
const LOOK_MS = 1500;
/** After this long without a change, the user's permission is rechecked and a heartbeat keeps proxies from timing out the connection. */
const BEAT_MS = 20_000;

/** Sends changes to browsers as server-sent events: `hello` once, then `change` with a {@link LiveChange} as JSON. */
export class LiveFeed {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #followers = new Set<Follower>();
  readonly #progressMs = new Map<string, number>();
  readonly #control: Pick<DrillControl, 'refreshRunning'>;
  readonly #subscription: Disposable;
  #looking: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(control: Pick<DrillControl, 'subscribe' | 'refreshRunning'>, clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
    this.#control = control;
    this.#subscription = control.subscribe((change) => this.#tell(change));
  }

  get followers(): number {
    return this.#followers.size;
  }

  /** @param isAllowed checked before each heartbeat: the stream ends when it returns false. */
  follow(context: Context, isAllowed: () => Promise<boolean>): Response {
    if (this.#isClosed || this.#followers.size >= MAX_FOLLOWERS)
      return context.text('too many open live connections\n', 503, { 'Retry-After': '60' });
    const follower = new Follower();
    this.#followers.add(follower);
    this.#look();
    context.header('X-Accel-Buffering', 'no'); // otherwise nginx would buffer events
    return streamSSE(context, async (stream) => {
      stream.onAbort(() => follower.end());
      try {
        await stream.writeSSE({ event: 'hello', data: '{}', retry: 3000 });
        while (!follower.hasEnded) {
          const change = await follower.next(BEAT_MS);
          if (change) await stream.writeSSE({ event: 'change', data: JSON.stringify(change) });
          else if (follower.hasEnded || !(await isAllowed().catch(() => false))) break;
          else await stream.write(': beat\n\n');
        }
      } finally {
        follower.end();
        this.#followers.delete(follower);
        this.#look();
      }
    });
  }

  /** Ends every stream, so that the server can close. */
  close(): void {
    this.#isClosed = true;
    this.#subscription[Symbol.dispose]();
    for (const follower of this.#followers) follower.end();
    clearInterval(this.#looking);
  }

  /** Runs of other processes send no events, so they are polled while any browser is connected, once for all of them. */
  #look(): void {
    if (this.#followers.size === 0) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    } else this.#looking ??= setInterval(() => void this.#control.refreshRunning(), LOOK_MS).unref();
  }

  #tell(change: LiveChange): void {
    const { kind, runId = '' } = change;
    if (kind === 'ended') this.#progressMs.delete(runId);
    if (kind === 'progress') {
      const nowMs = this.#clock.monotonicMs();
      if (nowMs - (this.#progressMs.get(runId) ?? Number.NEGATIVE_INFINITY) < PROGRESS_GAP_MS) return;
      this.#progressMs.set(runId, nowMs);
    }
    for (const follower of this.#followers) follower.publish(change);
  }
}

/** The changes that one browser has not been sent yet: each change is queued once, however slow the connection is. */
class Follower {
  readonly #waiting = new Map<string, LiveChange>();
  #wake: (() => void) | undefined;
  #hasEnded = false;

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  publish(change: LiveChange): void {
    this.#waiting.set(`${change.kind} ${change.runId} ${change.drill}`, change);
    this.#wake?.();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** @returns undefined if there was no change within the time, or if the stream has ended. */
  async next(withinMs: number): Promise<LiveChange | undefined> {
    if (this.#waiting.size === 0 && !this.#hasEnded) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, withinMs);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
      this.#wake = undefined;
    }
    for (const [key, change] of this.#waiting) {
      this.#waiting.delete(key);
      return change;
    }
    return undefined;
  }
}
