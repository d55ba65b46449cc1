import { execa } from 'execa';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';

/** Where a real server and its tools run: this host, or a container. Paths in the scratch directory are the same in both. */
export interface Shell {
  /**
   * Runs a script of sh as the server's user, without throwing for its exit code.
   * @param values passed to the script as `$1`, `$2`, …
   */
  run(script: string, ...values: string[]): Promise<Ran>;
}

export interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const NOBODY = 65534;
/** pg_restore reads some damaged tars forever. */
const LIMITED = ['--kill-after=1', String(STEP_TIMEOUT_MS / 1000)];

/** @param path put before PATH: the location of the tools of the required version. */
export function hostShell(directory: string, path: string): Shell {
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const env = { PATH: `${path}:${process.env['PATH']}:/usr/sbin`, LC_ALL: 'C.UTF-8', HOME: directory };
  return {
    run: async (script, ...values) =>
      ran(
        await execa('timeout', [...LIMITED, 'sh', '-c', script, 'field', ...values], {
          ...OPTIONS,
          ...asNobody,
          cwd: directory,
          env,
          extendEnv: false,
        }),
      ),
  };
}

/** @param id of a container whose user is the server's. */
export function containerShell(id: string, directory: string): Shell {
  return {
    run: async (script, ...values) =>
      ran(
        await execa(
          'docker',
          [
            'exec',
            '-w',
            directory,
            '-e',
            'LC_ALL=C.UTF-8',
            id,
            'timeout',
            ...LIMITED,
            'sh',
            '-c',
            script,
            'field',
            ...values,
          ],
          OPTIONS,
        ),
      ),
  };
}

/** @throws Error with the output, when the script failed. */
export async function must(running: Promise<Ran>): Promise<string> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(`exit ${code}: ${stderr.slice(-2000)}`);
  return stdout;
}

const OPTIONS = {
  reject: false,
  stdin: 'ignore',
  encoding: 'utf8',
  stripFinalNewline: true,
} as const;

function ran(result: { exitCode?: number | undefined; stdout: unknown; stderr: unknown }): Ran {
  return { code: result.exitCode, stdout: String(result.stdout ?? ''), stderr: String(result.stderr ?? '') };
}
