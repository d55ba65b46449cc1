import { startTimer } from '../../support/long-timer.ts';
import { limitTime, type TimeLimit } from '../../support/time-limit.ts';
import { REMOVAL_LIMIT_MS } from '../removal-limit.ts';
import { answerDeadline, ask, type EngineQuestions } from './engine.ts';
import { explainSilence } from './engine-errors.ts';

/** How often the engine is asked whether it still answers. */
const ASK_EVERY_MS = 10_000;
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * Limits the removal of data, which takes as long as there is data: it may go on while the engine answers other requests, up to {@link REMOVAL_LIMIT_MS}.
 * Asks the engine for its version every 10 s until the limit is disposed of.
 * @param doing for the error: `removing a sandbox`. @returns a limit whose signal aborts with a DrillError, such as `engine-unreachable` after 30 s without
 * an answer.
 */
export function whileAnswering(engine: Pick<EngineQuestions, 'version'>, doing: string): TimeLimit {
  const over = new AbortController();
  const limit = limitTime(REMOVAL_LIMIT_MS, () => explainSilence(REMOVAL_LIMIT_MS, doing), over.signal);
  let stopTimer: (() => void) | undefined;
  const askLater = () => {
    if (!limit.signal.aborted) stopTimer = startTimer(ASK_EVERY_MS, () => void askOnce());
  };
  const askOnce = async () => {
    const deadline = AbortSignal.any([limit.signal, answerDeadline(ANSWER_TIMEOUT_MS, doing)]);
    await ask((options) => engine.version(options), deadline, doing).then(askLater, (error: unknown) =>
      over.abort(error),
    );
  };
  askLater();
  return {
    signal: limit.signal,
    [Symbol.dispose]() {
      over.abort();
      stopTimer?.();
      limit[Symbol.dispose]();
    },
  };
}
