import { DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';
import { limitTime } from '../support/time-limit.ts';
import { pickEngine } from './pick-engine.ts';
import type { Capacity, SandboxNeed, SandboxRuntime } from './sandbox.ts';

/** If there are several engines, one that does not answer within this time is skipped. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Chooses where to start a sandbox: on the first runtime kind that can create one, or the kind with this name; of several container engines, the one named in
 * the need, or else the one with the most free memory. Throws the first runtime's error, `engine-unreachable` when none of several engines answers, or the
 * signal's reason.
 */
export async function chooseRuntime(
  runtimes: readonly SandboxRuntime[],
  name: string | undefined,
  need: SandboxNeed | undefined,
  signal: AbortSignal,
): Promise<SandboxRuntime> {
  const names = name === undefined ? [...new Set(runtimes.map((runtime) => runtime.name))] : [name];
  let first: unknown;
  for (const each of names) {
    try {
      return await chooseOf(
        runtimes.filter((runtime) => runtime.name === each),
        need,
        signal,
      );
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

async function chooseOf(
  runtimes: readonly SandboxRuntime[],
  need: SandboxNeed | undefined,
  signal: AbortSignal,
): Promise<SandboxRuntime> {
  const [only] = runtimes;
  if (only && runtimes.length === 1) {
    await (only.requireUsable?.(signal) ?? only.check(signal));
    return only;
  }
  const asked = await Promise.allSettled(runtimes.map((runtime) => askForRoom(runtime, signal)));
  signal.throwIfAborted();
  const answering = asked.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const placed = answering.find(({ runtime }) => runtime.containerEngine === need?.containerEngine);
  const chosen = placed ?? pickEngine(need, answering);
  if (chosen) return chosen.runtime;
  throw explainSilence(asked.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : [])));
}

interface Answer {
  readonly runtime: SandboxRuntime;
  readonly capacity: Capacity;
  readonly taken: NonNullable<Capacity['sandboxes']>;
}

async function askForRoom(runtime: SandboxRuntime, signal: AbortSignal): Promise<Answer> {
  const late = () =>
    new DrillError(
      'engine-unreachable',
      `the engine at ${runtime.containerEngine} did not answer within ${formatDuration(ANSWER_TIMEOUT_MS)}`,
      { hint: 'Find out what keeps it busy; restart it when no drill is running.' },
    );
  using limit = limitTime(ANSWER_TIMEOUT_MS, late, signal);
  await runtime.check(limit.signal);
  const capacity = await runtime.capacity(limit.signal);
  return { runtime, capacity, taken: capacity.sandboxes ?? [] };
}

/** The first error other than an unanswered request wins, because it needs human action. */
function explainSilence(errors: readonly unknown[]): unknown {
  const isSilent = (error: unknown) => error instanceof DrillError && error.code === 'engine-unreachable';
  const other = errors.find((error) => !isSilent(error));
  if (other !== undefined || errors.length === 0)
    return other ?? new DrillError('internal', 'there is no such runtime');
  const said = errors.filter((error) => error instanceof DrillError);
  return new DrillError('engine-unreachable', `none of ${errors.length} container engines answers`, {
    details: said.map(({ message }) => message),
    hint: 'Run `firedrill doctor` to see what is wrong with each.',
    cause: errors[0],
  });
}
