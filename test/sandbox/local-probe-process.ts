import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Seal } from '../../src/sandbox/local/holder.ts';

export interface ProbeBox {
  readonly id: string;
  readonly isolation: { readonly network: string; readonly sentence: string };
  readonly provenance: { readonly name: string };
  readonly uid: number;
}

export interface Probe extends AsyncDisposable {
  readonly box: ProbeBox;
  sql(text: string): Promise<{ rows?: Record<string, unknown>[]; error?: string }>;
  exec(...argv: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** As the out-of-memory killer does. */
  killHard(): Promise<void>;
  /** Disposes of the sandbox and waits for the process. */
  end(): Promise<void>;
}

export const nobody = ids('nobody');

/** Starts `local-probe.ts` as this or another user, and waits until its server answers. */
export async function startProbe(options: {
  seal: Seal;
  runId: string;
  dataRoot?: string;
  user?: { uid: number; gid: number };
}): Promise<Probe> {
  const script = fileURLToPath(new URL('local-probe.ts', import.meta.url));
  const child = spawn(process.execPath, [script, options.seal, options.runId, options.dataRoot ?? ''], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', AWS_SECRET_ACCESS_KEY: 'not-for-the-box' },
    ...(options.user ?? {}),
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the probe ended: ${stderr}`);
    return JSON.parse(String(value));
  };
  const ask = (question: unknown) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return answer();
  };
  const end = async () => {
    child.stdin.end();
    const code = await ended;
    if (code !== 0 && child.signalCode !== 'SIGKILL') throw new Error(`the probe ended with ${code}: ${stderr}`);
  };
  return {
    box: await answer(),
    sql: (sql) => ask({ sql }),
    exec: (...argv) => ask({ argv }),
    killHard: () => killHard(child, ended),
    end,
    [Symbol.asyncDispose]: end,
  };
}

async function killHard(child: ChildProcess, ended: Promise<number>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

function ids(name: string): { uid: number; gid: number } {
  const [, , uid, gid] =
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}
