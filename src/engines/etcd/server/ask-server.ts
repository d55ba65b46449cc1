import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { etcdError } from './etcd-error.ts';
import { type Account, runEtcdctl } from './etcd-programs.ts';

export interface Asked {
  readonly sandbox: Sandbox;
  readonly account: Account | undefined;
  readonly signal: AbortSignal;
}

/** The server's answer for all of its keys, after a majority (the server itself) has agreed. */
export interface KeyCount {
  /** The server's newest revision. */
  readonly revision: number;
  readonly keys: number;
}

/** Whether clients of the restored data must log in. */
export async function needsLogin({ sandbox, signal }: Pick<Asked, 'sandbox' | 'signal'>): Promise<boolean> {
  const argv = ['get', '', '--prefix', '--limit=1', '--keys-only'];
  const { exitCode, stdout, stderr } = await runEtcdctl(sandbox, argv, { account: undefined, signal });
  if (exitCode === 0) return false;
  if (/user name is empty|permission denied/.test(stderr)) return true;
  throw etcdError(sandbox, 'the server did not answer a read', {
    exitCode,
    said: stdout + stderr,
    otherwise: 'server-failed',
  });
}

/** @param revision revision at which keys are counted; undefined for the newest. */
export async function countKeys(asked: Asked, revision?: number): Promise<KeyCount> {
  const text = await ask(asked, 'keys could not be counted', [
    ...['get', '', '--prefix', '--count-only', '--write-out=fields'],
    ...(revision === undefined ? [] : [`--rev=${revision}`]),
  ]);
  return { revision: fieldIn(text, 'Revision'), keys: fieldIn(text, 'Count') };
}

/** @returns the server's hash of its keyspace at a revision; undefined if it was compacted at exactly this one, which then has no hash. */
export async function hashKeyspace(asked: Asked, revision: number): Promise<number | undefined> {
  const { sandbox, account, signal } = asked;
  const argv = ['endpoint', 'hashkv', `--rev=${revision}`, '--write-out=json'];
  const { exitCode, stdout, stderr } = await runEtcdctl(sandbox, argv, { account, signal });
  if (exitCode !== 0 && /has been compacted/.test(stderr)) return undefined;
  const hash = /"hash":(\d+)/.exec(stdout)?.[1];
  if (exitCode === 0 && hash !== undefined) return Number(hash);
  throw etcdError(sandbox, 'the keyspace could not be hashed', { exitCode, said: stderr, otherwise: 'server-failed' });
}

async function ask({ sandbox, account, signal }: Asked, what: string, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runEtcdctl(sandbox, argv, { account, signal });
  if (exitCode === 0) return stdout;
  throw etcdError(sandbox, what, { exitCode, said: stderr, otherwise: 'server-failed' });
}

/** Parses `"Count" : 5`. @throws DrillError `server-failed` for an answer without it: that is not the same as a wrong number of keys. */
export function fieldIn(text: string, name: string): number {
  const found = new RegExp(`^"${name}" : (-?\\d+)$`, 'm').exec(text)?.[1];
  if (found !== undefined) return Number(found);
  throw new DrillError('server-failed', `the answer of \`etcdctl\` has no field ${name}`, {
    hint: 'Name an image with another version of etcd in `engine.image`.',
  });
}
