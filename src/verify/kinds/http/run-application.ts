import type { Application } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { waitOrAbort } from '../../../support/long-timer.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatBytes, formatDuration } from '../../../support/quantities.ts';
import { limitTime } from '../../../support/time-limit.ts';
import { isKilled } from '../../../support/tool-killed.ts';
import type { CheckContext } from '../../check-kind.ts';
import { type Answer, askPath } from './ask-path.ts';
import type { HttpCheck } from './http-spec.ts';
import { fillIn } from './placeholders.ts';

/** The outcome: an answer, or how the application ended before it gave one. */
export type Outcome = { readonly answer: Answer } | { readonly ended: string };

const RETRY_MS = 500;
/** Status codes that a proxy in front of an application returns while it is not ready. */
const NOT_READY: readonly number[] = [502, 503, 504];
const NOT_STARTED: readonly number[] = [126, 127];

/**
 * Starts the application on the restored database, polls it until it is ready, and removes it.
 * @throws DrillError `check-malformed` when it does not answer in time, cannot be started, or was killed.
 */
export async function runApplication(
  check: HttpCheck,
  { probe, signal: given }: Pick<CheckContext, 'probe' | 'signal'>,
): Promise<{ readonly outcome: Outcome; readonly image: Application['provenance'] }> {
  const { applications } = probe;
  if (!applications) throw noApplications();
  const { image, command, env, memoryBytes, cpus, pids, database, access, timeoutMs } = check;
  const lines: { of?: Application } = {};
  using limit = limitTime(timeoutMs, () => notAnswered(check, lines.of), given);
  const { signal } = limit;
  const login = await applications.openLogin(database, { access, signal });
  const request = { image, command, env: fillIn(env, login), memoryBytes, cpus, pids };
  await using application = await applications.start(request, signal);
  lines.of = application;
  return { outcome: await untilAnswered(application, check, signal), image: application.provenance };
}

async function untilAnswered(application: Application, check: HttpCheck, signal: AbortSignal): Promise<Outcome> {
  const { port, path } = check;
  const connect = () => application.connect(port);
  const ended = application.ended.then((exitCode) => ({ exitCode }));
  for (let last: Answer | undefined; ; ) {
    const found = await Promise.race([ended, askPath(connect, path, signal)]);
    if (found && 'exitCode' in found) return explainEnd(found.exitCode, application, check);
    if (found && (found.status === check.status || !NOT_READY.includes(found.status))) return { answer: found };
    last = found ?? last;
    await Promise.race([ended, waitOrAbort(RETRY_MS, signal)]);
    if (signal.aborted && last) return { answer: last }; // it answered, but never as expected
    signal.throwIfAborted();
  }
}

/** An application that gives up on the restored data is a finding. One that the sandbox kept from running is not. */
function explainEnd(exitCode: number, application: Application, { image, memoryBytes }: HttpCheck): Outcome {
  const said = lastWords(application);
  if (NOT_STARTED.includes(exitCode)) {
    throw new DrillError('check-malformed', `${image} has no such program: exit code ${exitCode}${said}`, {
      hint: 'Set `command` to a program in the image, or leave it out to run the image’s default.',
    });
  }
  if (isKilled(exitCode)) {
    throw new DrillError(
      'check-malformed',
      `the application was killed (exit code ${exitCode}), most likely for its limit of ${formatBytes(memoryBytes)}`,
      { hint: 'Raise the check’s `memory`.' },
    );
  }
  return { ended: `the application ended with exit code ${exitCode} before it answered${said}` };
}

function notAnswered({ port, timeoutMs }: HttpCheck, application: Application | undefined): DrillError {
  const said = application ? lastWords(application) : '';
  return new DrillError(
    'check-malformed',
    `the application did not answer on port ${port} within ${formatDuration(timeoutMs)}${said}`,
    { hint: 'Check `port`, and that it listens on 127.0.0.1 or all addresses, or raise the check’s `timeout`.' },
  );
}

function noApplications(): DrillError {
  return new DrillError('check-malformed', 'this sandbox cannot start an application', {
    hint: 'Run the drill in containers: `sandbox.runtime: docker`.',
  });
}

const LINES_SHOWN = 3;

function lastWords({ lastLines }: Application): string {
  const lines = lastLines.slice(-LINES_SHOWN);
  return lines.length === 0 ? '' : `: ${toPrintable(lines.join('; '), 300)}`;
}
