import type { ExecResult, Sandbox } from '../../sandbox/sandbox.ts';
import type { ProgramOptions, Server } from '../engine.ts';
import { fillArgv } from './placeholders.ts';
import type { StepEnvironment } from './run-step.ts';
import type { RunningServer } from './server-step.ts';

/** What programs of a drill restored, with the server that they started or without. Checks reach it by programs alone. */
export function execServer(sandbox: Sandbox, environment: StepEnvironment, running: RunningServer | undefined): Server {
  return {
    version: UNKNOWN_VERSION,
    connection: { kind: 'path', path: sandbox.paths.run },
    prepareClient: async () => sandbox.shellCommand,
    seal: async () => undefined,
    async runProgram(argv: readonly string[], { signal, stdout }: ProgramOptions): Promise<ExecResult> {
      running?.assertRunning();
      const result = await sandbox.exec(fillArgv(argv, sandbox.paths), {
        env: environment.env,
        signal,
        ...(stdout && { stdout }),
      });
      running?.assertRunning();
      return { ...result, stderr: environment.redactor.redact(result.stderr) };
    },
  };
}

/** No program is asked for its version: the image’s digest, which the record has, says more. */
export const UNKNOWN_VERSION = 'unknown';
