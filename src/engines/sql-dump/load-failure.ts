import { DrillError } from '../../support/errors.ts';
import { FREE_UP_SPACE } from '../../support/free-up-space.ts';

/** How an engine describes an error that a session threw during a load. */
export interface LoadFailure {
  /** The thrown error, or, for a lost session, the reason reported by the server or the sandbox. */
  readonly cause: unknown;
  /** Without row data. */
  readonly message: string;
  readonly isDiskFull: boolean;
  /** The server refused the statement and is still running. */
  readonly isRefusal: boolean;
}

/** @returns the error that ends the load if the failure is more than a refused statement. */
export function fatalLoadError(failure: LoadFailure, signal: AbortSignal): DrillError | undefined {
  const { cause, message } = failure;
  if (cause instanceof DrillError) return cause;
  if (signal.aborted) return new DrillError('interrupted', 'the load was stopped', { cause });
  if (failure.isDiskFull) {
    return new DrillError('disk-full', `no space left in the sandbox: ${message}`, {
      hint: FREE_UP_SPACE,
      cause,
    });
  }
  if (failure.isRefusal) return undefined;
  return new DrillError('server-failed', `a session was lost while loading: ${message}`, {
    hint: 'Check the memory and disk of the sandbox, then run the drill again.',
    cause,
  });
}
