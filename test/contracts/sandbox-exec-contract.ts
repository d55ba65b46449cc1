import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ExecResult, Sandbox, SandboxRequest } from '../../src/sandbox/sandbox.ts';

/** Starts sandboxes that are disposed after each test or group, and runs scripts in them. */
export interface SandboxStarter {
  start(changes?: Partial<SandboxRequest>): Promise<Sandbox>;
  /** One sandbox for all tests of a group; call it where the group is described. @returns a getter for tests. */
  share(): () => Sandbox;
  run(sandbox: Sandbox, script: string, ...args: string[]): Promise<ExecResult>;
}

/** What `exec` of every sandbox must do. All tests share one sandbox, which none of them may change. */
export function describeSandboxExec({ share, run }: Pick<SandboxStarter, 'share' | 'run'>): void {
  const never = new AbortController().signal;

  /** Command lines in the sandbox that contain the marker; a dead process has none. */
  async function processesWith(sandbox: Sandbox, marker: string): Promise<string[]> {
    const list = await run(
      sandbox,
      'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " < "$f" 2> /dev/null && echo; done; true',
    );
    return list.stdout.split('\n').filter((line) => line.includes(marker));
  }

  describe('exec', () => {
    const shared = share();

    it('pipes stdin in, closes it at the end, and returns exit code, stdout and stderr', async () => {
      const sandbox = shared();
      const result = await sandbox.exec(['sh', '-c', 'tr a-z A-Z; echo oops >&2; exit 7'], {
        stdin: Readable.from([Buffer.from('hello '), Buffer.from('world')]),
        signal: never,
      });
      expect(result).toEqual({ exitCode: 7, stdout: 'HELLO WORLD', stderr: 'oops\n' });
    });

    it('provides an empty stdin by default', async () => {
      const sandbox = shared();
      expect((await sandbox.exec(['cat'], { signal: never })).exitCode).toBe(0);
    });

    it('passes arguments and environment unchanged, with no secret in the arguments', async () => {
      const sandbox = shared();
      const odd = ` a'b"c $HOME \\ ;|&\n* é`;
      const result = await sandbox.exec(['sh', '-c', 'printf "%s<>%s" "$1" "$SECRET"', 'sh', odd], {
        env: { SECRET: odd },
        signal: never,
      });
      expect(result.stdout.split('<>')).toEqual([odd, odd]);
      const plain = await sandbox.exec(['sh', '-c', 'tr "\\0" " " < /proc/$$/cmdline'], {
        env: { SECRET: 'hunter2222' },
        signal: never,
      });
      expect(plain.stdout).not.toContain('hunter2222');
    });

    it('reports 127 for a command that does not exist', async () => {
      const sandbox = shared();
      expect((await sandbox.exec(['no-such-command-here'], { signal: never })).exitCode).toBe(127);
    });

    it('keeps the last 64 KiB of stdout and of stderr', async () => {
      const sandbox = shared();
      const result = await run(
        sandbox,
        'i=0; while [ $i -lt 3000 ]; do l="$i 0123456789012345678901234567890123456789"; echo "$l"; echo "$l" >&2; i=$((i+1)); done',
      );
      expect(result.stdout.length).toBeLessThanOrEqual(65_536);
      expect(result.stdout.length).toBeGreaterThan(60_000);
      expect(result.stdout.endsWith('2999 0123456789012345678901234567890123456789\n')).toBe(true);
      expect(result.stderr.endsWith('2999 0123456789012345678901234567890123456789\n')).toBe(true);
      expect(result.stderr.length).toBeLessThanOrEqual(65_536);
    });

    it('calls back for each line of stderr, including an unterminated last one', async () => {
      const sandbox = shared();
      const lines: string[] = [];
      await sandbox.exec(['sh', '-c', 'printf "one\\ntw" >&2; printf "o é\\n\\nlast" >&2'], {
        onStderrLine: (line) => lines.push(line),
        signal: never,
      });
      expect(lines).toEqual(['one', 'two é', '', 'last']);
    });

    it('streams stdout at the pace of the writable, and loses nothing', async () => {
      const sandbox = shared();
      let pendingBytes = 0;
      let maxPendingBytes = 0;
      let totalBytes = 0;
      const slow = new Writable({
        highWaterMark: 65_536,
        write(chunk: Buffer, _encoding, done) {
          pendingBytes = slow.writableLength;
          maxPendingBytes = Math.max(maxPendingBytes, pendingBytes);
          totalBytes += chunk.length;
          setImmediate(done);
        },
      });
      const result = await sandbox.exec(['head', '-c', '30000000', '/dev/zero'], { stdout: slow, signal: never });
      expect(result).toMatchObject({ exitCode: 0, stdout: '' });
      expect(totalBytes).toBe(30_000_000);
      expect(maxPendingBytes).toBeLessThan(1_000_000);
    });

    it('takes 300 MB through stdin in constant memory', async () => {
      const sandbox = shared();
      const before = process.memoryUsage.rss();
      let maxRss = 0;
      const result = await sandbox.exec(['sh', '-c', 'wc -c'], {
        stdin: Readable.from(
          chunks(300, () => {
            maxRss = Math.max(maxRss, process.memoryUsage.rss());
          }),
        ),
        signal: never,
      });
      expect(result.stdout.trim()).toBe(String(300 * 2 ** 20));
      expect(maxRss - before).toBeLessThan(120 * 2 ** 20);
    });

    it('returns the exit code of a process that does not read all of its stdin', async () => {
      const sandbox = shared();
      const result = await sandbox.exec(['sh', '-c', 'head -c 10 > /dev/null; exit 3'], {
        stdin: Readable.from(chunks(20)),
        signal: never,
      });
      expect(result.exitCode).toBe(3);
    });

    it('treats a large stdin like any other: complete, not read to the end, and broken', async () => {
      const sandbox = shared();
      const large = { isStdinLarge: true, signal: never };
      const count = await sandbox.exec(['sh', '-c', 'echo to stderr >&2; wc -c'], {
        ...large,
        stdin: Readable.from(chunks(20)),
      });
      expect(count).toEqual({ exitCode: 0, stdout: `${20 * 2 ** 20}\n`, stderr: 'to stderr\n' });
      const none = await sandbox.exec(['wc', '-c'], { ...large, stdin: Readable.from([]) });
      expect(none.stdout).toBe('0\n');
      const early = ['sh', '-c', 'head -c 10 > /dev/null; exit 3'];
      expect((await sandbox.exec(early, { ...large, stdin: Readable.from(chunks(20)) })).exitCode).toBe(3);
      const broken = new Error('the store went away');
      const stdin = new Readable({ read: () => undefined });
      stdin.push('x');
      const sleeping = sandbox.exec(['sh', '-c', 'head -c 1; echo begun >&2; sleep 7654321'], {
        ...large,
        stdin,
        onStderrLine: () => stdin.destroy(broken),
      });
      await expect(sleeping).rejects.toBe(broken);
      expect(await processesWith(sandbox, '7654321')).toEqual([]);
    });

    it('ends the process and rejects with the error of the stdin stream', async () => {
      const sandbox = shared();
      const broken = new Error('the store went away');
      const stdin = Readable.from(
        (async function* () {
          yield Buffer.from('x');
          throw broken;
        })(),
      );
      await expect(sandbox.exec(['sh', '-c', 'cat > /dev/null; sleep 7654321'], { stdin, signal: never })).rejects.toBe(
        broken,
      );
      expect(await processesWith(sandbox, '7654321')).toEqual([]);
    });

    it('ends the process and rejects with the error of the stdout stream', async () => {
      const sandbox = shared();
      const broken = new Error('nowhere to write');
      const stdout = new Writable({ write: (_chunk, _encoding, done) => done(broken) });
      await expect(sandbox.exec(['sh', '-c', 'echo hi; sleep 7654322'], { stdout, signal: never })).rejects.toBe(
        broken,
      );
      expect(await processesWith(sandbox, '7654322')).toEqual([]);
    });

    it('does not start when the signal has aborted', async () => {
      const sandbox = shared();
      const reason = new Error('enough');
      await expect(
        sandbox.exec(['touch', `${sandbox.paths.data}/made`], { signal: AbortSignal.abort(reason) }),
      ).rejects.toBe(reason);
      expect((await run(sandbox, 'ls -A "$1"', sandbox.paths.data)).stdout).toBe('');
    });

    it('ends the process and its children, even in other sessions, when the signal aborts', async () => {
      const sandbox = shared();
      const reason = new Error('enough');
      const abort = new AbortController();
      const stdout = new Writable({
        write(_chunk, _encoding, done) {
          abort.abort(reason);
          done();
        },
      });
      const script =
        'trap "" TERM INT; sleep 7654323 & setsid sleep 7654324 & (sleep 7654325 & sleep 7654326) & sleep 0.2; echo ready; wait';
      await expect(sandbox.exec(['sh', '-c', script], { stdout, signal: abort.signal })).rejects.toBe(reason);
      expect(await processesWith(sandbox, '765432')).toEqual([]);
    });

    it('runs several commands at once', async () => {
      const sandbox = shared();
      const results = await Promise.all(['a', 'b', 'c', 'd'].map((letter) => run(sandbox, 'echo "$1"', letter)));
      expect(results.map((result) => result.stdout)).toEqual(['a\n', 'b\n', 'c\n', 'd\n']);
    });
  });
}

/** Fresh megabytes of random-looking bytes, one at a time. */
function* chunks(count: number, onChunk: () => void = () => undefined): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) {
    onChunk();
    yield Buffer.alloc(2 ** 20, `${index} firedrill `);
  }
}
