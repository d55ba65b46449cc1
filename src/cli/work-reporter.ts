import { formatClock } from '../support/quantities.ts';
import type { Io } from './io.ts';
import { shareBar } from './progress-bar.ts';
import { StatusArea } from './status-area.ts';
import { painter, printable } from './style.ts';

/** Shorter work is not worth a line. */
const QUIET_MS = 2000;
const REDRAW_MS = 500;
/** For scrolling output: the first line after this time, and each further one after twice the time. */
const FIRST_LINE_MS = 10_000;
const BAR_WIDTH = 20;
/** Below this fraction, the remaining time would be a guess. */
const TRUSTED_SHARE = 0.05;

/** Reports the current activity. @param share of the total work done, 0 to 1; undefined: unknown. */
export type TellWork = (doing: string, share?: number) => void;

/**
 * Shows progress on stderr for work that takes over two seconds: on a terminal, one line with a bar, the elapsed and remaining time, which disappears when the
 * work ends; otherwise a line from time to time. Standard output is for results. Anything else must be printed through `print` in the meantime.
 */
export class WorkReporter implements Disposable {
  readonly #io: Pick<Io, 'stderr'>;
  readonly #area: StatusArea | undefined;
  readonly #startedMs: number;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;
  #doing: string;
  #share: number | undefined;
  #nextLineMs = FIRST_LINE_MS;

  constructor(io: Pick<Io, 'stderr' | 'terminal' | 'env'>, doing: string, nowMs: () => number) {
    this.#io = io;
    const stream = io.terminal?.stderr.isTTY && io.env['TERM'] !== 'dumb' ? io.terminal.stderr : undefined;
    this.#area = stream && new StatusArea(stream, painter(io, stream));
    this.#doing = printable(doing);
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
    this.#timer = setInterval(() => this.#show(), REDRAW_MS);
    this.#timer.unref();
  }

  readonly tell: TellWork = (doing, share) => {
    this.#doing = printable(doing);
    this.#share = share;
  };

  /** Prints a line that stays, above the progress line. */
  print(line: string): void {
    if (this.#area) this.#area.print([line]);
    else this.#io.stderr.write(`${line}\n`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#area?.clear();
  }

  #show(): void {
    const spentMs = this.#nowMs() - this.#startedMs;
    if (spentMs < QUIET_MS) return;
    const text = describeWork(this.#doing, this.#share, spentMs);
    if (this.#area) this.#area.draw([{ text, format: 'dim' }]);
    else if (spentMs >= this.#nextLineMs) {
      this.#nextLineMs *= 2;
      this.#io.stderr.write(`${text}\n`);
    }
  }
}

/** `██████░░░░ planning orders, 3 of 10 drills, 0:12, about 0:28 left`. */
export function describeWork(doing: string, share: number | undefined, spentMs: number): string {
  const spent = `${doing}, ${formatClock(spentMs)}`;
  if (share === undefined) return spent;
  const left =
    share >= TRUSTED_SHARE && share < 1 ? `, about ${formatClock((spentMs / share) * (1 - share))} left` : '';
  return `${shareBar(share, BAR_WIDTH)} ${spent}${left}`;
}

/** Shows one piece of work until it ends, in any way. */
export async function showWork<T>(
  { io, clock }: { readonly io: Pick<Io, 'stderr' | 'terminal' | 'env'>; readonly clock: { monotonicMs(): number } },
  doing: string,
  work: (tell: TellWork) => Promise<T>,
  share?: number,
): Promise<T> {
  using reporter = new WorkReporter(io, doing, () => clock.monotonicMs());
  if (share !== undefined) reporter.tell(doing, share);
  return await work(reporter.tell);
}
