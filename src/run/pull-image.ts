import type { Plan } from '../plan/plan.ts';
import type { SandboxRequest, SandboxRuntime } from '../sandbox/sandbox.ts';
import { DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';
import { limitTime } from '../support/time-limit.ts';
import { untilAborted } from '../support/until-aborted.ts';
import type { StageContext } from './contract.ts';
import { STOP_GRACE_MS } from './stage-runner.ts';

export interface ImageInput {
  readonly plan: Plan;
  readonly runtime: SandboxRuntime;
}

export interface ImageFound {
  readonly name: string;
  readonly id: string;
}

/** An engine that takes longer than this to look up an image is considered unhealthy. */
const LOOK_TIMEOUT_MS = 60_000;
/** Upper limit for an image pull, in case the runtime does not notice that it makes no progress. */
const PULL_TIMEOUT_MS = 12 * 60 * 60_000;

/**
 * Looks for the image (or the server's programs), without changing anything.
 * @returns undefined when an image has to be pulled, whether the server’s or an application’s. Throws `tool-missing`, `engine-unreachable`, or the reason why
 * the run ended.
 */
export async function findImage(
  { plan, runtime }: ImageInput,
  { signal }: Pick<StageContext, 'signal'>,
): Promise<ImageFound | undefined> {
  const late = () =>
    new DrillError(
      'engine-unreachable',
      `the engine did not report within ${formatDuration(LOOK_TIMEOUT_MS)} whether it has ${plan.image}`,
      {
        hint: 'Check the engine with `firedrill doctor`.',
      },
    );
  return withLimit(signal, LOOK_TIMEOUT_MS, late, async (either) => {
    for (const image of plan.checkImages ?? []) {
      if (!(await runtime.findImage({ ...wantedBy(plan), image }, either))) return undefined;
    }
    return runtime.findImage(wantedBy(plan), either);
  });
}

/**
 * Pulls the image, and those of applications. This is not part of recovery time: the caller pauses the run's deadline, and the pull has its own, which is not a
 * verdict on the backup. Throws `image-missing`, `engine-unreachable`, `disk-full`, or the reason why the run ended.
 */
export async function pullImage(
  { plan, runtime }: ImageInput,
  { signal }: Pick<StageContext, 'signal'>,
): Promise<ImageFound> {
  const late = () =>
    new DrillError('image-missing', `the image ${plan.image} was not there after ${formatDuration(PULL_TIMEOUT_MS)}`, {
      hint: 'Pull it by hand and run the drill again, or set a faster registry under `images:` in the settings.',
    });
  return withLimit(signal, PULL_TIMEOUT_MS, late, async (either) => {
    for (const image of plan.checkImages ?? []) await runtime.ensureImage({ ...wantedBy(plan), image }, either);
    return runtime.ensureImage(wantedBy(plan), either);
  });
}

/** The image, and the server for runtimes that look for its programs. */
export function wantedBy({ image, engine }: Plan): Pick<SandboxRequest, 'image' | 'server'> {
  const { type, major, match } = engine;
  return { image, server: { engine: type, major, ...(match ? { match } : {}) } };
}

async function withLimit<T>(
  runSignal: AbortSignal,
  limitMs: number,
  late: () => DrillError,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using limit = limitTime(limitMs, late, runSignal);
  return await untilAborted(work(limit.signal), limit.signal, STOP_GRACE_MS);
}
