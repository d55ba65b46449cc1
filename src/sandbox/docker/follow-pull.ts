import type { Readable } from 'node:stream';
import { startTimer } from '../../support/long-timer.ts';
import { formatDuration } from '../../support/quantities.ts';
import type { TimeLimit } from '../../support/time-limit.ts';
import { type Abortable, send } from './engine.ts';
import { EngineError } from './engine-errors.ts';
import { type JsonObject, readJsonLines } from './json-lines.ts';

export interface StartedPull {
  /** The engine's progress, which is read in any case. */
  readonly answer: Readable;
  /** Rejects as {@link startPull} says. */
  readonly ended: Promise<void>;
}

export interface SilenceLimit extends TimeLimit {
  restart(): void;
}

/** How long a pull may make no progress. The engine reports each piece that arrives, and each attempt to connect to the registry again. */
const SILENCE_MS = 10 * 60_000;

/**
 * Asks the engine to pull an image, and follows the pull for as long as it makes progress. A failed one is canceled: the engine ends it with the connection.
 * @throws Error with the reason that the engine gave; DrillError `engine-unreachable` when the answer breaks off, is not JSON, or stops for 10 min; the
 * signal's reason.
 */
export async function startPull(
  request: (options: Abortable) => Promise<Readable>,
  signal: AbortSignal,
): Promise<StartedPull> {
  const silence = watchSilence(SILENCE_MS, signal);
  try {
    const answer = await send(request, silence.signal);
    return { answer, ended: follow(answer, silence) };
  } catch (error) {
    silence[Symbol.dispose]();
    throw error;
  }
}

/** Limits the time between two signs of progress; start it anew at each. Aborts with the signal's reason, or an EngineError `engine-unreachable`. */
export function watchSilence(limitMs: number, signal: AbortSignal): SilenceLimit {
  const silent = new AbortController();
  const start = () => startTimer(limitMs, () => silent.abort(explainStall(limitMs)));
  let stop = start();
  return {
    signal: AbortSignal.any([signal, silent.signal]),
    restart() {
      stop();
      stop = start();
    },
    [Symbol.dispose]: () => stop(),
  };
}

async function follow(answer: Readable, silence: SilenceLimit): Promise<void> {
  const { signal } = silence;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const read = readJsonLines((step) => {
    const why = whyFailed(step); // the request itself has succeeded by then
    if (why !== undefined) throw new Error(why);
  });
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  answer.on('data', (piece: Buffer) => {
    silence.restart();
    try {
      read(piece);
    } catch (error) {
      reject(error);
    }
  });
  answer.once('end', resolve);
  answer.on('error', reject); // not once: destroying it may report another one
  answer.once('close', () => reject(explainCut()));
  try {
    await ended;
  } finally {
    silence[Symbol.dispose]();
    signal.removeEventListener('abort', onAbort);
    answer.destroy();
  }
}

/** @param step a line of the answer to Docker Engine API, "Create an image". */
function whyFailed({ error, errorDetail }: JsonObject): string | undefined {
  if (typeof error === 'string') return error;
  const message = (errorDetail as { readonly message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : undefined;
}

function explainCut(): EngineError {
  return new EngineError('engine-unreachable', 'the connection to the Docker engine broke off during the pull', {
    hint: 'Check on the engine’s machine that it runs (`docker info`, `systemctl status docker`), then run the drill again.',
    cause: undefined,
  });
}

function explainStall(limitMs: number): EngineError {
  const message = `the Docker engine reported no progress of the pull for ${formatDuration(limitMs)}`;
  return new EngineError('engine-unreachable', message, {
    hint: 'Check on the engine’s machine that it reaches the registry (`docker pull`, `journalctl -u docker`), then run the drill again.',
    cause: undefined,
  });
}
