import { randomBytes } from 'node:crypto';
import { connect as connectSocket } from 'node:net';
import { cpus, totalmem } from 'node:os';
import { type Duplex, Readable, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connection, Sandbox, SandboxRequest, SandboxRuntime } from '../../src/sandbox/sandbox.ts';
import { DrillError } from '../../src/support/errors.ts';
import { currentOwner } from '../../src/support/owner.ts';

/** What a runtime's test file gives so that the suite below can be run on it. */
export interface SandboxHarness {
  makeRuntime(): SandboxRuntime;
  /** What differs from runtime to runtime in a request. */
  readonly request: Pick<SandboxRequest, 'image' | 'server' | 'storage'>;
  /** Names of what still exists on this machine because of the run: containers, volumes, directories, processes. */
  leftovers(runId: string): Promise<readonly string[]>;
}

/** Listens on the Unix socket in $1, sends back upper-cased what it gets, and says `listening` first. perl is in Debian's base. */
const ECHO_SERVER = `use IO::Socket::UNIX; $| = 1;
my $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die "listen: $!"; chmod 0777, $ARGV[0]; print "listening\\n";
while (my $c = $s->accept) { next if fork; while (sysread $c, my $b, 65536) { syswrite $c, uc $b } exit }`;

/** What every {@link SandboxRuntime} must do, whatever it makes its boxes of. */
export function describeSandboxContract(name: string, harness: SandboxHarness): void {
  describe(`a sandbox of the ${name} runtime`, () => {
    const runtime = harness.makeRuntime();
    const started: { sandbox: Sandbox; runId: string }[] = [];
    const never = new AbortController().signal;

    function makeRequest(changes: Partial<SandboxRequest> = {}): SandboxRequest {
      return {
        runId: `t${randomBytes(6).toString('hex')}`,
        drill: 'contract',
        owner: currentOwner(),
        leaseExpiresAt: new Date(Date.now() + 600_000),
        memoryBytes: 512 * 2 ** 20,
        cpus: 1,
        pids: 200,
        serverUser: 'postgres',
        ...harness.request,
        ...changes,
      };
    }

    async function start(changes: Partial<SandboxRequest> = {}): Promise<Sandbox> {
      const request = makeRequest(changes);
      const sandbox = await runtime.start(request, never);
      started.push({ sandbox, runId: request.runId });
      return sandbox;
    }

    const run = (sandbox: Sandbox, script: string, ...args: string[]) =>
      sandbox.exec(['sh', '-c', script, 'sh', ...args], { signal: never });

    beforeAll(async () => {
      await runtime.ensureImage(harness.request, never);
    });

    afterEach(async () => {
      for (const { sandbox, runId } of started.splice(0)) {
        await sandbox.dispose();
        expect(await harness.leftovers(runId)).toEqual([]);
      }
    });

    describe('its capacity', () => {
      it('is within what this machine has', async () => {
        const capacity = await runtime.capacity(never);
        expect(capacity.memoryBytes).toBeGreaterThan(64 * 2 ** 20);
        expect(capacity.memoryBytes).toBeLessThanOrEqual(totalmem());
        expect(capacity.cpus).toBeGreaterThan(0);
        expect(capacity.cpus).toBeLessThanOrEqual(cpus().length);
        expect(capacity.freeDiskBytes ?? 1).toBeGreaterThan(0); // unknown for an engine whose directories are not seen from here
      });

      it('is not asked for any more once the signal has aborted', async () => {
        const reason = new DrillError('interrupted', 'enough');
        await expect(runtime.capacity(AbortSignal.abort(reason))).rejects.toBe(reason);
      });
    });

    describe('when started', () => {
      it('says in one sentence what it runs on, and finds its image or binaries', async () => {
        expect(await runtime.check(never)).toMatch(/^\S.*\S$/);
        const found = await runtime.ensureImage(harness.request, never);
        expect(found).toMatchObject({ name: expect.stringMatching(/./), id: expect.stringMatching(/./) });
        expect(await runtime.findImage(harness.request, never)).toEqual(found);
      });

      it('has empty data, run and scratch directories that its unprivileged user can write to', async () => {
        const sandbox = await start();
        expect(sandbox.runtime).toBe(runtime.name);
        for (const dir of Object.values(sandbox.paths)) {
          const result = await run(sandbox, 'ls -A "$1" && touch "$1/probe" && rm "$1/probe"', dir);
          expect(result).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
        }
        expect((await run(sandbox, 'id -u')).stdout.trim()).not.toBe('0');
        expect(sandbox.isolation.sentence).not.toBe('');
        expect(sandbox.provenance.id).not.toBe('');
        expect(sandbox.shellCommand.length).toBeGreaterThan(0);
        expect(sandbox.gone.aborted).toBe(false);
      });

      it('keeps two boxes apart', async () => {
        const [one, two] = [await start(), await start()];
        await run(one, 'touch "$1/mine"', one.paths.data);
        expect((await run(two, 'ls -A "$1"', two.paths.data)).stdout).toBe('');
      });

      it('leaves nothing and says why when the signal has aborted', async () => {
        const request = makeRequest();
        const reason = new DrillError('interrupted', 'enough');
        await expect(runtime.start(request, AbortSignal.abort(reason))).rejects.toBe(reason);
        expect(await harness.leftovers(request.runId)).toEqual([]);
      });

      it('leaves nothing and says why when it is aborted on the way', async () => {
        const request = makeRequest();
        const reason = new DrillError('interrupted', 'enough');
        const abort = new AbortController();
        const starting = runtime.start(request, abort.signal);
        await turn();
        abort.abort(reason);
        await expect(starting).rejects.toBe(reason);
        expect(await harness.leftovers(request.runId)).toEqual([]);
      });
    });

    describe('exec', () => {
      it('pipes stdin in, closes it at its end, and gives exit code, stdout and stderr', async () => {
        const sandbox = await start();
        const result = await sandbox.exec(['sh', '-c', 'tr a-z A-Z; echo oops >&2; exit 7'], {
          stdin: Readable.from([Buffer.from('hello '), Buffer.from('world')]),
          signal: never,
        });
        expect(result).toEqual({ exitCode: 7, stdout: 'HELLO WORLD', stderr: 'oops\n' });
      });

      it('gives an empty stdin when none is given', async () => {
        const sandbox = await start();
        expect((await sandbox.exec(['cat'], { signal: never })).exitCode).toBe(0);
      });

      it('takes arguments, environment and working directory as they are, and no secret is seen in the arguments', async () => {
        const sandbox = await start();
        const odd = ` a'b"c $HOME \\ ;|&\n* é`;
        const result = await sandbox.exec(['sh', '-c', 'printf "%s<>%s<>%s" "$1" "$SECRET" "$PWD"', 'sh', odd], {
          env: { SECRET: odd },
          cwd: sandbox.paths.scratch,
          signal: never,
        });
        expect(result.stdout.split('<>')).toEqual([odd, odd, sandbox.paths.scratch]);
        const plain = await sandbox.exec(['sh', '-c', 'tr "\\0" " " < /proc/$$/cmdline'], {
          env: { SECRET: 'hunter2222' },
          signal: never,
        });
        expect(plain.stdout).not.toContain('hunter2222');
      });

      it('reports 127 for a command that is not there', async () => {
        const sandbox = await start();
        expect((await sandbox.exec(['no-such-command-here'], { signal: never })).exitCode).toBe(127);
      });

      it('keeps the last 64 KiB of stdout and of stderr', async () => {
        const sandbox = await start();
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

      it('calls back for each whole line of stderr, the last one too when it has no end', async () => {
        const sandbox = await start();
        const lines: string[] = [];
        await sandbox.exec(['sh', '-c', 'printf "one\\ntw" >&2; printf "o é\\n\\nlast" >&2'], {
          onStderrLine: (line) => lines.push(line),
          signal: never,
        });
        expect(lines).toEqual(['one', 'two é', '', 'last']);
      });

      it('streams stdout to a writable as slowly as that takes it, and loses nothing', async () => {
        const sandbox = await start();
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

      it('takes 300 MB through stdin with flat memory', async () => {
        const sandbox = await start();
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

      it('gives the exit code of a process that does not read its stdin to the end', async () => {
        const sandbox = await start();
        const result = await sandbox.exec(['sh', '-c', 'head -c 10 > /dev/null; exit 3'], {
          stdin: Readable.from(chunks(20)),
          signal: never,
        });
        expect(result.exitCode).toBe(3);
      });

      it('ends the process and rejects with the error of the stdin stream', async () => {
        const sandbox = await start();
        const broken = new Error('the store went away');
        const stdin = Readable.from(
          (async function* () {
            yield Buffer.from('x');
            throw broken;
          })(),
        );
        await expect(
          sandbox.exec(['sh', '-c', 'cat > /dev/null; sleep 7654321'], { stdin, signal: never }),
        ).rejects.toBe(broken);
        expect(await processesWith(sandbox, '7654321')).toEqual([]);
      });

      it('ends the process and rejects with the error of the stdout stream', async () => {
        const sandbox = await start();
        const broken = new Error('nowhere to write');
        const stdout = new Writable({ write: (_chunk, _encoding, done) => done(broken) });
        await expect(sandbox.exec(['sh', '-c', 'echo hi; sleep 7654322'], { stdout, signal: never })).rejects.toBe(
          broken,
        );
        expect(await processesWith(sandbox, '7654322')).toEqual([]);
      });

      it('does not start when the signal has aborted', async () => {
        const sandbox = await start();
        const reason = new Error('enough');
        await expect(
          sandbox.exec(['touch', `${sandbox.paths.data}/made`], { signal: AbortSignal.abort(reason) }),
        ).rejects.toBe(reason);
        expect((await run(sandbox, 'ls -A "$1"', sandbox.paths.data)).stdout).toBe('');
      });

      it('ends the process and its children, those in sessions of their own too, when the signal aborts', async () => {
        const sandbox = await start();
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

      it('runs several at once', async () => {
        const sandbox = await start();
        const results = await Promise.all(['a', 'b', 'c', 'd'].map((letter) => run(sandbox, 'echo "$1"', letter)));
        expect(results.map((result) => result.stdout)).toEqual(['a\n', 'b\n', 'c\n', 'd\n']);
      });
    });

    describe('writeFiles', () => {
      it('writes files of known and of unknown size, empty ones and ones in folders, byte by byte', async () => {
        const sandbox = await start();
        const files = [
          { name: 'toc.dat', sizeBytes: 5, content: Readable.from([Buffer.from('hello')]) },
          { name: 'big.bin', sizeBytes: undefined, content: Readable.from(chunks(3)) },
          { name: 'folder/3001.dat.gz', sizeBytes: undefined, content: Readable.from([Buffer.from('in')]) },
          { name: 'empty', sizeBytes: 0, content: Readable.from([]) },
          { name: 'empty-unknown', sizeBytes: undefined, content: Readable.from([]) },
          { name: 'known.bin', sizeBytes: 3 * 2 ** 20, content: Readable.from(chunks(3)) },
        ];
        await sandbox.writeFiles(sandbox.paths.scratch, Readable.from(files), never);
        const listing = await run(
          sandbox,
          'cd "$1" && find . -type f | sort | while read -r f; do echo "$f $(wc -c < "$f")"; done',
          sandbox.paths.scratch,
        );
        expect(listing.stdout.trim().split('\n')).toEqual([
          './big.bin 3145728',
          './empty 0',
          './empty-unknown 0',
          './folder/3001.dat.gz 2',
          './known.bin 3145728',
          './toc.dat 5',
        ]);
        expect(
          (await run(sandbox, 'cd "$1" && cat toc.dat folder/* && cmp big.bin known.bin', sandbox.paths.scratch))
            .stdout,
        ).toBe('helloin');
      });

      it.each(['../out', 'a/../../out', '/etc/out', '-rf', 'a/-b', 'a b', 'a;b', '', '.', 'a//b', 'a\nb'])(
        'refuses the name %j',
        async (bad) => {
          const sandbox = await start();
          const files = [{ name: bad, sizeBytes: 1, content: Readable.from([Buffer.from('x')]) }];
          await expect(sandbox.writeFiles(sandbox.paths.scratch, Readable.from(files), never)).rejects.toThrow(/name/);
          expect((await run(sandbox, 'ls -A "$1"', sandbox.paths.scratch)).stdout).toBe('');
        },
      );

      it('refuses a directory outside data and scratch', async () => {
        const sandbox = await start();
        for (const dir of ['/etc', `${sandbox.paths.data}/../..`, sandbox.paths.run]) {
          await expect(sandbox.writeFiles(dir, Readable.from([]), never)).rejects.toThrow(/director/);
        }
      });

      it('rejects with the error of the content, and when the content is shorter than it was said to be', async () => {
        const sandbox = await start();
        const broken = new Error('the store went away');
        const failing = Readable.from(
          (async function* () {
            yield Buffer.from('x');
            throw broken;
          })(),
        );
        await expect(
          sandbox.writeFiles(
            sandbox.paths.scratch,
            Readable.from([{ name: 'a', sizeBytes: undefined, content: failing }]),
            never,
          ),
        ).rejects.toBe(broken);
        const short = Readable.from([Buffer.from('abc')]);
        await expect(
          sandbox.writeFiles(
            sandbox.paths.scratch,
            Readable.from([{ name: 'b', sizeBytes: 10, content: short }]),
            never,
          ),
        ).rejects.toThrow();
      });

      it('rejects with the reason when the signal aborts', async () => {
        const sandbox = await start();
        const abort = new AbortController();
        const reason = new Error('enough');
        const stuck = new Readable({
          read() {
            this.push(Buffer.alloc(1000));
            this._read = () => abort.abort(reason);
          },
        });
        await expect(
          sandbox.writeFiles(
            sandbox.paths.scratch,
            Readable.from([{ name: 'a', sizeBytes: undefined, content: stuck }]),
            abort.signal,
          ),
        ).rejects.toBe(reason);
      });
    });

    describe('connect', () => {
      it('reaches a Unix socket in the box, several times', async () => {
        const sandbox = await start();
        const socketPath = `${sandbox.paths.run}/.s.PGSQL.5432`;
        const stop = new AbortController();
        const serving = serveEcho(sandbox, socketPath, stop.signal);
        await serving.listening;
        for (const word of ['hello', 'again']) {
          const stream = await open(sandbox.connect(socketPath));
          stream.write(word);
          expect(await readBytes(stream, word.length)).toBe(word.toUpperCase());
          stream.destroy();
        }
        stop.abort(new Error('done'));
        await expect(serving.ended).rejects.toThrow('done');
      });
    });

    describe('when disposed', () => {
      it('can be disposed twice and at once', async () => {
        const sandbox = await start();
        await Promise.all([sandbox.dispose(), sandbox.dispose()]);
        await sandbox.dispose();
        expect(sandbox.gone.aborted).toBe(false);
      });

      it('ends what is running in it, and runs nothing more', async () => {
        const sandbox = await start();
        const running = run(sandbox, 'sleep 7654329');
        const outcome = expect(running).rejects.toMatchObject({ name: 'DrillError', code: 'sandbox-died' });
        await sandbox.dispose();
        await outcome;
        await expect(run(sandbox, 'true')).rejects.toMatchObject({ code: 'sandbox-died' });
      });
    });

    describe('sweep', () => {
      it('leaves a box whose owner lives and whose lease holds', async () => {
        const sandbox = await start();
        const swept = await runtime.sweep(new Date(), never);
        expect(swept.map((each) => each.id)).not.toContain(sandbox.id);
        expect((await run(sandbox, 'echo alive')).stdout).toBe('alive\n');
      });

      it('removes a box whose lease has expired, whatever its owner, and the user of that box is told', async () => {
        const request = makeRequest({ leaseExpiresAt: new Date(Date.now() + 60_000) });
        const sandbox = await runtime.start(request, never);
        started.push({ sandbox, runId: request.runId });
        const others = await start();
        const gone = new Promise<unknown>((resolve) =>
          sandbox.gone.addEventListener('abort', () => resolve(sandbox.gone.reason)),
        );
        const swept = await runtime.sweep(new Date(Date.now() + 120_000), never);
        expect(swept.filter((each) => each.runId === request.runId).length).toBeGreaterThan(0);
        expect(swept.every((each) => each.error === undefined)).toBe(true);
        expect(await gone).toMatchObject({ name: 'DrillError', code: 'sandbox-died' });
        expect((await run(others, 'echo alive')).stdout).toBe('alive\n');
        expect(await harness.leftovers(request.runId)).toEqual([]);
      });

      it('removes a box whose owner is dead', async () => {
        const request = makeRequest({ owner: { ...currentOwner(), startTicks: '1' } });
        const sandbox = await runtime.start(request, never);
        started.push({ sandbox, runId: request.runId });
        const swept = await runtime.sweep(new Date(), never);
        const mine = swept.filter((each) => each.runId === request.runId);
        expect(mine.length).toBeGreaterThan(0);
        expect(mine[0]?.why).toMatch(/owner|process/);
        expect(await harness.leftovers(request.runId)).toEqual([]);
        // Others on this machine may leave something at any moment.
        const again = await runtime.sweep(new Date(), never);
        expect(again.filter((each) => each.runId === request.runId)).toEqual([]);
      });
    });

    /** Command lines inside the box that hold the marker; a dead process has none. */
    async function processesWith(sandbox: Sandbox, marker: string): Promise<string[]> {
      const list = await run(
        sandbox,
        'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " < "$f" 2> /dev/null && echo; done; true',
      );
      return list.stdout.split('\n').filter((line) => line.includes(marker));
    }

    function serveEcho(sandbox: Sandbox, socketPath: string, signal: AbortSignal) {
      const { promise: listening, resolve } = Promise.withResolvers<void>();
      const stdout = new Writable({
        write(_chunk, _encoding, done) {
          resolve();
          done();
        },
      });
      const ended = sandbox.exec(['perl', '-e', ECHO_SERVER, socketPath], { stdout, signal });
      ended.then(() => resolve(), resolve);
      return { listening, ended };
    }
  });
}

/** Fresh random-looking megabytes, one at a time. */
function* chunks(count: number, onChunk: () => void = () => undefined): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) {
    onChunk();
    yield Buffer.alloc(2 ** 20, `${index} firedrill `);
  }
}

async function open(connection: Connection): Promise<Duplex> {
  if (connection.kind === 'stream') return connection.open();
  const socket = connectSocket(connection.path);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

async function readBytes(stream: Readable, count: number): Promise<string> {
  let seen = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    seen += String(chunk);
    if (seen.length >= count) break;
  }
  return seen;
}
