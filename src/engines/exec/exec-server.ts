import { pipeline } from 'node:stream/promises';
import type { ExecResult, Sandbox } from '../../sandbox/sandbox.ts';
import { NO_VERSION } from '../../support/versions.ts';
import type { ProgramOptions, Server } from '../engine.ts';
import { restoredTree } from '../files/restored/restored-tree.ts';
import type { RestoredFiles } from '../restored-files.ts';
import { fillArgv } from './placeholders.ts';
import { RedactedOutput } from './redacted-output.ts';
import type { StepEnvironment } from './run-step.ts';
import type { RunningServer } from './server-step.ts';

/** Data restored by a drill's programs, with or without a server that they started. Programs check it, and what is in `{data}` is read as files. */
export function execServer(sandbox: Sandbox, environment: StepEnvironment, running: RunningServer | undefined): Server {
  return {
    version: NO_VERSION, // no program is asked for its own: the image’s digest, which the record has, says more
    connection: { kind: 'path', path: sandbox.paths.run },
    prepareClient: async () => sandbox.shellCommand,
    seal: async () => undefined,
    files: filesOf(sandbox, running),
    async runProgram(argv: readonly string[], { signal, stdout }: ProgramOptions): Promise<ExecResult> {
      running?.assertRunning();
      const { env, redactor } = environment;
      const redacted = new RedactedOutput(redactor);
      const exec = (out: { stdout?: RedactedOutput }) =>
        sandbox.exec(fillArgv(argv, sandbox.paths), { env, signal, ...out });
      const result = stdout
        ? await endTogether(exec({ stdout: redacted }), pipeline(redacted, stdout))
        : await exec({});
      if (result.exitCode === 0) running?.assertRunning();
      else await running?.assertAnswers(signal); // a server that died is why its client failed
      return { ...result, stdout: redactor.redact(result.stdout), stderr: redactor.redact(result.stderr) };
    },
  };
}

/** What the steps left in `{data}`. A server that has ended is the reason for whatever is found there. */
function filesOf(sandbox: Sandbox, running: RunningServer | undefined): RestoredFiles {
  const whileRunning: Pick<Sandbox, 'exec'> = {
    async exec(argv, options) {
      running?.assertRunning();
      const result = await sandbox.exec(argv, options);
      running?.assertRunning();
      return result;
    },
  };
  return { ...restoredTree(whileRunning, sandbox.paths.data), mayDiffer: true };
}

/** The program's own error takes precedence: its output breaks off with it. */
async function endTogether(program: Promise<ExecResult>, output: Promise<void>): Promise<ExecResult> {
  const [ended, written] = await Promise.allSettled([program, output]);
  if (ended.status === 'rejected') throw ended.reason;
  if (written.status === 'rejected') throw written.reason;
  return ended.value;
}
