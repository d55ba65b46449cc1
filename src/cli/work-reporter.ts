import { formatClock } from '../support/quantities.ts';
import type { Io } from './io.ts';
import { shareBar } from './progress-bar.ts';
import { StatusArea } from './status-area.ts';
import { painter, printable } from './style.ts';

/** What takes less is not worth a line. */
const QUIET_MS = 2000;
const REDRAW_MS = 500;
/** Where output scrolls: the first line after this time, and each next one after twice the time. */
const FIRST_LINE_MS = 10_000;
const BAR_WIDTH = 20;
/** Below this share, the time left would be a guess. */
const TRUSTED_SHARE = 0.05;

/** Says what is being done. @param share of all the work that is done, 0 to 1; undefined: not known. */
export type TellWork = (doing: string, share?: number) => void;

/**
 * Shows on stderr what a command does that takes over two seconds: on a terminal one line with a bar, the time so far and the time left, which is gone when
 * the work ends; elsewhere a line now and then. Standard output is for results. Nothing else may be printed meanwhile, but through `print`.
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

  /** A line that stays, above what is in progress. */
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

/** Shows one piece of work until it ends, however it ends. */
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
