import { randomBytes } from 'node:crypto';
import { connect as connectSocket } from 'node:net';
import { cpus, totalmem } from 'node:os';
import { type Duplex, type Readable, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connection, Sandbox, SandboxRequest, SandboxRuntime } from '../../src/sandbox/sandbox.ts';
import { DrillError } from '../../src/support/errors.ts';
import { currentOwner } from '../../src/support/owner.ts';
import { describeSandboxExec } from './sandbox-exec-contract.ts';
import { describeSandboxFiles } from './sandbox-files-contract.ts';

/** What the test file of a runtime provides to run the suite below. */
export interface SandboxHarness {
  makeRuntime(): SandboxRuntime;
  /** The parts of a request that differ between runtimes. */
  readonly request: Pick<SandboxRequest, 'image' | 'server' | 'storage'>;
  /** Names of what the run has left on this machine: containers, volumes, directories, processes. */
  leftovers(runId: string): Promise<readonly string[]>;
}

/** Listens on the Unix socket in $1, echoes input in upper case, and first prints `listening`. perl is in Debian's base. */
const ECHO_SERVER = `use IO::Socket::UNIX; $| = 1;
my $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die "listen: $!"; chmod 0777, $ARGV[0]; print "listening\\n";
while (my $c = $s->accept) { next if fork; while (sysread $c, my $b, 65536) { syswrite $c, uc $b } exit }`;

/** What every {@link SandboxRuntime} must do, whatever its sandboxes are made of. */
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

    const share = () => shareSandbox(runtime, makeRequest(), harness);

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
      it('is within the capacity of this machine', async () => {
        const capacity = await runtime.capacity(never);
        expect(capacity.memoryBytes).toBeGreaterThan(64 * 2 ** 20);
        expect(capacity.memoryBytes).toBeLessThanOrEqual(totalmem());
        expect(capacity.cpus).toBeGreaterThan(0);
        expect(capacity.cpus).toBeLessThanOrEqual(cpus().length);
        expect(capacity.freeDiskBytes ?? 1).toBeGreaterThan(0); // unknown for an engine whose directories are not visible from here
      });

      it('is not queried once the signal has aborted', async () => {
        const reason = new DrillError('interrupted', 'enough');
        await expect(runtime.capacity(AbortSignal.abort(reason))).rejects.toBe(reason);
      });
    });

    describe('when started', () => {
      it('describes its runtime in one sentence, and finds its image or binaries', async () => {
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

      it('isolates two sandboxes from each other', async () => {
        const [one, two] = [await start(), await start()];
        await run(one, 'touch "$1/mine"', one.paths.data);
        expect((await run(two, 'ls -A "$1"', two.paths.data)).stdout).toBe('');
      });

      it('leaves nothing behind and reports the reason when the signal has already aborted', async () => {
        const request = makeRequest();
        const reason = new DrillError('interrupted', 'enough');
        await expect(runtime.start(request, AbortSignal.abort(reason))).rejects.toBe(reason);
        expect(await harness.leftovers(request.runId)).toEqual([]);
      });

      it('leaves nothing behind and reports the reason when the signal aborts during the start', async () => {
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

    describeSandboxExec({ share, run });

    describeSandboxFiles({ start, run });

    describe('connect', () => {
      it('reaches a Unix socket in the sandbox repeatedly', async () => {
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
      it('can be disposed twice and concurrently', async () => {
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
      it('keeps a sandbox whose owner is alive and whose lease is valid', async () => {
        const sandbox = await start();
        const swept = await runtime.sweep(new Date(), never);
        expect(swept.map((each) => each.id)).not.toContain(sandbox.id);
        expect((await run(sandbox, 'echo alive')).stdout).toBe('alive\n');
      });

      it('removes a sandbox whose lease has expired, whatever its owner, and notifies its user', async () => {
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

      it('removes a sandbox whose owner is dead', async () => {
        const request = makeRequest({ owner: { ...currentOwner(), startTicks: '1' } });
        const sandbox = await runtime.start(request, never);
        started.push({ sandbox, runId: request.runId });
        const swept = await runtime.sweep(new Date(), never);
        const mine = swept.filter((each) => each.runId === request.runId);
        expect(mine.length).toBeGreaterThan(0);
        expect(mine[0]?.why).toMatch(/owner|process/);
        expect(await harness.leftovers(request.runId)).toEqual([]);
        // Other processes on this machine may leave something behind at any time.
        const again = await runtime.sweep(new Date(), never);
        expect(again.filter((each) => each.runId === request.runId)).toEqual([]);
      });
    });

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

function shareSandbox(runtime: SandboxRuntime, request: SandboxRequest, { leftovers }: SandboxHarness): () => Sandbox {
  let shared: Sandbox | undefined;
  beforeAll(async () => {
    shared = await runtime.start(request, new AbortController().signal);
  });
  afterAll(async () => {
    await shared?.dispose();
    expect(await leftovers(request.runId)).toEqual([]);
  });
  return () => {
    if (!shared) throw new Error('no sandbox was started');
    return shared;
  };
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
