import { createHyperlinks, hasHyperlinks } from './cli/hyperlinks.ts';
import type { ServiceSignals } from './cli/io.ts';
import { createProgram } from './cli/program.ts';
import { safeSink } from './cli/safe-sink.ts';
import { asDrillError, DrillError, EXIT, exitCodeOf, formatError } from './support/errors.ts';
import { Redactor } from './support/redact.ts';
import { createToolbox } from './wiring.ts';

/** Connects the program to its process: streams, signals and exit code. No other code accesses them. */
export async function main(argv: readonly string[], process: NodeJS.Process): Promise<number> {
  const redactor = new Redactor();
  const signals = watchSignals(process);
  // A failed write to the output must not crash the process, which would leave a sandbox behind. A closed pipe
  // (`firedrill history | head`) or terminal is not reported at all.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') process.stderr.write(`output is lost: ${error.message}\n`);
  });
  const links = hasHyperlinks(process.env, process.stdout.isTTY === true) ? createHyperlinks() : undefined;
  const stdout = safeSink(process.stdout, { links });
  const stderr = safeSink(process.stderr, { isProse: true });
  try {
    const { stdin, env } = process;
    const terminal = process.stdout.isTTY ? { stdout: process.stdout, stderr: process.stderr } : undefined;
    const { interrupt, service } = signals;
    const io = { stdout, stderr, stdin, env, cwd: process.cwd(), interrupt, service, links, terminal };
    return await createProgram(createToolbox(io, redactor)).run(argv);
  } catch (thrown) {
    const error = asDrillError(thrown);
    stderr.write(`${redactor.redact(formatError(error))}\n`);
    if (error.code === 'internal' && error.cause instanceof Error) {
      stderr.write(`${redactor.redact(error.cause.stack ?? '')}\n`);
    }
    return exitCodeOf(error) || EXIT.errored;
  } finally {
    signals.release();
  }
}

/**
 * The first Ctrl-C (or SIGTERM) cancels the run cleanly; a second one only prints that this is in progress. Teardown is
 * never skipped, because that would leave a copy of a production database behind.
 */
function watchSignals(process: NodeJS.Process) {
  const interrupt = new AbortController();
  const hurry = new AbortController();
  let words = { first: '\nCanceling', second: 'already canceling' };
  let onReload: (() => void) | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' && onReload) return onReload();
    process.stderr.write(`${interrupt.signal.aborted ? words.second : words.first}\n`);
    const reason = new DrillError('interrupted', `canceled by ${signal === 'SIGINT' ? 'Ctrl-C' : signal}`, {
      hint: 'No verdict. Run the drill again.',
    });
    if (interrupt.signal.aborted) hurry.abort(reason);
    else interrupt.abort(reason);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  const service: ServiceSignals = {
    hurry: hurry.signal,
    takeOver: (ours, handler) => {
      words = ours;
      onReload = handler;
    },
  };
  const release = () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', onSignal);
  return { interrupt: interrupt.signal, service, release };
}
