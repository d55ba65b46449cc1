import type { Plan } from '../plan/plan.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import { DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';
import { untilAborted } from '../support/until-aborted.ts';
import type { Run } from './begin-run.ts';
import { STOP_GRACE_MS } from './stage-runner.ts';

/** A registry that has not brought an image by then is not going to; and nobody waits longer for a drill to begin. */
const PULL_TIMEOUT_MS = 60 * 60_000;

/**
 * Looks for the image (or the server's programs), which may mean to pull it. That is no part of recovery time: it lies between two stages,
 * the run's deadline stands still meanwhile, and it is held to one of its own, which says nothing about the backup.
 */
export async function findImage(run: Run, plan: Plan, runtime: SandboxRuntime): Promise<{ name: string; id: string }> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    const hint = 'Pull it by hand and run the drill again, or name a nearer registry under `images:` in the settings.';
    const message = `the image ${plan.image} was not there after ${formatDuration(PULL_TIMEOUT_MS)}`;
    late.abort(new DrillError('image-missing', message, { hint, stage: 'provision' }));
  }, PULL_TIMEOUT_MS);
  const signal = AbortSignal.any([run.signal, late.signal]);
  const wanted = { image: plan.image, server: { engine: plan.engine.type, major: plan.engine.major } };
  try {
    return await run.deadline.pausedFor(() => untilAborted(runtime.ensureImage(wanted, signal), signal, STOP_GRACE_MS));
  } finally {
    clearTimeout(timer);
  }
}
